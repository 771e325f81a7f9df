"""The date that a document says it was signed or issued on: only where words like "dated" stand before it.

Dates of numbers alone are read only where they mean the same everywhere: 2026-11-24 and 24.11.2026.

Law: linear; at most ``_LOOKED_AT`` characters.
"""

import re
from datetime import date

_LOOKED_AT = 20_000
_MONTHS = (
    "january januar janvier enero gennaio janeiro januari",
    "february februar février fevrier febrero febbraio fevereiro februari",
    "march märz mars marzo março marco maart",
    "april avril abril aprile",
    "may mai mayo maggio maio mei",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho",
    "august août aout agosto augustus",
    "september septembre septiembre settembre setembro",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember décembre decembre diciembre dicembre dezembro",
)
_NUMBER = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_NAME = "|".join(sorted(_NUMBER, key=len, reverse=True))
_SIGNED = (
    r"(?:so ordered|ordered|dated|signed|issued|done|executed|date|datum|gezeichnet|ausgestellt|unterzeichnet|fait"
    r"|signé|datado|assinado|fecha|firmado|fechado|fatto|firmato|data|gedaan)"
)
_BETWEEN = r"[^\w\n]{1,10}(?:(?:on|this|the|am|den|dem|le|il|el|em|a|at|of|of signature)[^\w\n]{1,5}){0,3}"
_DATE = re.compile(
    rf"\b{_SIGNED}{_BETWEEN}(?:(20\d\d)-(\d\d)-(\d\d)\b|(\d{{1,2}})\.\s?(\d{{1,2}})\.\s?(20\d\d)\b|"
    rf"(\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?\s(?:day of |de )?({_NAME}),?\s(?:de )?(20\d\d)\b|"
    rf"({_NAME})\s(\d{{1,2}})(?:st|nd|rd|th)?,?\s(20\d\d)\b)",
    re.IGNORECASE,
)


def written_date(text: str) -> date | None:
    """The last such date, ``None`` where none is written."""
    found = None
    for match in _DATE.finditer(text[:_LOOKED_AT]):
        iso, german, day_first, month_first = (
            match.groups()[:3],
            match.groups()[3:6],
            match.groups()[6:9],
            match.groups()[9:],
        )
        if iso[0]:
            year, month, day = iso
        elif german[0]:
            day, month, year = german
        elif day_first[0]:
            day, month, year = day_first[0], str(_NUMBER[day_first[1].lower()]), day_first[2]
        else:
            day, month, year = month_first[1], str(_NUMBER[month_first[0].lower()]), month_first[2]
        try:
            found = date(int(year), int(month), int(day))
        except ValueError:  # 31 April is a slip of the pen, and no date
            continue
    return found
