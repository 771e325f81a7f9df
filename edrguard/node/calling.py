"""The options of calling people, and of the deadlines that they are called for."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from edrguard.node.fields import PathHere, Section


class WebhookOptions(Section):
    """Pages by HTTP POST (how to check one: edrguard/review/pagers.py)."""

    url: str | None = Field(default=None, pattern=r"^https?://[^\s/]+", description="where to POST; null: no webhook")
    secret: str | None = Field(default=None, repr=False, min_length=16, description="key of the HMAC-SHA256 signature")
    secret_file: PathHere | None = Field(default=None, description="file that holds the secret instead")
    timeout: float = Field(default=10.0, gt=0, le=120, description="for one try, in seconds")

    @model_validator(mode="after")
    def _signed(self) -> Self:
        if self.secret and self.secret_file:
            raise ValueError("give secret or secret_file, not both")
        if self.url and not (self.secret or self.secret_file):
            raise ValueError("a webhook needs a secret or a secret_file: unsigned pages could be forged")
        return self


class PageMailOptions(Section):
    """Pages by mail, over the next hop (an SMS gateway, an on-call list)."""

    sender: str = Field(default="", alias="from", description="author and reverse-path; empty: edrguard@ and hostname")
    to: tuple[str, ...] = Field(default=(), description="addresses; none: no pages by mail")


class AppriseOptions(Section):
    """Pages by any service that Apprise knows. Its URLs hold passwords: they stand in no configuration file of ours."""

    file: PathHere | None = Field(default=None, description="file with one Apprise URL a line; # begins a comment")
    environment: str = Field(
        default="EDRGUARD_APPRISE_URLS",
        pattern=r"^[A-Z_][A-Z0-9_]*$",
        description="variable that holds URLs, too, with blanks between them",
    )
    timeout: float = Field(default=20.0, gt=0, le=120, description="for one try, in seconds")


class LineOptions(Section):
    """Further people, who are called when nobody before them has claimed a case, or reached the agency."""

    after: int = Field(ge=1, le=1440, description="minutes that an urgent case has waited unclaimed")
    webhook: WebhookOptions = Field(default_factory=WebhookOptions, description="as pages.webhook")
    smtp: PageMailOptions = Field(default_factory=PageMailOptions, description="as pages.smtp")
    apprise_file: PathHere | None = Field(default=None, description="as pages.apprise.file")

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not (self.webhook.url or self.smtp.to or self.apprise_file):
            raise ValueError("a line needs webhook, smtp or apprise_file: nobody would be called")
        return self


class PagesOptions(Section):
    """How people are called when a life may be at risk."""

    webhook: WebhookOptions = Field(default_factory=WebhookOptions, description="pages by HTTP POST")
    smtp: PageMailOptions = Field(default_factory=PageMailOptions, description="pages by mail")
    apprise: AppriseOptions = Field(default_factory=AppriseOptions, description="pages by Apprise (extra notify)")
    escalate: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        default=(15, 30, 60),
        description="minutes after which an urgent case that nobody claimed is paged again, the last one repeated",
    )
    lines: tuple[LineOptions, ...] = Field(
        default=(), description="further people who are called when those before them do not come: `after`, and ways"
    )

    @model_validator(mode="after")
    def _one_after_the_other(self) -> Self:
        times = [line.after for line in self.lines]
        if times != sorted(set(times)):
            raise ValueError("lines: each comes later than the one before it")
        return self


class IncidentsOptions(Section):
    """When many cases become one page and one decision. What claims danger to life never does."""

    cases: int = Field(
        default=6,
        ge=3,
        le=1000,
        description="so many within an hour from one agency, and more than twice its busiest hour so far",
    )
    hours: float = Field(default=12.0, gt=0, le=168, description="after which an incident ends by itself")
    probation_days: int = Field(
        default=90, ge=1, le=3650, description="how long a sender is watched who was hijacked and is cleaned"
    )


class ClocksOptions(Section):
    """How periods of law are counted. Days are those of ``console.timezone``."""

    country: str = Field(
        default="",
        pattern=r"^([A-Z]{2})?$",
        description="ISO 3166-1: whose public holidays move the end of a period in days; empty: weekends only",
    )
    holidays: tuple[date, ...] = Field(default=(), description="further free days, YYYY-MM-DD")
