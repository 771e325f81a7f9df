"""The frame: discovery, the guard, order and bounds."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edrguard.checks import catalog, check, checks, run_checks
from edrguard.checks.base import EVIDENCE, OBSERVED, TAKEN, Lacking
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need
from tests.support.builders import facts

A, B = Symbol("A_SYMBOL"), Symbol("B_SYMBOL")


@check(needs={Need.HISTORY, Need.AUTHOR}, emits={A, B})
def good(facts: Facts) -> Iterator[Finding]:
    yield B(Evidence("text", "b"))
    yield A(Evidence("text", "a"), strength=0.25)
    yield A(Evidence("text", "a again"), says="stronger", strength=0.5)


@check(emits={A})
def crashing(facts: Facts) -> Iterator[Finding]:
    yield A(Evidence("text", "before"))
    raise ValueError("secret words of a message")


@check(emits={A})
def undeclared(facts: Facts) -> Iterator[Finding]:
    yield B()


def test_findings_come_sorted_and_merged() -> None:
    found = run_checks(facts(), [good])
    assert [f.symbol for f in found] == ["A_SYMBOL", "B_SYMBOL"]
    assert [e.observed for e in found[0].evidence] == ["a", "a again"]
    assert (found[0].says, found[0].strength) == ("stronger", 0.5)


def test_a_crash_is_a_finding_without_the_message_s_words() -> None:
    found = {f.symbol: f for f in run_checks(facts(), [crashing, good])}
    assert found["CHECK_FAILED"].evidence == (Evidence("check:crashing", "ValueError"),)
    assert "secret" not in repr(found)
    assert found["A_SYMBOL"].evidence[0].observed == "before"
    assert "B_SYMBOL" in found  # the other check ran


def test_an_undeclared_symbol_counts_as_a_crash() -> None:
    (found,) = run_checks(facts(), [undeclared])
    assert (found.symbol, found.evidence[0].where) == ("CHECK_FAILED", "check:undeclared")
    assert "B_SYMBOL" in found.evidence[0].observed


@pytest.mark.parametrize(
    ("row", "missing"),
    [
        ({"history": None}, "history"),
        ({"author": None}, "author"),
        ({"author": None, "history": None}, "author, history"),
        ({"not_evaluated": {"history": "the store did not answer"}}, "history"),
    ],
)
def test_a_lacking_fact_is_a_finding(row: dict[str, object], missing: str) -> None:
    (found,) = run_checks(facts(**row), [good])  # type: ignore[arg-type]
    assert found.symbol == "CHECK_SKIPPED"
    assert found.evidence == (Evidence("check:good", f"not evaluated: {missing}"),)
    assert missing in found.says


def test_a_check_may_find_out_late_what_it_lacks() -> None:
    @check(emits={A})
    def late(facts: Facts) -> Iterator[Finding]:
        yield A()
        raise Lacking(Need.THREAD)

    found = run_checks(facts(), [late])
    assert [f.symbol for f in found] == ["A_SYMBOL", "CHECK_SKIPPED"]
    assert found[1].evidence == (Evidence("check:late", "not evaluated: thread"),)


def test_facts_that_cannot_tell_what_they_lack_are_a_crash_of_the_check() -> None:
    class Broken:
        def missing(self, needs: object) -> None:
            raise KeyError("who knows")

    (found,) = run_checks(Broken(), [good])  # type: ignore[arg-type]
    assert found.evidence == (Evidence("check:good", "KeyError"),)


def test_what_a_stranger_wrote_cannot_act_on_the_reader() -> None:
    @check(emits={A})
    def hostile(facts: Facts) -> Iterator[Finding]:
        yield A(Evidence("text", "a\r\nX-Evil: 1\x1b[2J\u202egpj.exe\ud800", expected="\u2066x"))

    (found,) = run_checks(facts(), [hostile])
    assert found.evidence[0].observed == "a  X-Evil: 1 [2J\ufffdgpj.exe\ufffd"
    assert found.evidence[0].expected == "\ufffdx"


def test_nothing_grows_with_the_message() -> None:
    pulled = 0

    @check(emits={A})
    def endless(facts: Facts) -> Iterator[Finding]:
        nonlocal pulled
        while True:
            pulled += 1
            yield A(Evidence("text", f"{pulled} " + "x" * 5000), strength=float("nan"))

    (found,) = run_checks(facts(), [endless])
    assert len(found.evidence) == EVIDENCE
    assert found.evidence[-1].observed.startswith("and at least")
    assert max(len(e.observed) for e in found.evidence) == OBSERVED
    assert pulled <= TAKEN + 1
    assert found.strength == 1.0


@pytest.mark.parametrize(("given", "kept"), [(-3.0, 0.0), (0.5, 0.5), (7.0, 1.0), (float("inf"), 1.0)])
def test_strength_is_a_share(given: float, kept: float) -> None:
    @check(emits={A})
    def strong(facts: Facts) -> Iterator[Finding]:
        yield A(strength=given)

    assert run_checks(facts(), [strong])[0].strength == kept


def test_every_module_is_found_in_order() -> None:
    found = checks()
    assert [c.module for c in found] == sorted(c.module for c in found)
    assert {"reply_to", "lookalike", "unusual", "spf", "dmarc"} <= {c.name for c in found}
    assert all(c.emits for c in found)


def test_two_checks_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import edrguard.checks as package

    body = "from edrguard.checks.base import check\n\n@check(emits={'X'})\ndef spf(facts):\n    yield from ()\n"
    (tmp_path / "zz_again.py").write_text(body)
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    checks.cache_clear()
    try:
        with pytest.raises(TypeError, match=r"two checks are called spf: edrguard\.checks\.authentication"):
            checks()
    finally:
        checks.cache_clear()
        sys.modules.pop("edrguard.checks.zz_again", None)


def test_the_contract_s_symbols_can_be_emitted() -> None:
    stable = (
        "FROM_MALFORMED FROM_MULTIPLE FROM_ADDRESS_IN_NAME REPLY_TO_FOREIGN LOOKALIKE_DOMAIN AGENCY_LISTED "
        "FREEMAIL_CLAIMS_AGENCY FIRST_CONTACT SENDER_UNUSUAL LIFE_AT_RISK LAW_MISMATCH CONTACT_NOT_IN_DIRECTORY "
        "ACTION_DEMANDED MIME_AMBIGUOUS DKIM_WEAK CHECK_FAILED CHECK_SKIPPED"
    )
    assert set(stable.split()) <= catalog()
