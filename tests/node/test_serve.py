"""``serve`` says in one line which address it cannot have."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("taken", ["smtp", "console", "health"])
def test_an_address_that_is_taken(tmp_path: Path, taken: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        busy = f"127.0.0.1:{other.getsockname()[1]}"
        where = {name: busy if name == taken else "127.0.0.1:0" for name in ("smtp", "console", "health")}
        config = tmp_path / "edrguard.yml"
        config.write_text(
            f'listen: {{smtp: ["{where["smtp"]}"], console: "{where["console"]}", health: "{where["health"]}"}}\n'
            f'storage: {{url: "sqlite:///{tmp_path}/e.db", spool: "{tmp_path}/spool"}}\n'
            "log: {level: error}\n"
        )
        command = [sys.executable, "-m", "edrguard", "serve", "--config", str(config)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ})
    assert ran.returncode == 69, ran.stderr
    last = ran.stderr.strip().splitlines()[-1]
    assert last.startswith("edrguard: ")
    assert f"listen.{taken}" in last
    assert busy in last
