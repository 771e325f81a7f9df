"""What options are made of: endpoints, paths, inboxes, sections, and the checked twin of ``model.limits``."""

import dataclasses
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    PlainSerializer,
    ValidationInfo,
    create_model,
    model_validator,
)

from edrguard.model.limits import Limits
from edrguard.protocols.milter.settings import TcpAddress, UnixAddress


@dataclasses.dataclass(frozen=True, slots=True)
class Endpoint:
    """A TCP address to listen on or to connect to. Port 0: any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def endpoint(value: object) -> Endpoint:
    """``host:port`` or ``[ipv6]:port`` as an Endpoint. Raises ValueError."""
    if isinstance(value, Endpoint):
        return value
    match = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([^\s:\[\]]+)):(\d{1,5})", str(value))
    if not match or int(match[3]) > 65535:
        raise ValueError("an address is written host:port, or [ipv6]:port")
    return Endpoint(match[1] or match[2], int(match[3]))


def milter_address(value: object) -> TcpAddress | UnixAddress:
    """``inet:host:port``, ``inet:[ipv6]:port``, ``unix:/path``; or ``inet:port@host``, as Sendmail writes it. Raises
    ValueError."""
    if isinstance(value, TcpAddress | UnixAddress):
        return value
    family, _, rest = str(value).partition(":")
    if family == "inet":
        port, sign, host = rest.partition("@")
        at = endpoint(f"[{host}]:{port}" if sign and ":" in host else f"{host}:{port}" if sign else rest)
        return TcpAddress(at.host, at.port)
    if family == "unix" and rest.startswith("/"):
        if len(rest.encode()) > 107:
            raise ValueError("the path of a UNIX socket has at most 107 octets")
        return UnixAddress(rest)
    raise ValueError("a milter's address is written inet:host:port, inet:[ipv6]:port or unix:/path")


def _inbox(value: str) -> str:
    local, at, domain = value.rpartition("@")
    if not at or not domain or any(c.isspace() for c in value) or local.startswith("@"):
        raise ValueError("an inbox is written name@domain, or @domain for all of a domain")
    return value.lower()


def _path(value: Path, info: ValidationInfo) -> Path:
    base = (info.context or {}).get("base")
    value = value.expanduser()
    return value if base is None or value.is_absolute() else Path(base) / value


def _existing(value: Path) -> Path:
    if not value.exists():
        raise ValueError(f"no such file: {value}")
    return value


def _zone(value: str) -> str:
    if value == "UTC":  # needs no time zone database
        return value
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no time zone {value!r} on this machine") from None
    return value


Address = Annotated[Endpoint, BeforeValidator(endpoint), PlainSerializer(str)]
MilterAddress = Annotated[TcpAddress | UnixAddress, BeforeValidator(milter_address), PlainSerializer(str)]
Inbox = Annotated[str, AfterValidator(_inbox)]
PathHere = Annotated[Path, AfterValidator(_path)]
FileHere = Annotated[Path, AfterValidator(_path), AfterValidator(_existing)]
Domain = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$"), AfterValidator(str.lower)]
Network = IPvAnyNetwork
Zone = Annotated[str, AfterValidator(_zone)]


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Section)


class Section(BaseModel):
    """Frozen, and strict about names. A section that is there but empty takes its defaults."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _empty(cls, data: Any) -> Any:
        if data is not None and not isinstance(data, dict):
            return data
        # Sections that are left out are read like empty ones: their relative paths must find their folder too.
        inner: dict[str, Any] = {f.alias or n: {} for n, f in cls.model_fields.items() if _is_section(f.annotation)}
        return {**inner, **(data or {})}


_LIMIT = re.compile(r"^    (\w+): \w+ = .*?#: (.*)$", re.MULTILINE)


def limit_docs() -> dict[str, str]:
    """What model/limits.py says of each limit. Empty where the source is not at hand."""
    try:
        return dict(_LIMIT.findall(inspect.getsource(Limits)))
    except OSError:
        return {}


def _limits(checked: Section) -> Limits:
    limits = Limits(**checked.model_dump())
    if limits.dkim_key_bits_min > limits.dkim_key_bits_max:
        raise ValueError("dkim_key_bits_min is greater than dkim_key_bits_max")
    if limits.message_size > limits.in_flight:
        raise ValueError("in_flight is smaller than message_size: no message of full size could ever be accepted")
    return limits


# A checked twin of Limits, field for field, through which every limits: section goes; what comes out is plain Limits.
_DOCS = limit_docs()
LimitsOptions: Any = create_model(  # type: ignore[call-overload]
    "LimitsOptions",
    __base__=Section,
    **{
        f.name: (f.type, Field(f.default, gt=0, allow_inf_nan=False, description=_DOCS.get(f.name, "")))
        for f in dataclasses.fields(Limits)
    },
)

if TYPE_CHECKING:
    LimitsHere = Limits
else:
    LimitsHere = Annotated[
        LimitsOptions,
        BeforeValidator(lambda v: dataclasses.asdict(v) if isinstance(v, Limits) else v),
        AfterValidator(_limits),
        PlainSerializer(dataclasses.asdict),
    ]
