"""sd_notify and socket activation against real sockets; the unit file against systemd, where there is one."""

import configparser
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from edrguard.model.limits import Limits
from edrguard.node import systemd

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "systemd" / "edrguard.service"


def manager(path: str) -> socket.socket:
    wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    wire.bind(path)
    wire.settimeout(2)
    return wire


def test_what_is_told(tmp_path: Path) -> None:
    environ = {"NOTIFY_SOCKET": str(tmp_path / "n")}
    with manager(environ["NOTIFY_SOCKET"]) as wire:
        assert systemd.ready("listening on 2 ports", environ)
        assert wire.recv(4096) == b"READY=1\nSTATUS=listening on 2 ports"
        assert systemd.ready(environ=environ)
        assert wire.recv(4096) == b"READY=1"
        assert systemd.reloading(environ)
        assert re.fullmatch(rb"RELOADING=1\nMONOTONIC_USEC=\d+", wire.recv(4096))
        assert systemd.stopping(environ=environ)
        assert wire.recv(4096) == b"STOPPING=1\nSTATUS=draining"
        assert systemd.alive(environ)
        assert wire.recv(4096) == b"WATCHDOG=1"


def test_the_abstract_namespace() -> None:
    name = f"edrguard-test-{os.getpid()}"
    with manager("\0" + name) as wire:
        assert systemd.notify("READY=1", environ={"NOTIFY_SOCKET": f"@{name}"})
        assert wire.recv(64) == b"READY=1"


@pytest.mark.parametrize("path", [None, "", "relative", "/nowhere/socket", "/" + "x" * 500])
def test_without_a_manager_nothing_happens(path: str | None) -> None:
    assert systemd.ready(environ={} if path is None else {"NOTIFY_SOCKET": path}) is False


ME = str(os.getpid())


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, 30.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": ME}, 30.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_watchdog_interval(environ: dict[str, str], seconds: float | None) -> None:
    assert systemd.watchdog_interval(environ) == seconds


CHILD = """
import os
from edrguard.node.systemd import listen_sockets
os.environ["LISTEN_PID"] = str(os.getpid())
found = listen_sockets()
ports = [(name, s.getsockname()[1]) for name, s in found]
print(ports, os.get_inheritable(3), listen_sockets(), "LISTEN_FDS" in os.environ)
"""


def test_listen_sockets_are_taken_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        ports = [first.getsockname()[1], second.getsockname()[1]]
        low = (os.dup(first.fileno()), os.dup(second.fileno()))

        def place() -> None:
            # above 4 first: the dups may themselves be 3 or 4
            high = [os.dup2(fd, 60 + i) for i, fd in enumerate(low)]
            for index, fd in enumerate(high):
                os.dup2(fd, 3 + index)

        done = subprocess.run(
            [sys.executable, "-c", CHILD],
            env={"LISTEN_FDS": "2", "LISTEN_FDNAMES": "smtp", "PYTHONPATH": str(ROOT)},
            preexec_fn=place,
            close_fds=False,
            capture_output=True,
            text=True,
            check=True,
        )
        for fd in low:
            os.close(fd)
    assert done.stdout.strip() == f"[('smtp', {ports[0]}), ('unknown', {ports[1]})] False [] False"


@pytest.mark.parametrize(
    "environ",
    [{}, {"LISTEN_FDS": "1", "LISTEN_PID": "1"}, {"LISTEN_FDS": "x", "LISTEN_PID": ME}, {"LISTEN_PID": ME}],
)
def test_sockets_of_others_are_left_alone(environ: dict[str, str]) -> None:
    assert systemd.listen_sockets(environ) == []


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(UNIT.read_text(encoding="utf-8"))
    return parser


HARDENED = {
    "Type": "notify",
    "DynamicUser": "yes",
    "StateDirectory": "edrguard",
    "UMask": "0077",
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "DevicePolicy": "closed",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "PrivateDevices": "yes",
    "PrivateTmp": "yes",
    "ProtectClock": "yes",
    "ProtectControlGroups": "yes",
    "ProtectHome": "yes",
    "ProtectHostname": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectProc": "invisible",
    "ProtectSystem": "strict",
    "RemoveIPC": "yes",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "SystemCallArchitectures": "native",
    "Restart": "on-failure",
    "RestartPreventExitStatus": "78",
    "ExecReload": "/bin/kill -HUP $MAINPID",
}


@pytest.mark.parametrize(("directive", "value"), HARDENED.items())
def test_the_unit_is_hardened(directive: str, value: str) -> None:
    assert unit()["Service"][directive] == value


def test_the_unit_calls_verbs_of_the_contract() -> None:
    service = unit()["Service"]
    assert service["ExecStart"].split()[1:] == ["serve", "--config", "/etc/edrguard/edrguard.yml"]
    assert service["ExecStartPre"].split()[1:3] == ["doctor", "--config-only"]


def test_the_unit_waits_longer_than_a_message_takes() -> None:
    limits, stop = Limits(), unit()["Service"]["TimeoutStopSec"]
    assert int(stop.removesuffix("s")) > limits.message_seconds + limits.next_hop_command_seconds


def test_the_unit_stores_where_the_configuration_says() -> None:
    from edrguard.node.options import Config

    state = f"/var/lib/{unit()['Service']['StateDirectory']}/"
    assert state in Config().storage.url
    assert str(Config().storage.spool).startswith(state)


if shutil.which("systemd-analyze"):

    def test_systemd_understands_the_unit(tmp_path: Path) -> None:
        # the binary is not installed here; everything else is as shipped
        copy = tmp_path / "edrguard.service"
        copy.write_text(UNIT.read_text(encoding="utf-8").replace("/usr/bin/edrguard", "/bin/true"), encoding="utf-8")
        done = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")

    def test_systemd_rates_it_well(tmp_path: Path) -> None:
        command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        rating = re.search(r"exposure level.*?: ([\d.]+)", done.stdout)
        assert rating is not None
        assert float(rating[1]) <= 1.5
