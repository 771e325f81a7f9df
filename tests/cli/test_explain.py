"""``check --explain``: the way of a message in words, and what the JSON says of it; ``init --gateway``."""

from pathlib import Path

SCENARIOS = Path(__file__).parents[1] / "scenarios"


def options(name: str, client: str, mail_from: str) -> tuple[object, ...]:
    folder = SCENARIOS / name
    return (
        *("--config", folder / "edrguard.yml", "--dns-zone", folder / "zone.yml"),
        *("--client-ip", client, "--mail-from", mail_from, "--received-at", "2026-11-11T16:20:00Z"),
    )


def test_each_hop_says_who_wrote_it_and_why_it_is_believed(cli) -> None:
    mail = SCENARIOS / "gateway-banner" / "mail" / "bannered.eml"
    ran = cli("check", mail, "--explain", *options("gateway-banner", "198.51.100.25", "l.ostrow@valleypatrol.example"))
    assert ran.code == 0
    way = ran.out[ran.out.index("the way it came") :].splitlines()
    assert [line.strip()[0] for line in way if line.strip().startswith(("+ ", "- "))] == ["+", "+", "+", "-"]
    assert "an address of your gateway (gateway.networks)" in ran.out
    assert "believed: handed on inside your gateway" in ran.out
    assert "the last host that you trust: its client is the real one" in ran.out
    assert "not believed: below the border" in ran.out
    assert "the real client: 203.0.113.80 as relay.valleycloud.example" in ran.out
    assert (
        "by the gateway: mx.gateway.example found dkim pass for valleypatrol.example: the author's organisation"
        in ran.out
    )
    assert "dmarc fail, policy reject" in ran.out  # ours stays ours


def test_around_the_gateway(cli) -> None:
    mail = SCENARIOS / "gateway-bypassed" / "mail" / "straight.eml"
    ran = cli("check", mail, "--explain", *options("gateway-bypassed", "203.0.113.50", "d.finch@knollpolice.test"))
    assert "bypassed: 203.0.113.50 is no address of your gateway" in ran.out
    assert ran.out.count("not believed: the client is a stranger") == 4
    assert "by the gateway: " not in ran.out


def test_json(cli) -> None:
    mail = SCENARIOS / "gateway-banner" / "mail" / "bannered.eml"
    (row,) = cli(
        "check", mail, "--json", *options("gateway-banner", "198.51.100.25", "l.ostrow@valleypatrol.example")
    ).rows
    trace, gateway = row["trace"], row["authentication"]["gateway"]
    assert (trace["client_ip"], trace["via"], trace["tls"], trace["gateway"]) == (
        "203.0.113.80",
        "trace",
        "TLSv1.3",
        True,
    )
    assert [hop["believed"] for hop in trace["hops"]] == [True, True, True, False]
    assert gateway["dmarc"] == {"result": "pass", "aligned": ["dkim"]}
    assert {one["by"] for one in gateway["results"]} == {"mx.gateway.example"}
    assert row["authentication"]["dmarc"]["result"] == "fail"


def test_without_a_gateway_nothing_is_said_of_one(cli, tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(b"From: o@agency.example\nSubject: hello\nDate: Tue, 24 Nov 2026 03:00:00 +0000\n\nThank you.\n")
    zone = tmp_path / "zone.yml"
    zone.write_text("{}\n")
    ran = cli("check", path, "--explain", "--dns-zone", zone)
    assert "nothing is known of the connection" in ran.out
    assert "the real client: not known" in ran.out
    assert "by the gateway" not in ran.out
    assert "bypassed" not in ran.out


def test_a_trace_cannot_write_on_the_terminal(cli, tmp_path: Path) -> None:
    path, zone = tmp_path / "a.eml", tmp_path / "zone.yml"
    path.write_bytes(b"Received: from \x1b]0;x\x07 by \x1b[2Jevil; x\nFrom: o@agency.example\n\nHello.\n")
    zone.write_text("{}\n")
    assert "\x1b" not in cli("check", path, "--explain", "--dns-zone", zone).out


def test_init_for_a_gateway(cli, tmp_path: Path) -> None:
    ran = cli("init", tmp_path / "etc", "--gateway", "microsoft365")
    assert ran.code == 0
    assert "connector" in ran.err
    ran = cli("doctor", "--config-only", "--config", tmp_path / "etc" / "edrguard.yml")
    assert "gateway" in ran.out and "told apart by your mark" in ran.out
    assert cli("init", tmp_path / "etc", "--gateway", "exchange").code == 64
