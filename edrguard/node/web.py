"""HTTP of a node: the console, and health and metrics on a listener of their own."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette

from edrguard.model.errors import Unavailable
from edrguard.node.config import read_secret
from edrguard.node.historykey import history_key, make_history_key, secrets_path
from edrguard.node.metrics import Metrics
from edrguard.node.options import Config, Endpoint

if TYPE_CHECKING:
    from edrguard.console import Company, ConsoleSettings, Desk

START_SECONDS = 10.0


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the node decides when it ends."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class Web:
    """The HTTP listeners. /readyz says no while ``ready`` is false, or ``busy`` true."""

    def __init__(self, config: Config, desk: "Desk", metrics: Metrics) -> None:
        self._config = config
        self._desk = desk
        self._metrics = metrics
        self.ready = False
        self.busy: Callable[[], bool] = lambda: False
        self.password: str | None = None  #: made at start where none is configured; shown once, kept nowhere
        self._running: dict[str, tuple[_Server, asyncio.Task[None]]] = {}

    async def start(self) -> None:
        """Listen. Raises Unavailable where an address cannot be had."""
        config = self._config
        if config.console.enabled:
            from edrguard.console import create_app

            await self._serve("console", create_app(self._desk, self._console_settings()), config.listen.console)
        if config.listen.health is not None:
            from edrguard.console import create_health_app

            app = create_health_app(self._state, self._metrics.text)
            await self._serve("health", app, config.listen.health)

    def _state(self) -> bool | str:
        return "busy" if self.ready and self.busy() else self.ready

    def address(self, name: str) -> Endpoint | None:
        """Where "console" or "health" is really served."""
        if name not in self._running:
            return None
        server = self._running[name][0]
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        return Endpoint(host, port)

    async def stop(self) -> None:
        """End both."""
        for server, task in self._running.values():
            server.should_exit = True
            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(task, 5)
        self._running.clear()

    def _console_settings(self) -> "ConsoleSettings":
        from edrguard.console import ConsoleSettings, hash_password, is_hash

        console = self._config.console
        secret = read_secret(console.password_hash, console.password_file)
        if secret is None:
            self.password = secret = secrets.token_urlsafe(12)
        origin, rp_id = key_place(self._config)
        return ConsoleSettings(
            user=console.user,
            password_hash=secret if is_hash(secret) else hash_password(secret),
            timezone=console.timezone,
            secure=(console.base_url or "").startswith("https://"),
            probation_days=self._config.incidents.probation_days,
            two_person=frozenset(console.two_person),
            company=make_company(self._config),
            local=console.local_sign_in,
            api=console.api.enabled,
            api_per_minute=console.api.per_minute,
            origin=origin,
            rp_id=rp_id,
            secrets_key=_secrets_key(self._config),
        )

    async def _serve(self, name: str, app: Starlette, where: Endpoint) -> None:
        # Bound here, since uvicorn would end the process where it cannot.
        family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
        try:
            listener = socket.create_server((where.host, where.port), family=family)
        except OSError as error:
            raise Unavailable(f"listen.{name}: cannot listen on {where}: {error.strerror or error}") from error
        server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=2,
            )
        )
        task = asyncio.create_task(server.serve(sockets=[listener]), name=name)
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        while not server.started:
            if task.done() or asyncio.get_running_loop().time() > deadline:
                task.cancel()
                listener.close()
                raise Unavailable(f"listen.{name}: did not come up on {where} within {START_SECONDS:g} s")
            await asyncio.sleep(0.01)
        self._running[name] = (server, task)


def key_place(config: Config) -> tuple[str, str]:
    """Origin and RP ID of security keys; ("", "") where browsers would offer none: without base_url, at a bare address,
    or without TLS but on localhost (WebAuthn 5.1.2, Secure Contexts 3.1)."""
    base = urlsplit(config.console.base_url or "")
    host = base.hostname or ""
    named = bool(host) and not host.replace(".", "").isdigit() and ":" not in host
    if not named or not (base.scheme == "https" or host == "localhost"):
        return "", ""
    return f"{base.scheme}://{base.netloc}".lower(), config.console.rp_id or host


def _secrets_key(config: Config) -> bytes:
    path = secrets_path(config.storage.secrets_file, config.storage.url)
    make_history_key(path)
    return history_key(path)


def make_company(config: Config) -> "Company | None":
    """The company's provider; None where none is configured. Raises ConfigError for a secret that cannot be read."""
    from edrguard.console import Company

    oidc, home = config.console.oidc, (config.console.base_url or "").rstrip("/")
    if not oidc.issuer:
        return None
    return Company(
        issuer=oidc.issuer,
        client_id=oidc.client_id,
        client_secret=read_secret(oidc.client_secret, oidc.client_secret_file) or "",
        redirect_uri=f"{home}/sign-in/company/back",
        home=f"{home}/sign-in",
        label=oidc.label,
        scopes=oidc.scopes,
        name_claim=oidc.name_claim,
        roles_claim=oidc.roles_claim,
        roles=dict(oidc.roles),
        algorithms=oidc.algorithms,
    )
