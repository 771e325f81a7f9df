"""Stories of genuine emergencies: never held, always paged, whoever writes at whatever hour."""

from tests.support.signing import Signer
from tests.support.story import Expect, Label, Mail, Story
from tests.support.world import agency, domain, everyday, merge

PASS = {"spf": "pass", "dkim": "pass", "dmarc": "pass"}

# -- B1 ---------------------------------------------------------------------------------------------------------------

_FORCE = "northmoor.police.example"
_spoc = Mail(
    id="",
    at="2026-01-01T00:00:00Z",
    author=f"Northmoor SPoC <spoc@{_FORCE}>",
    subject="",
    body="",
    ip="192.0.2.101",
    helo=f"gw.{_FORCE}",
    offset=0,
    dkim=(Signer(_FORCE),),
)
_b1 = Story(
    name="night-emergency",
    tells="""
03:20 at night, a constable whom nobody knows, at a force that is known through its single point of contact. Short, from
a mobile telephone, with typing errors: a missing teenager, last message forty minutes ago. Deliver at once and page; a
call to the control room confirms it in three minutes. Holding this message would be a failure of the product.
""",
    zone=domain(_FORCE, "192.0.2.101", helo=f"gw.{_FORCE}"),
    agencies=[
        agency("gb-northmoor", "Northmoor Constabulary", "GB", [_FORCE], "+44 20 7946 0101", timezone="Europe/London")
    ],
    restricted=("police.example",),
    lines=[
        *everyday(
            12,
            "2026-01-12T10:00:00Z",
            24,
            _spoc,
            [
                (
                    "SPoC request {n}/26: entity data",
                    """
            Under section 61 of the Investigatory Powers Act 2016 we request entity data for user{n}@mail.example.
            URN {n}/26. Designated senior officer: T/Supt. I. Marsh.

            Northmoor SPoC
            """,
                )
            ],
            called_back=(1, 8),
        ),
        Mail(
            id="night",
            at="2026-11-21T03:20:31Z",
            author=f"PC Jodie Lamb <jodie.lamb@{_FORCE}>",
            subject="URGENT high risk misper",
            body="""
            hi, 14yo girl missing since 1930, high risk, left a goodbye note. last msg on your app 40 mins ago, user
            meadow.lark22. need last IP and location asap pls, threat to life. log 0117 of 21/11. Insp Adeyemi
            authorising, control room 101 or +44 20 7946 0101.

            PC 4471 Jodie Lamb, Northmoor. Sent from my phone
            """,
            ip="192.0.2.101",
            helo=f"gw.{_FORCE}",
            offset=0,
            client=("X-Mailer", "Outlook for iOS 4.2445.0"),
            dkim=(Signer(_FORCE),),
            expect=Expect(disposition="verify", urgent=True, must=("LIFE_AT_RISK", "AGENCY_LISTED"), auth=PASS),
        ),
    ],
)

# -- B5 ---------------------------------------------------------------------------------------------------------------

_CYBER = "cyber.police.valmont.test"
_names = ("Léa Roussin", "Karim Belhadj", "Odile Varenne", "Yann Kerbrat", "Sofia Mercadal")
_b5_history: list[Mail | Label] = []
for _n, _who in enumerate(_names):
    _desk = Mail(
        id="",
        at="2026-01-01T00:00:00Z",
        author=f"Bureau cybercriminalité <bureau@{_CYBER}>",
        subject="",
        body="",
        ip="192.0.2.111",
        helo=f"mx1.{_CYBER}",
        offset=1,
        client=("X-Mailer", "Zimbra 10.0.6"),
        dkim=(Signer(_CYBER),),
    )
    _b5_history += everyday(
        3,
        f"2026-0{_n + 2}-03T{(7, 11, 20, 15, 19)[_n]:02d}:00:00Z",
        8,
        _desk,
        [
            (
                "Réquisition judiciaire PV 2026/00{n}",
                f"""
        Madame, Monsieur,

        veuillez trouver ci-dessous une réquisition (art. 77-1-1 CPP), PV 2026/00{{n}}, aux fins d'identification de
        l'abonné du compte client{_n}{{n}}@mail.example.

        {_who}, OPJ, bureau cybercriminalité, +33 1 99 00 01 11
        """,
            )
        ],
        prefix=f"o{_n}",
        called_back=(1,) if _n == 1 else (),
    )
_b5 = Story(
    name="shared-mailbox-emergency",
    tells="""
One mailbox, many officers: the cyber desk of a national police has been signed by five names over the months. A sixth
announces a suicide, with the desk's own number. Changing names are this mailbox's habit and add no doubt; the danger
to life makes it a quick call: deliver at once, page.
""",
    zone=domain(_CYBER, "192.0.2.111", helo=f"mx1.{_CYBER}"),
    agencies=[
        agency(
            "fr-valmont-cyber",
            "Police de Valmont, bureau cybercriminalité",
            "FR",
            [_CYBER],
            "+33 1 99 00 01 11",
            timezone="Europe/Paris",
        )
    ],
    lines=[
        *_b5_history,
        Mail(
            id="desk",
            at="2026-11-18T20:47:00Z",
            author=f"Bureau cybercriminalité <bureau@{_CYBER}>",
            subject="Urgence vitale : menace de suicide imminente",
            body="""
            Bonsoir,

            l'utilisateur « brume_du_soir » a annoncé son suicide en direct il y a dix minutes. Il y a péril
            imminent. Merci de nous transmettre sans délai le numéro de téléphone et la dernière adresse IP.

            Brigadier-chef Anouk Delmarre, OPJ, bureau cybercriminalité, +33 1 99 00 01 11
            """,
            ip="192.0.2.111",
            helo=f"mx1.{_CYBER}",
            offset=1,
            client=("X-Mailer", "Zimbra 10.0.6"),
            dkim=(Signer(_CYBER),),
            expect=Expect(
                disposition="verify",
                urgent=True,
                must=("LIFE_AT_RISK", "AGENCY_LISTED"),
                must_not=("SENDER_UNUSUAL",),
                auth=PASS,
            ),
        ),
    ],
)

# -- B6 ---------------------------------------------------------------------------------------------------------------

_DANSK = "politi.nordsund.test"
_b6 = Story(
    name="own-form-foreign-police",
    tells="""
A Danish officer fills in BigCo's own English emergency form, which quotes American law. The mismatch of law and country
is our own form's doing and no sign of fraud. Danger to life from a known force: deliver at once, page.
""",
    zone=domain(_DANSK, "192.0.2.121"),
    agencies=[
        agency("dk-nordsund", "Nordsund Politi", "DK", [_DANSK], "+1 202 555 0121", timezone="Europe/Copenhagen")
    ],
    lines=[
        *everyday(
            6,
            "2026-03-02T09:30:00Z",
            35,
            Mail(
                id="",
                at="2026-01-01T00:00:00Z",
                author=f"Pa. Mikkel Toft <mto@{_DANSK}>",
                subject="",
                body="",
                ip="192.0.2.121",
                helo=f"mail.{_DANSK}",
                offset=1,
                dkim=(Signer(_DANSK),),
            ),
            [
                (
                    "Begæring om edition, j.nr. 0100-83986-00{n}-26",
                    """
            Vi anmoder om abonnentoplysninger for kontoen kunde{n}@mail.example, jf. retsplejeloven § 804. Kendelse
            vedlægges. J.nr. 0100-83986-00{n}-26.

            Politiassistent Mikkel Toft, Nordsund Politi, +1 202 555 0121
            """,
                )
            ],
            called_back=(2,),
        ),
        Mail(
            id="form",
            at="2026-11-14T18:11:00Z",
            author=f"Pk. Signe Holmgaard <sho@{_DANSK}>",
            subject="BigCo Emergency Disclosure Form - Nordsund Politi",
            body="""
            BIGCO EMERGENCY DISCLOSURE REQUEST FORM (rev. 2026-03)

            By completing this form you confirm, under 18 U.S.C. 2702(b)(8) and (c)(4), that there is an emergency
            involving danger of death or serious physical injury to a person.

            Agency:            Nordsund Politi, Denmark
            Officer, rank, ID: Signe Holmgaard, politikommissær, 20417
            Supervisor:        vicepolitiinspektør J. Brask
            Telephone:         +1 202 555 0121
            Case number:       0100-83986-00417-26
            Who is in danger:  A 16-year-old boy, threatened with a knife in a live stream; livsfare
            Account:           polarbjorn16
            Data needed:       phone number, last IP address
            Why it helps:      to find the address before the attacker does

            Med venlig hilsen
            Signe Holmgaard
            """,
            ip="192.0.2.121",
            helo=f"mail.{_DANSK}",
            offset=1,
            dkim=(Signer(_DANSK),),
            expect=Expect(
                disposition="verify",
                urgent=True,
                must=("LIFE_AT_RISK", "AGENCY_LISTED"),
                must_not=("LAW_MISMATCH",),
                auth=PASS,
            ),
        ),
    ],
)

# -- B8 ---------------------------------------------------------------------------------------------------------------

_METRO, _RIVER, _STATE = "metro.police.example", "riverside.police.example", "statepolice.example"
_senders = [
    ("Insp. Hal Okafor", "h.okafor", _METRO, "192.0.2.131", "the shooter's channel lastbell_live"),
    ("DC Priya Nandal", "p.nandal", _METRO, "192.0.2.131", "lastbell_live and ironbell2"),
    ("DS Glen Ferris", "g.ferris", _RIVER, "192.0.2.132", "ironbell2"),
    ("Tpr. Kit Lowell", "k.lowell", _STATE, "192.0.2.133", "lastbell_live and station_nine"),
    ("Insp. Hal Okafor", "h.okafor", _METRO, "192.0.2.131", "station_nine"),
    ("PC Mona Reed", "m.reed", _RIVER, "192.0.2.132", "ember.and.ash"),
]
_b8 = Story(
    name="burst-mass-casualty",
    tells="""
An attack with many victims: within three hours one agency and its partners send request after request about
overlapping accounts, some by officers whom nobody knows. Burst and overlap are what such a night looks like. Each
claims danger to life, each goes out at once with a page; none is held.
""",
    zone=merge(domain(_METRO, "192.0.2.131"), domain(_RIVER, "192.0.2.132"), domain(_STATE, "192.0.2.133")),
    agencies=[
        agency("gb-metro", "Metro Police", "GB", [_METRO], "+44 20 7946 0131"),
        agency("gb-riverside", "Riverside Police", "GB", [_RIVER], "+44 20 7946 0132"),
        agency("us-state-police", "State Police", "US", [_STATE], "+1 614 555 0133"),
    ],
    lines=[
        *everyday(
            6,
            "2026-04-01T10:00:00Z",
            30,
            Mail(
                id="",
                at="2026-01-01T00:00:00Z",
                author=f"Insp. Hal Okafor <h.okafor@{_METRO}>",
                subject="",
                body="",
                ip="192.0.2.131",
                helo=f"mail.{_METRO}",
                dkim=(Signer(_METRO),),
            ),
            [
                (
                    "Entity data request {n}",
                    """
            Entity data request URN {n}/26 under section 61 IPA 2016 for user{n}@mail.example. Insp. Hal Okafor
            """,
                )
            ],
            called_back=(1,),
        ),
        *(
            Mail(
                id=f"burst{n}",
                at=f"2026-11-07T{19 + n * 25 // 60}:{n * 25 % 60:02d}:00Z",
                author=f"{who} <{local}@{host}>",
                subject="Major incident: threat to life, disclosure needed now",
                body=f"""
            Major incident at Central Station, several people shot, the attackers are still at large and more lives
            are at risk. We need the subscriber, last IP addresses and location of {what}. Incident reference
            MI-0711.

            {who}
            """,
                ip=ip,
                helo=f"mail.{host}",
                dkim=(Signer(host),),
                expect=Expect(disposition="verify", urgent=True, must=("LIFE_AT_RISK", "AGENCY_LISTED"), auth=PASS),
            )
            for n, (who, local, host, ip, what) in enumerate(_senders)
        ),
    ],
)

STORIES = (_b1, _b5, _b6, _b8)
