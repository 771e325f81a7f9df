"""A recorded stream for ``replay``: JSON lines in time order, checked whole before the first message is judged."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from edrguard.model.codec import parse_rfc3339
from edrguard.model.errors import InputError, MissingInput
from edrguard.model.history import LabelRecord, SentRecord
from edrguard.model.wire import Envelope, Recipient, Session
from edrguard.model.words import Label, LabelBy, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamMessage:
    """A message line. ``zone`` alone answers its DNS questions where it is given."""

    id: str
    path: str
    file: Path
    session: Session
    envelope: Envelope
    zone: dict[str, Any] | None = None


Event = StreamMessage | LabelRecord | SentRecord


def read_stream(path: Path) -> list[Event]:
    """All events. Raises MissingInput, or InputError naming file:line."""
    return [event for _, event in _events(path)]


def _events(path: Path) -> Iterator[tuple[int, Event]]:
    try:
        handle = path.open(encoding="utf-8")
    except OSError as error:
        raise MissingInput(f"{path}: {error.strerror}") from error
    seen: set[str] = set()
    last: datetime | None = None
    with handle:
        number = 0
        try:
            for number, line in enumerate(handle, 1):
                if not line.strip():
                    continue
                event = _event(line, path.parent)
                when = event.session.received_at if isinstance(event, StreamMessage) else event.at
                if last is not None and when < last:
                    raise InputError("earlier than the line before: a stream must be in time order")
                last = when
                if isinstance(event, StreamMessage):
                    if event.id in seen:
                        raise InputError(f"id {event.id!r} appears twice")
                    seen.add(event.id)
                yield number, event
        except (InputError, MissingInput) as error:
            raise type(error)(f"{path}:{number}: {error}") from None
        except UnicodeDecodeError as error:
            raise InputError(f"{path}:{number + 1}: not UTF-8") from error


def _event(line: str, folder: Path) -> Event:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}") from None
    if not isinstance(data, dict):
        raise InputError("not a JSON object")
    match data.get("type"):
        case "message":
            return _message(data, folder)
        case "label":
            return LabelRecord(
                mail_id=_text(data, "id"),
                at=_time(data, "at"),
                label=_word(Label, data, "label"),
                by=_word(LabelBy, data, "by", "other"),
                scope=_word(Scope, data, "scope", Scope.REQUEST.value),
            )
        case "sent":
            return SentRecord(
                message_id=_text(data, "message_id"),
                at=_time(data, "at"),
                to=_texts(data, "to"),
                in_reply_to=_optional(data, "in_reply_to"),
                ticket=_optional(data, "ticket"),
            )
        case other:
            raise InputError(f"type must be message, label or sent, not {other!r}")


def _message(data: dict[str, Any], folder: Path) -> StreamMessage:
    zone = data.get("dns")
    if zone is not None and not isinstance(zone, dict):
        raise InputError("dns must be an object")
    path = _text(data, "path")
    if not (folder / path).is_file():
        raise MissingInput(f"{path}: no such message file")
    return StreamMessage(
        id=_text(data, "id"),
        path=path,
        file=folder / path,
        session=Session(
            received_at=_time(data, "received_at"),
            client_ip=_optional(data, "client_ip"),
            helo=_optional(data, "helo"),
            via="option",
        ),
        envelope=Envelope(
            reverse_path=_optional(data, "mail_from"),
            recipients=tuple(Recipient(address=a) for a in _texts(data, "rcpt_to")),
        ),
        zone=zone,
    )


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise InputError(f"{key} must be a text")
    return value


def _optional(data: dict[str, Any], key: str) -> str | None:
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{key} must be a text or null")
    return value


def _texts(data: dict[str, Any], key: str) -> tuple[str, ...]:
    value = data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise InputError(f"{key} must be a list of texts")
    return tuple(value)


def _time(data: dict[str, Any], key: str) -> datetime:
    return parse_rfc3339(_text(data, key))


def _word(kind: Any, data: dict[str, Any], key: str, default: str | None = None) -> Any:
    value = data.get(key, default)
    try:
        return kind(value)
    except ValueError:
        raise InputError(f"{key} must be one of {', '.join(kind)}, not {value!r}") from None
