"""Gateways as configured: presets, what is added, what is refused, and what ``doctor`` and ``init`` say."""

from datetime import date
from pathlib import Path

import pytest

from edrguard.model.errors import ConfigError, ConfigErrors
from edrguard.node.config import load_config, parse_config
from edrguard.node.gateway import load_preset, make_gateway
from edrguard.node.gatewaycheck import examine_gateway
from edrguard.node.initialise import write_configuration
from edrguard.node.options import Config
from edrguard.pipeline.trust import named, within

PRESETS = ("microsoft365", "google", "generic")
NOW = date(2026, 12, 1)


def config(tmp_path: Path, text: str) -> Config:
    (tmp_path / "mark").write_text("0123456789abcdef\n")
    return parse_config(text, tmp_path / "edrguard.yml")


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_loads_and_trusts_no_sealer(name: str) -> None:
    preset = load_preset(name)
    assert preset.name
    assert name == "generic" or (preset.networks and preset.edge and preset.source and preset.checked)
    assert Config.model_validate({"gateway": {"preset": name}} if name != "generic" else {}).arc.trusted_sealers == ()


@pytest.mark.parametrize(
    ("preset", "by", "ip"),
    [
        ("microsoft365", "DB1PEPF00050A01.mail.protection.outlook.com", "40.107.22.58"),
        ("microsoft365", "DUZPR01CA0040.outlook.office365.com", "2a01:111:f403:2614::1"),
        ("microsoft365", "AM0PR07MB5301.eurprd07.prod.outlook.com", "104.47.1.2"),
        ("google", "mx.google.com", "209.85.208.50"),
        ("google", "mail-ed1-f50.google.com", "2a00:1450:4864:20::532"),
    ],
)
def test_presets_know_the_names_and_addresses_of_their_services(preset: str, by: str, ip: str) -> None:
    gateway = make_gateway(Config.model_validate({"gateway": {"preset": preset}}).gateway)
    assert gateway
    assert named(by, gateway.hosts)
    assert within(ip, gateway.networks)
    assert not named(f"{by}.evil.test", gateway.hosts)
    assert not within("203.0.113.5", gateway.networks)
    assert not within(ip, gateway.inside)  # whoever writes over the service from outside stays outside
    assert gateway.shared


def test_what_is_given_is_added_to_the_preset(tmp_path: Path) -> None:
    text = """
gateway:
  preset: microsoft365
  networks: [198.51.100.0/24]
  hosts: [Extra.Gateway.test.]
  authserv_ids: [BigCo.test]
  mark_field: X-Mark
  mark_file: mark
  hops: 7
  dmarc: true
"""
    gateway = make_gateway(config(tmp_path, text.replace("test.]", "test]")).gateway)
    assert gateway
    assert within("198.51.100.1", gateway.networks)
    assert within("40.92.0.1", gateway.networks)
    assert named("extra.gateway.test", gateway.hosts)
    assert (gateway.mark, gateway.hops, gateway.dmarc) == (("x-mark", "0123456789abcdef"), 7, True)
    assert gateway.authserv_ids == {"bigco.test"}
    assert make_gateway(Config().gateway) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{preset: generic}", "needs networks and hosts"),
        ("{preset: generic, networks: [192.0.2.0/24]}", "needs networks and hosts"),
        ("{networks: [192.0.2.0/24]}", "preset is none"),
        ("{preset: google, mark_field: X-Mark}", "go together"),
        ("{preset: google, mark_field: 'X Mark', mark_file: mark}", "mark_field"),
        ("{preset: gogle}", "did you mean google"),
        ("{preset: google, hosts: ['*']}", "hosts"),
        ("{preset: google, hosts: ['mx.*.test']}", "hosts"),
        ("{preset: google, networks: [192.0.2.1/24]}", "networks"),
        ("{preset: google, hops: 0}", "hops"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigErrors, match=words):
        config(tmp_path, f"gateway: {text}\n")


@pytest.mark.parametrize("secret", ["", "short", "fifteen-letters"])
def test_a_mark_that_can_be_guessed_is_refused(tmp_path: Path, secret: str) -> None:
    options = config(tmp_path, "gateway: {preset: google, mark_field: X-Mark, mark_file: mark}\n").gateway
    (tmp_path / "mark").write_text(secret)
    with pytest.raises(ConfigError, match="at least 16"):
        make_gateway(options)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("mode: observe", []),
        ("gateway: {preset: microsoft365}", ["gateway mark"]),
        ("gateway: {preset: microsoft365, mark_field: X-Mark, mark_file: mark}", ["gateway"]),
        ("gateway: {preset: google, mark_field: X-Mark, mark_file: mark, dmarc: true}", ["gateway dmarc"]),
        (
            "gateway: {preset: google, mark_field: X-Mark, mark_file: mark, dmarc: true}\n"
            "arc: {trusted_sealers: [google.com]}",
            ["gateway"],
        ),
        ("gateway: {preset: generic, networks: [192.0.2.0/24], hosts: [a.test]}", ["gateway"]),
        ("gateway: {preset: generic, networks: [192.0.2.0/24], hosts: [a.test, b.test]}", ["gateway path"]),
    ],
)
def test_doctor(tmp_path: Path, text: str, names: list[str]) -> None:
    checks = list(examine_gateway(config(tmp_path, text), NOW))
    assert [check.name for check in checks] == names
    assert all((check.status == "ok") is (check.name == "gateway") for check in checks)


def test_doctor_says_when_a_preset_has_grown_old_and_when_the_mark_is_gone(tmp_path: Path) -> None:
    text = "gateway: {preset: google, mark_field: X-Mark, mark_file: mark}\n"
    assert [c.name for c in examine_gateway(config(tmp_path, text), date(2028, 1, 1))] == ["gateway networks"]
    options = config(tmp_path, text)
    (tmp_path / "mark").unlink()
    assert [c.status for c in examine_gateway(options, NOW)] == ["FAIL"]


@pytest.mark.parametrize("name", PRESETS)
def test_init_writes_a_configuration_that_loads_and_says_what_to_do(tmp_path: Path, name: str) -> None:
    told = "\n".join(write_configuration(tmp_path / name, name))
    made = load_config(tmp_path / name / "edrguard.yml")
    gateway = make_gateway(made.gateway)
    assert made.gateway.preset == name
    assert gateway
    assert (gateway.mark is not None) is (name != "generic")
    assert "gateways/README.md" in told
    assert "--explain" in told
    again = "\n".join(write_configuration(tmp_path / name, name))
    assert "left alone" in again
    assert make_gateway(load_config(tmp_path / name / "edrguard.yml").gateway) == gateway


def test_the_marks_of_two_nodes_differ(tmp_path: Path) -> None:
    for name in ("a", "b"):
        list(write_configuration(tmp_path / name, "google"))
    marks = {(tmp_path / name / "gateway.mark").read_text() for name in ("a", "b")}
    assert len(marks) == 2
    assert (tmp_path / "a" / "gateway.mark").stat().st_mode & 0o007 == 0


def test_presets_are_told_in_the_readme() -> None:
    readme = (Path(__file__).parents[2] / "config" / "gateways" / "README.md").read_text()
    assert all(f"`{name}`" in readme for name in PRESETS)
