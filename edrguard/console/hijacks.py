"""Hijacked senders: report one, see what it touched and whom to warn, say that it is over."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from edrguard.console.access import May
from edrguard.console.parts import ConsoleSettings, Desk
from edrguard.console.visit import Gate, Visit, read_form
from edrguard.model.errors import InputError, MissingInput, NotAllowed
from edrguard.model.hijack import Hijack
from edrguard.review import clean, cleaned, compromised, count, moment, report

Render = Callable[..., Response]
_SHOWN = 500  #: messages of one report


class HijackPages:
    """The handlers."""

    def __init__(
        self, desk: Desk, settings: ConsoleSettings, gate: Gate, clock: Callable[[], datetime], render: Render
    ) -> None:
        self._desk, self._settings, self._gate, self._clock, self._render = desk, settings, gate, clock, render

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/hijacked", self.every, methods=["GET", "POST"]),
            Route("/hijacked/{number}", self.one, methods=["GET", "POST"]),
        ]

    async def every(self, request: Request) -> Response:
        """The list, and the form for a new report."""
        form = await read_form(request)
        need = May.DECIDE if request.method == "POST" else May.SEE_CONTENT
        visit = await asyncio.to_thread(self._gate.open, request, need, form)
        if request.method != "POST":
            return await asyncio.to_thread(self._list, visit)
        try:
            made = await asyncio.to_thread(self._report, visit)
        except InputError as error:
            text = str(error)
            return await asyncio.to_thread(self._list, visit, 422, f"Nothing was done: {text}.")
        return RedirectResponse(f"/hijacked/{made}", 303)

    async def one(self, request: Request) -> Response:
        """What one report touched; POST says that the sender has its mailbox back."""
        form = await read_form(request)
        text = request.path_params["number"]
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise MissingInput("no such report")
        need = May.DECIDE if request.method == "POST" else May.SEE_CONTENT
        visit = await asyncio.to_thread(self._gate.open, request, need, form)
        problem = ""
        if request.method == "POST":
            try:
                await asyncio.to_thread(
                    cleaned,
                    self._desk.store,
                    int(text),
                    actor=visit.name,
                    now=self._clock(),
                    days=self._settings.probation_days,
                )
                return RedirectResponse(f"/hijacked/{int(text)}", 303)
            except NotAllowed as error:
                problem = str(error)
        return await asyncio.to_thread(self._one, int(text), visit, problem)

    def _report(self, visit: Visit) -> int:
        form, desk = visit.form, self._desk
        try:
            since = date.fromisoformat(form.get("since", ""))
        except ValueError:
            raise InputError("give the day since when") from None
        made = compromised(
            desk.store,
            desk.record_label,
            desk.judge,
            desk.where,
            kind=form.get("kind", ""),
            subject=form.get("subject", ""),
            since=since,
            reason=form.get("reason", ""),
            actor=visit.name,
            now=self._clock(),
            link=f"{desk.link('0').rpartition('/cases/')[0]}/hijacked",
        )
        return made.hijack.id

    def _list(self, visit: Visit, status: int = 200, problem: str = "") -> Response:
        self._gate.looked(visit, "hijack reports")
        rows = [self._words(hijack) for hijack in self._desk.store.hijacks()]
        context = {"rows": rows, "typed": visit.form, "problem": problem, "decides": May.DECIDE in visit.may}
        return self._render("hijacks.html", status, visit=visit, **context)

    def _one(self, number: int, visit: Visit, problem: str) -> Response:
        found = report(self._desk.store, number, self._clock())
        self._gate.looked(visit, f"hijack report {number}")
        zone = self._settings.zone
        rows = [
            {
                "case": t.case_id,
                "at": moment(t.at, zone),
                "became": t.became,
                "given": t.given,
                "frozen": t.frozen,
                "by": t.released_by,
                "judged": t.judged,
                "about": [clean(person, 120) for person in t.about[:10]],
            }
            for t in sorted(found.touched, key=lambda t: not t.given)[:_SHOWN]
        ]
        context: dict[str, Any] = {
            "hijack": self._words(found.hijack),
            "rows": rows,
            "messages": count(len(found.touched), "message"),
            "given": len(found.given),
            "frozen": sum(t.frozen for t in found.touched),
            "people": found.people[:_SHOWN],
            "contacts": found.contacts,
            "released_by": sorted({t.released_by for t in found.given if t.released_by}),
            "cut": found.cut or len(found.touched) > _SHOWN,
            "decides": May.DECIDE in visit.may,
            "days": self._settings.probation_days,
            "problem": problem,
        }
        return self._render("hijack.html", 422 if problem else 200, visit=visit, **context)

    def _words(self, hijack: Hijack) -> dict[str, Any]:
        zone = self._settings.zone
        return {
            "id": hijack.id,
            "kind": hijack.kind,
            "subject": clean(hijack.subject, 200),
            "since": hijack.since.isoformat(),
            "note": clean(hijack.note, 400),
            "actor": hijack.actor,
            "at": moment(hijack.at, zone),
            "cleaned": moment(hijack.cleaned_at, zone) if hijack.cleaned_at else "",
            "cleaned_by": hijack.cleaned_by,
            "watched": hijack.watched_until.isoformat() if hijack.watched_until else "",
        }
