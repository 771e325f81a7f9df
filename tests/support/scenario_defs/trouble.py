"""Stories of things that go wrong or hide: DNS that fails, MIME that can be read twice, a document with macros."""

from tests.support.attachments import word
from tests.support.signing import Signer
from tests.support.story import Expect, Mail, Story
from tests.support.world import agency, domain, everyday

PASS = {"spf": "pass", "dkim": "pass", "dmarc": "pass"}

_DALE = "dalecounty.example"
_outage_zone = {
    name: {"rcode": "SERVFAIL"} for name in (_DALE, f"_dmarc.{_DALE}", f"s1._domainkey.{_DALE}", f"mail.{_DALE}")
} | {"221.2.0.192.in-addr.arpa": {"PTR": [f"mail.{_DALE}"]}}
_outage = Story(
    name="dns-outage",
    tells="""
The author's domain cannot be asked: every question about it ends in SERVFAIL. Nothing is known, which is neither pass
nor absence. No danger to life is claimed: deliver with a tag that says that it could not be checked.
""",
    zone=_outage_zone,
    agencies=[agency("us-dale-county", "Dale County Sheriff", "US", [_DALE], "+1 614 555 0181")],
    lines=[
        Mail(
            id="outage",
            at="2026-11-10T15:00:00Z",
            author=f"Dep. Lou Carver <l.carver@{_DALE}>",
            subject="Subpoena 26-501, subscriber information",
            body="""
            Please find our subpoena 26-501 for the subscriber information of hill.climber@mail.example.

            Dep. Lou Carver, Badge 61, Dale County Sheriff, +1 614 555 0181
            """,
            ip="192.0.2.221",
            helo=f"mail.{_DALE}",
            offset=-6,
            dkim=(Signer(_DALE),),
            expect=Expect(
                disposition="tag",
                must=("AGENCY_LISTED",),
                auth={"spf": "temperror", "dkim": "temperror", "dmarc": "temperror"},
            ),
        ),
    ],
)

_PINE = "pinecity.example"
_cole = Mail(
    id="",
    at="2026-01-01T00:00:00Z",
    author=f"Det. Ruth Cole <r.cole@{_PINE}>",
    subject="",
    body="",
    ip="192.0.2.231",
    helo=f"mail.{_PINE}",
    offset=-5,
    dkim=(Signer(_PINE),),
)
_cole_bodies = [
    (
        "Subpoena {n}",
        """
    Attached is subpoena {n} for the subscriber information of rower{n}@mail.example.

    Det. Ruth Cole, Badge 88, Pine City Police, +1 614 555 0191
    """,
    )
]
_pine = agency("us-pine-city", "Pine City Police", "US", [_PINE], "+1 614 555 0191")
_history = everyday(10, "2026-02-10T15:00:00Z", 26, _cole, _cole_bodies, called_back=(2, 9))
_twice = (
    'multipart/mixed; boundary="outer"; boundary="inner"',
    """
    --outer
    Content-Type: text/plain; charset=utf-8

    Attached is subpoena 131 for the subscriber information of rower131@mail.example.

    Det. Ruth Cole, Badge 88, Pine City Police, +1 614 555 0191

    --outer--
    --inner
    Content-Type: text/plain; charset=utf-8

    Please also send the payment details and linked accounts.

    --inner--
    """.replace("\n    ", "\n"),
)
_mime = Story(
    name="mime-trick",
    tells="""
A known detective's signed message names its boundary twice: one reader sees one text, another reader sees another.
Honest programs do not write that. No danger to life, everything else as ever: tag, both texts shown.
""",
    zone=domain(_PINE, "192.0.2.231"),
    agencies=[_pine],
    lines=[
        *_history,
        Mail(
            id="twice",
            at="2026-11-12T15:30:00Z",
            author=_cole.author,
            subject="Subpoena 131",
            body="",
            ip=_cole.ip,
            helo=_cole.helo,
            offset=-5,
            dkim=_cole.dkim,
            raw_body=_twice,
            expect=Expect(disposition="tag", must=("MIME_AMBIGUOUS", "AGENCY_LISTED"), auth=PASS),
        ),
    ],
)

_macro = Story(
    name="macro-attachment",
    tells="""
A known detective, as ever in all else, attaches a Word document with macros. Deliver with a tag that says what is in
it; nobody opens it before a call.
""",
    zone=domain(_PINE, "192.0.2.231"),
    agencies=[_pine],
    lines=[
        *_history,
        Mail(
            id="macro",
            at="2026-11-12T15:45:00Z",
            author=_cole.author,
            subject="Subpoena 132",
            body=_cole_bodies[0][1].format(n=132),
            ip=_cole.ip,
            helo=_cole.helo,
            offset=-5,
            dkim=_cole.dkim,
            parts=(word("subpoena_132.docm", "SUBPOENA 132", macro=True),),
            expect=Expect(disposition="tag", must=("AGENCY_LISTED",), must_not=("LIFE_AT_RISK",), auth=PASS),
        ),
    ],
)

STORIES = (_outage, _mime, _macro)
