"""What is allowed and still wrong: faults that loading cannot see, each with its place.

Unknown names are load errors. Lint adds: a rule without a reason or without its scenarios, a scenario that is not
there, a symbol that nothing emits or that nobody documented, a rule that can never fire, and a rule that would hold a
message for its risk alone. A scenario ``unit:NAME`` is a case of tests/rules/cases.py: what no wire can show (a store
that is down, a check that crashes) is shown on Facts, and the tests hold it.
"""

from collections.abc import Iterable
from pathlib import Path

from edrguard.model.errors import ConfigError, Place
from edrguard.rules.engine import RULE_ERROR
from edrguard.rules.expression import did_you_mean
from edrguard.rules.ruleset import Rule, RuleSet

UNIT = "unit:"


def lint(
    ruleset: RuleSet, scenarios_dir: Path | None = None, emitted: frozenset[str] | None = None
) -> list[ConfigError]:
    """All faults in the order of the rules.

    ``scenarios_dir`` None: scenarios are not looked for. ``emitted`` None: what checks emit is not known, so symbols
    are not compared.
    """
    faults: list[ConfigError] = []
    scenarios = {p.name for p in scenarios_dir.iterdir() if p.is_dir()} if scenarios_dir else None
    reachable = None if emitted is None else emitted | {RULE_ERROR} | {m.symbol for m in ruleset.matchers}
    for rule in ruleset.rules:
        faults += _manners(rule)
        faults += _scenarios(rule, scenarios)
        faults += _sense(rule)
        if reachable is not None:
            unreached = [n for n in rule.names if n in ruleset.symbols and n not in reachable]
            faults += [ConfigError(f"rule {rule.id}: nothing emits {n}", _at(rule, "when")) for n in unreached]
    if reachable is not None:
        faults += [
            ConfigError(f"symbol {s} is emitted and not documented", Place("symbols.yml"))
            for s in sorted(reachable - set(ruleset.symbols))
        ]
        faults += [
            ConfigError(f"symbol {i.symbol}: nothing emits it", i.place)
            for i in ruleset.symbols.values()
            if i.symbol not in reachable
        ]
    return faults


def _manners(rule: Rule) -> Iterable[ConfigError]:
    if not rule.because:
        yield ConfigError(f"rule {rule.id} gives no reason (because)", rule.place)
    for key, names in (("fires_on", rule.fires_on), ("silent_on", rule.silent_on)):
        if not names:
            yield ConfigError(f"rule {rule.id} names no scenario in {key}", rule.place)
    for name in sorted(set(rule.fires_on) & set(rule.silent_on)):
        yield ConfigError(f"rule {rule.id} cannot both fire and be silent on {name}", _at(rule, "silent_on"))


def _scenarios(rule: Rule, scenarios: set[str] | None) -> Iterable[ConfigError]:
    if scenarios is None:
        return
    for key, names in (("fires_on", rule.fires_on), ("silent_on", rule.silent_on)):
        for name in names:
            if name not in scenarios and not name.startswith(UNIT):
                told = f"rule {rule.id}: no scenario {name}{did_you_mean(name, scenarios)}"
                yield ConfigError(told, _at(rule, key))


def _sense(rule: Rule) -> Iterable[ConfigError]:
    plain = {p.source.strip().replace(" ", "") for p in rule.parts}
    for part in sorted(plain):
        if f"!{part}" in plain:
            yield ConfigError(f"rule {rule.id} never fires: {part} and !{part}", _at(rule, "when"))
    if rule.bar and rule.bar.source.strip().replace(" ", "") in plain:
        yield ConfigError(f"rule {rule.id} never fires: it demands what it excludes", _at(rule, "unless"))
    if rule.then.holds and all(n == "risk" or n.startswith("group.") for n in rule.names):
        yield ConfigError(f"rule {rule.id} holds a message for its risk alone", _at(rule, "then"))


def _at(rule: Rule, key: str) -> Place:
    return rule.places.get(key, rule.place)
