"""Where the public suites and the simulated years are, if anywhere: beside the checkout, or named by EDRGUARD_SHARED."""

import os
from pathlib import Path

_BESIDE = Path(__file__).resolve().parents[3] / "shared"
SHARED = Path(os.environ.get("EDRGUARD_SHARED") or (_BESIDE if _BESIDE.is_dir() else "/work/shared"))
