"""The frame that every check stands in: declaration, discovery, and the guard.

Laws: the guard never raises; a crash is CHECK_FAILED and a lacking fact CHECK_SKIPPED, each naming the check; an
exception's text is never repeated, because it may hold words of the message; what goes out is sorted, bounded and the
same in every run.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from functools import lru_cache

from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

CHECK_FAILED = Symbol("CHECK_FAILED")
CHECK_SKIPPED = Symbol("CHECK_SKIPPED")

EVIDENCE = 20  #: pieces kept for one symbol
OBSERVED = 200  #: characters kept of one observed or expected text
TAKEN = 500  #: findings taken from one check: no message makes a check run for ever

#: What must never reach a terminal, a header field or a page unseen: controls, and the marks that reorder text.
_CONTROL = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029], " ") | dict.fromkeys(
    [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000)], "\ufffd"
)

Generator = Callable[[Facts], Iterator[Finding]]


class Lacking(Exception):
    """Raised by a check that finds out half-way which fact it lacks; it counts as skipped for that."""

    def __init__(self, need: Need) -> None:
        super().__init__(need.value)
        self.need = need


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its generator, the facts it cannot do without, and every symbol that it may emit."""

    name: str
    run: Generator
    needs: frozenset[Need]
    emits: frozenset[str]
    module: str = ""

    def __call__(self, facts: Facts) -> Iterator[Finding]:
        """The bare generator, without the guard."""
        return self.run(facts)


def check(*, needs: Set[Need] = frozenset(), emits: Set[str]) -> Callable[[Generator], Check]:
    """Declare a generator over Facts as a check. A symbol that is emitted undeclared counts as a crash."""

    def declare(run: Generator) -> Check:
        return Check(run.__name__, run, frozenset(needs), frozenset(str(s) for s in emits), run.__module__)

    return declare


@lru_cache(maxsize=1)
def checks() -> tuple[Check, ...]:
    """Every check of this package, by module name, then by its own. Raises TypeError where two share a name."""
    import edrguard.checks as package

    found: dict[str, Check] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        loaded = importlib.import_module(f"{package.__name__}.{module}")
        mine = {v.name: v for v in vars(loaded).values() if isinstance(v, Check) and v.module == loaded.__name__}
        if twice := sorted(set(mine) & set(found)):
            raise TypeError(f"two checks are called {twice[0]}: {found[twice[0]].module} and {loaded.__name__}")
        found |= {name: mine[name] for name in sorted(mine)}
    return tuple(found.values())


def catalog() -> frozenset[str]:
    """Every symbol that run_checks can emit."""
    return frozenset({CHECK_FAILED, CHECK_SKIPPED}).union(*(c.emits for c in checks()))


def run_checks(facts: Facts, among: Iterable[Check] | None = None) -> tuple[Finding, ...]:
    """What all checks (or those ``among``) see in these Facts, one Finding a symbol, sorted by symbol. Never raises."""
    seen: dict[str, list[Finding]] = {}
    skipped: list[tuple[str, tuple[Need, ...]]] = []
    asked: set[Need] = set()  # each need is looked at once: some fifty checks have the same few
    absent: set[Need] = set()
    for one in checks() if among is None else among:
        try:
            if not one.needs <= asked:
                absent.update(facts.missing(one.needs - asked))
                asked |= one.needs
            missing = () if one.needs.isdisjoint(absent) else tuple(sorted(one.needs & absent))
        except Exception as error:
            seen.setdefault(CHECK_FAILED, []).append(_failure(one, error))
            continue
        if missing:
            skipped.append((one.name, missing))
            continue
        try:
            for finding in _guarded(one, facts):
                seen.setdefault(finding.symbol, []).append(finding)
        except Lacking as lacking:
            skipped.append((one.name, (lacking.need,)))
    found = [_merged(symbol, findings) for symbol, findings in seen.items()]
    if skipped:
        found.append(_skips(skipped))
    return tuple(sorted(found, key=lambda f: f.symbol))


def _guarded(one: Check, facts: Facts) -> Iterator[Finding]:
    """The findings of one check; its crash, or a symbol that it did not declare, as one more."""
    try:
        for count, finding in enumerate(one.run(facts)):
            if finding.symbol not in one.emits:
                yield CHECK_FAILED(Evidence(f"check:{one.name}", f"undeclared symbol {finding.symbol}"))
                return
            if count >= TAKEN:
                return
            yield finding
    except Lacking:
        raise
    except Exception as error:
        yield _failure(one, error)


def _failure(one: Check, error: Exception) -> Finding:
    return CHECK_FAILED(Evidence(f"check:{one.name}", type(error).__name__))


def _skips(skipped: list[tuple[str, tuple[Need, ...]]]) -> Finding:
    parts = sorted({need.value for _, needs in skipped for need in needs})
    evidence = [
        Evidence(f"check:{name}", "not evaluated: " + ", ".join(n.value for n in needs)) for name, needs in skipped
    ]
    return Finding(CHECK_SKIPPED, tuple(evidence), f"We could not look at everything: {', '.join(parts)}")


def _merged(symbol: str, findings: list[Finding]) -> Finding:
    """One finding of several: all evidence, the greatest strength, the words of the strongest."""
    strongest = max(findings, key=lambda f: _share(f.strength))
    evidence = tuple(dict.fromkeys(_tidy(e) for f in findings for e in f.evidence[: EVIDENCE + 1]))
    if len(evidence) > EVIDENCE:
        more = len(evidence) - EVIDENCE + 1
        evidence = (*evidence[: EVIDENCE - 1], Evidence(evidence[EVIDENCE - 1].where, f"and at least {more} more"))
    return Finding(symbol, evidence, clean(strongest.says, 2 * OBSERVED), _share(strongest.strength))


def _share(strength: float) -> float:
    return min(1.0, max(0.0, strength)) if strength == strength else 1.0


def _tidy(evidence: Evidence) -> Evidence:
    expected = None if evidence.expected is None else clean(evidence.expected)
    return Evidence(clean(evidence.where), clean(evidence.observed), expected)


def clean(text: str, limit: int = OBSERVED) -> str:
    """Text of a stranger as one bounded line that cannot act on whoever reads it."""
    text = text[: limit + 1].translate(_CONTROL).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"
