"""Stories of From and Reply-To: two authors, an address dressed as a name, answers that leave the agency."""

from tests.support.signing import Signer
from tests.support.story import OUTLOOK, Expect, Mail, Story
from tests.support.world import agency, domain, everyday, merge

_KNOLL, _EVIL = "knollpolice.test", "fast-mailing.example"
_knoll = agency("us-knoll-police", "Knoll City Police", "US", [_KNOLL], "+1 614 555 0152")
_zone = merge(domain(_KNOLL, "192.0.2.33"), domain(_EVIL, "203.0.113.60", dmarc="reject"))
_ask = """
Hello,

Knoll City Police needs the subscriber information (name, address, telephone number) behind the account
redwagon@mail.example for case 26-8120. Please answer to this mail.

Lt. Dora Finch, Badge 9
"""

_two = Story(
    name="two-from-fields",
    tells="""
The message carries two From fields. The lower one is the forger's own domain, signed and aligned; the upper one, put
there afterwards, is what many readers show: the police lieutenant. Authentication that picks the one and a reader that
shows the other make a perfect forgery: quarantine, and authenticated for nobody.
""",
    zone=_zone,
    agencies=[_knoll],
    lines=[
        Mail(
            id="two",
            at="2026-11-10T09:00:00Z",
            author=f"Notices <notice@{_EVIL}>",
            subject="Subscriber request, case 26-8120",
            body=_ask,
            ip="203.0.113.60",
            helo=f"mail.{_EVIL}",
            dkim=(Signer(_EVIL),),
            top=(("From", f"Lt. Dora Finch <d.finch@{_KNOLL}>"),),
            expect=Expect(disposition="quarantine", must=("FROM_MULTIPLE",), must_not=("AGENCY_LISTED",)),
        ),
    ],
)

_name = Story(
    name="address-in-name",
    tells="""
The author's display name *is* the lieutenant's address; the real address behind it belongs to a bulk mailer and
authenticates as itself. A reader that shows names shows the police: quarantine.
""",
    zone=_zone,
    agencies=[_knoll],
    lines=[
        Mail(
            id="dressed",
            at="2026-11-10T09:30:00Z",
            author=f'"d.finch@{_KNOLL}" <notice@{_EVIL}>',
            subject="Subscriber request, case 26-8120",
            body=_ask,
            ip="203.0.113.60",
            helo=f"mail.{_EVIL}",
            dkim=(Signer(_EVIL),),
            expect=Expect(
                disposition="quarantine",
                must=("FROM_ADDRESS_IN_NAME",),
                must_not=("AGENCY_LISTED",),
                auth={"spf": "pass", "dkim": "pass", "dmarc": "pass"},
            ),
        ),
    ],
)

_BORGO = "polizialocale-borgo.test"
_vigile = Mail(
    id="",
    at="2026-01-01T00:00:00Z",
    author=f"Comando Polizia Locale <comando@{_BORGO}>",
    subject="",
    body="",
    ip="198.51.100.90",
    helo="smtp-out.hostingcomune.example",
    offset=1,
    client=OUTLOOK,
)
_reply = Story(
    name="reply-to-freemail",
    tells="""
A known municipal police writes, as always unsigned and through its town's shared host, SPF passing, no DMARC record.
New is that answers shall go to a private freemail address. Genuine small offices do that, and so do thieves. No life at
stake and nothing forged for certain: tag, and the reviewer answers to the office only.
""",
    zone=domain(_BORGO, "198.51.100.90", helo="smtp-out.hostingcomune.example", dmarc=None, selectors=()),
    agencies=[agency("it-borgo-pl", "Polizia Locale di Borgo", "IT", [_BORGO], "+1 202 555 0152")],
    lines=[
        *everyday(
            5,
            "2026-06-08T09:00:00Z",
            25,
            _vigile,
            [
                (
                    "Richiesta dati intestatario, fascicolo {n}/26",
                    """
            Si richiedono, per il fascicolo {n}/26, i dati dell'intestatario dell'utenza utente{n}@mail.example.

            Comm. Piero Aldighieri, Polizia Locale di Borgo
            """,
                )
            ],
            called_back=(2,),
        ),
        Mail(
            id="reply",
            at="2026-11-17T10:20:00Z",
            author=f"Comando Polizia Locale <comando@{_BORGO}>",
            subject="Richiesta dati intestatario, fascicolo 188/26",
            body="""
            Si richiedono, per il fascicolo 188/26, i dati dell'intestatario dell'utenza balena.blu@mail.example.

            Comm. Piero Aldighieri, Polizia Locale di Borgo
            """,
            ip="198.51.100.90",
            helo="smtp-out.hostingcomune.example",
            offset=1,
            reply_to="piero.aldighieri.pl@gmail.com",
            expect=Expect(
                disposition="tag", must=("REPLY_TO_FOREIGN", "AGENCY_LISTED"), auth={"spf": "pass", "dmarc": "none"}
            ),
        ),
    ],
)

STORIES = (_two, _name, _reply)
