"""``init``: a configuration to begin with."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from edrguard.model.errors import EdrguardError
from edrguard.node.config import shipped_dir


class CreateError(EdrguardError):
    """A file or folder cannot be made."""

    exit_code = 73


def write_configuration(folder: Path) -> Iterator[str]:
    """Write edrguard.yml, local.d and override.d below ``folder``; yields what was done, in words."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / "edrguard.yml"
        if target.exists():
            yield f"{target} is there already: left alone"
        else:
            shutil.copyfile(shipped_dir() / "edrguard.yml", target)
            target.chmod(0o640)
            yield f"{target} written: every option with its default and what it is for"
        for name, what in (("local.d", "your own rules, merged"), ("override.d", "your own rules, replacing")):
            (folder / name).mkdir(exist_ok=True)
            yield f"{folder / name}/ for {what}"
        yield f"next: edit {target}, then `edrguard doctor --config {target}`"
    except OSError as error:
        raise CreateError(f"{error.filename}: {error.strerror}") from error
