"""Frozen values to JSON and back, without loss.

Works on every dataclass of ``model`` from its annotations alone, so a new field
needs no code here: a stored value without it takes the default. Unknown keys of
a later version are ignored.
"""

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from edrguard.model.errors import InputError

T = TypeVar("T")


def rfc3339(when: datetime) -> str:
    """RFC 3339 in UTC with Z; microseconds only where there are any."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_rfc3339(text: str) -> datetime:
    """An RFC 3339 time, as aware UTC. Raises InputError without an offset: a local time is a guess."""
    try:
        when = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        raise InputError(f"not an RFC 3339 time: {text!r}") from None
    if when.tzinfo is None:
        raise InputError(f"time without an offset: {text!r}")
    try:
        return when.astimezone(UTC)
    except (OverflowError, ValueError):
        raise InputError(f"time out of range: {text!r}") from None


def plain(value: Any) -> Any:
    """A model value as JSON-ready dicts, lists and scalars; dict keys sorted."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(value[k]) for k in sorted(value)}
    if isinstance(value, (tuple, list)):
        return [plain(v) for v in value]
    if isinstance(value, bytes):
        return value.decode("latin-1")
    raise TypeError(f"{type(value).__name__} has no place in the model")


def dump(value: Any) -> str:
    """A model value as compact, deterministic JSON text (lone surrogates escaped)."""
    return json.dumps(plain(value), separators=(",", ":"), ensure_ascii=True)


def load(cls: type[T], text: str) -> T:
    """The value that ``dump`` wrote. Raises InputError where the text is not one."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise InputError(f"not JSON: {error}") from error
    return build(cls, data)


def build(cls: type[T], data: Any) -> T:
    """The value from what ``plain`` made. Raises InputError."""
    maker: Callable[[Any], T] = _builder(typing.cast(typing.Hashable, cls))
    try:
        return maker(data)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(f"not a stored {cls.__name__}: {error}") from error


@cache
def _builder(kind: typing.Hashable) -> Callable[[Any], Any]:
    origin = typing.get_origin(kind)
    args = typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        inner = [a for a in args if a is not type(None)]
        if len(inner) != 1:
            raise TypeError(f"ambiguous union {kind}")
        make = _builder(inner[0])
        return lambda v: None if v is None else make(v)
    if origin is tuple:
        if len(args) == 2 and args[1] is Ellipsis:
            make = _builder(args[0])
            return lambda v: tuple(make(x) for x in v)
        makers = [_builder(a) for a in args]
        return lambda v: tuple(m(x) for m, x in zip(makers, v, strict=True))
    if origin is Mapping or origin is dict:
        make = _builder(args[1])
        return lambda v: {k: make(x) for k, x in v.items()}
    if kind is datetime:
        return parse_rfc3339
    if kind is date:
        return date.fromisoformat
    if kind is bytes:
        return lambda v: v.encode("latin-1")
    if kind is float:
        return float
    if kind in (str, int, bool):
        return _exactly(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if dataclasses.is_dataclass(kind):
        make_new: Callable[..., Any] = typing.cast(Callable[..., Any], kind)
        hints = typing.get_type_hints(kind)
        makers_by_name = {f.name: _builder(hints[f.name]) for f in dataclasses.fields(kind)}

        def make_value(data: Any) -> Any:
            return make_new(**{k: m(data[k]) for k, m in makers_by_name.items() if k in data})

        return make_value
    raise TypeError(f"{kind} has no place in the model")


def _exactly(kind: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is not {kind.__name__}")
        return value

    return check
