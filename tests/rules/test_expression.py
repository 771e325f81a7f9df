"""CEL behind its wall: names, types, places, errors of values."""

from typing import Any

import pytest

from edrguard.rules.expression import Environment, EvaluationError, ExpressionError, conjuncts, did_you_mean

ENV = Environment(
    {"A": "bool", "B": "bool", "risk": "number", "kind": "string", "request.kind": "string", "request.sought": "list"}
)
VALUES: dict[str, Any] = {
    "A": True,
    "B": False,
    "risk": 60.5,
    "kind": "k",
    "request.kind": "content",
    "request.sought": ["payment", "content"],
}


@pytest.mark.parametrize(
    ("source", "expected", "names"),
    [
        ("A", True, ("A",)),
        ("!A", False, ("A",)),
        ("! B", True, ("B",)),
        ("!!A", True, ("A",)),
        ("A && B", False, ("A", "B")),
        ("A && !B", True, ("A", "B")),
        ("risk > 60", True, ("risk",)),
        ("risk > 60.4", True, ("risk",)),
        ('request.kind == "content"', True, ("request.kind",)),
        ('request.kind.matches("^con")', True, ("request.kind",)),
        ('"payment" in request.sought', True, ("request.sought",)),
        ('request.sought.exists(a, a in ["payment", "A"])', True, ("request.sought",)),
        ("size(request.sought) == 2", True, ("request.sought",)),
        ('kind == "A && B" || A', True, ("kind", "A")),
        ("A // B would be wrong\n && !B", True, ("A", "B")),
        ("B ? A : !A", False, ("B", "A")),
    ],
)
def test_holds(source: str, expected: bool, names: tuple[str, ...]) -> None:
    compiled = ENV.compile(source)
    assert compiled.names == names
    assert compiled.holds({n: VALUES[n] for n in names}) is expected


@pytest.mark.parametrize(
    ("source", "offset", "message"),
    [
        ('request.knd == "x"', 0, "unknown name `request.knd` (did you mean request.kind?)"),
        ("A && AX_LONG", 5, "unknown name `AX_LONG`"),
        ("A &&\n  Bx", 7, "unknown name `Bx`"),
        ("A && ", 5, "Syntax error: mismatched input end of the expression"),
        ("request.kind == 5", 13, "`==` does not work on string, int"),
        ("1 + 2", 0, "gives a int, not true or false"),
        ("A = B", 2, "Syntax error: token recognition error at: '= '"),
        ("(" * 3000 + "A" + ")" * 3000, 0, "Expression recursion limit exceeded. limit: 32"),
    ],
)
def test_faults_have_places_and_words(source: str, offset: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        ENV.compile(source)
    first = caught.value.faults[0]
    assert (first.offset if len(source) < 100 else 0, first.message) == (offset, message)


def test_all_unknown_names_are_told_at_once() -> None:
    with pytest.raises(ExpressionError) as caught:
        ENV.compile("XX && YY")
    assert [f.offset for f in caught.value.faults] == [0, 6]


@pytest.mark.parametrize("source", ["1 / (risk - risk) == 1", 'risk > "3"', "request.sought[7] == 'x'"])
def test_an_error_is_never_false(source: str) -> None:
    compiled = ENV.compile(source)
    with pytest.raises(EvaluationError):
        compiled.holds(VALUES | {"risk": 60})


def test_a_value_of_the_wrong_type_is_an_error() -> None:
    with pytest.raises(EvaluationError):
        ENV.compile('kind == "x"').holds({"kind": object()})


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("A", ("A",)),
        ("A && B", ("A", "B")),
        ("A && (B || A) && !B", ("A", "(B || A)", "!B")),
        ("A && B || A", ("A && B || A",)),
        ("A ? B : A && B", ("A ? B : A && B",)),
        ('kind == "a && b" && A', ('kind == "a && b"', "A")),
        ("kind == 'it\\'s && so' && A", ("kind == 'it\\'s && so'", "A")),
        ("A &&\n  B", ("A", "B")),
        ("request.sought.exists(a, a == 'x' && A) && B", ("request.sought.exists(a, a == 'x' && A)", "B")),
    ],
)
def test_conjuncts(source: str, parts: tuple[str, ...]) -> None:
    assert conjuncts(source) == parts


def test_did_you_mean() -> None:
    assert did_you_mean("REPLY_TO_FOREGIN", ["REPLY_TO_FOREIGN", "SPF_FAIL"]) == " (did you mean REPLY_TO_FOREIGN?)"
    assert did_you_mean("QQQ", ["REPLY_TO_FOREIGN"]) == ""
