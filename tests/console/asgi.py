"""Asks an ASGI application something, without a server and without an HTTP client library."""

import asyncio
import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from edrguard.console import ConsoleSettings, create_app, hash_password
from edrguard.model.ports import CaseStore
from tests.review.fakes import NOW

PASSWORD = "türkis 7"
HASH = hash_password(PASSWORD, salt=b"0" * 16)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str


def basic(user: str = "reviewer", password: str = PASSWORD) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


async def ask(
    app: Any, path: str, *, auth: str | None = None, method: str = "GET", client: str = "127.0.0.1"
) -> Answer:
    """One request. Faults that the application lets through to the server are swallowed, as a server would."""
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"desk.example"), *([(b"authorization", auth.encode())] if auth is not None else [])],
        "client": (client, 4711),
        "server": ("127.0.0.1", 8025),
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    try:
        await app(scope, receive, send)
    except Exception:
        if not sent:
            raise
    start = sent[0]
    headers = {k.decode().lower(): v.decode() for k, v in start["headers"]}
    body = b"".join(m.get("body", b"") for m in sent[1:])
    return Answer(start["status"], headers, body.decode())


def get(store: CaseStore, path: str, auth: str | None = None, zone: str = "UTC", now: datetime = NOW) -> Answer:
    """One signed-in request to a console of its own."""
    app = create_app(store, ConsoleSettings(HASH, timezone=zone), clock=lambda: now)
    return asyncio.run(ask(app, path, auth=basic() if auth is None else auth))
