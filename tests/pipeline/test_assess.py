"""A message that cannot be judged keeps its fields, so that what was forged in them can still be removed."""

import asyncio

import pytest

from edrguard.model.words import Disposition, OnError
from edrguard.pipeline import Assessor, HeaderSettings, header_edits
from edrguard.pipeline import assess as module
from tests.pipeline.support import Assessor as Scripted
from tests.pipeline.support import mail, verdict


@pytest.mark.parametrize("on_error", list(OnError))
def test_whatever_breaks_is_a_verdict_and_forged_fields_go(on_error: OnError, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*args: object) -> None:
        raise RuntimeError("bug")

    monkeypatch.setattr(module, "gather", broken)
    faults: list[BaseException] = []
    assessor = Assessor(
        sources=Scripted(None, verdict()),  # type: ignore[arg-type]
        ruleset=None,  # type: ignore[arg-type]
        workers=None,  # type: ignore[arg-type]
        on_error=on_error,
        on_fault=lambda mail_id, error: faults.append(error),
    )
    facts, said = asyncio.run(assessor.assess(mail()))
    assert said.disposition is Disposition(on_error.value)
    assert said.urgent
    assert said.error == "RuntimeError while judging"
    assert faults
    edits = header_edits(facts, said, HeaderSettings(authserv_id="guard.bigco.test", mode="enforce"), None)
    assert [facts.message.fields[i].name for i in edits.remove] == ["X-EDRGuard-Case"]
