"""Facts: the one frozen value between gathering and judging; stored with the case, versioned."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from edrguard.model.agency import AgencyMatch
from edrguard.model.auth import AuthResults
from edrguard.model.document import Document
from edrguard.model.history import Network, SenderHistory
from edrguard.model.message import Mailbox, ParsedMessage
from edrguard.model.path import MailPath
from edrguard.model.request import LegalRequest
from edrguard.model.wire import Envelope, Session
from edrguard.model.words import Need

FACTS_VERSION = 1  #: raise it with a step in migrate.py whenever a stored field changes its meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that judging may know about one message."""

    mail_id: str
    session: Session
    envelope: Envelope
    message: ParsedMessage
    auth: AuthResults = field(default_factory=AuthResults)
    agency: AgencyMatch | None = None
    request: LegalRequest | None = None
    history: SenderHistory | None = None
    documents: tuple[Document, ...] = ()
    network: Network | None = None
    origin_ip: str | None = None  #: where the author's own program connected, as the sender's servers claim
    origin_network: Network | None = None
    path: MailPath = field(default_factory=MailPath)  #: every hop, and which of them are believed
    not_evaluated: Mapping[str, str] = field(default_factory=dict)  #: part (a Need's value) -> why
    version: int = FACTS_VERSION

    @property
    def received_at(self) -> datetime:
        """The clock of judging."""
        return self.session.received_at

    @property
    def author(self) -> Mailbox | None:
        """The single, unambiguous author, if there is one."""
        return self.message.author

    def org(self, domain: str) -> str:
        """The Organizational Domain that was found for ``domain``; the name itself where none was looked up."""
        domain = domain.lower()
        return self.auth.org.get(domain, domain)

    def missing(self, needs: frozenset[Need]) -> tuple[Need, ...]:
        """Those of ``needs`` that these Facts lack, sorted."""
        return tuple(sorted(n for n in needs if n.value in self.not_evaluated or self._absent(n)))

    def _absent(self, need: Need) -> bool:
        match need:
            case Need.AUTHOR:
                return self.author is None
            case Need.DIRECTORY:
                return self.agency is None
            case Need.REQUEST:
                return self.request is None
            case Need.HISTORY:
                return self.history is None
            case Need.THREAD:
                return self.history is None or self.history.thread is None
            case Need.NETWORKS:
                return self.network is None
            case Need.SPF:
                return not any(s.result for s in self.auth.spf)
            case Need.DMARC:
                return self.auth.dmarc.result is None
            case Need.ARC:
                return self.auth.arc.result is None
            case Need.IPREV:
                return self.auth.iprev.result is None
            case _:
                return False
