"""Gather and judge in one step, for the wire and for files alike."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from edrguard.message import parse
from edrguard.model.facts import Facts
from edrguard.model.message import ParsedMessage
from edrguard.model.ports import Resolver
from edrguard.model.verdict import Verdict
from edrguard.model.wire import MailObject
from edrguard.model.words import OnError
from edrguard.pipeline.gather import Sources, gather, unreadable
from edrguard.pipeline.judge import judge, unjudged
from edrguard.pipeline.workers import Workers
from edrguard.rules import RuleSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessor:
    """Facts and a verdict for every message, whatever it is made of."""

    sources: Sources
    ruleset: RuleSet
    workers: Workers
    on_error: OnError = OnError.QUARANTINE
    on_fault: Callable[[str, BaseException], None] = lambda mail_id, error: None

    async def facts(self, mail: MailObject, resolver: Resolver | None = None) -> Facts:
        """Gather within the message's deadline. Raises what gathering raises, and TimeoutError."""
        async with asyncio.timeout(self.sources.limits.message_seconds):
            return await gather(mail, self.sources, self.workers, resolver)

    async def assess(self, mail: MailObject, resolver: Resolver | None = None) -> tuple[Facts, Verdict]:
        """A message that cannot be judged gets the operator's ``on_error``. Raises no Exception.

        ``resolver`` alone answers this message's questions where it is given.
        """
        try:
            facts = await self.facts(mail, resolver)
            return facts, judge(facts, self.ruleset)
        except Exception as error:
            self.on_fault(mail.mail_id, error)
            why = f"{type(error).__name__} while judging"
            return unreadable(mail, why, self._fields(mail)), unjudged(why, self.on_error)

    def _fields(self, mail: MailObject) -> ParsedMessage | None:
        try:
            return parse(mail.content, self.sources.limits, mail.defects)
        except Exception as error:  # the parser itself may be what broke
            self.on_fault(mail.mail_id, error)
            return None

    def unreadable(self, mail: MailObject, why: str) -> tuple[Facts, Verdict]:
        """Facts and verdict for a message whose bytes could not even be had."""
        return unreadable(mail, why), unjudged(why, self.on_error)
