"""From files to a RuleSet, with every fault of every file reported at once.

Files are read in the order given. A symbol may be given again: what is given replaces that much. A rule may be given
again in another directory: what stands in ``override.d`` replaces the whole rule, anywhere else (``local.d``) what is
given replaces that much. Twice in one directory is a fault: nobody could say which one counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edrguard.model.errors import ConfigError, ConfigErrors, Place
from edrguard.model.words import Disposition
from edrguard.rules.expression import Environment, Expression, ExpressionError, conjuncts, did_you_mean
from edrguard.rules.matchers import Matcher, compile_matcher
from edrguard.rules.risk import GROUPS
from edrguard.rules.ruleset import Rule, RuleSet, RuleText, SymbolInfo, rules_version
from edrguard.rules.schema import MatcherEntry, RulePatch, SymbolPatch
from edrguard.rules.source import Keys, Source, checked, files
from edrguard.rules.vocabulary import TYPES, VOCABULARY

OVERRIDE = "override.d"
SECTIONS = ("rules", "matchers", "symbols")


@dataclass(slots=True)
class _Draft:
    """A rule as it grows from file to file: each value with where it stands."""

    layer: str
    place: Place
    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, tuple[Source, Keys]] = field(default_factory=dict)


class _Load:
    def __init__(self) -> None:
        self.faults: list[ConfigError] = []
        self.symbols: dict[str, SymbolInfo] = {}
        self.partial: dict[str, dict[str, Any]] = {}
        self.first: dict[str, Place] = {}
        self.drafts: dict[str, _Draft] = {}
        self.matchers: list[Matcher] = []

    def file(self, source: Source, symbols_only: bool) -> None:
        """Sort what one file holds into its kinds."""
        data = source.data
        if data is None:
            return
        if isinstance(data, list) and not symbols_only:
            self.rules(source, data, ())
        elif isinstance(data, Mapping) and set(data) <= set(SECTIONS):
            self.sections(source)
        elif isinstance(data, Mapping) and (symbols_only or all(str(k).isupper() for k in data)):
            self.symbol_lines(source, data, ())
        elif isinstance(data, Mapping):
            for name in data:
                if name not in SECTIONS:
                    told = f"unknown key `{name}`{did_you_mean(str(name), SECTIONS)}"
                    self.faults.append(ConfigError(told, source.place([name], at_key=True)))
            self.sections(source)
        else:
            kind = "a mapping of symbols" if symbols_only else "a list of rules"
            self.faults.append(ConfigError(f"must be {kind}", source.place()))

    def sections(self, source: Source) -> None:
        self.section(source, "symbols", Mapping, self.symbol_lines)
        self.section(source, "matchers", list, self.matcher_list)
        self.section(source, "rules", list, self.rules)

    def section(self, source: Source, name: str, kind: type, read: Any) -> None:
        value = source.data.get(name)
        if isinstance(value, kind):
            read(source, value, (name,))
        elif value is not None:
            wanted = "a list" if kind is list else "a mapping"
            self.faults.append(ConfigError(f"{name}: must be {wanted}", source.place([name])))

    def symbol_lines(self, source: Source, lines: Mapping[str, Any], keys: Keys) -> None:
        for name, given in lines.items():
            where = [*keys, name]
            place = source.place(where, at_key=True)
            if not isinstance(name, str) or not name.isascii() or name != name.upper() or not name.isidentifier():
                self.faults.append(ConfigError(f"`{name}` is no symbol: capitals, digits and _ make one", place))
            elif patch := checked(SymbolPatch, given, source, where, self.faults):
                self.define(name, patch.model_dump(exclude_none=True), place)

    def define(self, name: str, values: dict[str, Any], place: Place) -> None:
        self.partial.setdefault(name, {}).update(values)
        self.first.setdefault(name, place)

    def matcher_list(self, source: Source, entries: list[Any], keys: Keys) -> None:
        for number, given in enumerate(entries):
            where = [*keys, number]
            entry = checked(MatcherEntry, given, source, where, self.faults)
            if entry is None:
                continue
            place = source.place(where)
            word = VOCABULARY.get(entry.field)
            if "." in entry.field and (word is None or word.type not in ("string", "list")):
                texts = [w.name for w in VOCABULARY.values() if w.type in ("string", "list")]
                told = f"field: no text is called `{entry.field}`{did_you_mean(entry.field, texts)}"
                self.faults.append(ConfigError(told, source.place([*where, "field"])))
                continue
            try:
                made = compile_matcher(entry.symbol, entry.field, entry.any_of or (), entry.regex, place)
            except ValueError as error:
                self.faults.append(ConfigError(f"regex: {error}", source.place([*where, "regex"])))
                continue
            self.matchers.append(made)
            own = {k: v for k in ("group", "weight", "says") if (v := getattr(entry, k)) is not None}
            self.define(entry.symbol, own, place)

    def rules(self, source: Source, entries: list[Any], keys: Keys) -> None:
        layer = str(Path(source.path).parent)
        for number, given in enumerate(entries):
            where = [*keys, number]
            patch = checked(RulePatch, given, source, where, self.faults)
            if patch is None:
                continue
            known, place = self.drafts.get(patch.id), source.place([*where, "id"])
            if known is not None and known.layer == layer:
                self.faults.append(ConfigError(f"rule {patch.id} stands at {known.place} already", place))
                continue
            draft = known if known and Path(layer).name != OVERRIDE else _Draft(layer, place)
            draft.layer = layer
            for name, value in patch.model_dump(exclude_none=True, exclude={"id"}).items():
                draft.values[name] = value
                draft.origins[name] = (source, [*where, name])
            self.drafts[patch.id] = draft

    def finished_symbols(self) -> None:
        """Every symbol must have come to a group, a weight and a sentence."""
        for name, values in self.partial.items():
            if name in VOCABULARY or name == "risk":
                self.faults.append(ConfigError(f"`{name}` is a word of the vocabulary", self.first[name]))
            if missing := [k for k in ("group", "weight", "says") if k not in values]:
                told = f"symbol {name} has no {' and no '.join(missing)}"
                self.faults.append(ConfigError(told, self.first[name]))
            else:
                self.symbols[name] = SymbolInfo(symbol=name, place=self.first[name], **values)

    def rule(self, id: str, draft: _Draft, environment: Environment) -> Rule | None:
        """The draft compiled, or None with its faults noted."""
        if draft.values.pop("enabled", True) is False:
            return None
        missing = [k for k in ("when", "then") if k not in draft.values]
        if missing:
            self.faults.append(ConfigError(f"rule {id} has no {' and no '.join(missing)}", draft.place))
            return None
        values, before = draft.values, len(self.faults)
        self.compiled(environment, draft, "when", values["when"])
        bar = self.compiled(environment, draft, "unless", values["unless"]) if "unless" in values else None
        if len(self.faults) > before:
            return None
        return Rule(
            id=id,
            when=values["when"],
            then=Disposition(values["then"]),
            unless=values.get("unless"),
            because=values.get("because", ""),
            fires_on=tuple(values.get("fires_on", ())),
            silent_on=tuple(values.get("silent_on", ())),
            note=values.get("note", ""),
            parts=tuple(environment.compile(part) for part in conjuncts(values["when"])),
            bar=bar,
            place=draft.place,
            places={name: source.place(keys) for name, (source, keys) in draft.origins.items()},
        )

    def compiled(self, environment: Environment, draft: _Draft, name: str, text: str) -> Expression | None:
        source, keys = draft.origins[name]
        try:
            return environment.compile(text)
        except ExpressionError as error:
            for fault in error.faults:
                self.faults.append(ConfigError(fault.message, source.inside(keys, text, fault.offset)))
            return None


def load_rules(symbol_paths: Iterable[Path], rule_paths: Iterable[Path]) -> RuleSet:
    """Read, merge and compile. Paths are files or directories.

    Raises ConfigErrors with all faults, each with its place.
    """
    load, texts = _Load(), list[RuleText]()
    places: dict[Path, int] = {}
    for paths, symbols_only in ((symbol_paths, True), (rule_paths, False)):
        for path in files(Path(p) for p in paths):
            try:
                source = Source(path)
            except ConfigError as error:
                load.faults.append(error)
                continue
            folder = path.absolute().parent
            place = places.setdefault(folder, len(places))
            texts.append(
                RuleText(
                    place=place,
                    folder=folder.name or "rules",
                    name=path.name,
                    text=source.text,
                    symbols_only=symbols_only,
                )
            )
            load.file(source, symbols_only)
    load.finished_symbols()
    groups = tuple(dict.fromkeys([*GROUPS, *(s.group for s in load.symbols.values())]))
    environment = environment_of(load.partial, groups)
    rules = [rule for id, draft in load.drafts.items() if (rule := load.rule(id, draft, environment))]
    if load.faults:
        raise ConfigErrors(load.faults)
    return RuleSet(
        symbols=load.symbols,
        rules=tuple(rules),
        matchers=tuple(load.matchers),
        version=rules_version(texts),
        environment=environment,
        groups=groups,
        texts=tuple(texts),
    )


def environment_of(symbols: Iterable[str], groups: Iterable[str]) -> Environment:
    """Symbols as booleans, the risk and the sums of groups as numbers, the vocabulary with its types."""
    names = {word.name: word.type for word in VOCABULARY.values()}
    names |= dict.fromkeys(symbols, "bool") | {f"group.{g}": "number" for g in groups} | {"risk": "number"}
    assert set(names.values()) <= set(TYPES)
    return Environment(names)
