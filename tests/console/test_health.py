"""Health and metrics: truthful, and without a word about mail."""

from typing import Any

import pytest

from edrguard.console import create_health_app
from tests.console.asgi import Browser


async def _yes() -> bool:
    return True


async def _full() -> str:
    return "full"


def _bug() -> bool:
    raise RuntimeError("secret")


@pytest.mark.parametrize(
    ("ready", "status", "body"),
    [
        (lambda: True, 200, "ready\n"),
        (lambda: False, 503, "not ready\n"),
        (lambda: "", 503, "not ready\n"),
        (lambda: "the next hop does not answer", 503, "the next hop does not answer\n"),
        (_yes, 200, "ready\n"),
        (_full, 503, "full\n"),
        (_bug, 503, "fault\n"),
    ],
)
def test_readyz(ready: Any, status: int, body: str) -> None:
    answer = Browser(create_health_app(ready, lambda: b"")).get("/readyz")
    assert (answer.status, answer.body) == (status, body)


def test_healthz_and_metrics() -> None:
    app = create_health_app(lambda: False, lambda: b"edrguard_messages_total 3\n# EOF\n")
    assert Browser(app).get("/healthz").body == "ok\n"
    metrics = Browser(app).get("/metrics")
    assert metrics.body == "edrguard_messages_total 3\n# EOF\n"
    assert metrics.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"


@pytest.mark.parametrize("path", ["/", "/cases/2026-1187", "/metrics/x"])
def test_nothing_else_is_served(path: str) -> None:
    assert Browser(create_health_app(lambda: True, lambda: b"")).get(path).status == 404
