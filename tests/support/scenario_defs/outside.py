"""Stories of forgers outside any agency: freemail, look-alikes, plain spoofs, forged results, From tricks."""

from tests.support.attachments import pdf
from tests.support.signing import Signer
from tests.support.story import Expect, Mail, Story
from tests.support.world import agency, domain, everyday, merge, reverse

PASS = {"spf": "pass", "dkim": "pass", "dmarc": "pass"}
_VPS = reverse("203.0.113.50", "vps-203-0-113-50.cheapservers.example")

# -- A4 ---------------------------------------------------------------------------------------------------------------

_FREE = "protonmail.com"  # the freemail list knows real providers; its zone here is fictional
_a4 = Story(
    name="freemail-warrant",
    tells="""
A "detective" writes from a freemail account with a search warrant made twenty minutes ago, and wants the new number
and the address of one named woman. The freemail provider's own authentication passes, which says nothing of any
police. No claim of danger to life: hold, no page; a reviewer calls the department in the directory.
""",
    zone=domain(_FREE, "198.51.100.20", helo="mail-4316.protonmail.com", dmarc="quarantine"),
    agencies=[agency("us-brantford-pd", "Brantford Police Department", "US", ["brantfordpd.test"], "+1 614 555 0120")],
    lines=[
        Mail(
            id="warrant",
            at="2026-11-10T19:22:00Z",
            author=f"Det. Steven Harlan <det.harlan84@{_FREE}>",
            subject="Search warrant - homicide suspect - need as soon as possible",
            body="""
            Hello,

            My name is Detective Steven Harlan, Brantford Police Department, badge number 8842. Attached is a search
            warrant signed by the judge in a homicide investigation. The suspect Lorena Whitcombe has changed her
            number and we need her new phone number and current home address as soon as possible to locate and
            apprehend her. Please send them to this e-mail.

            Det. Steven Harlan
            Cell 202-555-0177
            """,
            ip="198.51.100.20",
            helo="mail-4316.protonmail.com",
            client=("X-Mailer", "ProtonMail"),
            dkim=(Signer(_FREE),),
            parts=(
                pdf(
                    "Search_Warrant.pdf",
                    ["SEARCH WARRANT", "Any and all records of Lorena Whitcombe"],
                    producer="PDF Maker Free",
                    author="steve",
                    created="20261110190200Z",
                ),
            ),
            expect=Expect(
                disposition="quarantine", must=("FREEMAIL_CLAIMS_AGENCY",), must_not=("AGENCY_LISTED",), auth=PASS
            ),
        ),
    ],
)

# -- A5 and a sibling -------------------------------------------------------------------------------------------------

_HARBOR = "harborsheriff.example"
_harbor = agency(
    "us-harbor-sheriff", "Harbor County Sheriff", "US", [_HARBOR], "+1 614 555 0131", timezone="America/Chicago"
)
_quill = Mail(
    id="",
    at="2026-01-01T00:00:00Z",
    author=f"Sgt. Omar Quill <o.quill@{_HARBOR}>",
    subject="",
    body="",
    ip="192.0.2.32",
    helo=f"mail.{_HARBOR}",
    offset=-6,
    dkim=(Signer(_HARBOR),),
)
_quill_bodies = [
    (
        "Subpoena {n} - subscriber information",
        """
    Please find our subpoena {n} for the subscriber of the address range in Exhibit A.

    Sgt. Omar Quill, Badge 31, Harbor County Sheriff, +1 614 555 0131
    """,
    )
]


def _lookalike(name: str, fake: str, tells: str) -> Story:
    """The same forged subpoena from a domain that resembles harborsheriff.example."""
    return Story(
        name=name,
        tells=tells,
        zone=merge(domain(_HARBOR, "192.0.2.32"), domain(fake, "198.51.100.31", dmarc="none")),
        agencies=[_harbor],
        lines=[
            *everyday(5, "2026-06-02T15:00:00Z", 21, _quill, _quill_bodies, called_back=(2,)),
            Mail(
                id="fake",
                at="2026-11-13T16:05:00Z",
                author=f"Sgt. Omar Quill <omar.quill@{fake}>",
                subject="Subpoena 26-1184 for subscriber information",
                body="""
                Records custodian,

                attached you find subpoena 26-1184 issued by the Harbor County Court, Judge R. Estabrook. Provide the
                name, service address and telephone number of the subscriber at 14 Larkspur Lane.

                If you have questions call me at 202-555-0139.

                Sgt. Omar Quill, Badge 31
                Harbor County Sheriff
                """,
                ip="198.51.100.31",
                helo=f"mail.{fake}",
                offset=-6,
                dkim=(Signer(fake),),
                parts=(
                    pdf(
                        "subpoena_26-1184.pdf",
                        ["SUBPOENA DUCES TECUM 26-1184", "Harbor County Court"],
                        producer="Office Writer 365",
                    ),
                ),
                expect=Expect(
                    disposition="quarantine", must=("LOOKALIKE_DOMAIN",), must_not=("AGENCY_LISTED",), auth=PASS
                ),
            ),
        ],
    )


_a5 = _lookalike(
    "lookalike-tld-swap",
    "harborsheriff.test",
    """
The directory and five earlier messages know harborsheriff.example. Today the same label arrives under another
top-level domain, with the real officer's name and badge, a real statute and a call-back number that nobody knows. Its
own authentication passes. A label moved out of a known domain and no danger to life: quarantine.
""",
)
_hyphen = _lookalike(
    "lookalike-hyphen",
    "harbor-sheriff.example",
    """
A hyphen in the middle is all that sets harbor-sheriff.example apart from the sheriff's real domain. Registered last
week, it authenticates perfectly as itself and borrows the real sergeant's name: quarantine.
""",
)

# -- A6 and other spoofs ----------------------------------------------------------------------------------------------

_TOWN = "smalltownpd.test"
_town = agency("us-smalltown-pd", "Smalltown Police Department", "US", [_TOWN], "+1 614 555 0144")
_bell = Mail(
    id="",
    at="2026-01-01T00:00:00Z",
    author=f"Officer Nina Bell <n.bell@{_TOWN}>",
    subject="",
    body="",
    ip="198.51.100.10",
    helo="outbound.cloudoffice.example",
    offset=-5,
    dkim=(Signer(_TOWN, "selector1"),),
)
_bell_bodies = [
    (
        "Preservation request {n}",
        """
    We ask you to preserve the records of account shopper{n}@mail.example for 90 days under 18 U.S.C. 2703(f).

    Officer Nina Bell, Badge 12, Smalltown Police Department
    """,
    )
]
_town_zone = merge(
    domain(_TOWN, "198.51.100.10", helo="outbound.cloudoffice.example", dmarc="none", selectors=("selector1",)), _VPS
)
_a6 = Story(
    name="plain-spoof-pnone",
    tells="""
A rented server writes in the name of a small police department whose domain publishes p=none. The department always
signs and always comes through its cloud provider; this message is unsigned, fails SPF, wants answers at a freemail
address and speaks of a suicide. DMARC asks for nothing, history says enough: hold, and page because of the claim.
""",
    zone=_town_zone,
    agencies=[_town],
    lines=[
        *everyday(6, "2026-05-04T14:00:00Z", 30, _bell, _bell_bodies, called_back=(1,)),
        Mail(
            id="spoof",
            at="2026-11-15T02:30:00Z",
            author=f"Officer Nina Bell <n.bell@{_TOWN}>",
            subject="Suicide threat on your platform",
            body="""
            One of your users, "paperlantern9", is threatening suicide right now and may die tonight. We need the
            name, address and phone number at once to send help. Answer to this mail, my phone is broken.

            Officer Bell, Smalltown PD
            """,
            ip="203.0.113.50",
            helo="vps-203-0-113-50.cheapservers.example",
            reply_to="n.bell.pd@proton.me",
            client=("X-Mailer", "PHPMailer 6.8.0 (https://github.com/PHPMailer/PHPMailer)"),
            expect=Expect(
                disposition="quarantine",
                urgent=True,
                must=("LIFE_AT_RISK", "REPLY_TO_FOREIGN"),
                auth={"spf": "fail", "dmarc": "fail"},
            ),
        ),
    ],
)

_KNOLL = "knollpolice.test"
_knoll = agency("us-knoll-police", "Knoll City Police", "US", [_KNOLL], "+1 614 555 0152")
_spoof = Mail(
    id="spoof",
    at="2026-11-09T13:05:00Z",
    author=f"Lt. Dora Finch <d.finch@{_KNOLL}>",
    subject="Request for subscriber records, case 26-7781",
    body="""
    Please provide the subscriber records, payment details and IP logs of plumtree@mail.example in connection with
    case 26-7781. Send them to this address by Friday.

    Lt. Dora Finch, Badge 9, Knoll City Police
    """,
    ip="203.0.113.50",
    helo="vps-203-0-113-50.cheapservers.example",
    client=("X-Mailer", "PHPMailer 6.9.1"),
    expect=Expect(disposition="quarantine", auth={"spf": "fail", "dmarc": "fail"}),
)
_enforced = Story(
    name="spoof-enforced-policy",
    tells="""
A rented server writes as a police lieutenant whose domain publishes p=reject. No signature, SPF fails, DMARC fails:
held for review, never merely tagged, and not refused on the policy alone.
""",
    zone=merge(domain(_KNOLL, "192.0.2.33"), _VPS),
    agencies=[_knoll],
    lines=[_spoof],
)

_forged = Story(
    name="spoof-own-results-forged",
    tells="""
The same spoof, and the forger wrote our own verdict on top of it: an Authentication-Results field with our
authserv-id that says pass, and X-EDRGuard fields that say forward. They are the sender's words: removed, never read.
""",
    zone=merge(domain(_KNOLL, "192.0.2.33"), _VPS),
    agencies=[_knoll],
    lines=[
        Mail(
            id="forged",
            at="2026-11-09T15:40:00Z",
            author=_spoof.author,
            subject=_spoof.subject,
            body=_spoof.body,
            ip=_spoof.ip,
            helo=_spoof.helo,
            client=_spoof.client,
            top=(
                (
                    "Authentication-Results",
                    f"mx.bigco.example; spf=pass smtp.mailfrom={_KNOLL};\r\n"
                    f"\tdkim=pass header.d={_KNOLL}; dmarc=pass header.from={_KNOLL}",
                ),
                ("X-EDRGuard-Disposition", "forward"),
                ("X-EDRGuard-Risk", "0.0"),
            ),
            expect=Expect(disposition="quarantine", auth={"spf": "fail", "dmarc": "fail"}),
        ),
    ],
)

STORIES = (_a4, _a5, _hyphen, _a6, _enforced, _forged)
