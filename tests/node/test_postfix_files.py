"""config/postfix: the files say what they should, in words that Postfix knows."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from edrguard.model.limits import Limits
from edrguard.node.doctor import sent_copies, wiring
from edrguard.node.options import Config

FOLDER = Path(__file__).parents[2] / "config" / "postfix"


def main_cf() -> dict[str, str]:
    lines = (FOLDER / "main.cf").read_text(encoding="utf-8").splitlines()
    return dict(re.split(r"\s*=\s*", line, maxsplit=1) for line in lines if line and not line.startswith("#"))


def services(name: str) -> dict[str, tuple[str, dict[str, str]]]:
    """Service name -> (command, options)."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    current = ""
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line[0].isspace():
            option, _, value = line.strip().removeprefix("-o ").partition("=")
            found[current][1][option] = value
        else:
            fields = line.split()
            assert len(fields) == 8, line
            current = fields[0]
            found[current] = (fields[7], {})
    return found


def test_the_way_there_and_back_are_edrguards_defaults() -> None:
    config = Config()
    assert main_cf()["edrguard_filter"] == str(config.listen.smtp[0])
    entries = services("master.cf")
    assert entries["smtp"][1]["smtpd_proxy_filter"] == "$edrguard_filter"
    assert f"{config.next_hop.host}:{config.next_hop.port}" in entries


def test_the_front_takes_no_more_than_we_do() -> None:
    assert int(main_cf()["message_size_limit"]) <= Limits().message_size
    assert int(main_cf()["smtpd_proxy_timeout"].removesuffix("s")) > Limits().message_seconds


BACK = {
    "smtpd_authorized_xforward_hosts": "127.0.0.0/8",
    "smtpd_authorized_xclient_hosts": "",
    "mynetworks": "127.0.0.0/8",
    "smtpd_recipient_restrictions": "permit_mynetworks,reject",
    "receive_override_options": "no_unknown_recipient_checks",
    "smtpd_proxy_filter": "",
    "content_filter": "",
    "smtpd_milters": "",
}


@pytest.mark.parametrize(("option", "value"), BACK.items())
def test_the_way_back_is_closed_to_others_and_makes_no_loop(option: str, value: str) -> None:
    assert services("master.cf")["127.0.0.1:10026"][1][option] == value


def test_the_after_queue_variant_tells_the_client() -> None:
    entries = services("after-queue.cf")
    assert entries["smtp"][1]["content_filter"] == "edrguard:[127.0.0.1]:10025"
    command, options = entries["edrguard"]
    assert command == "smtp"
    assert options["smtp_send_xforward_command"] == "yes"
    assert int(options["smtp_data_done_timeout"].removesuffix("s")) >= Limits().next_hop_data_seconds


def test_the_readme_explains_every_line() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    options = {o for _, opts in services("master.cf").values() for o in opts} | set(main_cf())
    options |= {o for _, opts in services("sent-master.cf").values() for o in opts}
    covered = {"smtpd_client_restrictions", "smtpd_helo_restrictions", "smtpd_sender_restrictions"}
    covered |= {"smtpd_relay_restrictions", "smtpd_data_restrictions", "smtpd_end_of_data_restrictions"}
    assert "the empty restrictions" in readme
    assert sorted(o for o in options - covered if o not in readme) == []


if shutil.which("postconf"):

    def known() -> set[str]:
        done = subprocess.run(["postconf", "-d", "-H"], capture_output=True, text=True, check=False)
        if done.returncode or not done.stdout:
            done = subprocess.run(["postconf", "-d"], capture_output=True, text=True, check=True)
        return {line.partition("=")[0].strip() for line in done.stdout.splitlines()}

    @pytest.mark.parametrize("name", ["master.cf", "after-queue.cf", "sent-master.cf"])
    def test_postfix_knows_every_option(name: str) -> None:
        used = {option for _, options in services(name).values() for option in options}
        assert sorted(used - known() - {"syslog_name"}) == []
        assert sorted(set(main_cf()) - known()) == ["edrguard_filter"]


def milter_cf() -> dict[str, str]:
    lines = (FOLDER / "milter.cf").read_text(encoding="utf-8").splitlines()
    return dict(re.split(r"\s*=\s*", line, maxsplit=1) for line in lines if line and not line.startswith("#"))


def test_the_milter_lines_fit_the_limits() -> None:
    found = milter_cf()
    assert int(found["message_size_limit"]) <= Limits().message_size
    assert "$edrguard_milter" in found["smtpd_milters"] and "default_action=tempfail" in found["smtpd_milters"]
    content = int(re.search(r"content_timeout=(\d+)s", found["smtpd_milters"])[1])
    assert content > Config().milter.progress, "Postfix gives up before it hears a sign of life"
    assert found["milter_protocol"] == "6"
    assert found["message_reject_characters"] == r"\0"


def test_copies_of_what_is_sent_are_made_in_a_service_of_their_own() -> None:
    main = (FOLDER / "sent.cf").read_text(encoding="utf-8")
    entries = services("sent-master.cf")
    assert entries["submission"][1]["cleanup_service_name"] == "edrguard-sent"
    assert entries["edrguard-sent"] == ("cleanup", {"sender_bcc_maps": "$edrguard_sent_maps"})
    assert main.count(Config().sent.address) == 1 and Config().sent.address.endswith("@edrguard.invalid")
    assert "\nsender_bcc_maps" not in main and "always_bcc" not in main, "mail from outside would be copied as well"


OWN = "edrguard-sent/unix/sender_bcc_maps = $edrguard_sent_maps\n"
MAIN = "transport_maps = inline:{ { edrguard.invalid = smtp:[127.0.0.1]:10028 } }\n"


@pytest.mark.parametrize(
    ("services", "everywhere", "main", "status"),
    [
        (OWN, "\n\n", MAIN, "ok"),
        ("", "\n\n", MAIN, "warn"),
        (OWN, "\n\n", "", "warn"),
        (OWN, "archive@bigco.example\n\n", MAIN, "ok"),
        (OWN, "Copies@edrguard.invalid\n\n", MAIN, "FAIL"),
    ],
)
def test_doctor_looks_at_the_copies(services, everywhere, main, status) -> None:
    config = Config.model_validate({"inboxes": ["@bigco.example"], "listen": {"sent": "127.0.0.1:10028"}})
    assert sent_copies(config, services, everywhere, main).status == status


def test_sendmails_lines_are_edrguards_defaults() -> None:
    text = (FOLDER.parent / "sendmail" / "edrguard.mc").read_text(encoding="utf-8")
    assert "F=T" in text, "temporary failure while the node is down"
    assert f"Port={Config().next_hop.port}" in text and "InputMailFilters=" in text
    assert f"inet:{milter_cf()['edrguard_milter'].rpartition(':')[2]}@127.0.0.1" in text


NODE = {"listen": {"milter": "inet:127.0.0.1:11332", "smtp": []}}
PROXY = "smtp/inet/smtpd_proxy_filter = 127.0.0.1:10025\n"


@pytest.mark.parametrize(
    ("options", "services", "milters", "default", "status", "words"),
    [
        ({}, PROXY, "", "tempfail", "ok", "master.cf"),
        ({}, "", "inet:127.0.0.1:11332", "tempfail", "warn", "does not name"),
        (NODE, "", "{ inet:127.0.0.1:11332, default_action=tempfail }", "accept", "ok", "tempfail"),
        (NODE, "", "{ inet:127.0.0.1:11332, default_action=accept }", "tempfail", "FAIL", "unjudged"),
        (NODE, "", "inet:localhost:11332", "accept", "FAIL", "unjudged"),
        (NODE, "smtp/inet/smtpd_milters = inet:127.0.0.1:11332\n", "", "shutdown", "ok", "shutdown"),
        (NODE, "", "inet:127.0.0.1:113321", "tempfail", "warn", "does not name"),
        ({"listen": {"milter": "inet:127.0.0.1:11332"}}, PROXY, "inet:127.0.0.1:11332", "tempfail", "warn", "twice"),
        ({"listen": {"milter": "unix:/var/spool/postfix/edrguard/m.sock", "smtp": []}}, "", "unix:edrguard/m.sock", "tempfail", "ok", "names"),
    ],
)  # fmt: skip
def test_doctor_looks_at_the_wiring(options, services, milters, default, status, words) -> None:
    found = wiring(Config.model_validate(options), services, milters, default)
    assert found.status == status and words in found.text, found
