"""The console's routes and its walls.

Laws: read-only; nothing is answered without sign-in but the style sheet; every answer
forbids scripts, frames, forms and foreign content (CSP Level 3), so that a hostile
message that broke out of its escaping would still find nothing to run.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edrguard.console.casepage import case_page
from edrguard.console.queue import queue_page
from edrguard.console.signin import REFILL, Door, SignIn
from edrguard.console.text import visible
from edrguard.model.errors import ConfigError, MissingInput, Unavailable
from edrguard.model.ports import CaseStore

_HERE = Path(__file__).parent
STYLE = "/static/edrguard.css"

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """``password_hash`` is what ``hash_password`` returns; ``timezone`` is where the reviewers are (IANA)."""

    password_hash: str = field(repr=False)
    user: str = "reviewer"
    timezone: str = "UTC"
    node: str = "edrguard"  #: shown in the title, to tell several nodes apart

    @property
    def zone(self) -> tzinfo:
        """``timezone``. Raises ConfigError where this machine does not know it."""
        if self.timezone == "UTC":  # needs no time zone database
            return UTC
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ConfigError(f"console.timezone: no time zone {self.timezone!r} on this machine") from None


def create_app(
    store: CaseStore, settings: ConsoleSettings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Starlette:
    """The console over a store that is only read. Handlers call the store in threads."""
    zone = settings.zone
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        finalize=visible,  # every value that is shown, not only where a template remembers it
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["visible"] = visible
    sheet = (_HERE / "static" / "edrguard.css").read_text(encoding="utf-8")
    version = hashlib.sha256(sheet.encode()).hexdigest()[:12]  # browsers keep it an hour, but not across an upgrade
    templates.globals.update(node=settings.node, style=f"{STYLE}?{version}")

    def render(name: str, status: int = 200, **context: Any) -> Response:
        return HTMLResponse(templates.get_template(name).render(context), status_code=status)

    async def queue(request: Request) -> Response:
        """Cases that wait, most pressing first; ``?all=1`` shows decided ones too, ``?page=2`` goes on."""
        page = request.query_params.get("page", "1")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
        every = request.query_params.get("all") == "1"

        def work() -> Response:
            return render("queue.html", **queue_page(store, clock(), zone, every=every, page=max(number, 1)))

        return await run_in_threadpool(work)

    async def case(request: Request) -> Response:
        case_id = request.path_params["case_id"]

        def work() -> Response:
            return render("case.html", **case_page(store, case_id[:64], clock(), zone))

        return await run_in_threadpool(work)

    async def missing(_: Request, __: Exception) -> Response:
        return render("notice.html", 404, heading="Not here", text="There is no such case or page.")

    async def unavailable(_: Request, __: Exception) -> Response:
        text = (
            "The database does not answer. Mail is not lost: while it cannot be stored, senders are asked to try again."
        )
        return render("notice.html", 503, heading="Not now", text=text)

    async def broken(_: Request, __: Exception) -> Response:
        # Starlette answers this one outside of our middleware: the headers are put on by hand.
        answer = render("notice.html", 500, heading="Our fault", text="The page could not be made. The log says why.")
        answer.headers.update(HEADERS)
        return answer

    async def style(_: Request) -> Response:
        return Response(sheet, media_type="text/css", headers={"Cache-Control": "max-age=3600"})

    return Starlette(
        routes=[Route("/", queue), Route("/cases/{case_id}", case), Route(STYLE, style)],
        exception_handlers={404: missing, 500: broken, MissingInput: missing, Unavailable: unavailable},
        middleware=[
            Middleware(_Headers),
            Middleware(_SignedIn, door=Door(settings.user, settings.password_hash)),
        ],
        debug=False,
    )


class _Headers:
    """Puts HEADERS on every answer, errors and all."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_more(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_more)


class _SignedIn:
    """Lets nothing but the style sheet through without the password."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app, self._door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == STYLE:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        client = request.client.host if request.client else ""
        match await self._door.check(request.headers.get("authorization", ""), client):
            case SignIn.GOOD:
                await self._app(scope, receive, send)
                return
            case SignIn.TOO_MANY:
                wait = {"Retry-After": str(int(REFILL))}
                answer = PlainTextResponse("Too many wrong passwords. Wait a little.\n", 429, headers=wait)
            case _:
                challenge = {"WWW-Authenticate": 'Basic realm="edrguard", charset="UTF-8"'}
                answer = PlainTextResponse("Sign in.\n", 401, headers=challenge)
        await answer(scope, receive, send)
