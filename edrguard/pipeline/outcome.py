"""What became of one message."""

from dataclasses import dataclass

from edrguard.model.verdict import Verdict
from edrguard.model.wire import SmtpReply


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one message, for the log: no body, no address."""

    mail_id: str
    reply: SmtpReply
    act: str
    verdict: Verdict | None = None
    case_id: str | None = None
    seconds: float = 0.0
