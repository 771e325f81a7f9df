"""The simulated years, where they are at hand: replay runs to its end and holds the hard gates. Long."""

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.support.shared import SHARED

YEARS = sorted((SHARED / "eval").glob("year-*.tar.xz"))

if YEARS:

    @pytest.mark.long
    @pytest.mark.timeout(900)
    @pytest.mark.parametrize("year", YEARS, ids=[p.name.split(".")[0] for p in YEARS])
    def test_a_year_holds_the_gates(year: Path, tmp_path: Path) -> None:
        with tarfile.open(year) as archive:
            archive.extractall(tmp_path, filter="data")
        (folder,) = tmp_path.iterdir()
        out = tmp_path / "results.jsonl"
        given = ["--dns-zone", folder / "zone.yml", "--agencies", folder / "agencies.yml"]
        given += ["--networks", folder / "networks.tsv", "--out", out]
        command = [sys.executable, "-m", "edrguard", "replay", folder / "stream.jsonl", *given]
        subprocess.run(command, check=True)
        score = SHARED / "eval" / "score.py"
        told = subprocess.run([sys.executable, score, folder / "truth.jsonl", out], capture_output=True, text=True)
        print(told.stdout)
        assert told.returncode == 0, told.stdout[-500:]
