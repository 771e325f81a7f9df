"""The shape of symbol, rule and matcher files, as pydantic models that forbid what they do not know."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

SymbolName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,63}$")]
Group = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Weight = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]
Action = Literal["forward", "tag", "verify", "quarantine", "refuse"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SymbolPatch(_Strict):
    """One symbol; a later file may give only what it changes."""

    group: Group | None = None
    weight: Weight | None = None
    says: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = None


class RulePatch(_Strict):
    """One rule; in ``local.d`` only what it changes."""

    id: RuleId
    when: Annotated[str, StringConstraints(min_length=1, max_length=4000)] | None = None
    unless: Annotated[str, StringConstraints(min_length=1, max_length=4000)] | None = None
    then: Action | None = None
    because: Annotated[str, StringConstraints(max_length=300)] | None = None
    fires_on: list[str] | None = None
    silent_on: list[str] | None = None
    note: str | None = None
    enabled: bool | None = None


class MatcherEntry(_Strict):
    """One matcher; group, weight and says define its symbol where symbols.yml does not."""

    symbol: SymbolName
    field: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    any_of: list[Annotated[str, StringConstraints(min_length=1, max_length=1000)]] | None = Field(None, min_length=1)
    regex: Annotated[str, StringConstraints(min_length=1, max_length=4000)] | None = None
    group: Group | None = None
    weight: Weight | None = None
    says: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "MatcherEntry":
        if (self.any_of is None) == (self.regex is None):
            raise ValueError("needs either any_of or regex")
        return self
