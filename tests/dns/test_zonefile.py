"""Zone files: layouts, several documents, JSON, and faults with their place."""

import json

import pytest

from edrguard.dns import ZoneResolver, load_zone
from edrguard.model.errors import ConfigError


def _write(tmp_path, text, name="zone.yml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "a.example: hello\n",
        "zones:\n  a.example: {TXT: hello}\n",
        "description: suite\nzonedata:\n  a.example:\n    - TXT: hello\n",
        "b.example: other\n---\ntxt-records:\n  a.example: hello\n",
        "a.example: old\n---\na.example: hello\n",
        '{"a.example": {"TXT": "hello"}}',
        '{\n\t"zones": {"a.example": "hello"}}',
        "{a.example: hello}",
    ],
)
def test_layouts(tmp_path, text):
    zone = load_zone(_write(tmp_path, text))
    assert ZoneResolver(zone).cached("a.example", "TXT").records == ("hello",)


def test_json_file(tmp_path):
    zone = {"a.example": [{"MX": [10, "mx.a.example"]}, "TIMEOUT"]}
    assert load_zone(_write(tmp_path, json.dumps(zone), "zone.json")) == zone


def test_empty_file_is_the_empty_zone(tmp_path):
    assert load_zone(_write(tmp_path, "")) == {}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a.example: {A: 192.0.2.1}\nb.example: {A: nonsense}\n", "zone.yml:2"),
        ("a.example: [\n", "zone.yml:2"),
        ("- a\n- b\n", "zone.yml:1"),
        ("zones:\n  b.example: {behaviour: EXPLODE}\n", "zone.yml:2"),
    ],
)
def test_faults_name_their_place(tmp_path, text, place):
    with pytest.raises(ConfigError) as caught:
        load_zone(_write(tmp_path, text))
    assert place in str(caught.value)


def test_missing_file(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.yml"):
        load_zone(tmp_path / "nowhere.yml")


def test_not_utf8(tmp_path):
    path = tmp_path / "zone.yml"
    path.write_bytes(b"a.example: \xff\n")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_zone(path)
