"""More stories of both kinds: pleas in plain words, a growing thread, a bounce, a person asking for their own data."""

from tests.support.signing import Signer
from tests.support.story import THUNDERBIRD, Expect, Mail, Sent, Story
from tests.support.world import agency, domain, everyday, merge

PASS = {"spf": "pass", "dkim": "pass", "dmarc": "pass"}
_PLEAS = [
    (
        "en",
        "harwick.police.example",
        "192.0.2.151",
        "gb-harwick",
        "GB",
        "Sgt. Ola Finnegan <o.finnegan",
        "please look at this now",
        """
        She swallowed two packets of tablets on camera twenty minutes ago and has stopped answering. We do not know
        where she lives. Handle on your service: willow.at.dusk. Where did she last connect from?

        Sgt. Ola Finnegan, Harwick Police
        """,
    ),
    (
        "nl",
        "politie-waterland.test",
        "192.0.2.152",
        "nl-waterland",
        "NL",
        "Agent M. de Wit <m.dewit",
        "Jongen van twaalf, nu",
        """
        Een jongen van twaalf staat volgens zijn vrienden op het dak van een flat en chat met hen via uw dienst, naam
        kleine.zwaluw. Hij zegt dat hij springt. Wij weten niet welke flat. Welk adres of IP-adres heeft u?

        Agent M. de Wit, politie Waterland
        """,
    ),
    (
        "pt",
        "policia.vilarinho.test",
        "192.0.2.153",
        "pt-vilarinho",
        "PT",
        "Agente Rui Salgado <r.salgado",
        "Mulher fechada em casa, marido armado",
        """
        Uma mulher escreveu pela vossa aplicação, conta aurora.do.mar, que o marido está armado e lhe vai dar um tiro se
        ela sair do quarto. A mensagem tem oito minutos. Precisamos da morada ou do número de telefone da conta.

        Agente Rui Salgado, Polícia de Vilarinho
        """,
    ),
]
_plain = Story(
    name="emergency-plain-words",
    tells="""
Three officers of three countries say what is happening instead of naming a procedure: tablets, a roof, a gun. None
writes "emergency", none cites a law. Each is a life at risk: deliver at once, page.
""",
    zone=merge(*(domain(host, ip) for _, host, ip, *_ in _PLEAS)),
    agencies=[agency(id_, who.partition(" <")[0], country, [host]) for _, host, _, id_, country, who, *_ in _PLEAS],
    lines=[
        Mail(
            id=f"plea-{language}",
            at=f"2026-11-22T0{n + 1}:14:00Z",
            author=f"{who}@{host}>",
            subject=subject,
            body=body,
            ip=ip,
            helo=f"mail.{host}",
            dkim=(Signer(host),),
            expect=Expect(disposition="verify", urgent=True, must=("LIFE_AT_RISK", "AGENCY_LISTED"), auth=PASS),
        )
        for n, (language, host, ip, _, _, who, subject, body) in enumerate(_PLEAS)
    ],
)

_CALDER = "calderpolice.example"
_ives = Mail(
    id="",
    at="2026-01-01T00:00:00Z",
    author=f"DC Hana Ives <h.ives@{_CALDER}>",
    subject="",
    body="",
    ip="192.0.2.161",
    helo=f"mail.{_CALDER}",
    dkim=(Signer(_CALDER),),
)
_ives_bodies = [
    (
        "Entity data request {n}/26",
        """
        Please provide entity data for trader{n}@mail.example under section 61 IPA 2016, URN {n}/26.

        DC Hana Ives, Calder Police, +44 20 7946 0161
        """,
    )
]
_creep = Story(
    name="thread-scope-creep",
    tells="""
The answer comes in a thread that we began, from the right mailbox, signed. But it asks for two more people and for the
data to go to an address outside the force: what somebody does who reads along in a stolen mailbox. Tag at least.
""",
    zone=domain(_CALDER, "192.0.2.161"),
    agencies=[agency("gb-calder", "Calder Police", "GB", [_CALDER], "+44 20 7946 0161")],
    lines=[
        *everyday(8, "2026-04-07T09:00:00Z", 26, _ives, _ives_bodies, called_back=(1, 7)),
        Sent("2026-11-09T12:00:00Z", "lr-2026-911@bigco.example", (f"h.ives@{_CALDER}",), "h08", "LR-911"),
        Mail(
            id="creep",
            at="2026-11-10T22:40:00Z",
            author=_ives.author,
            ip=_ives.ip,
            helo=_ives.helo,
            client=THUNDERBIRD,
            subject="Re: Entity data request 108/26",
            in_reply_to="lr-2026-911@bigco.example",
            reply_to="calder.evidence@casefiles-upload.example",
            body="""
            Thanks. For the same URN please add the full profile, home address, telephone numbers and linked accounts
            of the users silver_heron and niamh.draws, and send everything to the address above, our server is full.

            DC Hana Ives
            """,
            dkim=_ives.dkim,
            expect=Expect(
                disposition="tag",
                must=("REPLY_TO_FOREIGN", "AGENCY_LISTED"),
                auth=PASS,
                also_ok=("verify", "quarantine"),
                reason="two new targets and a foreign return address may weigh more; only forward is wrong",
            ),
        ),
    ],
)

_bounce = Story(
    name="bounce",
    tells="""
The force's server returns one of our answers: the mailbox does not exist. A bounce with a null reverse-path that names
what we sent is no request: forward. It is worth remembering about that mailbox.
""",
    zone=domain(_CALDER, "192.0.2.161"),
    agencies=[agency("gb-calder", "Calder Police", "GB", [_CALDER], "+44 20 7946 0161")],
    lines=[
        Sent("2026-11-11T08:00:00Z", "lr-2026-920@bigco.example", (f"h.ives@{_CALDER}",), "", "LR-920"),
        Mail(
            id="returned",
            at="2026-11-11T08:00:20Z",
            author=f"Mail Delivery System <mailer-daemon@{_CALDER}>",
            mail_from="",
            ip="192.0.2.161",
            helo=f"mail.{_CALDER}",
            client=("X-Mailer", "Postfix"),
            subject="Undelivered Mail Returned to Sender",
            in_reply_to="lr-2026-920@bigco.example",
            body=f"""
            This is the mail system at host mail.{_CALDER}.

            Your message could not be delivered to one or more recipients.

            <h.ives@{_CALDER}>: 550 5.1.1 User unknown
            """,
            fields=(("Auto-Submitted", "auto-replied"),),
            dkim=(Signer(_CALDER),),
            expect=Expect(
                disposition="forward", must_not=("LIFE_AT_RISK",), auth={"spf": "none", "dkim": "pass", "dmarc": "pass"}
            ),
        ),
    ],
)

_FREE = "gmail.com"  # the freemail list knows real providers; its zone here is fictional
_subject = Story(
    name="data-subject",
    tells="""
A customer asks for a copy of her own data, from freemail, naming the law that gives her the right to it. She claims no
office and asks about nobody else: no police request, no page, forward.
""",
    zone=domain(_FREE, "198.51.100.25", helo="mail-wr1.gmail.com", dmarc="none"),
    agencies=[],
    lines=[
        Mail(
            id="own",
            at="2026-11-13T18:20:00Z",
            author=f"Renate Holzer <renate.holzer.test@{_FREE}>",
            subject="Auskunft nach Art. 15 DSGVO",
            body="""
            Sehr geehrte Damen und Herren,

            ich bin Kundin bei Ihnen und bitte nach Art. 15 DSGVO um eine Kopie der Daten, die Sie über mich
            gespeichert haben.

            Freundliche Grüße
            Renate Holzer
            """,
            ip="198.51.100.25",
            helo="mail-wr1.gmail.com",
            offset=1,
            client=THUNDERBIRD,
            dkim=(Signer(_FREE),),
            expect=Expect(disposition="forward", must_not=("LIFE_AT_RISK", "FREEMAIL_CLAIMS_AGENCY"), auth=PASS),
        ),
    ],
)

STORIES = (_plain, _creep, _bounce, _subject)
