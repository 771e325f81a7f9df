"""edrguard.yml: the file, the models, and what is said when they disagree."""

import dataclasses
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from edrguard.model.errors import ConfigError, ConfigErrors
from edrguard.model.limits import Limits
from edrguard.model.words import Mode, OnError
from edrguard.node import config as config_module
from edrguard.node.config import config_dir, config_path, load_config, parse_config, read_secret, shipped_dir
from edrguard.node.options import Config, Endpoint, options
from edrguard.node.wireoptions import ListenerOptions

SHIPPED = Path(__file__).parents[2] / "config" / "edrguard.yml"
HERE = Path("/somewhere/edrguard.yml")
_OPTION = re.compile(r"^(\s*)#(?=\S)", re.MULTILINE)


def flat(tree: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(tree, dict) or not tree:  # an empty mapping is a value
        return {prefix[:-1]: tree}
    return {k: v for name, inner in tree.items() for k, v in flat(inner, f"{prefix}{name}.").items()}


def everything() -> str:
    """The shipped file with every option taken out of its comment."""
    return _OPTION.sub(r"\1", SHIPPED.read_text(encoding="utf-8"))


def test_the_file_shows_every_option_with_its_default_and_no_other() -> None:
    shown = flat(YAML(typ="safe", pure=True).load(everything()))
    assert shown == {name: default for name, default, _ in options()}
    assert list(shown) == [name for name, _, _ in options()]


def test_every_option_is_explained_in_the_models() -> None:
    assert [name for name, _, words in options() if not words] == []


def test_what_is_special_about_a_listener_is_in_the_file() -> None:
    """No option of its own in the walk above: a listener is one value of a list."""
    text = SHIPPED.read_text(encoding="utf-8")
    for name, field in ListenerOptions.model_fields.items():
        assert field.description and f"{name}: " in text.partition("#smtp: [")[0], name


def test_every_option_has_a_comment_above_it_in_the_file() -> None:
    """Of a pair, the second may share the comment of the first."""
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    bare = [
        line.strip() for above, line in pairwise(lines) if re.match(r"\s*#\S", line) and not re.match(r"\s*# ", above)
    ]
    assert bare == [
        "#tls_key: null",
        "#port: 10026",
        "#secret_file: null",
        "#password_file: null",
        "#client_secret_file: null",
        "#secret_file: null",
    ]


def test_every_limit_is_an_option_with_its_default() -> None:
    limits = {n.removeprefix("limits."): d for n, d, _ in options() if n.startswith("limits.")}
    assert limits == dataclasses.asdict(Limits())
    text = SHIPPED.read_text(encoding="utf-8")
    for name, default in limits.items():
        assert f"\n  #{name}: {default}\n" in text


def test_the_shipped_file_loads_as_the_defaults() -> None:
    config = load_config(SHIPPED)
    assert config.limits == Limits()
    assert type(config.limits) is Limits
    assert (config.mode, config.on_error) == (Mode.ENFORCE, OnError.QUARANTINE)
    assert config.listen.smtp == (Endpoint("127.0.0.1", 10025),)
    assert (config.next_hop.host, config.next_hop.port) == ("127.0.0.1", 10026)
    assert config.rules.local == SHIPPED.parent / "local.d"
    assert parse_config(everything(), SHIPPED) == config


def test_a_full_configuration() -> None:
    config = parse_config(
        """
mode: observe
hostname: mx.corp.example
inboxes: [Legal@Corp.example, "@requests.example"]
listen: {smtp: ["[::1]:0", "localhost:2525"], health: null}
smtp: {trusted_peers: [192.0.2.0/24]}
rules: {local: mine.d}
limits: {hops: 60, document_seconds: 7}
console: {base_url: "https://desk.example/x/"}
pages:
  webhook: {url: "https://hook.example/a", secret: "0123456789abcdef"}
  smtp: {from: edr@corp.example, to: [duty@corp.example]}
""",
        HERE,
    )
    assert config.mode is Mode.OBSERVE
    assert (config.host, config.authserv) == ("mx.corp.example", "mx.corp.example")
    assert config.inboxes == ("legal@corp.example", "@requests.example")
    assert config.listen.smtp == (Endpoint("::1", 0), Endpoint("localhost", 2525))
    assert [str(e) for e in config.listen.smtp] == ["[::1]:0", "localhost:2525"]
    assert config.listen.health is None
    assert [str(n) for n in config.smtp.trusted_peers] == ["192.0.2.0/24"]
    assert config.rules.local == Path("/somewhere/mine.d")
    assert config.limits == Limits(hops=60, document_seconds=7.0)
    assert config.case_link("2026-1") == "https://desk.example/x/cases/2026-1"
    assert config.pages.smtp.sender == "edr@corp.example"
    assert "0123456789abcdef" not in repr(config)


def test_a_listener_with_settings_of_its_own() -> None:
    text = 'listen: {smtp: ["127.0.0.1:25", {address: "[::1]:24", protocol: lmtp}]}'
    plain, own = parse_config(text, HERE).listen.listeners
    assert (str(plain), plain.protocol) == ("127.0.0.1:25", "smtp")
    assert (str(own), own.protocol) == ("[::1]:24", "lmtp")


def test_configurations_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Config().mode = Mode.OBSERVE  # type: ignore[misc]


@pytest.mark.parametrize("text", ["", "# nothing\n", "listen:\nlimits:\n", "pages: {webhook: }\n"])
def test_what_is_left_out_takes_its_default(text: str) -> None:
    assert parse_config(text, SHIPPED) == load_config(SHIPPED)


FAULTS = [
    ("moode: enforce\n", ["1:1: unknown option `moode` (did you mean mode?)"]),
    ("mode: enforced\n", ["1:7: mode: should be 'observe' or 'enforce' (did you mean enforce?)"]),
    ("limits:\n  mesage_size: 4\n", ["2:3: unknown option `limits.mesage_size` (did you mean message_size?)"]),
    ("limits:\n  hops: 0\n", ["2:9: limits.hops: should be greater than 0"]),
    ("limits: {hops: .nan}\n", ["1:16: limits.hops: should be a finite number"]),
    ("limits: {dns_timeout: .inf}\n", ["1:23: limits.dns_timeout: should be a finite number"]),
    ("limits: {dkim_key_bits_min: 5000}\n", ["1:9: limits: dkim_key_bits_min is greater than dkim_key_bits_max"]),
    ("limits: {in_flight: 1000}\n", ["1:9: limits: in_flight is smaller than message_size"]),
    ("pages:\n  smtp:\n    form: x\n", ["3:5: unknown option `pages.smtp.form` (did you mean from?)"]),
    ("zzz: 1\n", ["1:1: unknown option `zzz`"]),
    ("listen:\n  smtp:\n    - 127.0.0.1:25\n    - nowhere\n", ["4:7: listen.smtp.1: an address is written host:port"]),
    ("listen:\n  smtp:\n    - {protocol: lmtp}\n", ["3:7: listen.smtp.0.address: Field required"]),
    (
        "listen:\n  smtp:\n    - {address: 'a:1', protocol: lmpt}\n",
        ["3:34: listen.smtp.0.protocol: should be 'smtp' or 'lmtp' (did you mean lmtp?)"],
    ),
    ("listen: {smtp: [{address: 'a:1', proto: x}]}\n", ["1:34: unknown option `listen.smtp.0.proto`"]),
    ("listen: {health: '127.0.0.1:70000'}\n", ["1:18: listen.health: an address is written host:port"]),
    (
        "smtp: {trusted_peers: [10.0.0.0/33]}\n",
        ["1:24: smtp.trusted_peers.0: value is not a valid IPv4 or IPv6 network"],
    ),
    ("smtp: {tls_key: k.pem}\n", ["1:7: smtp: tls_certificate and tls_key go together"]),
    ("smtp: {eightbitmime: false}\n", ["1:7: smtp: smtputf8 needs eightbitmime"]),
    ("smtp: {tls: required}\n", ["1:7: smtp: tls: required needs tls_certificate and tls_key"]),
    ("smtp: {tls: always}\n", ["1:13: smtp.tls: should be"]),
    (
        "listen: {smtp: [{address: 'a:1', tls: implicit}]}\n",
        [": listen.smtp: a:1: tls: implicit needs smtp.tls_certificate"],
    ),
    ("next_hop: {tls: verify}\n", ["1:17: next_hop.tls: should be 'none', 'opportunistic', 'encrypt' or 'require'"]),
    ("next_hop: {tls_ca: none.pem}\n", ["1:20: next_hop.tls_ca: no such file"]),
    ("smtp: 5\n", ["1:7: smtp: holds options, one a line below it"]),
    ("inboxes: [legal]\n", ["1:11: inboxes.0: an inbox is written name@domain"]),
    ("dns: {zone_file: none.yml}\n", ["1:18: dns.zone_file: no such file: /somewhere/none.yml"]),
    ("agencies: {files: [none.csv]}\n", ["1:20: agencies.files.0: no such file: /somewhere/none.csv"]),
    ("pages: {webhook: {url: 'ftp://x.example'}}\n", ["1:24: pages.webhook.url: "]),
    ("pages: {webhook: {url: 'https://x.example'}}\n", ["1:18: pages.webhook: a webhook needs a secret"]),
    ("subject_prefix: 'ä'\n", ["1:17: subject_prefix: "]),
    ("console: {timezone: CET/X}\n", ["1:21: console.timezone: no time zone 'CET/X'"]),
    ("a: [\n", ["2:1: "]),
    ("mode: observe\nmode: enforce\n", ["2:1: found duplicate key"]),
    ("- mode\n", ["1:1: a configuration is a mapping of options"]),
    ("mode: \x00\n", [": not YAML"]),
    ("mode: !!python/object:os.system x\n", ["1:7: mode: "]),
    (
        "on_error: drop\nhostnam: x\n",
        ["1:11: on_error: should be", "2:1: unknown option `hostnam` (did you mean hostname?)"],
    ),
]


@pytest.mark.parametrize(("text", "expected"), FAULTS)
def test_faults_have_a_place_and_a_way_out(text: str, expected: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, HERE)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(expected)
    for line, words in zip(lines, expected, strict=True):
        assert line.startswith("/somewhere/edrguard.yml:")
        assert words in line
    assert caught.value.exit_code == 78


def test_all_faults_come_at_once_in_the_order_of_the_file() -> None:
    with pytest.raises(ConfigErrors) as caught:
        parse_config("limits:\n  hops: x\n  recipients: -1\nmode: x\n", HERE)
    assert [f.place.line for f in caught.value.faults if f.place] == [2, 3, 4]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yml: cannot be read: No such file"):
        load_config(tmp_path / "none.yml")
    (tmp_path / "latin.yml").write_bytes(b"hostname: \xe4\n")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_config(tmp_path / "latin.yml")


def test_etc_comes_first_file_by_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config_module, "ETC", tmp_path)
    assert config_dir() == shipped_dir() == SHIPPED.parent
    assert load_config().mode is Mode.ENFORCE
    (tmp_path / "edrguard.yml").write_text("mode: observe\n", encoding="utf-8")
    assert load_config().mode is Mode.OBSERVE
    assert load_config().rules.override == tmp_path / "override.d"
    # only a configuration is there: the rules are still the shipped ones
    assert config_dir() == shipped_dir()
    assert config_path("edrguard.yml") == tmp_path / "edrguard.yml"
    assert config_path("postfix") == SHIPPED.parent / "postfix"
    (tmp_path / "symbols.yml").write_text("{}\n", encoding="utf-8")
    assert config_dir() == tmp_path


def test_inside_a_wheel_the_configuration_is_in_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "edrguard" / "_config").mkdir(parents=True)
    monkeypatch.setattr(config_module, "_PACKAGE", tmp_path / "edrguard")
    assert shipped_dir() == tmp_path / "edrguard" / "_config"


def test_secrets(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("  shh \n", encoding="utf-8")
    assert read_secret("plain", None) == "plain"
    assert read_secret(None, tmp_path / "s") == "shh"
    assert read_secret(None, None) is None
    with pytest.raises(ConfigError, match="secret cannot be read"):
        read_secret(None, tmp_path / "none")


def test_anchors_are_certificates_or_an_error(tmp_path: Path) -> None:
    from edrguard.node.sources import make_anchors
    from tests.documents.signing import authority

    assert make_anchors(Config()) == b""
    file = tmp_path / "anchors.pem"
    file.write_bytes(authority().pem)
    given = tmp_path / "edrguard.yml"
    given.write_text("documents:\n  anchors: anchors.pem\n")
    assert make_anchors(load_config(given)) == authority().pem
    file.write_bytes(b"nothing")
    with pytest.raises(ConfigError, match="no certificates in PEM"):
        make_anchors(load_config(given))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("inet:127.0.0.1:11332", "inet:127.0.0.1:11332"),
        ("inet:[::1]:11332", "inet:[::1]:11332"),
        ("inet:11332@localhost", "inet:localhost:11332"),
        ("inet:11332@::1", "inet:[::1]:11332"),
        ("unix:/run/edrguard/milter.sock", "unix:/run/edrguard/milter.sock"),
    ],
)
def test_milter_addresses(text: str, shown: str) -> None:
    assert str(parse_config(f'listen: {{milter: "{text}"}}', HERE).listen.milter) == shown


@pytest.mark.parametrize(
    "text", ["127.0.0.1:11332", "inet:11332", "inet:h:99999", "unix:relative", "unix:/" + "x" * 107, "local:/x", ""]
)
def test_what_is_no_milter_address(text: str) -> None:
    with pytest.raises(ConfigError, match=r"listen\.milter"):
        parse_config(f'listen: {{milter: "{text}"}}', HERE)


OIDC = "console: {base_url: 'https://d.example', oidc: {issuer: 'https://i.example', client_id: x, roles: {g: [reviewer]}}}"


@pytest.mark.parametrize(
    ("altered", "says"),
    [
        (("https://i.example", "http://i.example"), "https:// address"),
        (("base_url: 'https://d.example', ", ""), "needs base_url"),
        (("client_id: x, ", ""), "needs a client_id"),
        ((", roles: {g: [reviewer]}", ""), "needs roles"),
        (("[reviewer]", "[king]"), "reviewer"),
        (("client_id: x", "client_id: x, algorithms: [HS256]"), "RS256"),
        (("console: {base_url", "console: {local_sign_in: false, oidc: {}, base_url"), "oidc"),
    ],
)
def test_a_companys_sign_in_is_whole_or_an_error(altered: tuple[str, str], says: str) -> None:
    assert parse_config(OIDC, HERE).console.oidc.roles == {"g": ("reviewer",)}
    with pytest.raises(ConfigError, match=says):
        parse_config(OIDC.replace(*altered), HERE)


def test_nobody_locks_everybody_out() -> None:
    with pytest.raises(ConfigErrors, match="nobody could come in"):
        parse_config("console: {local_sign_in: false}", HERE)


def test_copies_of_what_we_send_need_to_know_who_we_are() -> None:
    with pytest.raises(ConfigErrors, match="whose mail"):
        parse_config('listen: {sent: "127.0.0.1:10028"}', HERE)
    found = parse_config(
        'listen: {sent: "127.0.0.1:10028"}\nsent: {domains: [Mail.BigCo.example]}\ninboxes: [a@b.example]', HERE
    )
    assert found.our_domains == {"mail.bigco.example", "b.example"}
    with pytest.raises(ConfigError, match=r"sent\.address"):
        parse_config('sent: {address: "@everything.example"}', HERE)
