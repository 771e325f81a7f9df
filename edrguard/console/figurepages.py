"""Figures for a transparency report: a page, and the same as CSV."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edrguard.console.access import May
from edrguard.console.parts import Desk
from edrguard.console.visit import Gate
from edrguard.model.errors import InputError
from edrguard.review import figures, figures_csv, period, waiting

Render = Callable[..., Response]
_TITLES = {
    "kinds": "What was asked for",
    "countries": "Country of the agency",
    "legal_bases": "Legal basis named first",
    "outcomes": "What happened to the message",
    "decisions": "What people decided",
    "call_backs": "What call-backs said",
}
_WORDS = {
    "forged": "denied: forged",
    "genuine": "confirmed: genuine",
    "refused": "refused",
    "other": "others together",
    "eyes": "until somebody looked",
    "decision": "until it was decided",
}


def asked_period(request: Request, today: date) -> tuple[date, date]:
    """What ``from`` and ``to`` of the address say. Raises InputError."""
    asked = request.query_params
    return period(asked.get("from", ""), asked.get("to", ""), today)


class FigurePages:
    """The handlers."""

    def __init__(self, desk: Desk, gate: Gate, clock: Callable[[], datetime], render: Render) -> None:
        self._desk, self._gate, self._clock, self._render = desk, gate, clock, render

    def routes(self) -> list[Route]:
        """Both."""
        return [Route("/figures", self.page), Route("/figures.csv", self.table)]

    async def page(self, request: Request) -> Response:
        """The figures of a period."""
        return await asyncio.to_thread(self._page, request)

    async def table(self, request: Request) -> Response:
        """The same for a spreadsheet."""

        def work() -> Response:
            self._gate.open(request, May.SEE_QUEUE, {})
            try:
                first, last = asked_period(request, self._clock().date())
                text = figures_csv(figures(self._desk.store, first, last))
            except InputError as error:
                return Response(f"{error}\n", 422, media_type="text/plain")
            name = f'attachment; filename="figures-{first}-{last}.csv"'
            return Response(text, media_type="text/csv", headers={"Content-Disposition": name})

        return await asyncio.to_thread(work)

    def _page(self, request: Request) -> Response:
        visit = self._gate.open(request, May.SEE_QUEUE, {})
        today, problem = self._clock().date(), ""
        first, last = period("", "", today)
        try:
            first, last = asked_period(request, today)
            found = figures(self._desk.store, first, last)
        except InputError as error:
            first, last = period("", "", today)
            found, problem = figures(self._desk.store, first, last), str(error)
        context = {
            "found": found,
            "groups": [(title, _rows(found[name])) for name, title in _TITLES.items()],
            "waits": [
                (_WORDS[name], "too few to tell" if seconds is None else waiting(timedelta(seconds=seconds)))
                for name, seconds in found["median_seconds"].items()
            ],
            "problem": f"These are the figures of last month: {problem}." if problem else "",
        }
        return self._render("figures.html", 422 if problem else 200, visit=visit, **context)


def _rows(counts: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(_WORDS.get(name, name), n) for name, n in counts.items()]
