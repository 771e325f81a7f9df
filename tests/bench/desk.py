"""How long the desk's pages take with many cases: ``python -m tests.bench.desk [CASES]``.

Cases are copies of one in SQL, each with its place, marks, events, eyes, observation and call-back; a third of them in
one incident. Every page is asked for five times over the whole application; the median is printed.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from edrguard.cli.desk import summary
from edrguard.console import ConsoleSettings
from edrguard.model.case import CaseEvent
from edrguard.model.desk import DeskStore
from edrguard.model.history import LabelRecord
from edrguard.model.incident import Incident
from edrguard.model.words import Label, LabelBy
from edrguard.review import claim, figures, list_cases, refuse
from edrguard.storage import open_store
from tests.console.asgi import HASH, World
from tests.review.fakes import NOW, make_case, make_facts
from tests.review.test_figures import tally
from tests.storage.values import observation

TIMES = 5


def fill(path: Path, cases: int) -> tuple[str, int]:
    """A database; the id of one case, and the number of the incident."""
    store = cast(DeskStore, open_store(f"sqlite:///{path}"))
    case = make_case(make_facts(mail_id="m"), id="", mail_id="m", urgent=False)
    case = store.open_case(case, CaseEvent(case_id="", at=NOW, actor="edrguard", kind="opened"))
    store.observe(observation("m", tally=tally()))
    store.label(LabelRecord(mail_id="m", at=NOW, label=Label.GENUINE, by=LabelBy.CALL_BACK))
    store.case_seen(case.id, NOW + timedelta(minutes=2))
    claim(store, case.id, actor="kim", now=NOW)
    refuse(store, case.id, actor="kim", now=NOW, reason="so many")
    draft = Incident(id=0, subject="agency:x", title="a burst", opened_at=NOW, expires_at=NOW + timedelta(days=9))
    incident, _ = store.open_incident(draft)
    store.close()
    import sqlite3

    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("BEGIN")
    raw.execute(f"CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < {cases}) "
                "SELECT i, i % 3 AS third, 'c-' || i AS id FROM c")  # fmt: skip

    def copy(table: str, where: str = "1", **changed: str) -> None:
        columns = [row[1] for row in raw.execute(f"PRAGMA table_info({table})") if row[1] != "seq"]
        values = ", ".join(changed.get(name, f"t.{name}") for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        raw.execute(f"INSERT OR IGNORE INTO {table} ({names}) SELECT {values} FROM {table} t, n WHERE {where}")

    old = f"t.case_id = '{case.id}'"
    later = "t.opened_at + n.i * 1000000"
    waits = {
        "waits": "n.third < 2",
        "state": "CASE n.third WHEN 2 THEN 'refused' ELSE 'open' END",
        "claimed_by": "NULL",
    }
    copy("cases", f"t.id = '{case.id}'", id="n.id", mail_id="n.id", state=waits["state"], opened_at=later, claimed_by="NULL",
         spool="NULL")  # fmt: skip
    hidden = f"CASE n.third WHEN 1 THEN {incident.id} END"
    copy("standing", old, case_id="n.id", opened_at=later, calm="n.i % 7 % 3", unrisk="-(n.i % 1000) / 10.0",
         incident=hidden, **waits)  # fmt: skip
    copy("case_marks", old, case_id="n.id", mark="t.mark || (n.i / 20)")
    copy("events", old, case_id="n.id")
    copy("eyes", old, case_id="n.id", opened_at=later)
    copy("observations", "t.mail_id = 'm'", mail_id="n.id", received_at="t.received_at + n.i * 1000000",
         mailbox="'o' || n.i % 5000 || '@agency.example'")  # fmt: skip
    raw.execute("INSERT INTO labels (observation, at, label, by, actor, note, scope) "
                "SELECT seq, received_at + 1, 'genuine', 'call-back', 'kim', '', 'request' FROM observations WHERE mail_id <> 'm'")  # fmt: skip
    copy("tallies", day="t.day + 1 + n.i % 900", country="CASE n.i % 40 WHEN 0 THEN 'DE' ELSE 'US' END",
         law="'law ' || (n.i / 900 % 20)", messages="n.i")  # fmt: skip
    columns = [row[1] for row in raw.execute("PRAGMA table_info(incident_cases)")]
    values = {"incident": str(incident.id), "case_id": "id", "life": "0", "waits": "1"}
    raw.execute(f"INSERT INTO incident_cases ({', '.join(columns)}) "
                f"SELECT {', '.join(values[name] for name in columns)} FROM n WHERE third = 1")  # fmt: skip
    raw.execute("COMMIT")
    raw.close()
    return f"c-{cases // 2 * 3 // 3}", incident.id


def main(cases: int) -> None:
    """Print a line a page."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "e.db"
        one, incident = fill(path, cases)
        store = cast(DeskStore, open_store(f"sqlite:///{path}"))
        here = World(store, ConsoleSettings(HASH), now=NOW + timedelta(days=2))
        browser = here.browser()
        pages = {
            **{p: p for p in ("/", "/?tab=mine", "/?tab=all", f"/cases/{one}", f"/incidents/{incident}", "/hijacked")},
            "/figures (3 years)": "/figures?from=2026-01-01&to=2029-12-31",
        }
        for name, where in pages.items():
            show(name, lambda where=where: browser.get(where).status == 200)
        days = (NOW - timedelta(days=900)).date(), (NOW + timedelta(days=900)).date()
        show("cases list", lambda: [summary(case) for case in list_cases(store)])
        show("cases figures", lambda: figures(store, *days))
        store.close()


def show(name: str, work: Callable[[], Any]) -> None:
    """The median and the longest of some times."""
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        assert work()
        took.append((time.perf_counter() - began) * 1000)
    print(f"{name:<24} {statistics.median(took):7.0f} ms, longest {max(took):.0f} ms", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
