"""Pages by Apprise, to a real HTTP server on loopback; its URLs are secrets."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest

from edrguard.model.case import CaseEvent
from edrguard.model.errors import ConfigError, Unavailable
from edrguard.model.limits import Limits
from edrguard.review import PageSender, apprise_pagers
from edrguard.storage import open_store
from tests.review.fakes import NOW, make_case
from tests.review.test_pagers import PAGE
from tests.support.webhook import Webhook


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with Webhook() as made:
        yield made


def url(hook: Webhook, path: str = "page") -> str:
    return hook.url.replace("http://", "json://kim:s3cret-token@").replace("/page", f"/{path}")


def test_a_page_is_carried(hook: Webhook) -> None:
    (pager,) = apprise_pagers([url(hook)])
    asyncio.run(pager.send(PAGE))
    (call,) = hook.wait(1)
    told = json.loads(call.body)
    assert told["message"] == f"{PAGE.text}\n{PAGE.link}"
    assert told["title"] == "edrguard case 2026-1187: call back"


@pytest.mark.parametrize("status", [401, 500])
def test_a_fault_names_the_target_and_not_its_url(hook: Webhook, status: int, caplog: pytest.LogCaptureFixture) -> None:
    hook.status = status
    (pager,) = apprise_pagers([url(hook)])
    with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable) as caught:
        asyncio.run(pager.send(PAGE))
    assert str(caught.value) == "apprise target 1 (JSON): not taken"
    assert "s3cret" not in caplog.text + repr(pager.name) + str(caught.value)


def test_what_is_no_target_is_said_by_its_place() -> None:
    with pytest.raises(ConfigError, match="target 2 is no URL") as caught:
        apprise_pagers(["json://127.0.0.1/a", "nonsense://s3cret@x"])
    assert "s3cret" not in str(caught.value)
    assert apprise_pagers([]) == []


def test_a_restart_sends_nothing_twice(hook: Webhook) -> None:
    """One target takes the page, the other does not; a new process tries the other alone."""
    with Webhook(status=503) as broken:
        urls = [url(hook), url(broken)]
        store = open_store("sqlite://")
        store.open_case(make_case(id="2026-1187"), CaseEvent(case_id="", at=NOW, actor="edrguard", kind="opened"))
        store.queue_page(PAGE)
        first = PageSender(store, apprise_pagers(urls), lambda: NOW, Limits())
        asyncio.run(first.work())
        assert (len(hook.calls), len(broken.calls)) == (1, 1)
        later = NOW.replace(hour=3)
        broken.status = 200
        again = PageSender(store, apprise_pagers(urls[::-1]), lambda: later, Limits())
        asyncio.run(again.work())
        assert (len(hook.calls), len(broken.calls)) == (1, 2)
        assert store.due_pages(later) == []
    store.close()


def test_mail_of_ours_is_written_as_before() -> None:
    """Apprise's plugin for mail sets how a whole process encodes UTF-8."""
    script = (
        "from email import charset; before = dict(charset.CHARSETS); "
        "from edrguard.review import apprise_pagers; assert apprise_pagers(['json://127.0.0.1:9/']); "
        "import sys; assert 'apprise.plugins.email' in sys.modules; assert charset.CHARSETS == before"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
