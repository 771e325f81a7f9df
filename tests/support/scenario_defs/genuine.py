"""Stories of honest requests with something odd about them: small, moved, forwarded, encrypted, photographed."""

from dataclasses import replace

from tests.support.attachments import archive, pdf
from tests.support.signing import Signer
from tests.support.story import Expect, Mail, Story
from tests.support.world import agency, domain, everyday, merge, reverse

PASS = {"spf": "pass", "dkim": "pass", "dmarc": "pass"}

# -- B2 ---------------------------------------------------------------------------------------------------------------

_VILLAGE = "fernhollowpd.example"
_b2 = Story(
    name="tiny-department",
    tells="""
The chief of a village police writes for the first time: shared hosting, no DKIM, no DMARC record, SPF passes, a scanned
subpoena, a landline that the directory knows. Nothing is wrong and nothing is known: deliver with a tag; the reviewer
calls the number in the directory.
""",
    zone=domain(_VILLAGE, "198.51.100.91", helo="box17.sharedhost.example", dmarc=None, selectors=()),
    agencies=[agency("us-fernhollow-pd", "Fernhollow Police Department", "US", [_VILLAGE], "+1 614 555 0161")],
    lines=[
        Mail(
            id="chief",
            at="2026-11-05T15:12:00Z",
            author=f"Chief Walt Dunmore <chief@{_VILLAGE}>",
            subject="Subpoena, fraudulent account, case FPD-26-014",
            body="""
            Good morning,

            attached is a subpoena issued through the clerk of the Fernhollow Municipal Court, Ms. T. Avery, for the
            subscriber information of the account bargain.boots@mail.example. The account was used to sell goods
            that were never sent. Case FPD-26-014, return date December 4.

            Chief Walt Dunmore, Badge 1
            Fernhollow Police Department, +1 614 555 0161
            """,
            ip="198.51.100.91",
            helo="box17.sharedhost.example",
            offset=-5,
            client=("User-Agent", "Roundcube Webmail/1.6.7"),
            parts=(pdf("scan0014.pdf", [], producer="Canon iR-ADV C3525", created="20261105145500Z", scanned=2),),
            expect=Expect(
                disposition="tag", must=("FIRST_CONTACT", "AGENCY_LISTED"), auth={"spf": "pass", "dmarc": "none"}
            ),
        ),
    ],
)

# -- B3 ---------------------------------------------------------------------------------------------------------------

_OLD, _NEW = "millbrook.example", "millbrook.gov.example"
_ash = Mail(
    id="",
    at="2026-01-01T00:00:00Z",
    author=f"Det. Joan Ash <j.ash@{_OLD}>",
    subject="",
    body="",
    ip="192.0.2.141",
    helo=f"mail.{_OLD}",
    offset=-6,
    dkim=(Signer(_OLD),),
)
_b3 = Story(
    name="agency-migration",
    tells="""
Last month's detective at millbrook.example now writes from millbrook.gov.example, about the same case, with the same
name and number, and says so. The old label moved *into* a restricted suffix; the new domain authenticates and the
directory lists the town under it. Deliver with a tag; one call merges the identities.
""",
    zone=merge(domain(_OLD, "192.0.2.141"), domain(_NEW, "198.51.100.41", helo="out.cloudoffice.example")),
    agencies=[agency("us-millbrook-pd", "Millbrook Police", "US", [_NEW], "+1 614 555 0141", former_domains=[_OLD])],
    restricted=("gov.example",),
    lines=[
        *everyday(
            12,
            "2026-02-02T15:00:00Z",
            22,
            _ash,
            [
                (
                    "Case 26-{n}: subscriber request",
                    """
            Please provide subscriber information for buyer{n}@mail.example under the enclosed subpoena, case 26-{n}.

            Det. Joan Ash, Badge 40, Millbrook Police, +1 614 555 0141
            """,
                )
            ],
            called_back=(2, 9),
        ),
        Mail(
            id="moved",
            at="2026-11-12T16:35:00Z",
            author=f"Det. Joan Ash <j.ash@{_NEW}>",
            subject="Case 26-112: subscriber request, follow-up",
            body="""
            Hello,

            this follows up on our subpoena in case 26-112. As you see the town has moved its e-mail to
            millbrook.gov.example; the old addresses are forwarded until the end of the year. Could you tell us when
            we may expect the subscriber information?

            Det. Joan Ash, Badge 40, Millbrook Police, +1 614 555 0141
            """,
            ip="198.51.100.41",
            helo="out.cloudoffice.example",
            offset=-6,
            dkim=(Signer(_NEW),),
            expect=Expect(disposition="tag", must=("AGENCY_LISTED",), must_not=("LOOKALIKE_DOMAIN",), auth=PASS),
        ),
    ],
)

# -- B4 ---------------------------------------------------------------------------------------------------------------

_TROOP, _RELAY = "statepatrol.gov.example", "relay.stategov-cloud.example"
_trooper = Mail(
    id="",
    at="2026-01-01T00:00:00Z",
    author=f"Tpr. Ray Solano <r.solano@{_TROOP}>",
    subject="",
    body="",
    ip="198.51.100.55",
    helo=_RELAY,
    internal=f"mail.{_TROOP}",
    offset=-7,
    dkim=(Signer(_TROOP),),
    fields=(("X-Forwarded-By", "departmental rule 4"),),
)
_b4_bodies = [
    (
        "Subpoena {n} for subscriber records",
        """
    Please find enclosed subpoena {n} for the subscriber records of rider{n}@mail.example.

    Trooper Ray Solano, Badge 512, State Patrol, +1 614 555 0155
    """,
    )
]
_b4 = Story(
    name="forwarded-spf-fail",
    tells="""
A trooper's mail reaches us through the state's cloud relay, every month in the same way: SPF fails for the relay, the
agency's signature survives, DMARC passes by DKIM. A learned relay and an aligned signature leave no doubt: forward.
""",
    zone=merge(domain(_TROOP, "192.0.2.151"), reverse("198.51.100.55", _RELAY)),
    agencies=[agency("us-state-patrol", "State Patrol", "US", [_TROOP], "+1 614 555 0155")],
    restricted=("gov.example",),
    networks=[("198.51.100.0/24", 64510, "State Cloud Relay", "US", "mailhost")],
    lines=[
        *everyday(9, "2026-02-10T16:00:00Z", 30, _trooper, _b4_bodies, called_back=(2, 8)),
        replace(
            _trooper,
            id="relayed",
            at="2026-11-11T16:20:00Z",
            subject="Subpoena 131 for subscriber records",
            body=_b4_bodies[0][1].format(n=131),
            expect=Expect(
                disposition="forward",
                must=("AGENCY_LISTED",),
                must_not=("LIFE_AT_RISK",),
                auth={"spf": "fail", "dkim": "pass", "dmarc": "pass"},
            ),
        ),
    ],
)

# -- B7 ---------------------------------------------------------------------------------------------------------------

_LKA = "lka.polizei.nordheide.test"
_kern = Mail(
    id="",
    at="2026-01-01T00:00:00Z",
    author=f"KHK Jörn Kern <joern.kern@{_LKA}>",
    subject="",
    body="",
    ip="192.0.2.161",
    helo=f"mx.{_LKA}",
    offset=1,
    client=("X-Mailer", "HCL Notes 12"),
    dkim=(Signer(_LKA),),
)
_b7 = Story(
    name="encrypted-zip-known",
    tells="""
A known officer of a state criminal police office sends the order in an encrypted archive and the password by
telephone, marked "Eilt". Haste is no danger to life: no page. What cannot be opened cannot be read: tag, and the call
for the password verifies the sender at the same time.
""",
    zone=domain(_LKA, "192.0.2.161", helo=f"mx.{_LKA}"),
    agencies=[agency("de-lka-nordheide", "LKA Nordheide", "DE", [_LKA], "+49 30 23125 061", timezone="Europe/Berlin")],
    lines=[
        *everyday(
            8,
            "2026-02-16T08:00:00Z",
            33,
            _kern,
            [
                (
                    "Bestandsdatenauskunft, Az. {n} Js 40{n}/26",
                    """
            Sehr geehrte Damen und Herren,

            in dem Ermittlungsverfahren {n} Js 40{n}/26 wird gemäß § 100j StPO um Bestandsdatenauskunft zum Konto
            kunde{n}@mail.example gebeten.

            Mit freundlichen Grüßen
            Kern, KHK, LKA Nordheide, Dezernat 43, +49 30 23125 061
            """,
                )
            ],
            called_back=(1, 7),
        ),
        Mail(
            id="zip",
            at="2026-11-17T09:05:00Z",
            author=f"KHK Jörn Kern <joern.kern@{_LKA}>",
            subject="Eilt: Bestandsdatenauskunft § 100j StPO, Az. 118 Js 4118/26",
            body="""
            Sehr geehrte Damen und Herren,

            anbei die Anordnung im Verfahren 118 Js 4118/26 mit der Bitte um Bestandsdatenauskunft gemäß § 100j StPO.
            Das Kennwort des Archivs wird Ihnen auf Anruf in der Vermittlung mitgeteilt.

            Mit freundlichen Grüßen
            Kern, KHK, LKA Nordheide, Dezernat 43, +49 30 23125 061
            """,
            ip="192.0.2.161",
            helo=f"mx.{_LKA}",
            offset=1,
            client=("X-Mailer", "HCL Notes 12"),
            dkim=(Signer(_LKA),),
            parts=(archive("Anordnung.zip", [("Anordnung.pdf", b"\x8f\x11\xc2" * 400)], encrypted=True),),
            expect=Expect(disposition="tag", must=("AGENCY_LISTED",), must_not=("LIFE_AT_RISK",), auth=PASS),
        ),
    ],
)

# -- B9 ---------------------------------------------------------------------------------------------------------------

_VARA = "comarca-serrafria.jus.example"
_clerk = Mail(
    id="",
    at="2026-01-01T00:00:00Z",
    author=f"Secretaria da Vara Única <vara.unica@{_VARA}>",
    subject="",
    body="",
    ip="192.0.2.171",
    helo=f"smtp.{_VARA}",
    offset=-3,
    client=("X-Mailer", "Expresso Mail 3"),
    dkim=(Signer(_VARA),),
)
_b9 = Story(
    name="scanned-order",
    tells="""
The clerk of a rural court sends a decision as three photographs in a PDF made with a free telephone app. The case
number's check digits are right, the domain is restricted to courts, the scope is minimal, the clerk is known. An odd
producer is what small courts have: forward.
""",
    zone=domain(_VARA, "192.0.2.171", helo=f"smtp.{_VARA}"),
    agencies=[
        agency("br-serra-fria", "Vara Única de Serra Fria", "BR", [_VARA], kind="court", timezone="America/Sao_Paulo")
    ],
    restricted=("jus.example",),
    lines=[
        *everyday(
            6,
            "2026-03-09T13:00:00Z",
            38,
            _clerk,
            [
                (
                    "Ofício {n}/2026 - dados cadastrais",
                    """
            Senhores,

            encaminho o Ofício {n}/2026, que requisita os dados cadastrais da conta cliente{n}@mail.example, nos
            termos do art. 10, § 3º, da Lei 12.965/2014.

            Secretaria da Vara Única de Serra Fria
            """,
                )
            ],
            called_back=(1, 5),
        ),
        Mail(
            id="photo",
            at="2026-11-16T14:25:00Z",
            author=f"Secretaria da Vara Única <vara.unica@{_VARA}>",
            subject="Ofício 112/2026 - decisão judicial - dados cadastrais",
            body="""
            Senhores,

            encaminho decisão judicial proferida no processo 0001234-03.2026.8.26.0100, que requisita os dados
            cadastrais da conta recanto.verde@mail.example. Prazo: 24 horas.

            Secretaria da Vara Única de Serra Fria
            """,
            ip="192.0.2.171",
            helo=f"smtp.{_VARA}",
            offset=-3,
            client=("X-Mailer", "Expresso Mail 3"),
            dkim=(Signer(_VARA),),
            parts=(pdf("decisao.pdf", [], producer="Photo Scan Free", created="20261116140100Z", scanned=3),),
            expect=Expect(disposition="forward", must=("AGENCY_LISTED",), must_not=("LIFE_AT_RISK",), auth=PASS),
        ),
    ],
)

STORIES = (_b2, _b3, _b4, _b7, _b9)
