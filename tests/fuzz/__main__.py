"""``python -m tests.fuzz --minutes 5 [--target NAME]... [--seed N] [--dry]``: look for inputs that break a parser.

Time is shared among the targets. New finds are written to tests/fuzz/finds/ (``--dry``: only shown), where the suite
replays them: mend the code, and commit both. Exits 1 where something was found.
"""

import argparse
import sys
import time
import warnings
from collections.abc import Sequence

from tests.fuzz.campaign import run, store
from tests.fuzz.targets import TARGETS


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--target", action="append", choices=sorted(TARGETS))
    parser.add_argument("--seed", type=int, default=None, help="of chance; default: the clock")
    parser.add_argument("--dry", action="store_true", help="write no finds")
    given = parser.parse_args(argv)
    warnings.simplefilter("ignore")
    chosen = given.target or list(TARGETS)
    seed = time.time_ns() if given.seed is None else given.seed
    found = 0
    for name in chosen:
        done = run(name, seed, until=time.monotonic() + given.minutes * 60 / len(chosen))
        print(f"{name:16} {done.inputs:8} inputs {len(done.kinds):6} kinds {len(done.finds):4} finds", flush=True)
        for find in done.finds.values():
            found += 1
            place = "" if given.dry else str(store(find))
            print(f"--- {find.where} {place}\n{find.told}", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
