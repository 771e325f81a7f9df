"""Stories of formal orders that authenticate and are wrong in law, scope or channel."""

from tests.support.attachments import Attachment, pdf
from tests.support.signing import Signer
from tests.support.story import Expect, Mail, Story
from tests.support.world import agency, domain, everyday

PASS = {"spf": "pass", "dkim": "pass", "dmarc": "pass"}

# -- A3 ---------------------------------------------------------------------------------------------------------------

_PEC = "pec.prefetture.aurelia.test"
_DATICERT = (
    b'<?xml version="1.0" encoding="UTF-8"?>\r\n<postacert tipo="posta-certificata" errore="nessuno">\r\n'
    b"<intestazione><mittente>prot.valdora@pec.prefetture.aurelia.test</mittente></intestazione>\r\n</postacert>\r\n"
)
_pec_old = Mail(
    id="",
    at="2026-01-01T00:00:00Z",
    author=f"Prefettura di Montelago <prot.montelago@{_PEC}>",
    subject="",
    body="",
    ip="192.0.2.52",
    helo=f"relay.{_PEC}",
    offset=1,
    client=("X-Mailer", "PEC Webmail 4"),
    dkim=(Signer(_PEC),),
)

_a3 = Story(
    name="certified-mailbox-kyc",
    tells="""
A mailbox of a prefecture on a state's certified-mail network, hijacked. Authentication and the certified receipt are
perfect, no haste, no danger claimed. It asks for passports, selfies, statements and bitcoin history of six customers
who live in other countries, for an office that is no prosecutor, naming an instrument that goes from authority to
authority. No life is at stake, so waiting costs hours: quarantine.
""",
    zone=domain(_PEC, "192.0.2.52", helo=f"relay.{_PEC}"),
    agencies=[
        agency(
            "it-prefetture",
            "Prefetture di Aurelia",
            "IT",
            [_PEC],
            "+1 202 555 0100",
            kind="ministry",
            requests=["other"],
        )
    ],
    lines=[
        *everyday(
            2,
            "2026-03-10T08:30:00Z",
            40,
            _pec_old,
            [
                (
                    "Comunicazione prot. {n}/2026",
                    """
            Si trasmette per conoscenza la comunicazione prot. {n}/2026 relativa all'aggiornamento dei recapiti
            dell'ufficio protocollo.

            Prefettura di Montelago, Ufficio Protocollo
            """,
                )
            ],
        ),
        Mail(
            id="kyc",
            at="2026-11-17T09:12:00Z",
            author=f"Prefettura di Valdora <prot.valdora@{_PEC}>",
            subject="POSTA CERTIFICATA: Richiesta documentazione clienti, indagine prot. 8841/2026",
            body="""
            Spett.le BigCo, Ufficio Compliance,

            nell'ambito di un'indagine in corso (prot. 8841/2026) e in esecuzione di un Ordine Europeo di Indagine,
            ai sensi dell'art. 256 c.p.p., si chiede di trasmettere a questo indirizzo, per i sei clienti sotto
            indicati, copia del passaporto e della carta d'identità, il selfie di verifica, gli estratti conto
            completi e lo storico delle operazioni in bitcoin:

                Reto Aebischer, Zürich (CH)        Mireille Castagne, Lyon (FR)
                Beat Gysling, Basel (CH)           Loïc Ferrandou, Lille (FR)
                Nadja Ochsner, Genève (CH)         Hugo Tréville, Paris (FR)

            Si resta in attesa di cortese riscontro in formato elettronico.

            Il Funzionario di protocollo
            Prefettura di Valdora
            """,
            ip="192.0.2.52",
            helo=f"relay.{_PEC}",
            offset=1,
            client=("X-Mailer", "PEC Webmail 4"),
            dkim=(Signer(_PEC),),
            fields=(("X-Trasporto", "posta-certificata"),),
            parts=(
                pdf(
                    "ordine_8841.pdf",
                    [
                        "PREFETTURA DI VALDORA",
                        "Richiesta prot. 8841/2026",
                        "Documenti di identita, selfie, estratti conto, storico bitcoin",
                    ],
                    producer="Scrivania 2.1",
                ),
                # the receipt that the certified-mail provider adds
                Attachment("daticert.xml", "application/xml", _DATICERT),
            ),
            # needs competence and nexus (who may ask, about whom)
            expect=Expect(
                disposition="quarantine", now=("tag", "verify", "quarantine"), auth=PASS, must=("AGENCY_LISTED",)
            ),
        ),
    ],
)

# -- A7 ---------------------------------------------------------------------------------------------------------------

_SOLARA = "interior.gov.solara.test"
_a7 = Story(
    name="mlat-threat",
    tells="""
A real mailbox at a small foreign ministry tells of child trafficking, calls its letter an MLAT subpoena, gives a
"legal code for verification" and threatens that refusal will cost a life. A treaty request travels between states,
never by police mail; no child is named, no hour, no place. Instruments in a salad and a threat: hold, and page at once.
""",
    zone=domain(_SOLARA, "192.0.2.61"),
    agencies=[],
    restricted=("gov.solara.test",),
    lines=[
        Mail(
            id="mlat",
            at="2026-11-12T22:05:00Z",
            author=f"Cabinet Sécurité <cabinet@{_SOLARA}>",
            subject="MLAT SUBPOENA - EMERGENCY WARRANT - Case 7741/CT/2026",
            body="""
            OFFICIAL NOTICE

            This is an MLAT subpoena and emergency search warrant under case number 7741/CT/2026 concerning child
            trafficking. Legal code for verification: SLR-2703-EDR-99.

            You are ordered to provide without delay: full identity, residential address, telephone number, payment
            details, linked accounts and IP history of the users "goldenpalm.trade" and "mrs_lindqvist".

            Failure to comply within 60 minutes will result in loss of life and your company and you personally
            will be held criminally liable. Do not contact the embassy, this matter is classified.

            Directorate of Security, Ministry of the Interior
            """,
            ip="192.0.2.61",
            helo=f"mail.{_SOLARA}",
            offset=0,
            client=("User-Agent", "Roundcube Webmail/1.4.11"),
            dkim=(Signer(_SOLARA),),
            parts=(
                pdf(
                    "memorandum.pdf",
                    ["MEMORANDUM", "MLAT SUBPOENA 7741/CT/2026"],
                    producer="Slide Maker Online",
                    author="user",
                    created="20261112214800Z",
                ),
            ),
            expect=Expect(
                disposition="quarantine",
                urgent=True,
                auth=PASS,
                must=("LIFE_AT_RISK", "FIRST_CONTACT"),
            ),
        ),
    ],
)

# -- A9 ---------------------------------------------------------------------------------------------------------------

_COURT = "clerk.lowriver-court.test"
_a9 = Story(
    name="freeze-order",
    tells="""
The mailbox of a clerk at a small court orders an account frozen and its balance moved to a "custody" wallet within
four hours. It authenticates. The case number is in no docket's form and the named district is another court's. The
act cannot be undone, no life depends on it: quarantine until the clerk has been reached by telephone.
""",
    zone=domain(_COURT, "192.0.2.71"),
    agencies=[
        agency(
            "us-lowriver-court",
            "Lowriver Municipal Court",
            "US",
            ["lowriver-court.test", f"*.{_COURT[6:]}"],
            "+1 614 555 0171",
            kind="court",
            requests=["subscriber"],
        )
    ],
    lines=[
        Mail(
            id="freeze",
            at="2026-11-16T17:44:00Z",
            author=f"Office of the Clerk <clerk@{_COURT}>",
            subject="COURT ORDER: freeze and transfer of assets - compliance within 4 hours",
            body="""
            To BigCo Legal Department,

            pursuant to the attached order of the Superior Court of Eastmere District, matter "ORDER-4471-X", you
            are hereby directed to

            1. freeze account 55012877 and the domain pinewharf.example at once,
            2. transfer the entire balance to the court's custody wallet
               bc1qfictional0000000000000000000000000000000, and
            3. unlock the domain and transfer it to the registrar named in the order.

            Compliance is required within four (4) hours of receipt. Non-compliance is contempt of court.

            Office of the Clerk, Lowriver Municipal Court
            """,
            ip="192.0.2.71",
            helo=f"mail.{_COURT}",
            offset=-6,
            dkim=(Signer(_COURT),),
            parts=(
                pdf(
                    "order.pdf",
                    ["SUPERIOR COURT, EASTMERE DISTRICT", "ORDER TO FREEZE AND TRANSFER ASSETS", "Matter ORDER-4471-X"],
                    producer="Free Writer 7",
                    created="20261116172000Z",
                ),
            ),
            expect=Expect(disposition="quarantine", must=("ACTION_DEMANDED", "FIRST_CONTACT"), auth=PASS),
        ),
    ],
)

# -- A10 --------------------------------------------------------------------------------------------------------------

_STA = "sta-lindenau.justiz.test"
_a10 = Story(
    name="epoc-by-mail",
    tells="""
Three months after the European Production Order moved to its own system, one comes by plain mail from a prosecutor's
genuine mailbox: content data, eight hours, signed by a police inspector, no word on why the system was not used. The
statutory clock makes silence risky, the channel and the signature are wrong: deliver with a hold on data, page, ask
the authority through the system; preserve meanwhile.
""",
    zone=domain(_STA, "192.0.2.81", selectors=("justiz2026",)),
    agencies=[
        agency(
            "de-sta-lindenau",
            "Staatsanwaltschaft Lindenau",
            "DE",
            [_STA],
            "+49 30 23125 081",
            kind="prosecution",
            timezone="Europe/Berlin",
        )
    ],
    lines=[
        Mail(
            id="epoc",
            at="2026-11-20T16:10:00Z",
            author=f"Geschäftsstelle 4 <poststelle@{_STA}>",
            subject="Europäische Herausgabeanordnung (EPOC) - Notfall, Frist 8 Stunden - 214 Js 8812/26",
            body="""
            Sehr geehrte Damen und Herren,

            anbei das Zertifikat über eine Europäische Herausgabeanordnung (EPOC) nach Verordnung (EU) 2023/1543,
            Anhang I, im Verfahren 214 Js 8812/26. Es handelt sich um einen Notfall im Sinne der Verordnung; die
            Herausgabe hat binnen 8 Stunden zu erfolgen.

            Angefordert werden Inhaltsdaten: sämtliche Nachrichten des Kontos m.falk77@mail.example vom
            01.11.2026 bis heute.

            i. A. Kriminalhauptkommissar B. Thelen, Polizeiinspektion Lindenau
            """,
            ip="192.0.2.81",
            helo=f"mail.{_STA}",
            offset=1,
            dkim=(Signer(_STA, "justiz2026"),),
            parts=(
                pdf(
                    "EPOC_Anhang_I.pdf",
                    ["ANHANG I", "EUROPÄISCHE HERAUSGABEANORDNUNG (EPOC)", "Inhaltsdaten - Notfall - 8 Stunden"],
                    producer="Justiz-Formulare 9.1",
                ),
            ),
            expect=Expect(disposition="verify", urgent=True, must=("AGENCY_LISTED",), auth=PASS),
        ),
    ],
)

STORIES = (_a3, _a7, _a9, _a10)
