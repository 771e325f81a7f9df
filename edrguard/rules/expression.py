"""Conditions in CEL (the Common Expression Language), with the library hidden behind two small classes.

The library is young, so nothing outside this file knows it. What it gives: types checked when a rule is loaded, places
of errors, bounds on work, RE2 for ``matches``. Laws: an unknown name never compiles; a value that is an error is an
exception here, never *false*.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cel_expr_python import cel
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

_TYPES: Mapping[str, Any] = {
    "string": cel.Type.STRING,
    "number": cel.Type.DYN,  # so that 60 and 60.0 both compare, whatever the other side is
    "bool": cel.Type.BOOL,
    "list": cel.Type.List(cel.Type.STRING),
}
_ERROR = re.compile(r"ERROR: <input>:(\d+):(\d+): ([^\n]*)")
_STATUS = re.compile(r"^[A-Z_]+: | \[[A-Z_]+\]$")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_OVERLOAD = re.compile(r"found no matching overload for '([^']*)' applied to '\((.*)\)'")
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
REMEMBERED = 256  #: combinations of values of which one expression remembers the result
_TEXT = re.compile(r"""[rRbB]{0,2}("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')""")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a source: where in it (from 0), what, in words."""

    offset: int
    message: str


class ExpressionError(ValueError):
    """A source that does not compile."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f.message for f in faults))
        self.faults = faults


class EvaluationError(RuntimeError):
    """A value that could not be had; the text is the library's and holds nothing of a message."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled condition. ``names`` are all that it reads."""

    source: str
    names: tuple[str, ...]
    _program: Any = None  #: None: the source is one symbol, perhaps negated
    negated: bool = False  #: a single symbol with ``!`` before it
    _known: dict[tuple[Any, ...], bool] = field(default_factory=dict, compare=False, repr=False)

    @property
    def bare(self) -> bool:
        """A single symbol, perhaps negated: it costs nothing to ask."""
        return self._program is None

    def holds(self, values: Mapping[str, Any]) -> bool:
        """True or false. Raises EvaluationError; ``values`` must have every name."""
        if self._program is None:
            return bool(values[self.names[0]]) != self.negated
        # The same few combinations of symbols, words and small numbers come again and again.
        given = [values[name] for name in self.names]
        key = tuple([value if value is True or value is False else _key(value) for value in given])
        found = self._known.get(key)
        if found is None:
            found = self._evaluate(dict(zip(self.names, given, strict=True)))
            if len(self._known) < REMEMBERED:
                self._known[key] = found
        return found

    def _evaluate(self, values: dict[str, Any]) -> bool:
        try:
            result = self._program.eval(data=values)
            if result.type() == cel.Type.BOOL:
                return bool(result.value())
        except Exception as error:
            raise EvaluationError(type(error).__name__) from error
        kind = result.type()
        raise EvaluationError(
            str(result.value())[:200] if kind == cel.Type.ERROR else f"gives {kind.name()}, not true or false"
        )


class Environment:
    """The names that conditions may use, each with its type (vocabulary.TYPES)."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = dict(names)
        self._environment = cel.NewEnv(variables={n: _TYPES[t] for n, t in names.items()})

    def compile(self, source: str) -> Expression:
        """The condition. Raises ExpressionError with every fault that was found."""
        bare = source.strip()
        symbol = bare.removeprefix("!").strip()
        if self.names.get(symbol) == "bool" and bare.count("!") <= 1:
            return Expression(source, (symbol,), None, bare.startswith("!"))
        try:
            program = self._environment.compile(source)
            kind = program.return_type()
        except RuntimeError as error:
            raise ExpressionError(self._faults(source, str(error))) from None
        if kind not in (cel.Type.BOOL, cel.Type.DYN):
            raise ExpressionError([Fault(0, f"gives a {kind.name().lower()}, not true or false")])
        return Expression(source, self.used(source), program)

    def used(self, source: str) -> tuple[str, ...]:
        """The names of this environment that a source mentions, in order, each once."""
        found: dict[str, None] = {}
        for match in _NAME.finditer(_blanked(source)):
            name = match.group()
            while name and name not in self.names:
                name = name.rpartition(".")[0]
            if name:
                found[name] = None
        return tuple(found)

    def _faults(self, source: str, text: str) -> list[Fault]:
        starts = [0, *(m.end() for m in re.finditer("\n", source))]
        faults = []
        for line, column, message in _ERROR.findall(text):
            offset = starts[min(int(line), len(starts)) - 1] + int(column) - 1
            if unknown := _UNDECLARED.search(message):
                name = unknown.group(1)
                # The library points at the last dot of a dotted name.
                offset = next((m.start() for m in _NAME.finditer(source) if m.start() <= offset < m.end()), offset)
                message = f"unknown name `{name}`{did_you_mean(name, self.names)}"
            elif overload := _OVERLOAD.search(message):
                message = f"`{overload.group(1).strip('_')}` does not work on {overload.group(2)}"
            else:
                message = re.sub(r" expecting .*", "", message).replace("'<EOF>'", "end of the expression")
            faults.append(Fault(offset, message))
        return faults or [Fault(0, _STATUS.sub("", text.partition("\n")[0])[:200])]


def _key(value: Any) -> Any:
    """What tells a value from every other: 1, 1.0 and true are equal in Python and are not in CEL."""
    if isinstance(value, (bool, str)):
        return value
    return tuple(value) if isinstance(value, (list, tuple)) else (type(value), value)


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """ " (did you mean X?)", or nothing where no name is near."""
    best = process.extractOne(name, sorted(names), scorer=DamerauLevenshtein.normalized_similarity, score_cutoff=0.65)
    return f" (did you mean {best[0]}?)" if best else ""


def conjuncts(source: str) -> tuple[str, ...]:
    """The operands of the outermost ``&&``; the source itself where something binds looser (``||``, ``?:``)."""
    blank, parts, depth, start, at = _blanked(source), [], 0, 0, 0
    while at < len(blank):
        char, pair = blank[at], blank[at : at + 2]
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif depth == 0 and (pair == "||" or char == "?"):
            return (source,)
        elif depth == 0 and pair == "&&":
            parts.append(source[start:at])
            start = at = at + 2
            continue
        at += 1
    return tuple(p.strip() for p in [*parts, source[start:]])


def _blanked(source: str) -> str:
    """The source with its string literals and comments made blank, every other character where it was."""
    blank = _TEXT.sub(lambda m: " " * len(m.group()), source)
    return re.sub(r"//[^\n]*", lambda m: " " * len(m.group()), blank)
