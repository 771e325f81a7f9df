"""Hijacked senders in the console: the form, the report, the freeze, the end; and who may not."""

from edrguard.model.desk import Role
from edrguard.model.words import CaseState
from tests.console.asgi import World, stored
from tests.console.test_acts import NUMBER
from tests.review.fakes import make_case

FORM = {"kind": "mailbox", "subject": "a.rowe@cityxsheriff.test", "since": "2026-11-01", "reason": "the sheriff called"}


def test_report_freeze_confirm_and_clean() -> None:
    here = World(stored(make_case(), make_case(id="2026-1188", state=CaseState.RELEASED, held=False)))
    browser = here.browser()
    assert "Nobody has reported one" in browser.get("/hijacked").text
    token = {"token": browser.hidden("/hijacked")["token"]}
    for wrong in ({"since": "soon"}, {"reason": " "}, {"subject": "sheriff"}):
        answer = browser.post("/hijacked", {**token, **FORM, **wrong})
        assert (answer.status, "Nothing was done" in answer.text) == (422, True)
    answer = browser.post("/hijacked", {**token, **FORM})
    assert (answer.status, answer.headers["location"]) == (303, "/hijacked/1")
    page = browser.get("/hijacked/1").text
    assert "2 messages since then; data may have been given upon 1; 1 open case frozen" in page
    assert "phone +16145550100 (switchboard, directory)" in page
    assert "email jane.roe@mail.example" in page
    case = browser.get("/cases/2026-1187")
    assert "Frozen: mailbox a.rowe@cityxsheriff.test in the wrong hands since 2026-11-01" in case.text
    assert 'action="/cases/2026-1187/release"><input' not in case.body.replace("\n", "")[: case.body.find("glass")]
    refused = browser.act("2026-1187", "release", reason="I know them")
    assert (refused.status, "frozen" in refused.text) == (422, True)
    called = {"number": NUMBER, "confirmed_by": "Sgt. Hale", "outcome": "confirmed"}
    assert browser.act("2026-1187", "call-back", **called).status == 303
    assert browser.act("2026-1187", "release").status == 303
    assert browser.post("/hijacked/1", token).status == 303
    assert "it is watched until 2027-02-22" in browser.get("/hijacked/1").text
    assert browser.post("/hijacked/1", token).status == 422
    assert "its owner's again" in browser.get("/hijacked").text


def test_who_may_not() -> None:
    here = World(stored(make_case()))
    here.account("ann", Role.AUDITOR)
    here.account("ops", Role.OPERATOR)
    auditor, operator = here.browser("ann"), here.browser("ops")
    assert "Report one" not in auditor.get("/hijacked").text
    token = {"token": auditor.hidden("/account")["token"]}
    assert auditor.post("/hijacked", {**token, **FORM}).status == 403
    assert operator.get("/hijacked").status == 403
    assert "Hijacked" not in operator.get("/").text
    browser = here.browser()
    assert browser.post("/hijacked", FORM).status == 403
    assert browser.get("/hijacked/7").status == 404
    assert browser.get("/hijacked/x").status == 404
