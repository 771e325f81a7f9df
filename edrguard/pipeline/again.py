"""The same message once more, years later and without a network: the answers of then, the rules of then.

``authenticate_again`` does the cryptography anew over the octets of the message with the DNS answers that were kept;
``judge_again`` judges the kept Facts by the kept rule texts. Neither believes a stored result.
"""

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from edrguard.auth import AuthSettings, authenticate
from edrguard.dns import MessageLookup
from edrguard.message import parse
from edrguard.model.auth import AuthResults, DnsAnswer
from edrguard.model.errors import InputError
from edrguard.model.facts import Facts
from edrguard.model.limits import Limits
from edrguard.model.verdict import Verdict
from edrguard.model.words import DnsStatus
from edrguard.pipeline.judge import judge
from edrguard.rules import RuleText, load_rules


class KeptAnswers:
    """A Resolver that knows the answers of then; every other question is SERVFAIL: nothing is known of it."""

    def __init__(self, answers: Iterable[DnsAnswer]) -> None:
        self._known: dict[tuple[str, str], DnsAnswer] = {}
        for answer in answers:
            self._known.setdefault((answer.name, answer.rdtype), answer)
        self.lacking: list[str] = []  #: questions that nobody had asked then

    def cached(self, name: str, rdtype: str) -> DnsAnswer | None:
        """See ports."""
        found = self._known.get((name, rdtype))
        if found is None:
            self.lacking.append(f"{name} {rdtype}")
        return found or DnsAnswer(name, rdtype, DnsStatus.SERVFAIL)

    async def resolve(self, name: str, rdtype: str) -> DnsAnswer:
        """See ports."""
        answer = self.cached(name, rdtype)
        assert answer is not None
        return answer


async def authenticate_again(
    content: bytes, facts: Facts, settings: AuthSettings
) -> tuple[AuthResults, tuple[str, ...]]:
    """What authentication finds in ``content`` with the answers and the clock of ``facts``; and the questions for which
    no answer was kept. Raises nothing of its own."""
    limits = settings.limits
    message = parse(content, limits, facts.message.defects)
    kept = KeptAnswers(facts.auth.dns)
    lookup = MessageLookup(kept, max(limits.dns_queries, len(facts.auth.dns)) + 100)
    found = await authenticate(content, message, facts.session, facts.envelope, lookup, settings)
    return found, tuple(dict.fromkeys(kept.lacking))


def judge_again(facts: Facts, texts: Sequence[RuleText]) -> Verdict:
    """The verdict of these rules. Raises ConfigError where they are none."""
    with tempfile.TemporaryDirectory(prefix="edrguard-rules-") as folder:
        symbols: list[Path] = []
        rules: list[Path] = []
        for number, text in enumerate(texts):
            if not text.safe:
                raise InputError(f"rule file {number} has a name that leads elsewhere")
            # One folder for each folder of then, with its name: what replaces what depends on it.
            path = Path(folder) / str(text.place) / text.folder / text.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.text, encoding="utf-8", newline="")
            (symbols if text.symbols_only else rules).append(path)
        return judge(facts, load_rules(symbols, rules))


def judging_settings(authserv_id: str, dmarc_mode: str, sealers: Iterable[str], limits: Limits) -> AuthSettings:
    """Settings for ``authenticate_again``: time plays no part in it, so none is lost for want of it."""
    patient = replace(limits, auth_seconds=max(limits.auth_seconds, 60.0))
    return AuthSettings(
        authserv_id=authserv_id, trusted_sealers=frozenset(sealers), dmarc_mode=dmarc_mode, limits=patient
    )
