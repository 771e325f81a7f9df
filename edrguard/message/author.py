"""Who the author is: the From field (RFC 5322 3.6.2), judged so that nobody can be fooled about it.

A From that two readers could read in two ways has no author for us: FROM_MALFORMED. A display name, comment or
encoded-word that itself looks like another address is FROM_ADDRESS_IN_NAME: legal, and shown by many clients *instead*
of the address.

Law: ``authors`` holds every mailbox that any reader could take for the author.
"""

import re
import unicodedata

from edrguard.message.addresses import Reading, addresses_in, read_mailboxes
from edrguard.message.fields import Header
from edrguard.model.message import Defect, Mailbox

_WHERE = "field:From"
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)


def read_author(header: Header, positions: list[int], limit: int) -> tuple[tuple[Mailbox, ...], tuple[Defect, ...]]:
    """(every possible author, defects) from the From fields at ``positions``."""
    if not positions:
        return (), (Defect("FROM_MISSING", _WHERE, "no From field"),)
    defects: list[Defect] = []
    authors: dict[tuple[str, str], Mailbox] = {}
    for position in positions:
        value = header.fields[position].value
        if position in header.odd:
            defects.append(Defect("FROM_MALFORMED", _WHERE, header.odd[position]))
        if position in header.not_utf8:
            defects.append(Defect("FROM_MALFORMED", _WHERE, "octets that are not UTF-8"))
        if position in header.blank_folds:
            defects.append(Defect("FROM_MALFORMED", _WHERE, "folded line of blanks"))
        if not value:
            symbol = "FROM_MISSING" if len(positions) == 1 else "FROM_MALFORMED"
            defects.append(Defect(symbol, _WHERE, "empty"))
            continue
        reading = read_mailboxes(value, limit)
        for words in [*reading.faults, *reading.oddities]:
            defects.append(Defect("FROM_MALFORMED", _WHERE, words))
        for mailbox in [*reading.mailboxes, *reading.others]:
            authors.setdefault((mailbox.local, mailbox.domain), mailbox)
        defects += _addresses_in_names(reading)
    if len(positions) > 1:
        defects.append(Defect("FROM_MULTIPLE", _WHERE, f"{len(positions)} fields"))
    elif len(authors) > 1:
        defects.append(Defect("FROM_MULTIPLE", _WHERE, f"{len(authors)} mailboxes"))
    elif not authors and not defects:
        defects.append(Defect("FROM_MALFORMED", _WHERE, "no address"))
    return tuple(authors.values()), tuple(dict.fromkeys(defects))


def _addresses_in_names(reading: Reading) -> list[Defect]:
    """Addresses shown in a name that are not the mailbox's own; look-alikes of "@" and invisible letters included."""
    own = {m.key for m in reading.mailboxes}
    found: dict[str, None] = {}
    for name in reading.names:
        plain = name if name.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFKC", name[:4096]))
        if "@" not in plain:
            continue
        for mailbox in addresses_in(plain):
            if mailbox.key not in own:
                found.setdefault(mailbox.address[:200])
    return [Defect("FROM_ADDRESS_IN_NAME", _WHERE, address) for address in list(found)[:5]]
