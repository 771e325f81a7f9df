"""The mail of the demo: what each message says, and what it really is."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import dkim

from edrguard.node.demo.world import INBOX, ONCALL, SELECTOR, Keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One message. ``truth`` is what it really is; nothing that judges can see it."""

    name: str
    truth: str
    display: str
    address: str
    client_ip: str
    helo: str
    subject: str
    body: str
    signed_by: str | None = None
    to: str = INBOX
    client: str = ""  #: X-Mailer
    fields: tuple[tuple[str, str], ...] = ()
    age: timedelta = timedelta(0)  #: how long before now it was written

    def render(self, now: datetime, keys: Keys) -> bytes:
        """The message as its author's server sends it, DKIM-signed where the story says so."""
        date = now - self.age
        lines = [
            f"Message-ID: <{date:%Y%m%d%H%M%S}.{self.name}@{self.helo}>",
            f"Date: {format_datetime(date)}",
            f'From: "{self.display}" <{self.address}>',
            f"To: <{self.to}>",
            f"Subject: {self.subject}",
            *([f"X-Mailer: {self.client}"] if self.client else []),
            *(f"{name}: {value}" for name, value in self.fields),
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 8bit",
            "",
            *self.body.strip().splitlines(),
            "",
        ]
        content = "\r\n".join(lines).encode()
        if self.signed_by is None:
            return content
        return _signature(content, self.signed_by, keys, date) + content


def _signature(content: bytes, domain: str, keys: Keys, date: datetime) -> bytes:
    """A DKIM-Signature field made at ``date``: dkimpy's signer takes t= from its module's clock and nowhere else."""
    module: Any = sys.modules["dkim"]
    clock, module.time = module.time, SimpleNamespace(time=date.timestamp)
    try:
        signature: bytes = dkim.sign(
            content,
            SELECTOR,
            domain.encode(),
            keys.pem,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[b"from", b"to", b"subject", b"date", b"message-id", b"reply-to"],
        )
    finally:
        module.time = clock
    return signature


ROWE = {
    "display": "Dep. A. Rowe",
    "address": "a.rowe@cityxsheriff.test",
    "client_ip": "192.0.2.20",
    "helo": "mx.cityxsheriff.test",
    "signed_by": "cityxsheriff.test",
    "client": "Microsoft Outlook 16.0",
}
FROST = {
    "display": "Det. Insp. J. Frost",
    "address": "det.frost@oakhurst.police.test",
    "client_ip": "192.0.2.10",
    "helo": "mx.oakhurst.police.test",
    "signed_by": "oakhurst.police.test",
    "client": "Microsoft Outlook 16.0",
}
#: What the officers' mail looks like on ordinary days: (who, how many, subject, body).
ROUTINE = (
    (
        ROWE,
        31,
        "Search warrant CX-26-{n:04d}",
        """Attached please find search warrant CX-26-{n:04d}, issued under 18 U.S.C. 2703(a) by the County Court.
Please provide basic subscriber information and login IP addresses for the account user{n}@mail.test
for the period 1 March 2026 to 31 March 2026.

Dep. A. Rowe, badge 4417, Records Unit, City X Sheriff's Office, +1 614 555 0100""",
    ),
    (
        FROST,
        12,
        "Subscriber check, crime ref 42/{n:04d}/26",
        """Good morning, under section 61A of the Investigatory Powers Act 2016 please provide the subscriber details
for the account user{n}@mail.test. Our reference is 42/{n:04d}/26.

Det. Insp. J. Frost, collar 118, Oakhurst Constabulary, control room +44 20 7946 0101""",
    ),
)


def history() -> Iterator[Sample]:
    """What the officers wrote before today, oldest first."""
    rounds = max(count for _, count, _, _ in ROUTINE)
    for number in range(1, rounds + 1):
        for who, count, subject, body in ROUTINE:
            if number <= count:
                yield Sample(
                    name=f"old{number}",
                    truth="routine request",
                    subject=subject.format(n=number),
                    body=body.format(n=number),
                    age=timedelta(days=5 * (rounds - number) + 3, hours=number % 5),
                    **who,  # type: ignore[arg-type]
                )


def today() -> tuple[Sample, ...]:
    """The messages that the demo sends over SMTP."""
    return (
        Sample(
            name="routine",
            truth="routine request of a known officer",
            subject="Subscriber check, crime ref 42/0801/26",
            body=ROUTINE[1][3].format(n=801),
            **FROST,  # type: ignore[arg-type]
        ),
        Sample(
            name="hijacked",
            truth="hijacked account: SPF, DKIM and DMARC pass",
            subject="EMERGENCY disclosure request - imminent danger",
            body="""We have an active threat to life, a child was taken this evening and we cannot wait for a court.
Pursuant to 18 U.S.C. 2702(b)(8) provide at once name, home address, phone, linked accounts, recovery e-mail
and payment details for the accounts night_owl77, kessler.trades and vault_mira.
Do not call the station, I am in the field. Reach me on my mobile only: +1 203 555 0177.

Dep. A. Rowe""",
            to=ONCALL,
            **{**ROWE, "client": "Roundcube Webmail/1.4", "helo": "mx.cityxsheriff.test"},  # type: ignore[arg-type]
            fields=(("X-Originating-IP", "[203.0.113.200]"),),
        ),
        Sample(
            name="night",
            truth="a real emergency at 3 a.m., from a phone",
            display="PC Dana Whit",
            address="dana.whit@oakhurst.police.test",
            client_ip="192.0.2.10",
            helo="mx.oakhurst.police.test",
            signed_by="oakhurst.police.test",
            client="Outlook for iOS",
            to=ONCALL,
            subject="missing girl, 14, high risk",
            body="""14 yr old missing since 22:00, left a note saying she wants to end her life, last msg 40 min ago
on your app, user bluefinch.09. need last ip and location now pls. log 0312 of today, insp Hale is aware.
call control room 020 7946 0101 or 101

PC Dana Whit, Oakhurst Constabulary, sent from my phone""",
        ),
        Sample(
            name="spoof",
            truth="spoofed: not from the agency's servers",
            display="KHK M. Lindner",
            address="lindner@kripo-nordhafen.test",
            client_ip="203.0.113.9",
            helo="vps7.host.test",
            subject="Auskunftsersuchen Bestandsdaten, Az. 123 Js 4567/26",
            body="""Sehr geehrte Damen und Herren,
in dem Ermittlungsverfahren 123 Js 4567/26 wird gemäß § 100j StPO um Auskunft über die Bestandsdaten
zu dem Konto user900@mail.test gebeten. Antwort bitte an die angegebene Adresse.
KHK M. Lindner, Kriminalpolizei Nordhafen""",
            client="PHPMailer 6.5.0",
            fields=(("Reply-To", "khk.lindner@freemail.test"),),
        ),
        Sample(
            name="lookalike",
            truth="look-alike domain (a hyphen more)",
            display="Dep. A. Rowe",
            address="a.rowe@cityx-sheriff.test",
            client_ip="203.0.113.66",
            helo="mx.cityx-sheriff.test",
            signed_by="cityx-sheriff.test",
            subject="Subpoena CX-26-0999",
            body="""Please find subpoena CX-26-0999 under 18 U.S.C. 2703(c)(2). Provide the subscriber's name,
address and phone number for the account user77@mail.test within 48 hours. Questions: +1 203 555 0188.

Dep. A. Rowe, badge 4417, City X Sheriff's Office""",
        ),
        Sample(
            name="freemail",
            truth="freemail claiming to be a detective",
            display="Detective Steven Marsh",
            address="det.marsh84@freemail.test",
            client_ip="198.51.100.80",
            helo="mx.freemail.test",
            signed_by="freemail.test",
            subject="Homicide suspect - need to locate",
            body="""I am a detective with Ridge Town Police. A search warrant is attached. As soon as possible
provide the new phone number, home address and call records of the account holder dana.k@mail.test so that we
can locate her. Cell +1 203 555 0199, badge 2210""",
        ),
        Sample(
            name="village",
            truth="a tiny department's first contact",
            display="Chief L. Aldous",
            address="chief@villagepd.test",
            client_ip="198.51.100.40",
            helo="mx.villagepd.test",
            subject="Subpoena 26-031, fraud case",
            body="""Attached is a subpoena issued by the Clerk of the County Court under 18 U.S.C. 2703(c)(2) in a
fraud case. We ask for basic subscriber information of the account seller_33@mail.test. Office line +1 740 555 0140.

Chief L. Aldous, Village Police Department""",
        ),
        Sample(
            name="journalist",
            truth="a journalist's question",
            display="Rita Vance",
            address="rita.vance@daily-gazette.test",
            client_ip="198.51.100.90",
            helo="mx.daily-gazette.test",
            signed_by="daily-gazette.test",
            subject="Question for an article",
            body="""Hello, I am writing about how companies handle police requests. How many did you receive last year?
Could your press office get back to me by Friday?

Rita Vance, The Daily Gazette""",
        ),
    )
