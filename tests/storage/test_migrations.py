"""The migrations make the schema that the statements expect, from every version that was ever released."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from edrguard.model.errors import StoreError
from edrguard.storage import migrate, migrations, open_store
from edrguard.storage.schema import HEAD
from edrguard.storage.sqlite import connect
from tests.storage.values import NOW, at, case, event, label, observation, page

ROOT = Path(__file__).parents[2]


def described(connection: sqlite3.Connection) -> dict[str, object]:
    """Tables with columns, keys and indexes, as SQLite sees them."""
    tables = [r[0] for r in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found: dict[str, object] = {}
    for table in tables:
        if table in ("sqlite_sequence", "alembic_version"):
            continue
        sql = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
        indexes = sorted(r[1:5] for r in connection.execute(f"PRAGMA index_list({table})"))
        found[table] = {
            "columns": connection.execute(f"PRAGMA table_xinfo({table})").fetchall(),
            "foreign": connection.execute(f"PRAGMA foreign_key_list({table})").fetchall(),
            "indexes": [(i, [r[2] for r in connection.execute(f"PRAGMA index_info({i[0]})")]) for i in indexes],
            "numbered": "AUTOINCREMENT" in sql,
            "rowid": "WITHOUT ROWID" not in sql,
        }
    return found


def test_migrations_and_statements_mean_one_schema(tmp_path: Path) -> None:
    migrate(str(tmp_path / "store.db"))
    migrated = sqlite3.connect(tmp_path / "store.db")
    memory = open_store("sqlite://")
    with memory._database.engine.connect() as connection:  # type: ignore[attr-defined]
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        assert len(described(migrated)) == 35
        assert described(raw) == described(migrated)
        for each in (raw, migrated):
            assert each.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    migrated.close()
    memory.close()


def test_revisions_are_numbers_in_a_row() -> None:
    revisions = list(ScriptDirectory.from_config(migrations.configuration()).walk_revisions())[::-1]
    assert [r.revision for r in revisions] == [f"{n:04}" for n in range(1, len(revisions) + 1)]
    assert revisions[-1].revision == HEAD


#: rows as the first released schema held them: never to be changed
FIRST = (
    "INSERT INTO observations VALUES (1, 'm1', 1795168800000000, 'a.rowe@cityxsheriff.test', 'cityxsheriff.test',"
    " 'us-cityx-sheriff', 'forward', 0, 0, 12.5, '192.0.2.7', '<m1@mail.cityxsheriff.test>',"
    ' \'{"client":"Outlook 16","network":"192.0.2.0/24"}\', 1)',
    "INSERT INTO subjects VALUES ('mailbox:a.rowe@cityxsheriff.test', 1, 1795168800000000, 1795168800000000)",
    "INSERT INTO labels VALUES (1, 1, 1795168800000000, 'genuine', 'call-back', 'kim', 'called')",
    "INSERT INTO sent VALUES ('s1@bigco.example', 1795168800000000, '[\"a@x.test\"]', NULL, 'LR-1')",
    "INSERT INTO cases VALUES ('2026-7', 'm1', 'open', 'verify', 1, 0, 1795168800000000, 'a.rowe@cityxsheriff.test',"
    " 'us-cityx-sheriff', 'Notfallanfrage – sehr dringend', 71.4, 'ab/cd/m1-0.eml', NULL, 3, '{\"version\":1}',"
    ' \'{"risk":71.4}\', \'{"reverse_path":""}\')',
    "INSERT INTO case_numbers VALUES (2026, 7)",
    "INSERT INTO events VALUES (1, '2026-7', 1795168800000000, 'edrguard', 'opened', '{\"a\": \"b\"}')",
    "INSERT INTO pages VALUES ('page:m1', '2026-1', 1795168800000000, 'Verify by call-back: case 2026-1',"
    " 'https://edrguard.example/cases/2026-1', 1, 4, 1795168800000000, NULL, 'refused')",
    "INSERT INTO attempts VALUES ('m5', 2, 1795168800000000)",
)


def test_from_the_first_version(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database = connect(path)
    migrations.upgrade(database, "0001")
    database.close()
    raw = sqlite3.connect(path, isolation_level=None)
    for statement in FIRST:
        raw.execute(statement)
    raw.close()
    store = open_store(str(path))
    assert store.observation("m1") == observation(version=1)
    assert store.recent("mailbox:a.rowe@cityxsheriff.test", at(1), 5) == [(observation(version=1), label("m1"))]
    assert store.totals("mailbox:a.rowe@cityxsheriff.test") == (1, NOW, NOW)
    sent = store.sent("<s1@bigco.example>")
    assert sent is not None
    assert sent.to == ("a@x.test",)
    assert store.case("2026-7") == case(id="2026-7", version=3)
    assert store.events("2026-7") == (event(case_id="2026-7", a="b"),)
    assert store.open_case(case("m2"), event()).id == "2026-8"
    assert store.due_pages(at()) == [(page(), 4)]
    assert store.begin_attempt("m5", at()) == 3
    store.close()


def test_an_older_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    raw = sqlite3.connect(path)  # alembic's table without a revision: as old as can be
    raw.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    raw.commit()
    raw.close()
    store = open_store(str(path))
    assert store.observe(observation())
    store.close()
    migrate(str(path))  # and again: nothing to do
    migrate(str(path))


def test_a_migration_that_fails_leaves_the_old_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(Path(migrations.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "v0009_broken.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\nrevision, down_revision = '0009', '" + HEAD + "'\n"
        "def upgrade():\n"
        "    op.create_table('half', sa.Column('x', sa.Integer))\n"
        "    op.execute('ALTER TABLE nowhere ADD COLUMN y')\n"
    )
    path = tmp_path / "store.db"
    migrate(str(path))
    monkeypatch.setattr(migrations, "__file__", str(folder / "__init__.py"))
    database = connect(path)
    with pytest.raises(StoreError, match="nowhere"):
        migrations.upgrade(database)
    with pytest.raises(StoreError, match="cannot be migrated"):
        migrations.upgrade(database, "0077")
    database.close()
    raw = sqlite3.connect(path)
    assert raw.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    assert raw.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)
    raw.close()


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import edrguard.storage", ["sqlalchemy", "alembic", "sqlite3"]),
        ("from edrguard.storage import open_store; open_store(PATH).ping()", ["alembic"]),
        ("from edrguard.storage import open_store; open_store('sqlite://').ping()", ["alembic"]),
    ],
)
def test_nothing_heavy_is_imported_without_need(tmp_path: Path, code: str, absent: list[str]) -> None:
    path = str(tmp_path / "store.db")
    migrate(path)
    code = f"PATH = {path!r}; {code}; import sys; print([m for m in {absent!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
