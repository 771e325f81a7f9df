"""Logging to stderr: JSON lines for journald and its like, or text for a person.

Laws: one line a message, written at its end with every reason; no body ever, and no
address at info or above. The second half is enforced here, for every library that
logs in this process: what looks like an address loses its local part.
"""

import contextlib
import json
import logging
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

import structlog
from structlog.stdlib import BoundLogger
from structlog.typing import Processor, WrappedLogger

_style = ""
VALUE = 2000  #: characters of one value that are written

#: Libraries that tell of every connection, with addresses, at info.
_CHATTY = ("mail.log", "mail.debug", "uvicorn.access", "asyncio", "httpx", "alembic")

# Possessive-free and linear: the local part is capped at what RFC 5321 4.5.3.1.1 allows, and starts at a boundary.
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?=[\w-])")


def discreet(_: WrappedLogger, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Cut long values; at info and above take the local parts of addresses away."""
    hide = str(event.get("level", method)) != "debug"
    for key, value in event.items():
        event[key] = _shown(value, hide)
    return event


def _shown(value: Any, hide: bool, depth: int = 4) -> Any:
    if isinstance(value, bytes):
        return f"{len(value)} octets"
    if isinstance(value, str):
        text = value if len(value) <= VALUE else f"{value[:VALUE]}... ({len(value)} characters)"
        return _ADDRESS.sub("***@", text) if hide and "@" in text else text
    if isinstance(value, dict) and depth:
        return {_shown(k, hide, 0): _shown(v, hide, depth - 1) for k, v in value.items()}
    if isinstance(value, (list, tuple)) and depth:
        return [_shown(v, hide, depth - 1) for v in value]
    if value is None or isinstance(value, (int, float, bool)):
        return value
    return _shown(str(value), hide, depth)


def setup_logging(
    level: str = "info", style: Literal["json", "console"] = "json", stream: TextIO | None = None
) -> None:
    """Send everything, structlog's and the standard library's, to ``stream`` (stderr) in one style. May be repeated."""
    global _style
    _style = style
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
        discreet,
    ]
    last: Processor
    if style == "json":
        last = structlog.processors.JSONRenderer(sort_keys=True, default=str)
    else:
        last = structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def get_logger(name: str = "edrguard") -> BoundLogger:
    """A logger: ``get_logger("edrguard.smtp").info("message", case=..., disposition=...)``."""
    logger: BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def line_logger(name: str, event: str) -> Callable[[Mapping[str, object]], None]:
    """A way to write one line a message at info, for values that are known to hold no address and no body.

    JSON goes straight to the stream: all that structlog's chain does for such a line costs as much CPU as judging it.
    """
    logger = logging.getLogger(name)

    def write(values: Mapping[str, object]) -> None:
        if not logger.isEnabledFor(logging.INFO):
            return
        root = logging.getLogger()
        handler = root.handlers[0] if root.handlers else None
        if _style != "json" or not isinstance(handler, logging.StreamHandler):
            get_logger(name).info(event, **values)
            return
        at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        line = json.dumps({"at": at, "event": event, "level": "info", "logger": name, **values}, separators=(",", ":"))
        with contextlib.suppress(OSError, ValueError):  # a log that is gone must not cost a message
            handler.stream.write(line + "\n")
            handler.stream.flush()

    return write
