"""The console's routes and its walls.

Laws: every handler asks the gate first (a test tries each route); nothing is answered without sign-in
but signing in and the style sheet; every answer forbids foreign content and scripts (CSP Level 3), so that a hostile
message that broke out of its escaping would still find nothing to run. The pages of security keys, which show nothing
of any message, may run one script of ours.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edrguard.console.access import May
from edrguard.console.account import AccountPages
from edrguard.console.api import Api
from edrguard.console.cases import CasePages
from edrguard.console.company import CompanyPages
from edrguard.console.evidence import EvidencePages
from edrguard.console.figurepages import FigurePages
from edrguard.console.hijacks import HijackPages
from edrguard.console.incidents import IncidentPages
from edrguard.console.journal import Journal
from edrguard.console.keypages import KeyPages
from edrguard.console.parts import ConsoleSettings, Desk
from edrguard.console.sealing import Sealer, seal_known
from edrguard.console.signin import Bootstrap, Door
from edrguard.console.text import visible
from edrguard.console.visit import Forged, Gate, NotForYou, SignInFirst
from edrguard.model.errors import MissingInput, Unavailable

_HERE = Path(__file__).parent
STYLE = "/static/edrguard.css"
SCRIPT = "/static/keys.js"
QUEUE_SCRIPT = "/static/queue.js"

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # no-referrer would make browsers send Origin: null with our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}


def create_app(
    desk: Desk, settings: ConsoleSettings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Starlette:
    """The console over a desk. Handlers call the store in threads."""
    _ = settings.zone  # a zone that this machine does not know is said at start
    sheet = (_HERE / "static" / "edrguard.css").read_text(encoding="utf-8")
    keys_js, queue_js = ((_HERE / "static" / name).read_text(encoding="utf-8") for name in ("keys.js", "queue.js"))
    # browsers keep them an hour, but not across an upgrade
    version = hashlib.sha256((sheet + keys_js + queue_js).encode()).hexdigest()[:12]
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        finalize=visible,  # every value that is shown, not only where a template remembers it
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["visible"] = visible
    templates.globals.update(
        node=settings.node,
        style=f"{STYLE}?{version}",
        script=f"{SCRIPT}?{version}",
        queue_script=f"{QUEUE_SCRIPT}?{version}",
        visit=None,
        May=May,
    )

    def render(template: str, status: int = 200, /, **context: Any) -> Response:
        return HTMLResponse(templates.get_template(template).render(context), status_code=status)

    def notice(status: int, heading: str, text: str, **context: Any) -> Response:
        return render("notice.html", status, heading=heading, text=text, **context)

    async def missing(_: Request, __: Exception) -> Response:
        return notice(404, "Not here", "There is no such case or page.")

    async def unavailable(_: Request, __: Exception) -> Response:
        text = (
            "The database does not answer. Mail is not lost: while it cannot be stored, senders are asked to try again."
        )
        return notice(503, "Not available", text)

    async def sign_in_first(request: Request, _: Exception) -> Response:
        if request.method == "POST":
            text = "You were signed out meanwhile. Nothing was saved: sign in, and do it again."
            return notice(403, "Signed out", text)
        where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?{accounts.next_query(where)}", 303)

    async def not_for_you(_: Request, error: Exception) -> Response:
        need = error.args[0].value if error.args else "do that"
        text = f"Your account may not {need}. Nothing was changed. An administrator can give your account another role."
        return notice(403, "Not for your role", text)

    async def forged(_: Request, __: Exception) -> Response:
        text = (
            "The form did not come from a page that you opened while signed in, so nothing was changed. "
            "Open the case again, and do it there."
        )
        return notice(403, "Not accepted", text)

    async def broken(_: Request, __: Exception) -> Response:
        # Starlette answers this one outside of our middleware: the headers are put on by hand.
        answer = notice(500, "Our fault", "The page could not be made. The log says why.")
        answer.headers.update(HEADERS)
        return answer

    async def style(_: Request) -> Response:
        return Response(sheet, media_type="text/css", headers={"Cache-Control": "max-age=3600"})

    def script(text: str) -> Callable[[Request], Response]:
        headers = {"Cache-Control": "max-age=3600"}
        return lambda _: Response(text, media_type="text/javascript", headers=headers)

    sealer = Sealer(settings.secrets_key)
    seal_known(desk.store, sealer)
    door = Door(
        desk.store,
        Bootstrap(settings.user, settings.password_hash),
        clock,
        local=settings.local,
        company=settings.company is not None,
        keys=bool(settings.rp_id),
        sealer=sealer,
    )
    journal = Journal(desk.store, clock)
    gate = Gate(desk.store, door, clock, journal)
    keys = KeyPages(desk, settings, door, gate, clock, render)
    accounts = AccountPages(desk.store, settings, door, gate, clock, render, journal, sealer, keys.ask)
    cases = CasePages(desk, settings, gate, clock, render, journal)
    return Starlette(
        routes=[
            *(Api(desk, settings, clock).routes() if settings.api else ()),
            *CompanyPages(desk, settings, gate, clock, render, journal).routes(),
            *keys.routes(),
            *EvidencePages(desk, gate, clock, notice).routes(),
            *cases.routes(),
            *IncidentPages(desk, settings, gate, clock, render).routes(),
            *FigurePages(desk, gate, clock, render).routes(),
            *HijackPages(desk, settings, gate, clock, render).routes(),
            *accounts.routes(),
            Route(STYLE, style),
            Route(SCRIPT, script(keys_js)),
            Route(QUEUE_SCRIPT, script(queue_js)),
        ],
        exception_handlers={
            404: missing,
            500: broken,
            MissingInput: missing,
            Unavailable: unavailable,
            SignInFirst: sign_in_first,
            NotForYou: not_for_you,
            Forged: forged,
        },
        middleware=[Middleware(_Headers)],
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
