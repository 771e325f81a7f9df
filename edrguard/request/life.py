"""Does the text claim that somebody's life or body is in danger?

Several routes, none of which needs another, because a list of words alone has failed on new wording:

1. an emergency procedure, its law, or danger to life said outright;
2. composition: a word of harm near a person and near the present or the future;
3. structure: the address written to, the subject, a short message that wants to know where somebody is *now*.

What speaks against it: an offence that is being investigated, things long past, a plain denial, the name of a unit, a
box that is not ticked, and mail that is no request at all. Law: when in doubt, true.
"""

import re
from datetime import datetime
from functools import cached_property

from edrguard.model.request import Quote
from edrguard.request.found import Found
from edrguard.request.law import Laws
from edrguard.request.lexicon import Hit
from edrguard.request.when import dates_near

_NEAR = 140  #: octets between a word of harm and what makes it present
_BEFORE = 48  #: octets between the words that introduce an offence and its name
_SHORT = 700  #: characters of a message written in haste
_BOX = re.compile(r"(?:\[ ?\]|\( \)|☐|□|❏|◻)[^\n☐□\[]{0,160}")
_URGENT_ADDRESS = re.compile(
    r"(?:^|[\s<,;])(?:[\w.+-]*[._+-])?"
    r"(?:emergency|emergencies|emergencia|emergenze?|edr|exigent|notfall|noodgeval|urgence|urgences|lifeatrisk|24x7)"
    r"(?:[._+-][\w.+-]*)?@"
)


class Danger:
    """Judges one text. ``quote`` says what decided."""

    def __init__(self, found: Found, received_at: datetime, signed: list[tuple[int, int]]) -> None:
        self.found = found
        self.reading = found.reading
        self.near = _NEAR if self.reading._plain else _NEAR * 2
        self.signatures = [(self.reading.octet(a), self.reading.octet(b)) for a, b in signed]
        self._received_at = received_at

    # What most messages never need is found when it is asked for: a word of harm is rare.

    @cached_property
    def denied(self) -> list[tuple[int, int]]:
        """Where danger is denied, and boxes that are not ticked."""
        clean, octet = self.reading.clean, self.reading.octet
        denied = [(h.start, h.end) for h in self.found.hits("denial", everywhere=True)]
        return denied + [(octet(m.start()), octet(m.end())) for m in _BOX.finditer(clean)]

    @cached_property
    def pressing(self) -> bool:
        """Is anything said now, and not only in what is answered?"""
        return not self.reading.is_reply or any(
            not self.reading.stale(self.reading.char(h.start)) and not self._signed(h)
            for concept in ("haste", "peril", "harm", "threat")
            for h in self.found.each(concept)
        )

    @cached_property
    def offences(self) -> list[Hit]:
        """What is being investigated."""
        return self.found.hits("offence")

    @cached_property
    def units(self) -> list[Hit]:
        """Names of units."""
        return self.found.hits("unit")

    @cached_property
    def _dates(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        octet = self.reading.octet
        old, recent = dates_near(self.reading.clean, self._received_at)
        return [(octet(a), octet(b)) for a, b in old], [(octet(a), octet(b)) for a, b in recent]

    @cached_property
    def past(self) -> list[tuple[int, int]]:
        """Where the text speaks of what is long over."""
        return [(h.start, h.end) for h in self.found.hits("past")] + self._dates[0]

    @cached_property
    def present(self) -> list[tuple[int, int]]:
        """Where it speaks of now."""
        now = [(h.start, h.end) for h in self.found.hits("now") if not self._of_the_case(h)]
        return now + self._dates[1]

    @cached_property
    def persons(self) -> list[tuple[int, int]]:
        """Where it speaks of people; a signature speaks of units (Missing Persons)."""
        return [(h.start, h.end) for h in self.found.hits("person") if not self._signed(h)]

    @cached_property
    def threats(self) -> list[tuple[int, int]]:
        """Where somebody threatens."""
        return [(h.start, h.end) for h in self.found.hits("threat")]

    def _signed(self, hit: Hit) -> bool:
        """In the signature, which names the unit (Missing Persons, Violent Crime), not the danger."""
        return any(start <= hit.start < end for start, end in self.signatures)

    def _of_the_case(self, hit: Hit) -> bool:
        """``currently investigating`` tells of the investigation, not of the danger."""
        return any(-24 <= offence.start - hit.end <= 16 for offence in self.offences)

    def _close(self, hit: Hit, others: list[tuple[int, int]], within: int) -> bool:
        return any(
            start - hit.end <= within and hit.start - end <= within
            for start, end in others
            if (start, end) != (hit.start, hit.end)
        )

    def void(self, hit: Hit) -> bool:
        """Denied, part of a unit's name, or only repeated from an earlier message that nothing new is said about."""
        if not self.pressing and self.reading.stale(self.reading.char(hit.start)):
            return True
        if any(start < hit.end and hit.start < end for start, end in self.denied):
            return True
        return any(0 <= unit.start - hit.end <= 12 for unit in self.units)

    def _offence(self, hit: Hit) -> bool:
        return any(o.start <= hit.start and hit.start - o.end <= _BEFORE for o in self.offences)

    def score(self, hit: Hit, base: int) -> int:
        """Three points make a danger."""
        person = self._close(hit, self.persons, self.near)
        now = self._close(hit, self.present, self.near)
        threat = self._close(hit, self.threats, self.near)
        points = base + person + now + threat
        if self._offence(hit) and not threat and not (now and base == 2):
            points -= 2
        if self._close(hit, self.past, self.near):
            points -= 1 if now or threat else 2
        return points

    def outright(self) -> Hit | None:
        """Route 1: danger said outright, or a procedure by name."""
        for hit in self.found.each("life", everywhere=True):
            if not self.void(hit):
                return hit
        return None

    def composed(self, enough: int = 3) -> Hit | None:
        """Route 2. The gravest composition that reaches ``enough``."""
        best: tuple[int, Hit] | None = None
        short = 1 if self.reading.fresh < _SHORT else 0
        for concept, base in (("peril", 2), ("harm", 1)):
            for hit in self.found.hits(concept):
                if self.void(hit) or self._signed(hit):
                    continue
                points = self.score(hit, base)
                if short and base == 2 and points == 2 and not self._offence(hit):
                    points += 1
                if points >= enough and (best is None or points > best[0]):
                    best = (points, hit)
        return best[1] if best else None

    def named(self) -> Hit | None:
        """The word emergency, not denied."""
        for hit in self.found.each("emergency", everywhere=True):
            if not self.void(hit):
                return hit
        return None

    @property
    def urgent_address(self) -> str:
        """The forward-path's local part speaks of emergencies."""
        match = _URGENT_ADDRESS.search(self.reading.recipients)
        return match.group().strip(" <,;") if match else ""

    def quote(self, hit: Hit) -> Quote:
        """The passage around a hit."""
        return self.reading.quote_octets(hit.start, hit.end, 80)

    def without_process(self, filed: bool) -> Hit | None:
        """Route 3: somebody's data is wanted, people and the present are spoken of, and no ordinary procedure is.

        The paperwork of a routine request (a law that compels, an offence, an enclosure, a period) is what an
        emergency leaves out, in whatever words it is told.
        """
        found = self.found
        if self.reading.is_reply or self.offences or self.past or found.has("process") or found.has("period"):
            return None
        if not (self.present or (self.persons and not filed)) or self.reading.fresh > 2 * _SHORT:
            return None
        for concept in ("location", "ip-log", "subscriber", "contact"):
            if hit := found.first(concept):
                return hit
        return None


def life_at_risk(
    danger: Danger, laws: Laws, request_like: bool, unsolicited: int, targets: bool, asks: bool, filed: bool
) -> Quote | None:
    """Where danger to life or body is claimed; None where it is not.

    ``unsolicited``: how many different things say that this is no request (press, newsletter, vendor, own data).
    ``targets``: somebody or something is named to be looked up; ``asks``: something is asked for in so many words;
    ``filed``: a case number is given, as routine has one.
    """
    is_request = request_like or not unsolicited or (unsolicited == 1 and targets)
    if is_request:
        for hit in (danger.outright(), *laws.emergencies):
            if hit and not danger.void(hit):
                return danger.quote(hit)
    if unsolicited < 2 or request_like:
        composed = danger.composed(enough=3 if is_request else 4)
        if composed:
            return danger.quote(composed)
    if not is_request:
        return None
    named = danger.named()
    if named and (request_like or named.start < danger.reading.octet(danger.reading.body_start)):
        return danger.quote(named)
    if danger.urgent_address and (request_like or danger.found.has("peril") or danger.found.has("harm")):
        return Quote("recipients", danger.urgent_address[:200])
    if laws.compels or unsolicited or not (asks or targets):
        return None
    hit = danger.without_process(filed)
    return danger.quote(hit) if hit else None
