"""The JSON API for programs, under /api/v1: the queue, cases, their clocks, and acts, by the console's own functions.

RFC 6750 (bearer tokens), RFC 9457 (problem details).

Laws: a cookie opens nothing here and a token nothing else; a token is looked up by its public half, and its
secret compared as a digest in constant time; its roles are those that both it and its account have now; a program never
releases anything and is never the second person: it asks, and an approver decides.
"""

import asyncio
import hashlib
import hmac
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edrguard.console.access import TABLE, May, allowed
from edrguard.console.acts import Acting, Do, do_call, do_claim, do_give_back, do_label, in_words
from edrguard.console.apiviews import case_json, clocks_json, row_json
from edrguard.console.figurepages import asked_period
from edrguard.console.journal import Journal
from edrguard.console.parts import ConsoleSettings, Desk
from edrguard.console.queue import PAGE, read_key, write_key
from edrguard.console.rate import Rate
from edrguard.console.visit import FORM, NotForYou, Visit
from edrguard.model.desk import Source
from edrguard.model.errors import Conflict, EdrguardError, InputError, MissingInput, NotAllowed, Unavailable
from edrguard.review import CaseView, ask_release, figures, show, tied_messages

PREFIX = "edg_"
_TOUCH = timedelta(minutes=1)
_NOBODY = hashlib.sha256(b"nobody has this token").hexdigest()


class Problem(Exception):
    """An answer other than 2xx. ``args``: status, title, detail, more header fields."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One route; docs/api.md has a section for each."""

    method: str
    path: str
    need: May | None
    handler: str


ENDPOINTS = (
    Endpoint("GET", "/api/v1/me", None, "me"),
    Endpoint("GET", "/api/v1/cases", May.SEE_QUEUE, "cases"),
    Endpoint("GET", "/api/v1/cases/{case_id}", May.SEE_CASE, "case"),
    Endpoint("GET", "/api/v1/cases/{case_id}/clocks", May.SEE_CASE, "clocks"),
    Endpoint("GET", "/api/v1/figures", May.SEE_QUEUE, "figures"),
    Endpoint("POST", "/api/v1/cases/{case_id}/claim", May.WORK, "claim"),
    Endpoint("POST", "/api/v1/cases/{case_id}/give-back", May.WORK, "give_back"),
    Endpoint("POST", "/api/v1/cases/{case_id}/call-back", May.WORK, "call_back"),
    Endpoint("POST", "/api/v1/cases/{case_id}/label", May.WORK, "label"),
    Endpoint("POST", "/api/v1/cases/{case_id}/release-request", May.DECIDE, "release_request"),
)


class Api:
    """The handlers."""

    def __init__(self, desk: Desk, settings: ConsoleSettings, clock: Callable[[], datetime]) -> None:
        self._desk, self._settings, self._clock = desk, settings, clock
        self._journal = Journal(desk.store, clock)
        self._strangers = Rate(20, 5.0)
        self._tokens = Rate(max(settings.api_per_minute // 5, 1), 60 / settings.api_per_minute)

    def routes(self) -> list[Route]:
        """All of them, and one that answers whatever else is asked below /api."""
        found = [Route(e.path, self._handler(e), methods=[e.method]) for e in ENDPOINTS]
        nothing = self._handler(Endpoint("GET", "", None, "nothing"))
        return [*found, Route("/api/{rest:path}", nothing, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])]

    def _handler(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        work: Callable[[Request, Visit], Awaitable[Response]] = getattr(self, f"_{endpoint.handler}")

        async def handle(request: Request) -> Response:
            try:
                visit = await self._visit(request)
                if endpoint.need is not None and endpoint.need not in visit.may:
                    raise NotForYou(endpoint.need)
                return await work(request, visit)
            except Exception as error:
                return _problem(error, request.path_params.get("case_id", ""))

        return handle

    async def _visit(self, request: Request) -> Visit:
        client = request.client.host if request.client else ""
        scheme, _, sent = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not sent:
            raise Problem(401, "A token is wanted", "Send Authorization: Bearer TOKEN.", {"WWW-Authenticate": "Bearer"})
        visit = await asyncio.to_thread(self._known, sent.strip()) if len(sent) < 300 else None
        if visit is None:
            if wait := self._strangers.take(client):
                raise _slower(wait)
            more = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            raise Problem(401, "The token is not valid", "It is wrong, expired or revoked.", more)
        if wait := self._tokens.take(visit.key):
            raise _slower(wait)
        return visit

    def _known(self, sent: str) -> Visit | None:
        store, now = self._desk.store, self._clock()
        token_id, _, secret = sent.removeprefix(PREFIX).partition("_")
        token = store.token(token_id) if sent.startswith(PREFIX) else None
        right = hmac.compare_digest(token_digest(secret), token.digest if token else _NOBODY)
        if token is None or not right or token.revoked_at or token.expires_at <= now:
            return None
        user = store.user(token.user)
        if user is None or user.disabled_at or user.source is not Source.SERVICE:
            return None
        if token.used_at is None or now - token.used_at > _TOUCH:
            store.touch_token(token.id, now)
        roles = tuple(role for role in token.roles if role in user.roles)
        return Visit(replace(user, roles=roles), allowed(roles), token.id, "")

    async def _me(self, _: Request, visit: Visit) -> Response:
        return JSONResponse(
            {
                "name": visit.name,
                "roles": [role.value for role in visit.user.roles],
                "may": sorted(m.value for m in visit.may),
                "per_minute": self._settings.api_per_minute,
            }
        )

    async def _cases(self, request: Request, visit: Visit) -> Response:
        asked = request.query_params
        after, which = read_key(asked.get("after", "")), asked.get("which", "waiting")
        if which not in ("waiting", "mine", "all") or (asked.get("after") and after is None):
            raise InputError("which is waiting, mine or all; after is what an earlier answer gave as next")

        def work() -> list[Any]:
            names = {"waiting": "queue", "mine": "queue of one", "all": "all cases"}
            self._journal.looked(visit.key, visit.name, names[which], by="api")
            if which == "all":
                from edrguard.console.queue import _from_us

                place = (_from_us(after[3]), str(after[4])) if after else None
                return list(self._desk.store.newest(place, PAGE + 1))
            return list(self._desk.store.queue(after, PAGE + 1, visit.name if which == "mine" else None))

        rows = await asyncio.to_thread(work)
        return JSONResponse(
            {
                "cases": [row_json(row, visit.may, self._desk.link(row.id)) for row in rows[:PAGE]],
                "next": write_key(rows[PAGE - 1]) if len(rows) > PAGE else None,
            }
        )

    async def _case(self, request: Request, visit: Visit) -> Response:
        return await self._answer(request.path_params["case_id"], visit)

    async def _clocks(self, request: Request, visit: Visit) -> Response:
        view = await self._read(request.path_params["case_id"], visit)
        return JSONResponse({"id": view.case.id, **clocks_json(view, visit.may, self._clock())})

    async def _figures(self, request: Request, _: Visit) -> Response:
        first, last = asked_period(request, self._clock().date())
        return JSONResponse(await asyncio.to_thread(figures, self._desk.store, first, last))

    async def _claim(self, request: Request, visit: Visit) -> Response:
        return await self._act(request, visit, do_claim, ("take_over",))

    async def _give_back(self, request: Request, visit: Visit) -> Response:
        return await self._act(request, visit, do_give_back, ())

    async def _call_back(self, request: Request, visit: Visit) -> Response:
        names = ("outcome", "number", "source", "confirmed_by", "note", "scope")
        return await self._act(request, visit, do_call, names)

    async def _label(self, request: Request, visit: Visit) -> Response:
        return await self._act(request, visit, do_label, ("label", "by", "note"))

    async def _release_request(self, request: Request, visit: Visit) -> Response:
        return await self._act(request, visit, _ask, ("reason",))

    async def _nothing(self, _: Request, __: Visit) -> Response:
        raise MissingInput("no such route: docs/api.md lists them")

    async def _act(self, request: Request, visit: Visit, do: Do, names: tuple[str, ...]) -> Response:
        case_id = request.path_params["case_id"][:64]
        said = await _body(request)
        if unknown := sorted(set(said) - {*names, "version"}):
            raise InputError(f"unknown field {unknown[0][:40]!r}: there are version, {', '.join(names)}")
        version = said.get("version")
        if not isinstance(version, int) or isinstance(version, bool):
            raise InputError("version is wanted: the number that you read with the case")
        if await asyncio.to_thread(self._desk.store.case, case_id) is None:
            raise MissingInput(f"no case {case_id}")
        form = {name: _text(name, said[name]) for name in names if said.get(name) not in (None, False)}
        if "number" in form:  # the console's form has them in two fields
            form |= {"other_number": form["number"], "other_source": form.get("source", ""), "number": "other"}
        acting = Acting(self._desk, self._settings, replace(visit, form=form), case_id, self._clock(), version)
        await do(acting)
        return await self._answer(case_id, visit)

    async def _read(self, case_id: str, visit: Visit) -> CaseView:
        """The case; who read it is on record first."""

        def work() -> CaseView:
            view = show(self._desk.store, case_id[:64])
            self._journal.note(visit.name, "read", view.case.id, what="case", by="api")
            return view

        return await asyncio.to_thread(work)

    async def _answer(self, case_id: str, visit: Visit) -> Response:
        view, now = await self._read(case_id, visit), self._clock()
        tied = await asyncio.to_thread(tied_messages, self._desk.store, view.case.mail_id, view.facts, now)
        return JSONResponse(case_json(view, visit.may, now, self._desk.link(view.case.id), tied))


async def _ask(a: Acting) -> str:
    work = partial(
        ask_release,
        a.desk.store,
        a.case_id,
        actor=a.who,
        now=a.now,
        reason=a.field("reason"),
        version=a.version,
        two_person=a.settings.two_person,
    )
    await asyncio.to_thread(work)
    return "proposed"


def token_digest(secret: str) -> str:
    """What the store knows a token's secret by: it is random, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def _body(request: Request) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(415, "JSON is wanted", "Send Content-Type: application/json.", {})
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM:
            raise Problem(413, "Too large", f"At most {FORM} octets.", {})
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise InputError("the body is not JSON") from None
    if not isinstance(value, dict):
        raise InputError("the body is a JSON object")
    return value


def _text(name: str, value: object) -> str:
    if value is True:
        return "yes"
    if not isinstance(value, str) or len(value) > 8000:
        raise InputError(f"{name} is a text of at most 8000 characters")
    return value.replace("\0", "\ufffd")


def _slower(wait: float) -> Problem:
    return Problem(429, "Too many requests", "Wait a little.", {"Retry-After": str(max(1, math.ceil(wait)))})


def _problem(error: Exception, case_id: str) -> Response:
    """RFC 9457. What is nobody's fault but ours goes on, to the handler that the console has for it."""
    more: Mapping[str, str] = {}
    match error:
        case Problem():
            status, title, detail, more = error.args
        case NotForYou():
            need = error.args[0].value if error.args else "do that"
            can = ", ".join(role.value for role, may in TABLE.items() if error.args and error.args[0] in may)
            status, title, detail = 403, "Not for this token's roles", f"It may not {need}; {can} may."
        case MissingInput():
            status, title, detail = 404, "Not here", str(error)
        case Conflict():
            status, title, detail = 409, "Somebody else was quicker", in_words(error, case_id)
        case InputError() | NotAllowed():
            status, title, detail = 422, "Nothing was changed", in_words(error, case_id)
        case Unavailable():
            status, title, detail = 503, "Not available", "The database does not answer. Try again."
        case EdrguardError():
            status, title, detail = 500, "Our fault", "The log says why."
        case _:
            raise error
    value = {"type": f"urn:edrguard:problem:{status}", "title": title, "status": status, "detail": detail}
    return JSONResponse(value, status, media_type="application/problem+json", headers=dict(more))
