"""The closed vocabularies, in the words of the standards and of the contract."""

from enum import StrEnum


class Result(StrEnum):
    """Results of an authentication method (RFC 8601 2.7 and the IANA registry).

    *Not evaluated* is no member: it is ``None``, and its part is named in
    ``Facts.not_evaluated``, so that it can never be mistaken for a result.
    """

    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    NONE = "none"
    POLICY = "policy"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


class DnsStatus(StrEnum):
    """What became of one DNS question."""

    NOERROR = "noerror"
    NODATA = "nodata"
    NXDOMAIN = "nxdomain"
    SERVFAIL = "servfail"  #: any failing rcode, or a reply that is not DNS
    TIMEOUT = "timeout"
    BUDGET = "budget"  #: not asked: the message's DNS budget or deadline was spent

    @property
    def temporary(self) -> bool:
        """True where nothing is known of the name: never to be read as *absent*."""
        return self in (DnsStatus.SERVFAIL, DnsStatus.TIMEOUT, DnsStatus.BUDGET)

    @property
    def void(self) -> bool:
        """True for the *void lookups* of RFC 7208 4.6.4."""
        return self in (DnsStatus.NODATA, DnsStatus.NXDOMAIN)


class Disposition(StrEnum):
    """What a verdict asks for, mildest first; ``gravity`` orders them."""

    FORWARD = "forward"
    TAG = "tag"
    VERIFY = "verify"
    QUARANTINE = "quarantine"
    REFUSE = "refuse"
    DEFER = "defer"

    @property
    def gravity(self) -> int:
        """The exit code of ``check --exit-code``; greater is graver."""
        return {"forward": 0, "tag": 10, "verify": 15, "quarantine": 20, "refuse": 30, "defer": 40}[self.value]

    @property
    def holds(self) -> bool:
        """True where the message is kept from its reader."""
        return self.gravity >= Disposition.QUARANTINE.gravity


class Mode(StrEnum):
    """``observe`` judges and writes header fields but holds nothing."""

    OBSERVE = "observe"
    ENFORCE = "enforce"


class OnError(StrEnum):
    """What is done with a message that could not be judged at all."""

    TAG = "tag"
    QUARANTINE = "quarantine"
    DEFER = "defer"


class AgencyStatus(StrEnum):
    """What the directory says of an author's domain."""

    LISTED = "listed"
    RESTRICTED_SUFFIX = "restricted-suffix"
    UNLISTED = "unlisted"
    LOOKALIKE = "lookalike"


class RequestKind(StrEnum):
    """The gravest data category asked for, gravest first; ``action``: something is to be done, not told."""

    CONTENT = "content"
    TRAFFIC = "traffic"
    SUBSCRIBER = "subscriber"
    PRESERVATION = "preservation"
    ACTION = "action"
    MUTUAL_ASSISTANCE = "mutual-assistance"
    OTHER = "other"
    NONE = "none"


class Label(StrEnum):
    """What a reviewer recorded about a message."""

    GENUINE = "genuine"
    FRAUD = "fraud"
    UNVERIFIED = "unverified"


class LabelBy(StrEnum):
    """How a label was reached; only ``call-back`` gives standing."""

    CALL_BACK = "call-back"
    DOCUMENT = "document"
    OTHER = "other"


class Scope(StrEnum):
    """What a confirmation by call-back covers."""

    REQUEST = "request"  #: mail of this officer whose targets are all among those of the confirmed request
    OFFICER = "officer"  #: all mail of this officer's mailbox: whoever was called said that it is in their hands


class CaseState(StrEnum):
    """The life of a case."""

    PENDING = "pending"  #: written before the next hop answered
    OPEN = "open"
    CLAIMED = "claimed"
    PROPOSED = "proposed"  #: one person wants to release it, a second has to agree
    RELEASED = "released"
    REFUSED = "refused"


class Role(StrEnum):
    """What an account is for; one account may have several."""

    REVIEWER = "reviewer"
    APPROVER = "approver"  #: a reviewer who may also be the second person of a release
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Source(StrEnum):
    """Where an account comes from: who decides whether it may sign in."""

    LOCAL = "local"  #: made here, with a password
    OIDC = "oidc"  #: made by the company's sign-in, which alone opens it
    SERVICE = "service"  #: a program's: it has tokens and signs in nowhere


class Need(StrEnum):
    """A part of Facts that a check cannot do without; the value is its name in ``not_evaluated``."""

    MESSAGE = "message"
    AUTHOR = "author"  #: exactly one author with a domain
    ORG = "org"
    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    ARC = "arc"
    IPREV = "iprev"
    DIRECTORY = "directory"
    REQUEST = "request"
    HISTORY = "history"
    THREAD = "thread"
    DOCUMENTS = "documents"
    NETWORKS = "networks"
