"""Working days of one country, for periods that end on one (Regulation 1182/71 Art. 3(4)).

Public holidays come from the ``holidays`` library (extra ``holidays``) and from the operator's own list. Without the
library a period is counted as if there were none: it then ends too early rather than too late, and says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

LONGEST = 30  #: days in a row that are looked through for a working day


@dataclass(frozen=True, slots=True)
class Calendar:
    """``country`` "": Saturdays and Sundays only."""

    country: str = ""
    own: frozenset[date] = frozenset()
    known: bool = False  #: are the country's public holidays at hand?
    public: Callable[[date], bool] = field(default=lambda day: False, repr=False)

    def free(self, day: date) -> bool:
        """A Saturday, Sunday or public holiday."""
        return day.weekday() >= 5 or day in self.own or self.public(day)

    def working(self, day: date) -> date:
        """``day``, or the next working day."""
        for _ in range(LONGEST):
            if not self.free(day):
                return day
            day += timedelta(days=1)
        return day

    @property
    def words(self) -> str:
        """Whose holidays were counted."""
        if self.known:
            return f"Saturdays, Sundays and the public holidays of {self.country}"
        why = f"of {self.country} are not at hand" if self.country else "are not configured (clocks.country)"
        return f"Saturdays and Sundays; public holidays {why}, so it may really end later"


def calendar(country: str = "", own: frozenset[date] = frozenset()) -> Calendar:
    """The calendar of ``country`` (ISO 3166-1). One that the library does not know counts as not at hand."""
    if not country:
        return Calendar(own=own)
    try:
        import holidays
    except ImportError:
        return Calendar(country, own)
    try:
        days = holidays.country_holidays(country)
    except NotImplementedError:
        return Calendar(country, own)
    return Calendar(country, own, True, lambda day: day in days)
