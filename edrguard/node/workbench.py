"""What operators do to rules and directory from a terminal."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from edrguard.agencies import dump_agencies, load_agencies
from edrguard.checks import catalog
from edrguard.model.agency import Agency
from edrguard.model.codec import plain
from edrguard.model.errors import ConfigError, ConfigErrors, InputError, MissingInput
from edrguard.node.auditing import audits
from edrguard.node.config import ETC, load_config
from edrguard.node.sources import make_directory, make_ruleset
from edrguard.node.terminal import login, terminal
from edrguard.rules import lint
from edrguard.storage import open_store, parse_url


def lint_rules(config_path: Path | None, scenarios: Path | None) -> dict[str, Any]:
    """Faults as lines, with the counts of what was read."""
    config = load_config(config_path)
    try:
        ruleset = make_ruleset(config)
    except ConfigErrors as errors:
        return {"rules": 0, "symbols": 0, "faults": [str(fault) for fault in errors.faults]}
    except ConfigError as error:
        return {"rules": 0, "symbols": 0, "faults": [str(error)]}
    faults = lint(ruleset, scenarios, emitted=frozenset(catalog()))
    return {"rules": len(ruleset.rules), "symbols": len(ruleset.symbols), "faults": [str(fault) for fault in faults]}


def list_agencies(config_path: Path | None, country: str | None, match: str | None) -> list[dict[str, Any]]:
    """Entries as JSON objects, sorted by id."""
    wanted = match.casefold() if match else None
    entries = []
    for agency in make_directory(load_config(config_path)).all():
        texts = (agency.id, agency.name, *agency.domains)
        if country and agency.country != country.upper():
            continue
        if wanted and not any(wanted in text.casefold() for text in texts):
            continue
        entries.append(plain(agency))
    return sorted(entries, key=lambda entry: entry["id"])


def own_file(config_path: Path | None, into: Path | None) -> Path:
    """The operator's own directory file."""
    return into or (config_path.parent if config_path else ETC) / "agencies.yml"


def add_agency(
    config_path: Path | None,
    into: Path | None,
    identity: str,
    name: str,
    country: str,
    domains: tuple[str, ...],
    kind: str,
    timezone: str | None,
    source: str,
    phone: str | None,
    phone_source: str,
) -> dict[str, Any]:
    """One new entry. Raises InputError where the id is taken, or a telephone number has no source."""
    if phone and not phone_source:
        raise InputError("a telephone number needs --phone-source: where was it checked?")
    entry: dict[str, Any] = {
        "id": identity,
        "name": name,
        "country": country.upper(),
        "kind": kind,
        "domains": list(domains),
    }
    if timezone:
        entry["timezone"] = timezone
    if source:
        entry["source"] = source
    if phone:
        entry["contacts"] = [{"kind": "phone", "value": phone, "role": "switchboard", "source": phone_source}]
    return _merge(config_path, _checked(entry), into, may_replace=False)


def import_agencies(config_path: Path | None, path: Path, into: Path | None) -> dict[str, Any]:
    """Entries of a file into the operator's own. Raises MissingInput and ConfigError."""
    if not path.is_file():
        raise MissingInput(f"{path}: no such file")
    loaded = load_agencies(path)
    report = _merge(config_path, loaded.entries, into, may_replace=True)
    report["warnings"] = [*loaded.warnings, *report["warnings"]]
    return report


def _on_record(config_path: Path | None, target: Path, count: int) -> None:
    """Into the audit log, where this node has a database already."""
    url = load_config(config_path).storage.url
    database = parse_url(url).path
    if database is None or not database.exists():
        return
    store = open_store(url)
    try:
        audits(store).audit(terminal("directory changed", login(), file=str(target), entries=str(count)))
    finally:
        store.close()


def _checked(entry: dict[str, Any]) -> tuple[Agency, ...]:
    """The entry as the loader sees it: one set of rules for files and for the command line."""
    from ruamel.yaml import YAML

    with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as handle:
        YAML(typ="safe", pure=True).dump({"agencies": [entry]}, handle)
        handle.flush()
        try:
            return tuple(load_agencies(Path(handle.name)).entries)
        except ConfigError as error:
            lines = str(error).replace(f"{handle.name}:", "").splitlines()
            raise InputError("; ".join(line.lstrip("0123456789: ") for line in lines)) from None


def _merge(config_path: Path | None, entries: Any, into: Path | None, may_replace: bool) -> dict[str, Any]:
    target = own_file(config_path, into)
    old = load_agencies(target) if target.exists() else None
    known = {agency.id: agency for agency in old.entries} if old else {}
    replaced = [entry.id for entry in entries if entry.id in known]
    if replaced and not may_replace:
        raise InputError(f"{replaced[0]} is in {target} already")
    known.update({entry.id: replace(entry) for entry in entries})
    suffixes = old.restricted_suffixes if old else ()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.new")
        temporary.write_text(dump_agencies(tuple(known.values()), suffixes), encoding="utf-8")
        after = load_agencies(temporary)
        _on_record(config_path, target, len(entries))
        temporary.replace(target)
    except OSError as error:
        raise InputError(f"{target}: {error.strerror}") from error
    return {
        "into": str(target),
        "added": len(entries) - len(replaced),
        "replaced": len(replaced),
        "warnings": [warning.replace(str(temporary), str(target)) for warning in after.warnings],
    }
