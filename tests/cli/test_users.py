"""``users``, and the acts of ``cases`` that undo and hold, on a real store."""

from dataclasses import replace
from pathlib import Path

import pytest

from edrguard.console.passwords import verify_password
from edrguard.model.case import CaseEvent
from edrguard.model.words import Scope
from edrguard.storage import open_store
from tests.review.fakes import make_case
from tests.storage.values import observation


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "edrguard.yml"
    path.write_text(
        f"storage: {{url: 'sqlite:///{tmp_path}/e.db', spool: {tmp_path}/spool}}\n"
        "agencies: {starter: false}\nconsole: {two_person: [unconfirmed]}\n"
    )
    return path


def test_an_account_from_its_making_to_its_end(cli, config: Path, tmp_path: Path) -> None:
    ran = cli("users", "add", "m.keller", "--role", "reviewer", "--role", "approver", "--config", config)
    assert ran.code == 0
    assert "m.keller may sign in as approver, reviewer." in ran.out
    password = ran.out.split("Password, shown once: ")[1].strip()
    store = open_store(f"sqlite:///{tmp_path}/e.db")
    user = store.user("m.keller")  # type: ignore[attr-defined]
    assert verify_password(password, user.password)
    again = cli("users", "add", "m.keller", "--role", "auditor", "--config", config)
    assert (again.code, again.out) == (65, "")
    assert "--reset" in again.err
    reset = ("--reset", "--password-stdin", "--json")
    ran = cli(
        "users", "add", "m.keller", "--role", "administrator", *reset, "--config", config, stdin=b"twelve letters\n"
    )
    assert ran.rows == [{"name": "m.keller", "roles": ["administrator"], "password": None}]
    assert verify_password("twelve letters", store.user("m.keller").password)  # type: ignore[attr-defined]
    assert cli("users", "disable", "m.keller", "--config", config).code == 0
    (row,) = cli("users", "list", "--json", "--config", config).rows
    assert (row["name"], row["roles"], row["totp"]) == ("m.keller", ["administrator"], False)
    assert row["disabled_at"]
    assert "disabled" in cli("users", "list", "--config", config).out
    store.close()


def test_an_administrator_closes_the_configured_door(cli, config: Path) -> None:
    ran = cli("users", "add", "root", "--role", "administrator", "--config", config)
    assert "the configured user reviewer signs in no more" in ran.out


@pytest.mark.parametrize(
    ("words", "stdin", "says"),
    [
        (("x", "--role", "king"), b"", "--role must be one of reviewer"),
        (("a:b", "--role", "auditor"), b"", "no colon"),
        (("x", "--role", "auditor", "--password-stdin"), b"short\n", "at least 12"),
    ],
)
def test_what_is_no_account(cli, config: Path, words: tuple[str, ...], stdin: bytes, says: str) -> None:
    ran = cli("users", "add", *words, "--config", config, stdin=stdin)
    assert (ran.code, ran.out) == (65, "")
    assert says in ran.err


def test_nobody_to_disable(cli, config: Path) -> None:
    assert cli("users", "disable", "ghost", "--config", config).code == 66


def test_a_hash_for_the_configuration(cli) -> None:
    ran = cli("users", "hash", "--password-stdin", stdin=b"twelve letters\n")
    assert verify_password("twelve letters", ran.out.strip())


def test_two_people_undo_and_a_legal_hold_from_the_terminal(cli, config: Path, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/e.db")
    case = make_case(held=False)
    store.open_case(case, CaseEvent(case_id=case.id, at=case.opened_at, actor="edrguard", kind="opened"))

    def act(verb: str, *words: str, who: str = "kim") -> tuple[int, str]:
        ran = cli("cases", verb, case.id, *words, "--as", who, "--config", config)
        return ran.code, ran.out + ran.err

    code, said = act("release", "--reason", "known to us")
    assert (code, said.strip()) == (0, f"Case {case.id} is proposed: somebody else has to release it too")
    assert act("release", "--reason", "known to us")[0] == 77
    assert "is claimed, with kim" in act("reopen", "--reason", "not yet")[1]
    act("release", "--reason", "known to us")
    assert "is released" in act("release", "--reason", "yes", who="lee")[1]
    assert act("hold", "--reason", "litigation")[0] == 0
    assert act("hold", "--reason", "litigation")[0] == 77
    assert act("hold", "--reason", "settled", "--lift")[0] == 0
    kinds = [event.kind for event in store.events(case.id)]
    assert kinds == ["opened", "proposed", "withdrawn", "proposed", "released", "hold", "hold lifted"]
    store.close()


def test_a_confirmation_from_the_terminal_has_its_scope(cli, config: Path, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/e.db")
    case = make_case()
    store.open_case(case, CaseEvent(case_id=case.id, at=case.opened_at, actor="edrguard", kind="opened"))
    store.observe(observation(case.mail_id))
    call = ("--outcome", "confirmed", "--number", "+1 614 555 0100", "--source", "directory", "--config", config)
    assert cli("cases", "callback", case.id, *call, "--scope", "everybody").code == 65
    assert cli("cases", "callback", case.id, *call, "--scope", "officer").code == 65, "nobody is named"
    assert cli("cases", "callback", case.id, *call).code == 0
    assert cli("cases", "callback", case.id, *call, "--scope", "officer", "--who", "Sgt. Poe").code == 0
    assert [label.scope for label in store.labels(case.mail_id)] == [Scope.REQUEST, Scope.OFFICER]
    told = [event.data for event in store.events(case.id) if event.kind == "call-back"]
    assert [(data["scope"], "T" in data["until"]) for data in told] == [("request", True), ("officer", True)]
    store.close()


def test_nobody_reached_calls_on_call(cli, config: Path, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    store = open_store(f"sqlite:///{tmp_path}/e.db")
    case = make_case()
    store.open_case(case, CaseEvent(case_id=case.id, at=case.opened_at, actor="edrguard", kind="opened"))
    number = ("--number", "+1 614 555 0100", "--source", "directory")
    assert cli("cases", "callback", case.id, "--outcome", "not-reached", *number, "--config", config).code == 0
    ((page, _),) = store.due_pages(datetime.now(UTC).replace(year=2099))
    assert "was not reached, try 1" in page.text
    store.close()


def test_linking_an_account_with_the_companys_sign_in(cli, config: Path, tmp_path: Path) -> None:
    cli("users", "add", "kim", "--role", "reviewer", "--config", config)
    ran = cli("users", "link", "kim", "--subject", "s-1", "--config", config)
    assert (ran.code, "no issuer" in ran.err) == (65, True)
    oidc = "oidc: {issuer: 'https://i.example', client_id: x, roles: {g: [reviewer]}}"
    config.write_text(
        config.read_text().replace("console: {", "console: {base_url: 'https://d.example', " + oidc + ", ")
    )
    assert cli("users", "link", "ghost", "--subject", "s-1", "--config", config).code == 66
    assert cli("users", "link", "kim", "--subject", "s-1", "--config", config).code == 0
    assert cli("users", "link", "kim", "--subject", "s-1", "--config", config).code == 65
    store = open_store(f"sqlite:///{tmp_path}/e.db")
    user = store.user("kim")  # type: ignore[attr-defined]
    assert (user.source, user.password) == ("oidc", "")
    assert cli("users", "list", "--json", "--config", config).rows[0]["source"] == "oidc"
    cli("users", "add", "kim", "--role", "reviewer", "--reset", "--config", config)  # and back to a password
    assert store.user("kim").source == "local"  # type: ignore[attr-defined]
    assert store.identity("https://i.example", "s-1") is None  # type: ignore[attr-defined]
    store.close()


def test_nobody_goes_by_the_nodes_own_name(cli, config: Path) -> None:
    assert cli("users", "add", "EDRGuard", "--role", "auditor", "--config", config).code == 65


def test_a_programs_account_and_its_tokens(cli, config: Path, tmp_path: Path) -> None:
    ran = cli("users", "add", "tickets", "--service", "--role", "reviewer", "--role", "auditor", "--config", config)
    assert (ran.code, "Password" in ran.out) == (0, False)
    (made,) = cli("users", "token", "add", "tickets", "--role", "auditor", "--json", "--config", config).rows
    assert made["roles"] == ["auditor"]
    (listed,) = cli("users", "token", "list", "--json", "--config", config).rows
    assert (listed["id"], listed["user"], listed["used_at"]) == (made["id"], "tickets", None)
    secret = made["token"].rpartition("_")[2]
    assert secret not in (tmp_path / "e.db").read_bytes().decode("latin-1")
    assert "digest" not in listed
    assert cli("users", "token", "revoke", made["id"], "--config", config).code == 0
    assert cli("users", "token", "revoke", made["id"], "--config", config).code == 66
    assert "revoked" in cli("users", "token", "list", "--config", config).out
    cli("users", "add", "kim", "--role", "reviewer", "--config", config)
    for words, code in (
        (("kim",), 65),
        (("ghost",), 66),
        (("tickets", "--role", "administrator"), 65),
    ):
        assert cli("users", "token", "add", *words, "--config", config).code == code
    assert cli("users", "add", "boss", "--service", "--role", "administrator", "--config", config).code == 65


def test_lost_factors(cli, config: Path, tmp_path: Path) -> None:
    cli("users", "add", "kim", "--role", "reviewer", "--config", config)
    store = open_store(f"sqlite:///{tmp_path}/e.db")
    user = store.user("kim")  # type: ignore[attr-defined]
    store.save_user(replace(user, totp="v1.x"))  # type: ignore[attr-defined]
    assert cli("users", "recover", "kim", "--config", config).code == 0
    assert store.user("kim").totp is None  # type: ignore[attr-defined]
    assert cli("users", "recover", "ghost", "--config", config).code == 66
    store.close()
