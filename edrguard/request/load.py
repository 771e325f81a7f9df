"""config/phrases and config/statutes as a Lexicon.

The files are YAML mappings; a list of patterns is a literal block, one pattern a line (``#`` begins a comment line).
A later file for the same language adds to an earlier one, so operators extend without editing what is shipped.

Laws: typed and closed: an unknown key, a wrong type or a bad pattern is a ConfigError at file:line:column.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from edrguard.model.errors import ConfigError, Place
from edrguard.request import patterns
from edrguard.request.lexicon import Language, Lexicon, ReferenceShape, Statute

# fmt: off
CONCEPTS = frozenset((
    "life", "emergency", "peril", "harm", "threat", "now", "person", "offence", "past", "denial", "unit", "haste",
    "expedited", "authority", "ask", "subscriber", "contact", "ip-log", "location", "payment", "identity-document",
    "content", "linked-accounts", "device", "preserve", "freeze", "transfer", "unlock", "remove", "domain-lock",
    "sim-change", "mutual", "press", "closing", "automatic", "avoid", "pressure", "not-notify", "badge",
    "supervisor", "call", "send", "reference", "period", "targets", "until", "within", "signoff", "process",
    "negator",
))
# fmt: on
SCRIPTS = frozenset(["latin", "cyrillic", "greek", "hebrew", "arabic", "cjk", "hangul", "thai", "devanagari"])
KINDS = frozenset(["compelled", "emergency", "preservation", "voluntary", "obsolete"])
INTERNATIONAL = "INT"  #: treaties: no single jurisdiction
UNITS = frozenset(["minute", "hour", "day", "week"])


class _File:
    """One YAML file being read; every complaint knows its place."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fail(self, node: Node | None, message: str, line: int = 0, column: int = 0) -> NoReturn:
        mark = node.start_mark if node is not None else None
        place = Place(str(self.path), mark.line + 1 + line, mark.column + 1) if mark else Place(str(self.path))
        if line and mark:
            place = Place(str(self.path), mark.line + 1 + line, column)
        raise ConfigError(message, place)

    def root(self) -> MappingNode:
        yaml = YAML(typ="safe", pure=True)
        try:
            node = yaml.compose(self.path.read_text(encoding="utf-8"))
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = Place(str(self.path), mark.line + 1, mark.column + 1) if mark else Place(str(self.path))
            raise ConfigError(f"not YAML: {error.problem or error.context}", place) from None
        except (YAMLError, UnicodeDecodeError) as error:
            raise ConfigError(f"not YAML: {error}", Place(str(self.path))) from None
        except OSError as error:
            raise ConfigError(f"cannot be read: {error.strerror}", Place(str(self.path))) from None
        if not isinstance(node, MappingNode):
            self.fail(node, "a mapping is expected")
        return node

    def items(self, node: Node, allowed: frozenset[str]) -> Iterator[tuple[str, ScalarNode, Node]]:
        if not isinstance(node, MappingNode):
            self.fail(node, "a mapping is expected")
        seen: set[str] = set()
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else ""
            if name not in allowed:
                self.fail(key, f"unknown key {name!r}; known are {', '.join(sorted(allowed))}")
            if name in seen:
                self.fail(key, f"{name!r} stands here twice")
            seen.add(name)
            yield name, key, value

    def text(self, node: Node) -> str:
        if not isinstance(node, ScalarNode):
            self.fail(node, "text is expected")
        return str(node.value)

    def flag(self, node: Node) -> bool:
        said = self.text(node).lower()
        if said not in ("true", "false"):
            self.fail(node, "true or false is expected")
        return said == "true"

    def choice(self, node: Node, allowed: frozenset[str]) -> str:
        said = self.text(node)
        if said not in allowed:
            self.fail(node, f"{said!r} is none of {', '.join(sorted(allowed))}")
        return said

    def lines(self, node: Node) -> list[tuple[str, int, int]]:
        """The patterns of a block with the line (relative to the node) and column that each stands at."""
        text = self.text(node)
        block = isinstance(node, ScalarNode) and node.style in ("|", ">")
        found = []
        for number, line in enumerate(text.split("\n")):
            pattern = line.strip()
            if pattern and not pattern.startswith("#"):
                found.append((pattern, number + 1 if block else number, 1))
        return found

    def patterns(self, node: Node, script: str) -> tuple[tuple[str, ...], Any]:
        """The block's patterns and their expression; only where that fails, one by one for the place."""
        found = self.lines(node)
        if not found:
            self.fail(node, "at least one pattern is expected")
        try:
            expression = patterns.any_of([pattern for pattern, _, _ in found], script)
        except patterns.PatternFault:
            for pattern, line, column in found:
                self.pattern(node, pattern, script, line, column)
            self.fail(node, "the patterns are too many for one expression")
        return tuple(pattern for pattern, _, _ in found), expression

    def pattern(self, node: Node, pattern: str, script: str = "latin", line: int = 0, column: int = 0) -> str:
        try:
            patterns.any_of([pattern], script)
        except patterns.PatternFault as fault:
            self.fail(node, f"bad pattern {pattern!r}: {fault}", line, column + fault.offset)
        return pattern


def load_lexicon(paths: Sequence[Path]) -> Lexicon:
    """Read phrase and statute files, or directories of ``*.yml``. Raises ConfigError at the first fault.

    A file with ``language:`` is a phrase file, one with ``jurisdiction:`` a statute file.
    """
    languages: dict[str, Language] = {}
    statutes: list[Statute] = []
    references: list[ReferenceShape] = []
    for path in paths:
        path = Path(path)
        files = sorted(path.rglob("*.yml")) if path.is_dir() else [path]
        for name in files:
            file = _File(name)
            root = file.root()
            keys = {key.value for key, _ in root.value if isinstance(key, ScalarNode)}
            if "language" in keys:
                language = _language(file, root)
                earlier = languages.get(language.code)
                languages[language.code] = _merged(earlier, language) if earlier else language
            elif "jurisdiction" in keys:
                _statutes(file, root, statutes, references)
            else:
                file.fail(root, "neither 'language' nor 'jurisdiction' is given")
    return Lexicon(tuple(languages.values()), statutes, references)


def _merged(earlier: Language, later: Language) -> Language:
    says = {concept: tuple(lines) for concept, lines in earlier.says.items()}
    for concept, lines in later.says.items():
        says[concept] = (*says.get(concept, ()), *lines)
    return Language(
        code=earlier.code,
        script=earlier.script,
        stopwords=earlier.stopwords | later.stopwords,
        says=says,
        months=later.months or earlier.months,
        units={**earlier.units, **later.units},
    )


def _language(file: _File, root: MappingNode) -> Language:
    code, script, stopwords = "", "latin", frozenset[str]()
    says_node: Node | None = None
    months: tuple[str, ...] = ()
    units: dict[str, str] = {}
    allowed = frozenset({"language", "script", "stopwords", "says", "months", "units"})
    for name, _, value in file.items(root, allowed):
        match name:
            case "language":
                code = file.text(value)
                if len(code) != 2 or not code.isalpha():
                    file.fail(value, f"{code!r} is no ISO 639-1 code")
            case "script":
                script = file.choice(value, SCRIPTS)
            case "stopwords":
                stopwords = frozenset(file.text(value).split())
            case "says":
                says_node = value
            case "months":
                months = tuple(file.pattern(value, word) for word in file.text(value).split())
                if len(months) != 12:
                    file.fail(value, f"twelve months are expected, not {len(months)}")
            case "units":
                units = {unit: file.pattern(node, file.text(node)) for unit, _, node in file.items(value, UNITS)}
    says: dict[str, tuple[str, ...]] = {}
    expressions: dict[str, Any] = {}
    if says_node is not None:
        for concept, _, value in file.items(says_node, CONCEPTS):
            says[concept], expressions[concept] = file.patterns(value, script)
    return Language(code, script, stopwords, says, months, units, expressions)


def _statutes(file: _File, root: MappingNode, statutes: list[Statute], references: list[ReferenceShape]) -> None:
    jurisdiction, source, confirmed = "", "", False
    citations: Node | None = None
    shapes: list[str] = []
    allowed = frozenset({"jurisdiction", "source", "confirmed", "citations", "references"})
    for name, _, value in file.items(root, allowed):
        match name:
            case "jurisdiction":
                jurisdiction = file.text(value)
                if not jurisdiction.isupper() or (len(jurisdiction) != 2 and jurisdiction != INTERNATIONAL):
                    file.fail(value, f"{jurisdiction!r} is no ISO 3166-1 code, EU or {INTERNATIONAL}")
            case "source":
                source = file.text(value)
            case "confirmed":
                confirmed = file.flag(value)
            case "citations":
                citations = value
            case "references":
                shapes = [file.pattern(value, pattern, "latin", *at) for pattern, *at in file.lines(value)]
    if citations is not None:
        if not isinstance(citations, SequenceNode):
            file.fail(citations, "a list is expected")
        for node in citations.value:
            statutes.append(
                _statute(file, node, None if jurisdiction == INTERNATIONAL else jurisdiction, source, confirmed)
            )
    references.extend(ReferenceShape(jurisdiction, shape) for shape in shapes)


def _statute(file: _File, node: Node, jurisdiction: str | None, source: str, confirmed: bool) -> Statute:
    cite = match = kind = ""
    for name, _, value in file.items(node, frozenset({"cite", "match", "kind", "source", "confirmed"})):
        match name:
            case "cite":
                cite = file.text(value)
            case "match":
                match = file.pattern(value, file.text(value))
            case "kind":
                kind = file.choice(value, KINDS)
            case "source":
                source = file.text(value)
            case "confirmed":
                confirmed = file.flag(value)
    if not (cite and match and kind):
        file.fail(node, "cite, match and kind are needed")
    return Statute(cite, jurisdiction, kind, confirmed, source, match)
