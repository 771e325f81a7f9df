"""The page of figures, and its twins for a spreadsheet, a program and a terminal: one and the same."""

import json

from edrguard.console import ConsoleSettings
from edrguard.model.desk import Role
from tests.console.asgi import HASH, World, stored
from tests.console.test_api import program
from tests.review.fakes import make_case
from tests.review.test_figures import receive

PERIOD = "from=2026-11-24&to=2026-11-24"


def test_a_page_a_table_and_an_answer_say_the_same() -> None:
    store = stored(make_case())
    receive(store, 12)
    receive(store, 3, country="LI", kind="content", emergency=True)
    here = World(store, ConsoleSettings(HASH))
    here.account("ollie", Role.OPERATOR)
    browser = here.browser("ollie")
    page = browser.get(f"/figures?{PERIOD}")
    assert page.status == 200
    for words in (
        "Requests 15",
        "Emergencies &lt;5",
        "subscriber 12",
        "US 12",
        "others together &lt;5",
        "too few to tell",
    ):
        assert words in page.text
    table = browser.get(f"/figures.csv?{PERIOD}")
    assert table.headers["content-type"].startswith("text/csv")
    assert "countries,US,12" in table.body.splitlines()
    answer = program(Role.OPERATOR, world=here).get(f"/figures?{PERIOD}")
    assert (answer["requests"], answer["countries"], answer["emergencies"]) == (15, {"US": 12, "other": "<5"}, "<5")
    for told in (page.body, table.body, json.dumps(answer)):
        assert "LI" not in told.replace("LIST", "")
        assert "jane" not in told


def test_a_period_that_is_none_says_so() -> None:
    here = World(stored(make_case()), ConsoleSettings(HASH))
    browser = here.browser()
    for period in ("from=x", "from=2026-02-30", "from=2026-03-01&to=2026-02-01", "to=%3Cb%3E"):
        page = browser.get(f"/figures?{period}")
        assert page.status == 422
        assert "figures of last month" in page.text
        assert "<b>" not in page.body
        assert browser.get(f"/figures.csv?{period}").status == 422
        status, problem, _ = program(Role.AUDITOR, world=World(stored(make_case()), ConsoleSettings(HASH))).ask(
            "GET", f"/figures?{period}"
        )
        assert (status, problem["title"]) == (422, "Nothing was changed")
