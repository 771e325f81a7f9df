"""A browser without a browser: asks an ASGI application something, keeps its cookies, fills its forms."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode

from edrguard.console import ConsoleSettings, Desk, create_app, hash_password
from edrguard.model.case import Case, CaseEvent
from edrguard.model.desk import DeskStore, Role, User
from edrguard.model.history import LabelRecord
from edrguard.model.verdict import Verdict
from edrguard.model.words import Disposition
from edrguard.storage import open_store
from tests.review.fakes import NOW, RAW, FakeNextHop, FakeSpool
from tests.review.test_release import top

PASSWORD = "türkis und 7 Zwerge"
HASH = hash_password(PASSWORD)
HOST = "desk.example"
SETTINGS = ConsoleSettings(HASH)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str
    cookies: tuple[str, ...] = ()
    raw: bytes = b""

    @property
    def text(self) -> str:
        """Without tags."""
        return " ".join(re.sub(r"<[^>]+>", " ", self.body).replace("&#39;", "'").split())


def stored(*cases: Case) -> DeskStore:
    """A real store, in memory, with these cases."""
    store = cast(DeskStore, open_store("sqlite://"))
    for number, case in enumerate(cases):
        one = case if number == 0 else replace(case, mail_id=f"{case.mail_id}-{number}")
        store.open_case(one, CaseEvent(case_id=case.id, at=case.opened_at, actor="edrguard", kind="opened"))
    return store


@dataclass
class World:
    """Everything around a console; ``now`` may be moved."""

    store: DeskStore
    settings: ConsoleSettings = SETTINGS
    now: datetime = NOW
    hop: FakeNextHop = field(default_factory=FakeNextHop)
    spool: FakeSpool = field(default_factory=lambda: FakeSpool(**{"raw-1": RAW}))
    labels: list[LabelRecord] = field(default_factory=list)
    html: Callable[[bytes], str | None] = lambda content: None
    more: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        desk = Desk(
            store=self.store,
            spool=self.spool,
            next_hop=self.hop,
            prepare=top,
            record_label=lambda record: self.labels.append(record) or True,
            judge=lambda facts: Verdict(disposition=Disposition.VERIFY, risk=77.0, urgent=True),
            html=lambda content: self.html(content),
            link=lambda case_id: f"https://{HOST}/cases/{case_id}",
            **self.more,
        )
        self.app = create_app(desk, self.settings, clock=lambda: self.now)

    def account(self, name: str, *roles: Role, **changes: Any) -> None:
        self.store.add_user(replace(User(name=name, roles=roles, password=HASH, created_at=NOW), **changes))

    def browser(self, name: str = "reviewer", password: str = PASSWORD, code: str = "") -> "Browser":
        """Somebody who is signed in."""
        browser = Browser(self.app)
        answer = browser.post("/sign-in?next=/", {"name": name, "password": password, "code": code})
        assert answer.status == 303, answer.text
        return browser


@dataclass
class Browser:
    app: Any
    client: str = "127.0.0.1"
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        return asyncio.run(self.ask("GET", path))

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
        return asyncio.run(self.ask("POST", path, fields, headers))

    def hidden(self, path: str) -> dict[str, str]:
        """The token and version that the page's forms carry."""
        page = self.get(path).body
        return dict(re.findall(r'type="hidden" name="(token|version)" value="([^"]*)"', page))

    def act(self, case_id: str, act: str, hidden: Mapping[str, str] | None = None, **fields: str) -> Answer:
        """Fill in a form of the case page and send it."""
        hidden = self.hidden(f"/cases/{case_id}") if hidden is None else hidden
        return self.post(f"/cases/{case_id}/{act}", {**hidden, **fields})

    async def ask(
        self, method: str, path: str, fields: Mapping[str, str] | bytes | None = None, more: Mapping[str, str] = {}
    ) -> Answer:
        """One request. Faults that the application lets through to the server are swallowed, as a server would."""
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode() if fields is not None else b""
        sent_headers = {"host": HOST} | self.headers | {k.replace("_", "-"): v for k, v in more.items()}
        if fields is not None:
            sent_headers.setdefault("content-type", "application/x-www-form-urlencoded")
        if self.cookie:
            sent_headers["cookie"] = self.cookie
        where, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": where,
            "raw_path": where.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(k.encode(), v.encode()) for k, v in sent_headers.items()],
            "client": (self.client, 4711),
            "server": ("127.0.0.1", 8025),
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        try:
            await self.app(scope, receive, send)
        except Exception:
            if not sent:
                raise
        pairs = [(k.decode().lower(), v.decode()) for k, v in sent[0]["headers"]]
        cookies = tuple(v for k, v in pairs if k == "set-cookie")
        if cookies:
            self.cookie = cookies[0].partition(";")[0]
        raw = b"".join(m.get("body", b"") for m in sent[1:])
        return Answer(sent[0]["status"], dict(pairs), raw.decode(errors="replace"), cookies, raw)


def get(store: DeskStore, path: str, zone: str = "UTC", now: datetime = NOW) -> Answer:
    """One page for the user of the configuration file, who may do everything."""
    return World(store, ConsoleSettings(HASH, timezone=zone), now=now).browser().get(path)
