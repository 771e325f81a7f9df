"""``retention`` and ``cases redact`` on a real store."""

from dataclasses import replace
from pathlib import Path

import pytest

from edrguard.model.case import CaseEvent
from edrguard.model.words import CaseState
from edrguard.storage import FileSpool, open_store
from tests.review.fakes import RAW, make_case


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "edrguard.yml"
    path.write_text(
        f"storage: {{url: 'sqlite:///{tmp_path}/e.db', spool: {tmp_path}/spool}}\n"
        "agencies: {starter: false}\nretention: {released: 30, originals: 5}\n"
    )
    return path


def released(tmp_path: Path, mail: str = "m1", year: int = 2020) -> str:
    store = open_store(f"sqlite:///{tmp_path}/e.db")
    case = make_case(id="", mail_id=mail, spool=FileSpool(tmp_path / "spool").put(mail, [RAW]))
    case = replace(case, opened_at=case.opened_at.replace(year=year))
    event = CaseEvent(case_id="", at=case.opened_at, actor="edrguard", kind="opened")
    opened = store.open_case(case, event)
    store.update_case(replace(opened, state=CaseState.RELEASED), replace(event, case_id=opened.id, kind="released"))
    store.close()
    return opened.id


def test_a_run_says_what_it_would_do_then_does_it(cli, config: Path, tmp_path: Path) -> None:
    released(tmp_path)
    (dry,) = cli("retention", "run", "--dry-run", "--json", "--config", config).rows
    assert (dry["cases"], dry["dry_run"]) == (1, True)
    assert cli("retention", "list", "--json", "--config", config).rows == []
    ran = cli("retention", "run", "--config", config)
    assert (ran.code, ran.out.startswith("Deleted: 1 cases")) == (0, True)
    (row,) = cli("retention", "list", "--json", "--config", config).rows
    assert (row["cases"], row["octets"]) == (1, len(RAW))
    assert "1 cases" in cli("retention", "list", "--config", config).out


def test_one_case_on_request(cli, config: Path, tmp_path: Path) -> None:
    case_id = released(tmp_path)
    redact = ("cases", "redact", case_id, "--as", "ann", "--config", config)
    assert cli(*redact, "--reason", " ").code == 65
    assert "The raw message of case" in cli(*redact, "--reason", "DSR-17", "--original").out
    (row,) = cli(*redact, "--reason", "DSR-17", "--words", "--json").rows
    assert (row["scope"], row["octets"]) == ("case", len(RAW))
    assert cli(*redact, "--reason", "DSR-17").code == 77
    (shown,) = cli("cases", "show", case_id, "--json", "--config", config).rows
    assert shown["subject"] == "(deleted)"
    assert shown["events"][-1]["actor"] == "ann"
    assert cli("cases", "redact", "none", "--reason", "x", "--config", config).code == 66
