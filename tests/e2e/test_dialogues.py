"""OpenDKIM's miltertest, with a script a dialogue: an MTA that nobody here wrote, command by command."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import node_options
from tests.support.node_process import NodeProcess, merged
from tests.support.sendmail import LIBRARIES, debs
from tests.support.smtp_sink import free_port

SCRIPTS = Path(__file__).parent / "dialogues"


@pytest.fixture(scope="module", params=["inet", "unix"])
def address(request, tmp_path_factory, dns) -> Iterator[str]:
    """Where a node listens, as libmilter writes it."""
    folder = tmp_path_factory.mktemp("d")
    port, path = free_port(), f"/tmp/edrguard-dialogue-{os.getpid()}.sock"
    where = f"inet:{port}@127.0.0.1" if request.param == "inet" else f"unix:{path}"
    options = merged(node_options(folder, dns, free_port()), {"listen": {"milter": where, "smtp": []}})
    with NodeProcess(folder / "node", options):
        yield where


@pytest.mark.parametrize("script", sorted(p.stem for p in SCRIPTS.glob("*.lua") if p.stem != "common"))
def test_dialogue(script: str, address: str) -> None:
    done = subprocess.run(
        [str(debs() / "usr/bin/miltertest"), "-D", f"socket={address}", "-D", f"common={SCRIPTS}/common.lua",
         "-s", str(SCRIPTS / f"{script}.lua")],
        capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **LIBRARIES},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
