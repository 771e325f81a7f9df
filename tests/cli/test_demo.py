"""The README's first command prints what the README shows."""

import subprocess
import sys

from tests.support.process import ROOT


def test_the_demo_prints_what_the_readme_shows() -> None:
    argv = [sys.executable, "-m", "edrguard", "demo", "--once"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    shown = (ROOT / "README.md").read_text(encoding="utf-8")
    begin = shown.index("DNS, legal inbox and proxy")
    assert done.stdout.strip().startswith(shown[begin : shown.index("```", begin)].strip())
