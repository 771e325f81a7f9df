"""``cases figures``: as JSON, as CSV, and for a person."""

from pathlib import Path

from edrguard.storage import open_store
from tests.review.test_figures import receive


def test_from_the_terminal(cli, tmp_path: Path) -> None:
    config = tmp_path / "edrguard.yml"
    config.write_text(f"storage: {{url: 'sqlite:///{tmp_path}/e.db', spool: {tmp_path}/spool}}\n")
    store = open_store(f"sqlite:///{tmp_path}/e.db")
    receive(store, 12)  # type: ignore[arg-type]
    store.close()
    asked = ("cases", "figures", "--from", "2026-11-24", "--to", "2026-11-24", "--config", config)
    (found,) = cli(*asked, "--json").rows
    assert (found["requests"], found["kinds"]) == (12, {"subscriber": 12})
    assert "kinds,subscriber,12" in cli(*asked, "--csv").out
    assert "subscriber         12" in cli(*asked).out
    ran = cli("cases", "figures", "--from", "soon", "--config", config)
    assert (ran.code, "no day" in ran.err) == (65, True)
