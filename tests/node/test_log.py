"""Logs: one line each, in one style, without addresses at info and above."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from edrguard.node.log import get_logger, setup_logging


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_json_lines() -> None:
    stream = io.StringIO()
    setup_logging("info", "json", stream)
    with structlog.contextvars.bound_contextvars(mail_id="m1"):
        get_logger("edrguard.smtp").info("message", disposition="verify", risk=71.4, reasons=["a", "b"], held=False)
    (line,) = lines(stream)
    assert line.pop("at").endswith("Z")
    assert line == {
        "event": "message",
        "level": "info",
        "logger": "edrguard.smtp",
        "mail_id": "m1",
        "disposition": "verify",
        "risk": 71.4,
        "reasons": ["a", "b"],
        "held": False,
    }


def test_the_standard_librarys_loggers_say_it_the_same_way() -> None:
    stream = io.StringIO()
    setup_logging("info", "json", stream)
    logging.getLogger("edrguard.pages").error("PAGE GIVEN UP: case %s", "2026-1")
    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == ("PAGE GIVEN UP: case 2026-1", "error", "edrguard.pages")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a.rowe@cityxsheriff.test", "***@cityxsheriff.test"),
        ("<x+y=z@a.test>, b@c.test", "<***@a.test>, ***@c.test"),
        ({"to": ["x@a.test"]}, {"to": ["***@a.test"]}),
        ({"x@a.test": 1}, {"***@a.test": 1}),
        (b"From: x@a.test\r\n\r\nsecret", "24 octets"),
        (ValueError("no x@a.test"), "no ***@a.test"),
        ("at @ noon", "at @ noon"),
        (None, None),
    ],
)
def test_addresses_stay_out_of_info(value: Any, shown: Any) -> None:
    stream = io.StringIO()
    setup_logging("info", "json", stream)
    get_logger().info("message", what=value)
    assert lines(stream)[0]["what"] == shown


def test_not_even_in_exceptions_or_from_libraries() -> None:
    stream = io.StringIO()
    setup_logging("info", "json", stream)
    try:
        raise RuntimeError("refused x.y@a.test")
    except RuntimeError:
        get_logger().exception("fault")
        logging.getLogger("some.library").warning("rcpt %s", "x.y@a.test")
    assert "x.y@" not in stream.getvalue()
    assert all("***@a.test" in json.dumps(line) for line in lines(stream))


def test_debug_shows_them() -> None:
    stream = io.StringIO()
    setup_logging("debug", "json", stream)
    get_logger().debug("rcpt", to="x@a.test")
    assert lines(stream)[0]["to"] == "x@a.test"


def test_libraries_that_chatter_are_silent_at_info() -> None:
    stream = io.StringIO()
    setup_logging("debug", "json", stream)
    for name in ("mail.log", "uvicorn.access"):
        logging.getLogger(name).info("DATA: body")
    assert stream.getvalue() == ""


@pytest.mark.parametrize(("level", "count"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_levels(level: str, count: int) -> None:
    stream = io.StringIO()
    setup_logging(level, "json", stream)
    log = get_logger()
    for say in (log.debug, log.info, log.warning, log.error):
        say("x")
    assert len(lines(stream)) == count


def test_long_values_are_cut() -> None:
    stream = io.StringIO()
    setup_logging("info", "json", stream)
    get_logger().info("x", text="y" * 10_000_000)
    assert len(stream.getvalue()) < 3000
    assert "(10000000 characters)" in stream.getvalue()


def test_a_hostile_value_is_not_slow() -> None:
    import time

    stream = io.StringIO()
    setup_logging("info", "json", stream)
    begun = time.perf_counter()
    for _ in range(100):
        get_logger().info("x", text="a." * 999 + "@", more="@" * 1990)
    assert time.perf_counter() - begun < 2


def test_the_console_style_is_for_people() -> None:
    stream = io.StringIO()
    setup_logging("info", "console", stream)
    get_logger().info("message", to="x@a.test")
    assert "message" in stream.getvalue()
    assert "to=***@a.test" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_newlines_cannot_forge_a_line() -> None:
    stream = io.StringIO()
    setup_logging("info", "json", stream)
    get_logger().info("x", helo='evil\n{"event": "forged"}')
    assert len(stream.getvalue().splitlines()) == 1
