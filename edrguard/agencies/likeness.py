"""When two names mean the same office to a hurried reader: the rules, without the tables.

The hard part is not to suspect the innocent. Places have namesakes, a town has both a hall and a police department,
and an office word is shared by all: so how much likeness is needed depends on what the names themselves say.
"""

from dataclasses import dataclass

from edrguard.agencies.suffixes import country_of
from edrguard.agencies.words import GOVERNMENT, OFFICE, core, is_common, offices
from edrguard.model.agency import Agency

SHORTEST = 5  #: letters of a name that may be recognised under another ending, or misspelled
PLACE_NAME = 9  #: the same for a public body without an office word: its name is that of a place, and many have it
SHORT = 8  #: letters of what distinguishes a name; below, two edits make another name
_UNIVERSITY = ("edu", "ac")


@dataclass(frozen=True, slots=True)
class Known:
    """A listed domain as names are compared with it."""

    agency: Agency
    host: str
    owner: str  #: the registrable name: whoever has it has everything below
    ending: str
    name: str  #: what stands left of the ending, visible, joined with hyphens
    placed: bool  #: the ending says the office (police.uk), so that the name alone is only a place

    @property
    def strong(self) -> bool:
        """Does the name say both whose and which office?"""
        return bool(offices(self.name)) and not is_common(self.name)

    @property
    def least(self) -> int:
        """Letters needed before the name alone means this agency."""
        return PLACE_NAME if self.agency.kind in ("other", "ministry") and not self.strong else SHORTEST


@dataclass(frozen=True, slots=True)
class Asked:
    """A domain of which somebody wants to know whom it resembles."""

    host: str
    owner: str
    ending: str
    restricted: bool
    labels: tuple[str, ...]
    names: tuple[str, ...]  #: everything left of the ending, and the registrable label alone
    other_than: str

    def may_imitate(self, known: Known) -> bool:
        """Whether the listed domain belongs to somebody else."""
        return known.owner != self.owner and known.agency.id != self.other_than


@dataclass(frozen=True, slots=True)
class Resemblance:
    """One look-alike, or one agency that moved."""

    known: Known
    how: str
    moved_in: bool = False


def spelling(name: str, known: str) -> str:
    """How two names of one skeleton differ."""
    if name == known:
        return "the same letters in another script"
    if name.replace("-", "") == known.replace("-", ""):
        return "a hyphen more or less"
    return "letters that look alike"


def moved_in(asked: Asked, known: Known, name: str) -> Resemblance | None:
    """Only the agency itself can take its name into a restricted suffix of its own country."""
    country = country_of(asked.ending)
    if known.placed or name != known.name or (country and country != known.agency.country):
        return None
    return Resemblance(known, "same name moved into a restricted suffix", moved_in=True)


def means(asked: Asked, known: Known) -> bool:
    """Would a reader take the bare name, under another ending, for this agency?"""
    if known.placed or len(known.name.replace("-", "")) < known.least:
        return False
    return known.strong or not any(label in _UNIVERSITY for label in asked.ending.split("."))


def may_dress(asked: Asked, known: Known, name: str, rest: str, added: frozenset[str]) -> bool:
    """Is ``name`` the listed one with words put to it, rather than the name of another body of the same place?"""
    if is_common(known.name) or (asked.restricted and asked.ending != known.ending):
        return False
    if added & OFFICE and not added & GOVERNMENT and known.agency.kind in ("other", "ministry"):
        return False  # a town's police department is not the town's forger
    if known.placed and not asked.restricted and not added & OFFICE:
        return False
    if len(rest) < SHORTEST:
        return len(rest) >= 3 and bool(added & (OFFICE | GOVERNMENT)) and "-" in name
    return known.strong or len(rest) >= known.least or bool(added & (OFFICE | GOVERNMENT))


def misspelling(asked: Asked, known: Known, name: str, text: str, distance: int) -> bool:
    """Is ``name``, ``distance`` edits from the listed ``text``, a slip of it rather than a neighbour's name?"""
    if asked.restricted and (asked.ending != known.ending or distance > 1):
        return False
    if known.placed and text == known.name and asked.ending != known.ending:
        return False
    if _without_digits(name) == _without_digits(text):
        return False  # precinct 12 is not the forger of precinct 14
    ours, theirs = offices(name), offices(text)
    if not ours <= theirs:
        return False
    whose = core(text)
    if ours == theirs and core(name) == whose:
        return True  # whose office it is stands untouched: the slip is in a shared word
    letters = len(whose) if ours == theirs else len(text)
    if distance > (2 if letters >= SHORT else 1 if letters >= SHORTEST else 0):
        return False
    if asked.ending != known.ending:
        return distance == 1 and letters >= (SHORT if known.strong else PLACE_NAME)
    return known.strong or letters > known.least  # five letters without an office word are an abbreviation


def _without_digits(text: str) -> str:
    return "".join(c for c in text if not c.isdigit())
