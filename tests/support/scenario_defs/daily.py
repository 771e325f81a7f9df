"""Stories of an ordinary day: mail that needs nobody, and must reach its reader as it came."""

from tests.support.attachments import pdf
from tests.support.signing import Signer
from tests.support.story import THUNDERBIRD, Expect, Mail, Sent, Story
from tests.support.world import agency, domain, everyday

PASS = {"spf": "pass", "dkim": "pass", "dmarc": "pass"}
CALM = ("LIFE_AT_RISK", "SENDER_UNUSUAL")

# -- a known officer, as always ---------------------------------------------------------------------------------------

_DUIN = "politie-duinkerk.test"
_smit = Mail(
    id="",
    at="2026-01-01T00:00:00Z",
    author=f"Brigadier F. Smit <f.smit@{_DUIN}>",
    subject="",
    body="",
    ip="192.0.2.181",
    helo=f"mail.{_DUIN}",
    offset=1,
    dkim=(Signer(_DUIN),),
    parts=(pdf("vordering.pdf", ["VORDERING", "artikel 126na Sv"], producer="Politie Sjablonen 5"),),
)
_vordering = (
    "Vordering identificerende gegevens PL-2026-{n}",
    """
    Geachte heer, mevrouw,

    hierbij de vordering op grond van artikel 126na Sv tot verstrekking van de identificerende gegevens van het account
    klant{n}@mail.example, zaak PL-2026-{n}.

    Met vriendelijke groet,
    F. Smit, brigadier, politie Duinkerk
    """,
)
_routine = Story(
    name="routine-known",
    tells="""
The fifteenth request of a known officer: same hours, same network, same program, same template, two call-backs on
record. No doubt: forward with header fields only.
""",
    zone=domain(_DUIN, "192.0.2.181"),
    agencies=[agency("nl-duinkerk", "Politie Duinkerk", "NL", [_DUIN], timezone="Europe/Amsterdam")],
    lines=[
        *everyday(14, "2026-02-04T09:10:00Z", 19, _smit, [_vordering], called_back=(1, 13)),
        Mail(
            id="routine",
            at="2026-11-11T10:02:00Z",
            author=_smit.author,
            subject=_vordering[0].format(n=131),
            body=_vordering[1].format(n=131),
            ip=_smit.ip,
            helo=_smit.helo,
            offset=1,
            dkim=_smit.dkim,
            parts=_smit.parts,
            expect=Expect(disposition="forward", must=("AGENCY_LISTED",), must_not=(*CALM, "FIRST_CONTACT"), auth=PASS),
        ),
    ],
)

# -- no request at all ------------------------------------------------------------------------------------------------

_GAZETTE = "tidewatergazette.example"
_journalist = Story(
    name="journalist",
    tells="""
A journalist asks for numbers about emergency requests and uses all the words: police, subpoena, emergency, kidnapped.
She asks for no person's data and claims to be nobody else: no request, no page, forward.
""",
    zone=domain(_GAZETTE, "198.51.100.61"),
    lines=[
        Mail(
            id="press",
            at="2026-11-10T11:15:00Z",
            author=f"Mara Ellsworth <m.ellsworth@{_GAZETTE}>",
            subject="Press inquiry: how BigCo handles emergency data requests",
            body="""
            Hello,

            I am a reporter with the Tidewater Gazette and I am writing about how companies handle requests from
            the police. How many emergency requests and subpoenas did BigCo receive last year, and how many did you
            reject? Is there somebody I could interview by Thursday?

            Thank you,
            Mara Ellsworth, Tidewater Gazette, +1 202 555 0161
            """,
            ip="198.51.100.61",
            helo=f"mail.{_GAZETTE}",
            client=THUNDERBIRD,
            dkim=(Signer(_GAZETTE),),
            expect=Expect(disposition="forward", must_not=("LIFE_AT_RISK", "FREEMAIL_CLAIMS_AGENCY"), auth=PASS),
        ),
    ],
)

_ALDER = "alderpolice.example"
_alder = agency("gb-alder", "Alder Police", "GB", [_ALDER], "+44 20 7946 0191")
_webb = Mail(
    id="",
    at="2026-01-01T00:00:00Z",
    author=f"DC Tom Webb <t.webb@{_ALDER}>",
    subject="",
    body="",
    ip="192.0.2.191",
    helo=f"mail.{_ALDER}",
    dkim=(Signer(_ALDER),),
)
_webb_bodies = [
    (
        "Entity data request {n}/26",
        """
    Please provide entity data for seller{n}@mail.example under section 61 IPA 2016, URN {n}/26.

    DC Tom Webb, Alder Police, +44 20 7946 0191
    """,
    )
]
_away = Story(
    name="out-of-office",
    tells="""
An officer's mailbox answers our reply by itself: on leave until January. No request, no doubt: forward. It is worth
remembering about this mailbox.
""",
    zone=domain(_ALDER, "192.0.2.191"),
    agencies=[_alder],
    lines=[
        *everyday(5, "2026-07-01T09:00:00Z", 25, _webb, _webb_bodies, called_back=(2,)),
        Sent("2026-11-12T09:00:00Z", "lr-2026-771@bigco.example", (f"t.webb@{_ALDER}",), "h05", "LR-771"),
        Mail(
            id="away",
            at="2026-11-12T09:00:41Z",
            author=_webb.author,
            mail_from="",
            ip=_webb.ip,
            helo=_webb.helo,
            subject="Automatic reply: Entity data request 105/26",
            in_reply_to="lr-2026-771@bigco.example",
            body="""
            Thank you for your message. I am on annual leave until Monday 4 January and will not read e-mail. In my
            absence please contact the duty desk on +44 20 7946 0191.

            DC Tom Webb
            """,
            fields=(("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")),
            dkim=_webb.dkim,
            expect=Expect(disposition="forward", must_not=("LIFE_AT_RISK",), auth={"dkim": "pass", "dmarc": "pass"}),
        ),
    ],
)

_JUZGADO = "juzgado2.ribanova.test"
_secretaria = Mail(
    id="",
    at="2026-01-01T00:00:00Z",
    author=f"Juzgado de Instrucción n.º 2 <instruccion2@{_JUZGADO}>",
    subject="",
    body="",
    ip="192.0.2.201",
    helo=f"correo.{_JUZGADO}",
    offset=1,
    dkim=(Signer(_JUZGADO),),
)
_thread = Story(
    name="thread-reply",
    tells="""
"Gracias, recibido": a court office confirms what we sent it, in the thread that we began. No new target, no new
address: forward.
""",
    zone=domain(_JUZGADO, "192.0.2.201", helo=f"correo.{_JUZGADO}"),
    agencies=[agency("es-ribanova-j2", "Juzgado de Instrucción n.º 2 de Ribanova", "ES", [_JUZGADO], kind="court")],
    lines=[
        *everyday(
            5,
            "2026-06-01T10:00:00Z",
            30,
            _secretaria,
            [
                (
                    "Oficio {n}/2026, diligencias previas {n}/2026",
                    """
            Adjunto se remite oficio en las diligencias previas {n}/2026 a fin de que informen sobre la titularidad
            de la cuenta cliente{n}@mail.example.

            Juzgado de Instrucción n.º 2 de Ribanova
            """,
                )
            ],
            called_back=(1,),
        ),
        Sent("2026-11-09T12:00:00Z", "lr-2026-802@bigco.example", (f"instruccion2@{_JUZGADO}",), "h05", "LR-802"),
        Mail(
            id="thanks",
            at="2026-11-10T09:14:00Z",
            author=_secretaria.author,
            ip=_secretaria.ip,
            helo=_secretaria.helo,
            offset=1,
            subject="Re: Oficio 105/2026, diligencias previas 105/2026",
            in_reply_to="lr-2026-802@bigco.example",
            dkim=_secretaria.dkim,
            body="""
            Buenos días:

            Gracias, recibido.

            Un saludo,
            Juzgado de Instrucción n.º 2

            > Remitimos adjunta la respuesta a su oficio.
            """,
            expect=Expect(disposition="forward", must_not=CALM, auth=PASS),
        ),
    ],
)

_LISTS = "bulletin.landespolizei-westau.test"
_news = Story(
    name="newsletter",
    tells="""
The press office of a police force sends its monthly newsletter to everybody on its list. It speaks of missing people
and threats, and asks for nothing: forward.
""",
    zone=domain(_LISTS, "192.0.2.211"),
    agencies=[
        agency("de-westau", "Landespolizei Westau", "DE", ["landespolizei-westau.test", "*.landespolizei-westau.test"])
    ],
    lines=[
        Mail(
            id="news",
            at="2026-11-02T06:30:00Z",
            author=f"Landespolizei Westau <presse@{_LISTS}>",
            mail_from=f"bounce-4411@{_LISTS}",
            subject="Newsletter November: Prävention im Winter",
            body="""
            Liebe Leserinnen und Leser,

            in dieser Ausgabe: Einbruchschutz in der dunklen Jahreszeit, Bilanz der Verkehrskontrollen im Oktober und
            ein Gespräch mit der neuen Leiterin der Vermisstenstelle.

            Sie erhalten diesen Newsletter, weil Sie sich angemeldet haben. Abmelden:
            https://bulletin.landespolizei-westau.test/ab
            """,
            ip="192.0.2.211",
            helo=f"mail.{_LISTS}",
            offset=1,
            client=("X-Mailer", "Listserver 4"),
            dkim=(Signer(_LISTS),),
            fields=(
                ("List-Id", f"Newsletter <news.{_LISTS}>"),
                ("List-Unsubscribe", f"<https://{_LISTS}/ab>"),
                ("Precedence", "bulk"),
            ),
            expect=Expect(disposition="forward", must_not=("LIFE_AT_RISK",), auth=PASS),
        ),
    ],
)

STORIES = (_routine, _journalist, _away, _thread, _news)
