"""Other agencies' messages that share something with a case: on its page and in the API, for whoever may see content."""

import pytest

from edrguard.console import ConsoleSettings
from edrguard.model.desk import Role
from tests.console.asgi import HASH
from tests.console.asgi import World as Console
from tests.console.test_api import program
from tests.review.fakes import NOW
from tests.review.test_tied import A, campaign


def console() -> tuple[Console, str, str]:
    world, earlier, later = campaign()
    here = Console(world.store, ConsoleSettings(HASH))
    here.now = NOW
    return here, earlier.id, later.id


def test_the_page_says_what_to_look_at_again() -> None:
    here, earlier, later = console()
    page = here.browser().get(f"/cases/{later}")
    assert "2 earlier messages of other agencies share something with this one" in page.text
    assert "2 of them were delivered: look at them again" in page.text
    assert "Message-ID <plain@cityxsheriff.test>" in page.text.replace("&lt;", "<").replace("&gt;", ">")
    assert f'href="/cases/{earlier}"' in page.body and "judged forward, delivered" in page.text
    assert "TARGET_SHARED" in page.text and A in page.text


@pytest.mark.parametrize(("role", "sees"), [(Role.REVIEWER, True), (Role.AUDITOR, True), (Role.OPERATOR, False)])
def test_the_api_says_it_to_who_may_see_content(role: Role, sees: bool) -> None:
    here, earlier, later = console()
    case = program(role, world=here).get(f"/cases/{later}")
    if not sees:
        assert case["tied"] is None
        return
    assert [(t["author"], t["became"], t["case"]) for t in case["tied"]] == [
        ("jodie.lamb@northmoor.test", "delivered", earlier),
        (A, "delivered", None),
    ]
