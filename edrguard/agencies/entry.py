"""One entry of a directory file, typed, and its value in the model."""

from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from edrguard.agencies.hosts import entry_domain
from edrguard.model.agency import Agency, Compromise, Contact

KINDS = ("police", "prosecution", "court", "ministry", "customs", "tax", "intelligence", "military", "body", "other")


@cache
def countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2 as the telephone tables know them, with the territories that have no numbers of their own."""
    import phonenumbers

    return frozenset(phonenumbers.SUPPORTED_REGIONS) | {"AQ", "BV", "EU", "GS", "HM", "PN", "TF", "UM"}


def _country(value: Any) -> Any:
    code = value.strip().upper() if isinstance(value, str) else value
    if not isinstance(code, str) or code not in countries():
        raise ValueError("not a country code of ISO 3166-1 (two letters)")
    return code


def _domain(value: Any) -> str:
    host = entry_domain(value.strip()) if isinstance(value, str) else None
    if host is None:
        raise ValueError('not a domain; write "agency.example" or "*.agency.example"')
    return host


def _zone(value: Any) -> Any:
    if value is not None and (not isinstance(value, str) or value not in _zones()):
        raise ValueError("not a time zone of the IANA database")
    return value


@cache
def _zones() -> frozenset[str]:
    from zoneinfo import available_timezones

    return frozenset(available_timezones())


def _day(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (ValueError, TypeError):
        raise ValueError("not a date; write YEAR-MONTH-DAY") from None


Domain = Annotated[str, BeforeValidator(_domain)]
Day = Annotated[date, BeforeValidator(_day)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ContactEntry(_Strict):
    """A way to call back."""

    kind: Literal["phone", "email", "url"]
    value: Text
    role: str = ""
    source: str = ""
    checked: Day | None = None


class CompromiseEntry(_Strict):
    """Known hijack of the agency's mailboxes."""

    since: Day
    until: Day | None = None
    note: str = ""


class AgencyEntry(_Strict):
    """The shape of one entry; unknown keys are faults."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    name: Text
    country: Annotated[str, BeforeValidator(_country)]
    domains: Annotated[list[Domain], Field(min_length=1)]
    region: str | None = None
    kind: Literal[
        "police", "prosecution", "court", "ministry", "customs", "tax", "intelligence", "military", "body", "other"
    ] = "other"
    timezone: Annotated[str | None, BeforeValidator(_zone)] = None
    former_domains: list[Domain] = []
    requests: list[Text] = []
    contacts: list[ContactEntry] = []
    source: str = ""
    confidence: Literal["confirmed", "probable"] = "confirmed"
    compels: bool = True
    compromised: CompromiseEntry | None = None

    def agency(self, warnings: list[str]) -> Agency:
        """The model's value. What cannot be used as it stands is told in ``warnings``."""
        return Agency(
            id=self.id,
            name=self.name,
            country=self.country,
            domains=tuple(dict.fromkeys(self.domains)),
            kind=self.kind,
            region=self.region or None,
            timezone=self.timezone,
            former_domains=tuple(dict.fromkeys(self.former_domains)),
            requests=tuple(self.requests),
            contacts=tuple(_contact(self, contact, warnings) for contact in self.contacts),
            source=self.source,
            confidence=self.confidence,
            compels=self.compels,
            compromised=Compromise(**self.compromised.model_dump()) if self.compromised else None,
        )


def _contact(entry: AgencyEntry, contact: ContactEntry, warnings: list[str]) -> Contact:
    value = contact.value
    if contact.kind == "phone":
        if (number := e164(value, entry.country)) is None:
            warnings.append(f"{entry.id}: {value!r} is no telephone number in international form; kept as it is")
        value = number or value
        if not contact.source:
            warnings.append(f"{entry.id}: the telephone number {value} has no source: where was it checked?")
    return Contact(kind=contact.kind, value=value, role=contact.role, source=contact.source, checked=contact.checked)


def e164(text: str, country: str) -> str | None:
    """A telephone number as +digits (E.164); None where it is not one."""
    if text.startswith("+") and text[1:].isascii() and text[1:].isdigit() and 7 < len(text) < 17:
        return text
    import phonenumbers

    try:
        parsed = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
