"""Receives pages: an HTTP server on loopback that keeps what was POSTed."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = "only-for-these-tests-0123"


@dataclass(slots=True)
class Call:
    """One POST."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Webhook:
    """Use as a context manager. ``status`` is what it answers; ``wait`` gives the calls."""

    status: int = 200
    calls: list[Call] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        assert self._server
        return f"http://127.0.0.1:{self._server.server_address[1]}/page"

    @property
    def options(self) -> dict[str, object]:
        """For ``pages:`` of a node."""
        return {"webhook": {"url": self.url, "secret": SECRET, "timeout": 5}}

    def wait(self, count: int, seconds: float = 15.0) -> list[Call]:
        """The calls, once there are ``count``."""
        with self._arrived:
            came = self._arrived.wait_for(lambda: len(self.calls) >= count, seconds)
        assert came, f"{len(self.calls)} of {count} pages came within {seconds} s"
        return list(self.calls)

    def __enter__(self) -> "Webhook":
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with hook._arrived:
                    hook.calls.append(Call(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                    hook._arrived.notify_all()
                self.send_response(hook.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
