"""An incident's page: what it is, what claims danger to life, what is decided together, and the forms for that."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from edrguard.console.access import May
from edrguard.console.parts import ConsoleSettings, Desk
from edrguard.console.queue import row_words
from edrguard.console.visit import Gate, Visit, read_form
from edrguard.model.errors import InputError, MissingInput, NotAllowed
from edrguard.review import Decision, Done, Hands, decide, end_incident, find_incident, moment, undecided, until

Render = Callable[..., Response]


class IncidentPages:
    """The handlers."""

    def __init__(
        self, desk: Desk, settings: ConsoleSettings, gate: Gate, clock: Callable[[], datetime], render: Render
    ) -> None:
        self._desk, self._settings, self._gate, self._clock, self._render = desk, settings, gate, clock, render

    def routes(self) -> list[Route]:
        """Both."""
        return [
            Route("/incidents/{number}", self.incident),
            Route("/incidents/{number}/{act}", self.act, methods=["POST"]),
        ]

    async def incident(self, request: Request) -> Response:
        """One incident with all of its cases."""
        number = _number(request)

        def work() -> Response:
            visit = self._gate.open(request, May.SEE_QUEUE, {})
            find_incident(self._desk.store, number)
            self._gate.looked(visit, f"incident {number}")
            return self._page(number, visit)

        return await asyncio.to_thread(work)

    async def act(self, request: Request) -> Response:
        """End it, or one act for all of its cases; what became of each is shown."""
        form = await read_form(request)
        number, name = _number(request), request.path_params["act"]
        need = May.DECIDE if name in ("release", "refuse") else May.WORK
        visit = await asyncio.to_thread(self._gate.open, request, need, form)
        if name not in ("claim", "call-back", "hold", "release", "refuse", "end"):
            raise MissingInput(f"no act {name}")
        done: list[Done] = []
        try:
            if name == "end":
                await asyncio.to_thread(
                    end_incident,
                    self._desk.store,
                    number,
                    actor=visit.name,
                    now=self._clock(),
                    reason=form.get("reason", ""),
                )
                return RedirectResponse(f"/incidents/{number}", 303)
            done = await self._decide(number, name, visit)
        except (InputError, NotAllowed) as error:
            text = str(error)
            return await asyncio.to_thread(
                self._page, number, visit, 422, problem=f"Nothing was done: {text[:1].lower()}{text[1:]}."
            )
        return await asyncio.to_thread(self._page, number, visit, 200, done=done)

    async def _decide(self, number: int, name: str, visit: Visit) -> list[Done]:
        form, desk = visit.form, self._desk
        decision = Decision(
            act=name,
            reason=form.get("reason", ""),
            outcome=form.get("outcome", ""),
            number=form.get("number", ""),
            source=form.get("source", ""),
            confirmed_by=form.get("confirmed_by", ""),
        )
        hands = Hands(
            spool=desk.spool,
            next_hop=desk.next_hop,
            prepare=desk.prepare,
            record_label=desk.record_label,
            two_person=self._settings.two_person,
            agrees=May.AGREE in visit.may,
        )
        shown = read_shown(form.get("shown", ""))
        return await decide(desk.store, hands, number, decision, actor=visit.name, now=self._clock(), shown=shown)

    def _page(self, number: int, visit: Visit, status: int = 200, **more: Any) -> Response:
        incident, now, zone = find_incident(self._desk.store, number), self._clock(), self._settings.zone
        members = self._desk.store.members(number)
        content = May.SEE_CONTENT in visit.may
        open_ones = undecided(members)
        ids = {m.row.id for m in open_ones}
        lives = [m for m in members if m.life]
        rest = [m for m in members if not m.life and m.row.id not in ids]
        context: dict[str, Any] = {
            "incident": incident,
            "running": incident.running(now),
            "opened": moment(incident.opened_at, zone),
            "expires": until(incident.expires_at, now, zone),
            "ended": moment(incident.ended_at or incident.expires_at, zone),
            "lives": [row_words(m.row, now, zone, content) for m in lives],
            "open": [row_words(m.row, now, zone, content) for m in open_ones],
            "decided": [row_words(m.row, now, zone, content) for m in rest],
            "shown": " ".join(f"{m.row.id}:{m.version}" for m in open_ones),
            "works": May.WORK in visit.may,
            "decides": May.DECIDE in visit.may,
            "typed": visit.form,
            "problem": "",
            "done": [],
        }
        return self._render("incident.html", status, visit=visit, **{**context, **more})


def read_shown(text: str) -> dict[str, int]:
    """The cases and versions that the page showed, as it wrote them. Raises InputError."""
    shown = {}
    for word in text.split()[:1000]:
        case_id, _, version = word.rpartition(":")
        if not case_id or not (version.isascii() and version.isdigit() and len(version) < 10):
            raise InputError("the form does not say which cases you saw: open the incident again")
        shown[case_id] = int(version)
    return shown


def _number(request: Request) -> int:
    text = request.path_params["number"]
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise MissingInput("no such incident")
    return int(text)
