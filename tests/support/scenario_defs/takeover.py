"""Stories of genuine mailboxes in the wrong hands: everything authenticates, and the request is still a fraud."""

from tests.support.attachments import pdf
from tests.support.signing import Signer
from tests.support.story import THUNDERBIRD, Expect, Mail, Story
from tests.support.world import agency, domain, everyday, merge

PASS = {"spf": "pass", "dkim": "pass", "dmarc": "pass"}

# -- A1 ---------------------------------------------------------------------------------------------------------------

_ORIANA = "police.gov.oriana.test"
_oriana_old = Mail(
    id="",
    at="2026-01-01T00:00:00Z",
    author=f"Insp. Davao Reyes <d.reyes@{_ORIANA}>",
    subject="",
    body="",
    ip="192.0.2.20",
    helo=f"mx.{_ORIANA}",
    offset=8,
    client=("X-Mailer", "Zimbra 9.0.0"),
    dkim=(Signer(_ORIANA),),
)
_oriana_bodies = [
    (
        "Request for subscriber records, case CID-{n}/26",
        """
    Dear BigCo legal team,

    please find our request under Sec. 14 of the Cybercrime Act of Oriana for the subscriber records of the account
    registered to shop{n}@mail.example, in connection with investigation CID-{n}/26 (online fraud).

    Inspector Davao Reyes, Badge 4{n}
    Criminal Investigation Division, Oriana National Police
    Switchboard +1 202 555 0140
    """,
    )
]

_a1 = Story(
    name="hijacked-police-account",
    tells="""
A real officer's mailbox at a national police force has been taken over. SPF, DKIM and DMARC pass, the force is in the
directory and wrote four routine requests before, but this mailbox never did. The text tells of a kidnapped minor in
American legal words and leaves only a mobile number. A genuine domain and a claim of danger to life: deliver at once,
page, and release nothing before a call to the switchboard in the directory.
""",
    zone=domain(_ORIANA, "192.0.2.20", helo=f"mx.{_ORIANA}"),
    agencies=[
        agency(
            "or-national-police", "Oriana National Police", "PH", [_ORIANA], "+1 202 555 0140", timezone="Asia/Manila"
        )
    ],
    restricted=("gov.oriana.test",),
    networks=[
        ("192.0.2.0/24", 64496, "Oriana Government Network", "PH", "gov"),
        ("203.0.113.0/24", 64500, "Cheap Servers", "NL", "hosting"),
    ],
    lines=[
        *everyday(4, "2026-02-03T02:10:00Z", 60, _oriana_old, _oriana_bodies, called_back=(2,)),
        Mail(
            id="takeover",
            at="2026-11-18T14:42:10Z",
            author=f"SPO2 Marlon Tagle <m.tagle@{_ORIANA}>",
            subject="EMERGENCY DATA REQUEST - kidnapped minor - reply within 30 minutes",
            body="""
            To the custodian of records,

            I am the lead investigator in the abduction of a 13 year old girl. We have reason to believe that the
            suspect operates the account @quietfox_77 on your platform and that the victim will be killed if we do
            not locate her tonight. This is an exigent Emergency Data Request (EDR) pursuant to 18 USC 2702(b)(8).
            There is no time to wait for a court.

            Provide immediately: full name, home address, phone number and all login IP addresses of @quietfox_77.

            Reply to this e-mail only, I am in the field. Mobile +1 202 555 0148.

            SPO2 Marlon Tagle
            Anti-Kidnapping Group
            """,
            ip="192.0.2.20",
            helo=f"mx.{_ORIANA}",
            offset=1,
            client=("User-Agent", "Roundcube Webmail/1.6.1"),
            fields=(("X-Originating-IP", "203.0.113.77"),),
            dkim=(Signer(_ORIANA),),
            parts=(pdf("request.pdf", [], producer="Online Photo Editor 5", created="20261118143000Z", scanned=1),),
            expect=Expect(disposition="verify", urgent=True, must=("LIFE_AT_RISK", "AGENCY_LISTED"), auth=PASS),
        ),
    ],
)

# -- A2 ---------------------------------------------------------------------------------------------------------------

_CITYX = "cityxsheriff.test"
_rowe = Mail(
    id="",
    at="2026-01-01T00:00:00Z",
    author=f"Dep. Alma Rowe <a.rowe@{_CITYX}>",
    subject="",
    body="",
    cc=f"Records Unit <records@{_CITYX}>",
    ip="192.0.2.31",
    helo=f"mail.{_CITYX}",
    offset=-5,
    dkim=(Signer(_CITYX),),
    parts=(
        pdf(
            "warrant.pdf",
            ["SEARCH WARRANT", "City X Circuit Court"],
            producer="County PDF Forms 3.2",
            author="Records Unit",
        ),
    ),
)
_rowe_bodies = [
    (
        "Search warrant SW-26-{n}",
        """
    Good morning,

    attached is search warrant SW-26-{n} signed by Judge P. Halloran for the account holder of user{n}@mail.example.
    Please provide the subscriber information listed in Attachment B by the return date.

    Deputy Alma Rowe, Badge 218
    City X Sheriff's Office, Records Unit +1 614 555 0100
    """,
    ),
    (
        "Warrant return requested, SW-26-{n}",
        """
    Hello,

    we serve the enclosed search warrant SW-26-{n} in our theft investigation. The records custodian may answer to
    this address and to records@cityxsheriff.test.

    Dep. A. Rowe #218, City X Sheriff's Office
    """,
    ),
]

_a2 = Story(
    name="hijacked-sheriff-drift",
    tells="""
A deputy with 31 routine warrants behind her writes her first emergency ever: no court form, no copy to the records
unit, another mail program, another network, an old closed thread, three handles in three states and a wish for linked
accounts. Everything authenticates. The claim of danger goes out at once with a page; the records unit is called.
""",
    zone=domain(_CITYX, "192.0.2.31"),
    agencies=[
        agency(
            "us-cityx-sheriff",
            "City X Sheriff's Office",
            "US",
            [_CITYX],
            "+1 614 555 0100",
            timezone="America/New_York",
        )
    ],
    networks=[
        ("192.0.2.0/24", 64496, "County Network", "US", "gov"),
        ("203.0.113.0/24", 64501, "Nimbus Hosting", "RO", "hosting"),
    ],
    lines=[
        *everyday(31, "2025-12-01T14:05:00Z", 11, _rowe, _rowe_bodies, called_back=(3, 17)),
        Mail(
            id="drift",
            at="2026-11-19T03:51:44Z",
            author=f"Dep. Alma Rowe <a.rowe@{_CITYX}>",
            subject="Re: Search warrant SW-26-109 - URGENT",
            body="""
            we have active shooter threats against three schools and believe people will die in the next hours. As
            an emergency we need everything on @ravenpike, @lo.blue.moth and @third_harbor: names, addresses,
            phones, recovery e-mails, linked accounts and devices.

            no time for a warrant now, paperwork follows. do not call the office, nobody is there at night.

            Rowe
            """,
            ip="192.0.2.31",
            helo=f"mail.{_CITYX}",
            offset=2,
            client=THUNDERBIRD,
            in_reply_to="closed-2025-118@bigco.example",
            fields=(("X-Originating-IP", "203.0.113.14"),),
            dkim=(Signer(_CITYX),),
            expect=Expect(
                disposition="verify", urgent=True, auth=PASS, must=("LIFE_AT_RISK", "AGENCY_LISTED", "SENDER_UNUSUAL")
            ),
        ),
    ],
)

# -- A8 ---------------------------------------------------------------------------------------------------------------

_HAVEN, _FISCAL, _MARE = "havenpd.test", "fiscalia.montalba.test", "polizia.mareverde.test"
_a8 = Story(
    name="same-target-agencies",
    tells="""
Within nine days three mailboxes of three agencies in three countries, each with next to no history, ask for the same
gaming handle with three different stories. All authenticate. Nobody honest has that in common: the third is
delivered with a hold on data until a call-back, although it claims no danger to life by itself.
""",
    zone=merge(domain(_HAVEN, "192.0.2.41"), domain(_FISCAL, "192.0.2.42"), domain(_MARE, "192.0.2.43", key="ed25519")),
    agencies=[
        agency("us-haven-pd", "Haven Police Department", "US", [_HAVEN], "+1 614 555 0117"),
        agency("mx-montalba", "Fiscalía de Montalba", "MX", [_FISCAL], kind="prosecution"),
        agency("it-mareverde", "Polizia di Mareverde", "IT", [_MARE]),
    ],
    lines=[
        Mail(
            id="first",
            at="2026-11-02T16:20:00Z",
            author=f"Det. Ines Malory <i.malory@{_HAVEN}>",
            subject="Emergency disclosure request: abducted child",
            body="""
            A nine year old boy was taken from his home this morning and his life is in danger. The abductor spoke
            to him through the game account "StarlingVex". We request under 18 U.S.C. 2702(b)(8) the name, address
            and last IP addresses of StarlingVex.

            Det. Ines Malory, Badge 77, Haven PD, +1 614 555 0163
            """,
            ip="192.0.2.41",
            helo=f"mail.{_HAVEN}",
            offset=-5,
            dkim=(Signer(_HAVEN),),
            expect=Expect(disposition="verify", urgent=True, must=("LIFE_AT_RISK", "FIRST_CONTACT"), auth=PASS),
        ),
        Mail(
            id="second",
            at="2026-11-06T19:02:00Z",
            author=f"Lic. Teo Barranco <t.barranco@{_FISCAL}>",
            subject="Solicitud urgente: amenaza de bomba, riesgo inminente para la vida",
            body="""
            A quien corresponda:

            El usuario "StarlingVex" ha amenazado con hacer estallar una bomba en un centro comercial. Existe un
            riesgo inminente para la vida de numerosas personas. Con fundamento en el artículo 303 del CNPP
            solicitamos los datos del titular: nombre, domicilio, teléfono y direcciones IP.

            Lic. Teo Barranco, Agente del Ministerio Público, Fiscalía de Montalba
            """,
            ip="192.0.2.42",
            helo=f"mail.{_FISCAL}",
            offset=-6,
            dkim=(Signer(_FISCAL),),
            expect=Expect(disposition="verify", urgent=True, must=("LIFE_AT_RISK",), auth=PASS),
        ),
        Mail(
            id="third",
            at="2026-11-11T10:33:00Z",
            author=f"Isp. Carla Benti <c.benti@{_MARE}>",
            subject="Richiesta dati intestatario, proc. pen. n. 412/26 R.G.N.R.",
            body="""
            Spett.le BigCo,

            nell'ambito del procedimento penale n. 412/26 R.G.N.R. mod. 21 per truffa informatica si richiede, ai
            sensi dell'art. 132 D.Lgs. 196/2003, l'intestatario dell'account "StarlingVex" con dati anagrafici,
            recapiti telefonici, indirizzo di residenza e file di log.

            Isp. Carla Benti, Polizia di Mareverde
            """,
            ip="192.0.2.43",
            helo=f"mail.{_MARE}",
            offset=1,
            client=THUNDERBIRD,
            dkim=(Signer(_MARE, key="ed25519"),),
            # needs targets correlated across agencies
            expect=Expect(disposition="verify", urgent=True, now=("tag", "verify"), auth=PASS),
        ),
    ],
)

STORIES = (_a1, _a2, _a8)
