"""/healthz, /readyz, /metrics for monitoring: a listener of its own, without sign-in, without a word about mail."""

import inspect
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

Ready = Callable[[], bool | str | Awaitable[bool | str]]


def create_health_app(ready: Ready, metrics: Callable[[], bytes], metrics_type: str = OPENMETRICS) -> Starlette:
    """``ready`` returns True, or False or the reason why not (it may be async); ``metrics`` the exposition."""

    async def healthz(_: Request) -> Response:
        """The process answers: that is all it says."""
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        """Would a message be accepted now?"""
        try:
            state = ready() if inspect.iscoroutinefunction(ready) else await run_in_threadpool(ready)
            if inspect.isawaitable(state):
                state = await state
        except Exception:  # whatever it is, we are not ready
            state = "fault"
        if state is True:
            return PlainTextResponse("ready\n")
        reason = state if isinstance(state, str) and state else "not ready"
        return PlainTextResponse(f"{reason}\n", status_code=503)

    async def exposition(_: Request) -> Response:
        return Response(await run_in_threadpool(metrics), headers={"Content-Type": metrics_type})

    return Starlette(
        routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", exposition)], debug=False
    )
