"""Small plots of what is usual for an officer, as numbers for the templates' SVG. Every plot also says it in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edrguard.model.history import TraitCount
from edrguard.review import clean

WIDTH = 200  #: of a bar's track, in SVG units
HEIGHT = 48
_SHOWN = 4

#: trait -> its question; the order in which they are shown
TRAITS: Mapping[str, str] = {
    "kind": "What they ask for",
    "operator": "From which networks",
    "network": "From which addresses",
    "client": "With which program",
    "country": "From which country",
    "reply_to": "Where answers go",
    "language": "In which language",
    "signer": "Signed by",
    "helo": "From which server",
}
#: the same for the traits that have no plot
OTHERS: Mapping[str, str] = {
    "hour": "At which hours (UTC)",
    "day": "On which days",
    "asn": "From which network",
    "network_kind": "From which kind of network",
    "selector": "Signed with which key",
    "msgid_host": "Message-ID's host",
    "msgid_shape": "Message-ID's shape",
    "structure": "How the message is built",
    "spf_domain": "Under which envelope domain",
    "server": "By which kind of server",
    "origin": "Written on which network",
    "origin_asn": "Written on which operator's network",
    "origin_country": "Written in which country",
    "origin_kind": "Written on which kind of network",
    "origin_told": "Whether it says where it was written",
    "hops": "Over how many servers",
    "field_order": "Order of the header fields",
    "fields": "Which header fields",
    "encoding": "How the text is encoded",
    "file_name": "How files are named",
    "producer": "Documents made with",
    "paper_age": "Age of the documents",
    "paper_layout": "Layout of the documents",
    "paper_signer": "Who signed the documents",
    "display": "Name shown",
    "display_shape": "How the name is written",
    "letter_case": "Capitals or small letters",
    "greeting": "Greeting",
    "closing": "Closing words",
    "signature": "Signature block",
    "last_line": "Last line",
    "subject": "Shape of the subject",
    "emergency": "Whether it is an emergency",
    "life": "Whether a life is said to be in danger",
    "data": "Which data they want",
    "targets": "How many they ask about",
    "target_kinds": "By what they name whom they ask about",
    "actions": "What is to be done",
    "missing": "What they leave out",
    "pressure": "Whether they press",
    "law": "On which law",
    "law_country": "Law of which country",
    "reference": "Shape of the reference number",
    "contact_domain": "Which contacts they give",
    "phone": "Which telephone number they give",
    "cc": "Who gets a copy",
    "inbox": "To which address of ours",
    "others": "Whether others are addressed",
    "date_offset": "Time zone of the Date field",
    "vouched": "Vouched for by",
}
_WORDS = {"own": "their own organisation", "unsigned": "nobody"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One value. ``width`` in SVG units; ``now``: this message has it too."""

    value: str
    count: int
    width: int
    now: bool


@dataclass(frozen=True, slots=True)
class Bars:
    """One trait: its most frequent values, and this message's own where it is none of them."""

    question: str
    bars: tuple[Bar, ...]
    total: int
    new: str  #: this message's value where no earlier message has it, else ""


@dataclass(frozen=True, slots=True)
class Hour:
    """One column of the clock. ``y`` and ``height`` in SVG units."""

    label: str
    x: int
    y: int
    height: int
    count: int
    now: bool


def question(trait: str) -> str:
    """A trait's name in words."""
    return TRAITS.get(trait) or OTHERS.get(trait, trait)


def bars(traits: Mapping[str, Sequence[TraitCount]], current: Mapping[str, str], total: int) -> list[Bars]:
    """The plots of every trait that has any values."""
    found = []
    for trait, asked in TRAITS.items():
        counts = [c for c in traits.get(trait, ()) if c.count > 0]
        if not counts:
            continue
        most = max(total, *(c.count for c in counts))
        mine = current.get(trait, "")
        # this message's own value is shown even where it is rare
        shown = counts[:_SHOWN] + [c for c in counts[_SHOWN:] if c.value == mine][:1]
        found.append(
            Bars(
                asked,
                tuple(
                    Bar(_say(c.value), c.count, max(round(WIDTH * c.count / most), 2), c.value == mine) for c in shown
                ),
                most,
                _say(mine) if mine and all(c.value != mine for c in counts) else "",
            )
        )
    return found


def hours(counts: Sequence[TraitCount], current: str) -> list[Hour]:
    """The hours of the day in UTC, in buckets of four; empty where nothing is known."""
    by_start = {c.value[:2]: c.count for c in counts if c.value[:2].isdigit()}
    if not by_start:
        return []
    most = max(by_start.values())
    found = []
    for index, start in enumerate(range(0, 24, 4)):
        inside = [n for s, n in by_start.items() if start <= int(s) < start + 4]
        count = sum(inside)
        height = max(round(HEIGHT * min(count / most, 1)), 2) if count else 0
        now = current[:2].isdigit() and start <= int(current[:2]) < start + 4
        found.append(Hour(f"{start}–{start + 4}", index * 50, HEIGHT - height, height, count, now))
    return found


def _say(value: str) -> str:
    return clean(_WORDS.get(value, value), 80)
