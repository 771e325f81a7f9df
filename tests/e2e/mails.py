"""A small world for the end-to-end tests: DNS, a directory, and messages signed now, as the clock of real processes
wants them."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count, cycle

from tests.support.signing import Signer
from tests.support.story import INBOX, Mail, Zone
from tests.support.world import agency, domain, merge

FORCE, PAPER, LOOKALIKE, TOWN = (
    "northmoor.example",
    "tidewatergazette.example",
    "north-moor.example",
    "fernhollow.example",
)
OTHER_TOWN = "stonebridge.example"
#: Towns that nobody has heard of: a first contact is one only once.
TOWNS = [f"{a}{b}.example" for a in ("amber", "birch", "cedar", "dover", "elm", "flint", "grove", "heron", "iris", "jasper")
         for b in ("haven", "ridge", "mouth", "wick", "stoke", "bury", "cliff", "gate")]  # fmt: skip
COLLEAGUE = "colleague@bigco.example"
ZONE: Zone = merge(
    domain(FORCE, "192.0.2.101"),
    domain(PAPER, "198.51.100.61"),
    domain(LOOKALIKE, "203.0.113.31", dmarc="none"),
    domain(TOWN, "198.51.100.91"),
    domain(OTHER_TOWN, "198.51.100.92"),
    *(domain(town, f"198.51.100.{n}") for n, town in enumerate(TOWNS, 100)),
)
AGENCIES = {
    "agencies": [
        agency("gb-northmoor", "Northmoor Constabulary", "GB", [FORCE], "+44 20 7946 0101"),
        agency("us-fernhollow", "Fernhollow Police", "US", [TOWN], "+1 614 555 0161"),
        agency("us-stonebridge", "Stonebridge Police", "US", [OTHER_TOWN], "+1 614 555 0162"),
        *(
            agency(f"us-{n}", f"{town[:-8].title()} Police", "US", [town], f"+1 614 555 01{n % 100:02}")
            for n, town in enumerate(TOWNS)
        ),
    ]
}
_numbers = count(1)
_towns = cycle(TOWNS)


def _mail(author: str, host: str, ip: str, subject: str, body: str) -> Mail:
    """A message of this moment, unlike every other."""
    now = datetime.now(UTC).replace(microsecond=0)
    number = next(_numbers)
    return Mail(
        id=f"e{number}-{now:%H%M%S}", at=now.isoformat(), author=f"{author}@{host}>", subject=subject,
        body=f"{body.strip()}\n\nRef {number}\n", ip=ip, helo=f"mail.{host}", dkim=(Signer(host),),
    )  # fmt: skip


def press() -> Mail:
    """No request at all: forward."""
    return _mail("Mara Ellsworth <m.ellsworth", PAPER, "198.51.100.61", "Question about your transparency report",
                 "Hello,\n\nwhen will the next transparency report be published?\n\nMara Ellsworth")  # fmt: skip


def first_contact(town: str = TOWN) -> Mail:
    """A listed agency, never seen, everyday request: tag."""
    return _mail("Chief Walt Dunmore <chief", town, ZONE[town]["A"][0], "Subpoena FPD-14", """
Attached is subpoena FPD-14 for the subscriber information of bargain.boots@mail.example.

Chief Walt Dunmore, Badge 1, Fernhollow Police, +1 614 555 0161""")  # fmt: skip


def new_town() -> Mail:
    """The same from another town each time."""
    return first_contact(next(_towns))


def lookalike() -> Mail:
    """A domain that resembles the constabulary's: quarantine, no page."""
    return _mail("DC Tom Webb <t.webb", LOOKALIKE, "203.0.113.31", "Entity data request 88/26", """
Northmoor Constabulary needs the subscriber details of seller88@mail.example for URN 88/26.

DC Tom Webb, Northmoor Constabulary, +1 202 555 0139""")  # fmt: skip


def emergency() -> Mail:
    """A genuine force, danger to life: verify and page."""
    return _mail("PC Jodie Lamb <jodie.lamb", FORCE, "192.0.2.101", "URGENT high risk missing person", """
14yo girl missing, left a goodbye note, threat to life. Last message on your app 40 mins ago, user meadow.lark22. Need
last IP and location asap. Log 0117. Insp Adeyemi authorising, control room +44 20 7946 0101.

PC 4471 Jodie Lamb, Northmoor""")  # fmt: skip


def looped() -> Mail:
    """More Received fields than any honest path."""
    hop = ("Received", "from a.example by b.example with ESMTP id 0; Mon, 2 Nov 2026 09:00:00 +0000")
    return replace(press(), top=(hop,) * 60)


def to(mail: Mail, *recipients: str) -> Mail:
    """The same for other recipients."""
    return replace(mail, rcpt=recipients or (INBOX,))
