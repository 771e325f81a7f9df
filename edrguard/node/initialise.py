"""``init``: a configuration to begin with."""

import secrets
from collections.abc import Iterator
from pathlib import Path

from edrguard.model.errors import EdrguardError
from edrguard.node.config import shipped_dir
from edrguard.node.gatewaycheck import next_steps


class CreateError(EdrguardError):
    """A file or folder cannot be made."""

    exit_code = 73


#: What a gateway's operator has to fill in: lines of edrguard.yml as shipped -> as written for a gateway.
_GATEWAY = (("  #preset: none\n", "  preset: {preset}\n"),)
_SHARED = (  # others use the same service: only a mark tells your tenant's mail from theirs
    ("  #mark_field: null\n", "  mark_field: X-Gateway-Mark\n"),
    ("  #mark_file: null\n", "  mark_file: gateway.mark\n"),
)
_OWN = (
    ("  #networks: []\n", "  networks: [192.0.2.0/24]  # <- the gateway's own\n"),
    ("  #hosts: []\n", "  hosts: [mx.gateway.example]  # <- the gateway's own\n"),
)


def write_configuration(folder: Path, gateway: str | None = None) -> Iterator[str]:
    """Write edrguard.yml, local.d and override.d below ``folder``; yields what was done, in words. ``gateway``: a
    preset, which is turned on with a fresh mark and explained."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / "edrguard.yml"
        if target.exists():
            yield f"{target} is there already: left alone"
        else:
            text = (shipped_dir() / "edrguard.yml").read_text(encoding="utf-8")
            if gateway:
                text = with_gateway(text, gateway)
            if marked := gateway in ("microsoft365", "google"):
                _write_mark(folder / "gateway.mark")
            target.write_text(text, encoding="utf-8")
            target.chmod(0o640)
            yield f"{target} written: every option with its default and what it is for"
            if marked:
                yield f"{folder / 'gateway.mark'} written: the secret that your gateway's rule must set"
        for name, what in (("local.d", "your own rules, merged"), ("override.d", "your own rules, replacing")):
            (folder / name).mkdir(exist_ok=True)
            yield f"{folder / name}/ for {what}"
        if gateway:
            yield from next_steps(gateway)
        yield f"next: edit {target}, then `edrguard doctor --config {target}`"
    except OSError as error:
        raise CreateError(f"{error.filename}: {error.strerror}") from error


def with_gateway(text: str, preset: str) -> str:
    """The shipped edrguard.yml with a gateway's lines taken out of their comments."""
    for shipped, written in (*_GATEWAY, *(_OWN if preset == "generic" else _SHARED)):
        if text.count(shipped) != 1:
            raise CreateError(f"edrguard.yml as shipped has not one line {shipped.strip()!r}")
        text = text.replace(shipped, written.format(preset=preset))
    return text


def _write_mark(path: Path) -> None:
    """A secret of its own for each node; an existing one is left alone."""
    if not path.exists():
        path.touch(0o640)
        path.write_text(secrets.token_urlsafe(24) + "\n", encoding="utf-8")
