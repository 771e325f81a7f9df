"""Writes the folders of tests/scenarios from the definitions in tests/support/scenario_defs.

    python tests/support/scenario_builder.py [DIRECTORY]

Law: running it again gives the same bytes (tests/support/test_scenario_builder.py holds it), so a change of a folder
is always a change of a definition.
"""

import importlib
import json
import pkgutil
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

if __package__ in (None, ""):  # run as a script from anywhere
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.support import scenario_defs, yamlfile
from tests.support.story import Label, Mail, Sent, Story

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"


def stories() -> dict[str, Story]:
    """All definitions by name."""
    found: dict[str, Story] = {}
    for info in sorted(pkgutil.iter_modules(scenario_defs.__path__), key=lambda i: i.name):
        module = importlib.import_module(f"{scenario_defs.__name__}.{info.name}")
        for story in module.STORIES:
            assert story.name not in found, f"two stories named {story.name}"
            found[story.name] = story
    return found


def write(story: Story, root: Path) -> Path:
    """Write one folder anew and return it."""
    folder = root / story.name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "mail").mkdir(parents=True)
    rows = [_row(story, folder, item) for item in sorted(story.lines, key=lambda i: i.at)]
    (folder / "stream.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows))
    _yaml(folder / "zone.yml", {"zones": story.zone})
    directory: dict[str, Any] = {"agencies": [dict(a) for a in story.agencies]}
    if story.restricted:
        directory["restricted_suffixes"] = list(story.restricted)
    _yaml(folder / "agencies.yml", directory)
    if story.networks:
        table = "".join("\t".join(map(str, row)) + "\n" for row in story.networks)
        (folder / "networks.tsv").write_text(table)
    if story.config:
        _yaml(folder / "edrguard.yml", {"hostname": "mx.bigco.example", **story.config})
    for name, text in story.files.items():
        (folder / name).write_text(text)
    expected = {i.id: i.expect.plain() for i in story.lines if isinstance(i, Mail) and i.expect}
    assert expected, f"{story.name}: nothing under test"
    _yaml(folder / "expected.yml", expected)
    (folder / "README.md").write_text(f"# {story.name}\n\n{story.tells.strip()}\n")
    return folder


def _row(story: Story, folder: Path, item: Mail | Label | Sent) -> dict[str, Any]:
    if isinstance(item, Label):
        return {"type": "label", "id": item.id, "at": item.at, "label": item.label, "by": item.by}
    if isinstance(item, Sent):
        known = {m.id: m.mid(story.name) for m in story.lines if isinstance(m, Mail)}
        answered = known.get(item.in_reply_to, item.in_reply_to)
        row = {"type": "sent", "at": item.at, "message_id": f"<{item.message_id}>", "to": list(item.to)}
        if answered:
            row["in_reply_to"] = f"<{answered}>"
        return {**row, "ticket": item.ticket} if item.ticket else row
    path = f"mail/{item.id}.eml"
    (folder / path).write_bytes(item.render(story.name))
    return {
        "type": "message",
        "id": item.id,
        "path": path,
        "client_ip": item.ip,
        "helo": item.helo,
        "mail_from": item.reverse_path,
        "rcpt_to": list(item.rcpt),
        "received_at": item.at,
    }


def _yaml(path: Path, data: Mapping[str, Any]) -> None:
    path.write_text(yamlfile.dump(data))


def main(argv: list[str]) -> int:
    """Write every folder below DIRECTORY (default tests/scenarios); folders without a definition are removed."""
    root = Path(argv[0]) if argv else SCENARIOS
    root.mkdir(parents=True, exist_ok=True)
    known = stories()
    for old in root.iterdir():
        if old.is_dir() and (old / "stream.jsonl").exists() and old.name not in known:
            shutil.rmtree(old)
    for story in known.values():
        write(story, root)
    print(f"{len(known)} scenarios in {root}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
