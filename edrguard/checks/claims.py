"""What a display name claims to be (shared by checks; no check itself).

Bodies known to everybody count everywhere but in their own name; other offices only where the directory does not know
the domain, because a listed force may of course call itself police.
"""

import re

from edrguard.model.facts import Facts
from edrguard.model.words import AgencyStatus

#: Stems in the languages of the lexicon, each at the start of a word; matched on case-folded text.
OFFICE = re.compile(
    r"\b(?:polic(?:e|ia|ía|ja|iale)\b|polici|polit(?:i|ie|ia|iet)\b|polizei|polizia|polisen|poliisi|sheriff|constab|"
    r"detective\b|det\. |marshal|troopers?\b|gendarmer|carabinier|guardia|garda\b|kripo\b|lka\b|bka\b|"
    r"landeskriminalamt|bundeskriminalamt|kriminalpolizei|staatsanwalt|procur(?:a|eur|adur)|prokurat|fiscal[ií]a|"
    r"prosecutor|district attorney|attorney general|ministerio p[úu]blico|minist[ée]rio p[úu]blico|"
    r"tribunal\b|court\b|amtsgericht|juzgado|questura|prefettura|law enforcement|cyber ?crime)"
)
BODIES = re.compile(r"\b(?:fbi|interpol|europol|eurojust|dea|homeland security|secret service|us marshals|nca)\b")
SCANNED = 200  #: characters of a display name that are read


def claimed_office(facts: Facts) -> str | None:
    """The office that the display name claims without the directory's support, as it is written."""
    author, match = facts.author, facts.agency
    if author is None or match is None:
        return None
    name = author.display[:SCANNED].casefold()
    official = match.status in (AgencyStatus.LISTED, AgencyStatus.RESTRICTED_SUFFIX)
    if not official:
        found = OFFICE.search(name) or BODIES.search(name)
        return found.group().strip() if found else None
    if (body := BODIES.search(name)) and match.agency:
        theirs = f"{match.agency.name} {match.agency.id} {match.domain}".casefold()
        return None if body.group() in theirs else body.group()
    return None
