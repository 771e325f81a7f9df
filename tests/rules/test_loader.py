"""Every fault with its exact place; layers; what a file may hold."""

from pathlib import Path

import pytest

from edrguard.model.errors import ConfigError, ConfigErrors
from edrguard.model.words import Disposition
from edrguard.rules import RuleSet, load_rules
from tests.rules.conftest import SYMBOLS, Make

RULE = "- id: one\n  when: A\n  then: tag\n"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("- id: one\n  when: A && X_TYPO\n  then: tag\n", "2:14: unknown name `X_TYPO`"),
        ('- id: one\n  when: "A && BB"\n  then: tag\n', "2:15: unknown name `BB`"),
        (
            "- id: one\n  when: 'A && request.knd == ''x'''\n  then: tag\n",
            "2:15: unknown name `request.knd` (did you mean request.kind?)",
        ),
        ('- id: one\n  when: "request.kind == \\"x\\" && BB"\n  then: tag\n', "2:35: unknown name `BB`"),
        ("- id: one\n  when: >-\n    A\n    && BB\n  then: tag\n", "4:8: unknown name `BB`"),
        ("- id: one\n  when: |\n    A &&\n      BB\n  then: tag\n", "4:7: unknown name `BB`"),
        ("- id: one\n  when: A &&\n    BB\n  then: tag\n", "3:5: unknown name `BB`"),
        ("- id: one\n  when: A &&\n  then: tag\n", "2:13: Syntax error: mismatched input end of the expression"),
        ("- id: one\n  when: A\n  unless: XX\n  then: tag\n", "3:11: unknown name `XX`"),
        ("- id: one\n  when: A\n  than: tag\n", "3:3: unknown key `than` (did you mean then?)"),
        (
            "- id: one\n  when: A\n  then: tga\n",
            "3:9: then: one of forward, tag, verify, quarantine, refuse (did you mean tag?), not 'tga'",
        ),
        ("- id: One\n  when: A\n  then: tag\n", "1:7: id: must look like ^[a-z0-9][a-z0-9-]{1,63}$, not 'One'"),
        ("- when: A\n  then: tag\n", "1:3: `id` is missing"),
        ("- id: one\n  then: tag\n", "1:7: rule one has no when"),
        ("- id: one\n", "1:7: rule one has no when and no then"),
        (f"{RULE}{RULE}", "4:7: rule one stands at {path}:1:7 already"),
        ("- id: one\n  id: two\n", '2:3: found duplicate key "id" with value "two" (original value: "one")'),
        ("- id: [one\n", "2:1: expected ',' or ']', but got '<stream end>'"),
        ("rule:\n  - id: one\n", "1:1: unknown key `rule` (did you mean rules?)"),
        ("rules: 5\n", "1:8: rules: must be a list"),
        ("just text\n", "1:1: must be a list of rules"),
        (
            "- id: one\n  when: A\n  then: tag\n  fires_on: story\n",
            "4:13: fires_on: Input should be a valid list, not 'story'",
        ),
        ("matchers:\n  - {symbol: M, field: text, regex: '(a'}\n", "2:37: regex: missing ): (a"),
        (
            "matchers:\n  - {symbol: M, field: author.domian, any_of: [x]}\n",
            "2:24: field: no text is called `author.domian` (did you mean author.domain?)",
        ),
        ("matchers:\n  - {symbol: M, field: text}\n", "2:5: needs either any_of or regex"),
        (
            "matchers:\n  - {symbol: M, field: text, any_of: [x]}\n",
            "2:5: symbol M has no group and no weight and no says",
        ),
        (
            "symbols:\n  A: {weight: heavy}\n",
            "2:15: weight: Input should be a valid number, unable to parse string as a number, not 'heavy'",
        ),
    ],
)
def test_faults(make: Make, tmp_path: Path, rules: str, expected: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        make(rules)
    path = str(tmp_path / "rules.yml")
    assert str(caught.value.faults[0]) == f"{path}:{expected.replace('{path}', path)}"
    assert caught.value.exit_code == 78


@pytest.mark.parametrize(
    ("symbols", "expected"),
    [
        ("A: {group: x, weight: 1}\n", "1:1: symbol A has no says"),
        ("lower: {group: x, weight: 1, says: s}\n", "1:1: `lower` is no symbol: capitals, digits and _ make one"),
        ("A: {group: x, weight: 1, say: s}\n", "1:26: unknown key `say` (did you mean says?)"),
        ("A: {group: x, weight: 1000, says: s}\n", "1:23: weight: Input should be less than or equal to 100, not 1000"),
        ("- A\n", "1:1: must be a mapping of symbols"),
    ],
)
def test_faults_of_symbols(make: Make, tmp_path: Path, symbols: str, expected: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        make("", symbols)
    assert str(caught.value.faults[0]) == f"{tmp_path / 'symbols.yml'}:{expected}"


def test_all_faults_are_told_at_once(make: Make) -> None:
    with pytest.raises(ConfigErrors) as caught:
        make("- id: one\n  when: XX && YY\n  then: tga\n- id: two\n  when: ZZ\n  unless: QQ\n  then: tag\n")
    assert [f.place.line for f in caught.value.faults if f.place] == [3, 5, 6]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors, match=r"nowhere\.yml: No such file or directory"):
        load_rules([tmp_path / "nowhere.yml"], [])


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_bytes(b"A: \xff\n")
    with pytest.raises(ConfigError, match="not UTF-8 at octet 3"):
        load_rules([tmp_path / "x.yml"], [])


@pytest.fixture
def layers(tmp_path: Path) -> Path:
    for name in ("rules", "local.d", "override.d"):
        (tmp_path / name).mkdir()
    (tmp_path / "symbols.yml").write_text(SYMBOLS)
    (tmp_path / "rules" / "10.yml").write_text(
        "- id: one\n  when: A\n  unless: B\n  then: tag\n  because: shipped\n- id: two\n  when: B\n  then: tag\n"
    )
    return tmp_path


def load(layers: Path) -> RuleSet:
    return load_rules([layers / "symbols.yml"], [layers / "rules", layers / "local.d", layers / "override.d"])


def test_local_changes_what_it_gives(layers: Path) -> None:
    (layers / "local.d" / "10.yml").write_text(
        "rules:\n  - {id: one, then: verify}\n  - {id: mine, when: C, then: tag}\nsymbols:\n  A: {weight: 9}\n"
    )
    ruleset = load(layers)
    one = ruleset.rule("one")
    assert one and (one.when, one.unless, one.then, one.because) == ("A", "B", Disposition.VERIFY, "shipped")
    assert one.places["then"].path.endswith("local.d/10.yml") and one.places["when"].path.endswith("rules/10.yml")
    assert [r.id for r in ruleset.rules] == ["one", "two", "mine"]
    assert (ruleset.symbols["A"].weight, ruleset.symbols["A"].says) == (9, "a")


def test_a_file_of_symbol_lines_needs_no_section(layers: Path) -> None:
    (layers / "local.d" / "weights.yml").write_text("A: {weight: 7}\nB: {says: bee}\n")
    symbols = load(layers).symbols
    assert (symbols["A"].weight, symbols["B"].says, symbols["B"].weight) == (7, "bee", 2)


def test_override_replaces_the_whole_rule(layers: Path) -> None:
    (layers / "override.d" / "10.yml").write_text("- {id: one, when: B, then: quarantine}\n")
    one = load(layers).rule("one")
    assert one and (one.when, one.unless, one.then, one.because) == ("B", None, Disposition.QUARANTINE, "")


def test_a_rule_can_be_switched_off(layers: Path) -> None:
    (layers / "local.d" / "10.yml").write_text("- {id: one, enabled: false}\n")
    assert [r.id for r in load(layers).rules] == ["two"]


def test_an_error_names_the_file_that_made_it(layers: Path) -> None:
    (layers / "local.d" / "10.yml").write_text("- {id: one, unless: XX}\n")
    with pytest.raises(ConfigErrors, match=r"local\.d/10\.yml:1:21: unknown name `XX`"):
        load(layers)


def test_the_version_is_that_of_the_text(layers: Path) -> None:
    before = load(layers).version
    assert load(layers).version == before
    (layers / "local.d" / "10.yml").write_text("# a word\n")
    assert load(layers).version != before


def test_a_symbol_cannot_take_a_word_of_the_vocabulary(make: Make) -> None:
    ruleset = make("- id: one\n  when: group.identity > 2 && risk < 100 && group.history < 0\n  then: tag\n")
    assert ruleset.rules[0].names == ("group.identity", "risk", "group.history")
