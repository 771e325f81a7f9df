"""Seeds, finds and the run that turns the ones into the others.

``seeds/TARGET/`` holds inputs that are as they should be, or nearly; ``finds/TARGET/`` those that once broke something,
each committed with its mend. A run is deterministic in its seed, its number of inputs and the code.
"""

import hashlib
import random
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from edrguard.model.errors import MailSyntax
from tests.fuzz.mutate import damage
from tests.fuzz.targets import TARGETS, Target

HERE = Path(__file__).parent
KEPT = 2000  #: inputs of one run that were new in some way
SLOW = 1.0  #: seconds of CPU that no input of 64 KiB may take


@dataclass(slots=True)
class Find:
    """An input that broke a target: where (the last of our own lines) and how."""

    target: str
    data: bytes
    where: str
    told: str


@dataclass(slots=True)
class Run:
    """What a run did."""

    inputs: int = 0
    kinds: set[str] = field(default_factory=set)  #: what the target was made to say
    finds: dict[str, Find] = field(default_factory=dict)  #: by where


def stored(folder: str, target: str) -> list[tuple[str, bytes]]:
    """(name, octets) of the committed inputs of a target."""
    place = HERE / folder / target
    return [(path.name, path.read_bytes()) for path in sorted(place.iterdir())] if place.is_dir() else []


def attempt(name: str, target: Target, data: bytes) -> tuple[str, Find | None]:
    """What the target said of ``data``, and what it broke."""
    began = time.process_time()
    try:
        said = target.run(data)
    except MailSyntax as error:
        said = f"refused: {str(error)[:16]}"
    except (Exception, RecursionError) as error:
        return "", Find(name, data, _where(error), "".join(traceback.format_exception(error))[-2000:])
    if time.process_time() - began > SLOW:
        return said, Find(name, data, f"slow:{said[:40]}", "more than a second of CPU")
    return said, None


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "/edrguard/" in f.filename] or frames
    return f"{type(error).__name__} at {Path(ours[-1].filename).name}:{ours[-1].lineno}"


def inputs(target: str, chance: random.Random, pool: list[bytes]) -> Iterator[bytes]:
    """Damaged inputs without end; what the caller adds to ``pool`` is damaged in its turn."""
    words = TARGETS[target].words
    while True:
        yield damage(chance.choice(pool), chance, words, pool)


def run(target: str, seed: int, most: int | None = None, until: float | None = None) -> Run:
    """Try ``most`` inputs, or until ``time.monotonic()`` says ``until``."""
    chance = random.Random(f"{target}-{seed}")
    pool = [data for folder in ("seeds", "finds") for _, data in stored(folder, target)] or [b""]
    done = Run()
    for data in pool:  # what is loaded once is paid for here, and not by the first input
        done.kinds.add(attempt(target, TARGETS[target], data)[0])
    for data in inputs(target, chance, pool):
        if (most is not None and done.inputs >= most) or (until is not None and time.monotonic() >= until):
            return done
        done.inputs += 1
        said, find = attempt(target, TARGETS[target], data)
        if find is not None:
            done.finds.setdefault(find.where, find)
        elif said not in done.kinds:
            done.kinds.add(said)
            if len(pool) < KEPT:
                pool.append(data)
    return done


def store(find: Find) -> Path:
    """Write a find where the suite will replay it."""
    place = HERE / "finds" / find.target
    place.mkdir(parents=True, exist_ok=True)
    path = place / hashlib.sha256(find.data).hexdigest()[:12]
    path.write_bytes(find.data)
    return path
