"""Facts of any kind for property tests: every part may be there or not, and texts may be hostile."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from edrguard.checks.form import DEFECTS
from edrguard.model.agency import Agency, AgencyMatch, Compromise
from edrguard.model.auth import (
    ArcResult,
    ArcSealer,
    AuthResults,
    DkimResult,
    DmarcResult,
    IprevResult,
    SpfResult,
)
from edrguard.model.document import Document
from edrguard.model.facts import Facts
from edrguard.model.history import Network, Profile, SenderHistory, TraitCount, Unlike
from edrguard.model.message import Defect, Field, Link, Mailbox, ParsedMessage
from edrguard.model.request import Identifier, LegalBasis, LegalRequest, Quote, RequestContact
from edrguard.model.wire import Envelope, Recipient, Session
from edrguard.model.words import AgencyStatus, Need, RequestKind, Result
from tests.support.builders import NOW

text = st.one_of(
    st.sampled_from(["", "x", "police", "a@b.test", "\ud800", "\u202e", "1" * 400, "https://[", "%", "{}", "-"]),
    st.text(max_size=20),
)
domain = st.sampled_from(["", "a.test", "b.a.test", "cityxsheriff.test", "xn--e1afmkfd.test", "."])
when = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1)).map(lambda d: d.replace(tzinfo=UTC))
result = st.none() | st.sampled_from(list(Result))
number = st.integers(0, 10**9)
mailbox = st.builds(Mailbox, text, text, domain)
reason = st.dictionaries(st.sampled_from([n.value for n in Need] + ["odd"]), text, max_size=3)


def some(of: st.SearchStrategy[Any], most: int = 4) -> st.SearchStrategy[Any]:
    """A short tuple."""
    return st.lists(of, max_size=most).map(tuple)


defect = st.builds(
    Defect,
    st.sampled_from([*sorted(DEFECTS), "FROM_MULTIPLE", "FROM_MISSING", "FROM_ADDRESS_IN_NAME", "NEW_ONE", ""]),
    text,
    text,
)
quote = st.builds(Quote, text, text)
trait = st.sampled_from(["network", "signer", "client", "emergency", "kind", "hour", "odd-trait", ""])
counts = some(st.builds(TraitCount, text, st.integers(0, 200), when))
agency = st.builds(
    Agency,
    id=text,
    name=text,
    country=st.sampled_from(["US", "DE", "UK", "", "zz"]),
    domains=some(domain | st.just("*.a.test")),
    kind=st.sampled_from(["police", "ministry", "odd"]),
    timezone=st.none() | st.sampled_from(["Europe/Berlin", "No/Where", "", "../etc/passwd"]),
    former_domains=some(domain),
    requests=some(st.sampled_from(["subscriber", "emergency"])),
    compels=st.booleans(),
    compromised=st.none()
    | st.builds(Compromise, since=st.just(date(2026, 1, 1)), until=st.none() | st.just(date(2027, 1, 1))),
)
profile = st.builds(
    Profile,
    subject=text,
    messages=number,
    usual=number,
    first_seen=st.none() | when,
    traits=st.dictionaries(trait, counts, max_size=4),
    frauds=st.integers(0, 3),
    genuine=st.integers(0, 3),
    verified_at=st.none() | when,
)
history = st.builds(
    SenderHistory,
    mailbox=profile,
    domain=profile,
    agency=st.none() | profile,
    current=st.dictionaries(trait, text, max_size=4),
    unlike=some(
        st.builds(Unlike, trait=trait, observed=text, usual=text, seen=number, surprise=st.floats(0, 50)), most=8
    ),
    thread=st.none() | st.booleans(),
)
request = st.builds(
    LegalRequest,
    kind=st.sampled_from(list(RequestKind)),
    emergency=st.booleans(),
    life_at_risk=st.booleans(),
    legal_basis=some(
        st.builds(
            LegalBasis,
            text=text,
            jurisdiction=st.none() | st.sampled_from(["US", "EU", "DE", ""]),
            obsolete=st.booleans(),
            confirmed=st.booleans(),
            quote=st.none() | quote,
        )
    ),
    identifiers=some(st.builds(Identifier, kind=text, value=text), most=15),
    data_sought=some(st.sampled_from(["subscriber", "identity-document", "payment", "content"])),
    actions=some(st.sampled_from(["freeze", "preserve", "odd"])),
    contacts=some(
        st.builds(
            RequestContact, kind=st.sampled_from(["phone", "email"]), value=text, in_directory=st.none() | st.booleans()
        )
    ),
    reference=st.none() | text,
    deadline=st.none() | when,
    language=st.none() | text,
    claims_authority=st.booleans(),
    missing=some(text),
    pressure=st.booleans(),
    avoids_callback=st.booleans(),
    quotes=st.dictionaries(st.sampled_from(["kind", "pressure", "actions", "life_at_risk"]), quote, max_size=2),
)
message = st.builds(
    ParsedMessage,
    fields=some(st.builds(Field, st.sampled_from(["Date", "From", "X-Odd", ""]), text)),
    authors=some(mailbox, most=2),
    sender=some(mailbox, most=2),
    reply_to=some(mailbox, most=3),
    subject=text,
    date=st.none() | when,
    in_reply_to=some(text, most=1),
    references=some(text, most=2),
    automatic=st.none() | text,
    text=text,
    links=some(st.builds(Link, text, text, text)),
    defects=some(defect),
)
auth = st.builds(
    AuthResults,
    spf=some(st.builds(SpfResult, scope=st.sampled_from(["mfrom", "helo"]), domain=domain, result=result, reason=text)),
    dkim=some(st.builds(DkimResult, domain=domain, selector=text, result=result, weak=some(text))),
    arc=st.builds(
        ArcResult,
        result=result,
        sealers=some(st.builds(ArcSealer, instance=number, domain=domain, trusted=st.booleans())),
    ),
    dmarc=st.builds(
        DmarcResult,
        result=result,
        author_domain=domain,
        policy=st.none() | st.sampled_from(["none", "reject", "quarantine", "odd"]),
        aligned=some(st.sampled_from(["spf", "dkim"])),
    ),
    iprev=st.builds(IprevResult, result=result, name=st.none() | text),
    org=st.dictionaries(domain, domain, max_size=3),
    not_evaluated=reason,
    anomalies=some(st.tuples(st.sampled_from(["DMARC_RECORDS_MULTIPLE", "X"]), text, text)),
)

any_facts = st.builds(
    Facts,
    mail_id=text,
    session=st.builds(Session, received_at=when | st.just(NOW + timedelta(0)), client_ip=st.none() | text),
    envelope=st.builds(Envelope, reverse_path=st.none() | text, recipients=some(st.builds(Recipient, address=text))),
    message=message,
    auth=auth,
    agency=st.none()
    | st.builds(
        AgencyMatch,
        domain=domain,
        status=st.sampled_from(list(AgencyStatus)),
        agency=st.none() | agency,
        former=st.booleans(),
        restricted_suffix=st.none() | st.sampled_from(["gov", "police.uk", "", "gov.test"]),
        lookalike_of=st.none() | agency,
        freemail=st.booleans(),
        migrating=st.booleans(),
    ),
    request=st.none() | request,
    history=st.none() | history,
    documents=some(
        st.builds(
            Document,
            part=text,
            filename=st.none() | text,
            declared=text,
            sniffed=text,
            size=number,
            sha256=text,
            encrypted=st.booleans(),
            macros=st.booleans(),
            risky=some(text),
            producer=st.none() | text,
        )
    ),
    network=st.none()
    | st.builds(Network, text, st.none() | number, text, st.none() | text, st.sampled_from(["hosting", "gov", ""])),
    not_evaluated=reason,
)
