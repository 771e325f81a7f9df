"""The queue, a case, its acts, and its message in a frame."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from edrguard.console.access import May
from edrguard.console.acts import ACTS, DONE, Acting, in_words, version_of
from edrguard.console.casepage import case_page
from edrguard.console.frame import framed, harmless
from edrguard.console.journal import Journal
from edrguard.console.parts import ConsoleSettings, Desk
from edrguard.console.queue import queue_page
from edrguard.console.visit import Gate, NotForYou, Visit, read_form
from edrguard.model.errors import Conflict, InputError, MissingInput, NotAllowed, StoreError, Unavailable
from edrguard.review import clean

Render = Callable[..., Response]


#: what the queue answers instead of the console's usual policy: it keeps itself fresh by the one script of ours
QUEUE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


class CasePages:
    """The handlers."""

    def __init__(
        self,
        desk: Desk,
        settings: ConsoleSettings,
        gate: Gate,
        clock: Callable[[], datetime],
        render: Render,
        journal: Journal,
    ) -> None:
        self._note, self._looked = journal.note, journal.looked
        self._desk, self._settings, self._gate, self._clock, self._render = desk, settings, gate, clock, render

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/", self.queue),
            Route("/cases/{case_id}", self.case),
            Route("/cases/{case_id}/message", self.message),
            Route("/cases/{case_id}/{act}", self.act, methods=["POST"]),
        ]

    async def queue(self, request: Request) -> Response:
        """Cases that wait, most pressing first; ``tab`` shows others, ``behind`` goes on, ``case`` finds one."""
        asked = request.query_params
        wanted = clean(asked.get("case", ""), 64)

        def work() -> Response:
            visit = self._gate.find(request)
            if visit is not None and May.SEE_QUEUE not in visit.may and May.SEE_ACCOUNTS in visit.may:
                return RedirectResponse("/accounts", 303)  # an administrator has no case to see
            visit = self._gate.open(request, May.SEE_QUEUE, {})
            if wanted and self._desk.store.case(wanted) is not None:
                return RedirectResponse(f"/cases/{quote(wanted, safe='')}", 303)
            tab = {"mine": "queue of one", "all": "all cases"}.get(asked.get("tab", ""), "queue")
            self._looked(visit.key, visit.name, tab)
            context = queue_page(
                self._desk.store,
                visit,
                self._clock(),
                self._settings.zone,
                tab=asked.get("tab", ""),
                behind=asked.get("behind", ""),
            )
            page = self._render("queue.html", visit=visit, wanted=wanted, **context)
            page.headers["Content-Security-Policy"] = QUEUE_POLICY
            return page

        return await asyncio.to_thread(work)

    async def case(self, request: Request) -> Response:
        """One case."""
        case_id = request.path_params["case_id"][:64]
        done = DONE.get(request.query_params.get("done", ""), "")

        def work() -> Response:
            visit = self._gate.open(request, May.SEE_CASE, {})
            if May.WORK in visit.may:
                self._desk.store.case_seen(case_id, self._clock())
            return self._page(case_id, visit, done=done)

        return await asyncio.to_thread(work)

    async def message(self, request: Request) -> Response:
        """The message's HTML, harmless, for the frame on the case page."""
        case_id = request.path_params["case_id"][:64]

        def work() -> Response:
            visit = self._gate.open(request, May.SEE_CONTENT, {})
            case = self._desk.store.case(case_id)
            if case is None or case.spool is None:
                raise MissingInput(f"no message of case {case_id}")
            self._note(visit.name, "read", case_id, what="message")
            status, sorry = 200, "<p>The formatted version is too large to be shown; read the text.</p>"
            try:
                html = self._desk.html(self._desk.spool.get(case.spool))
            except StoreError:  # sealed for a key that is elsewhere, or gone
                html, status, sorry = (
                    None,
                    503,
                    "<p>The formatted version cannot be read on this node; read the text.</p>",
                )
            page, policy = framed((harmless(html) if html else None) or sorry)
            headers = {"Content-Security-Policy": policy, "X-Frame-Options": "SAMEORIGIN"}
            return HTMLResponse(page, status, headers=headers)

        return await asyncio.to_thread(work)

    async def act(self, request: Request) -> Response:
        """Do it, and show the case again: what came of it, or why nothing did."""
        form = await read_form(request)
        case_id, name = request.path_params["case_id"][:64], request.path_params["act"]
        need, do = ACTS.get(name, (None, None))
        visit = await asyncio.to_thread(self._gate.open, request, need or May.WORK, form)
        if do is None or await asyncio.to_thread(self._desk.store.case, case_id) is None:
            raise MissingInput(f"no case {case_id}, or no act {name}")
        if need is not None and May.SEE_CASE not in visit.may:
            raise NotForYou(May.SEE_CASE)
        try:
            acting = Acting(self._desk, self._settings, visit, case_id, self._clock(), version_of(form))
            done = await do(acting)
        except Conflict as error:
            text = (
                "Somebody else changed this case while you were reading it, so nothing of yours was saved. This is "
                "how it is now; what you typed is still in the form."
            )
            if "released right now" in str(error) or "being worked on" in str(error):
                text = in_words(error, case_id)
            return await self._again(case_id, visit, 409, text)
        except (InputError, NotAllowed) as error:
            return await self._again(case_id, visit, 422, in_words(error, case_id))
        except Unavailable as error:
            text = f"Nothing was released: {in_words(error, case_id)}. Try again, or tell the operator."
            return await self._again(case_id, visit, 503, text)
        return RedirectResponse(f"/cases/{quote(case_id, safe='')}?{urlencode({'done': done})}", 303)

    async def _again(self, case_id: str, visit: Visit, status: int, problem: str) -> Response:
        return await asyncio.to_thread(self._page, case_id, visit, status=status, problem=problem)

    def _page(self, case_id: str, visit: Visit, status: int = 200, **more: Any) -> Response:
        if self._desk.store.case(case_id) is not None:
            self._note(visit.name, "read", case_id, what="case" if May.SEE_CONTENT in visit.may else "reasons")
        context = case_page(self._desk, case_id, visit, self._settings, self._clock(), visit.form)
        return self._render("case.html", status, visit=visit, **{"problem": "", "done": "", **context, **more})
