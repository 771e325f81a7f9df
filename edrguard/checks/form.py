"""Everything else that is wrong with the message's form, and oddities of DNS, under the symbols that finders gave.

Parsers name what they see (``Defect.symbol``); this check lets through the names that config/symbols.yml documents,
and puts a name that it does not know under DEFECT_OTHER, so that nothing is lost and nothing is invented.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.checks.from_field import SYMBOLS as FROM_SYMBOLS
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

DEFECTS = {
    name: Symbol(name)
    for name in (
        "BARE_NEWLINE",
        "MIXED_NEWLINES",
        "NUL_OCTET",
        "LINE_TOO_LONG",
        "HEADER_TOO_LARGE",
        "FIELD_DUPLICATE",
        "FIELD_MALFORMED",
        "EIGHT_BIT_HEADER",
        "DATE_MALFORMED",
        "DATE_MISSING",
        "MIME_AMBIGUOUS",
        "MIME_TOO_DEEP",
        "MIME_TOO_MANY",
        "TEXT_TOO_LONG",
        "CHARSET_UNKNOWN",
        "HIDDEN_TEXT",
        "ALTERNATIVE_DIFFERS",
        "ADDRESS_MALFORMED",
        "ADDRESSES_TOO_MANY",
        "LINKS_TOO_MANY",
        "MESSAGE_ID_MISSING",
        "FORGED_RESULTS",
        "DOCUMENT_UNREADABLE",
        "DMARC_RECORDS_MULTIPLE",
        "DMARC_7489_DIFFERS",
    )
}
DEFECT_OTHER = Symbol("DEFECT_OTHER")


@check(needs={Need.MESSAGE}, emits={*DEFECTS.values(), DEFECT_OTHER})
def form(facts: Facts) -> Iterator[Finding]:
    """Defects of message and wire."""
    for defect in facts.message.defects:
        if defect.symbol not in FROM_SYMBOLS:
            yield _named(defect.symbol, defect.where, defect.detail)


@check(emits={*DEFECTS.values(), DEFECT_OTHER})
def anomalies(facts: Facts) -> Iterator[Finding]:
    """Anomalies that authentication met on its way."""
    for symbol, where, detail in facts.auth.anomalies:
        yield _named(symbol, where, detail)


def _named(symbol: str, where: str, detail: str) -> Finding:
    if known := DEFECTS.get(symbol):
        return known(Evidence(where, detail or symbol))
    return DEFECT_OTHER(Evidence(where, f"{symbol}: {detail}" if detail else symbol))
