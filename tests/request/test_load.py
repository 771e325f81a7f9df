from pathlib import Path

import pytest

from edrguard.model.errors import ConfigError
from edrguard.request import Source, load_lexicon, understand
from tests.request.reading import CONFIG, NOW, lexicon

PHRASES = "language: xx\nscript: latin\nstopwords: foo bar\nsays:\n  life: |\n    # a comment\n    mortal peril~\n"
STATUTE = "jurisdiction: US\ncitations:\n  - cite: A\n    match: 'act 7'\n    kind: compelled\n"


def write(folder: Path, text: str, name: str = "a.yml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_shipped_loads_and_compiles():
    lexicon().warm()
    assert len(lexicon().languages) >= 30
    assert {"en", "de", "it", "fr", "es", "pt", "nl"} <= set(lexicon().by_code)
    assert len({s.jurisdiction for s in lexicon().statutes}) >= 40


@pytest.mark.parametrize(
    "concept", ["life", "peril", "harm", "now", "person", "denial", "authority", "ask", "subscriber"]
)
def test_every_language_knows_the_words_that_matter(concept):
    assert [language.code for language in lexicon().languages if concept not in language.says] == []


def test_operators_add_to_a_language_in_a_file_of_their_own(tmp_path):
    write(tmp_path, "language: en\nsays:\n  life: |\n    code purple\n")
    extended = load_lexicon([CONFIG / "phrases", tmp_path])
    text = [Source("text", "Code purple. Please send the IP of user_1, order attached.")]
    assert understand(text, NOW, extended).life_at_risk
    assert not understand(text, NOW, lexicon()).life_at_risk


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (PHRASES.replace("stopwords", "stopword"), ":3:1", "unknown key"),
        (PHRASES.replace("life", "lives"), ":5:3", "unknown key"),
        (PHRASES.replace("mortal peril~", "mortal (peril"), ":7:", "bad pattern"),
        (PHRASES.replace("mortal peril~", r"\S peril"), ":7:", "not allowed"),
        (PHRASES.replace("latin", "runes"), ":2:9", "none of"),
        (PHRASES.replace("xx", "xxx"), ":1:11", "ISO 639"),
        (PHRASES + "months: a b\n", ":8:9", "twelve"),
        (PHRASES + "language: yy\n", ":8:1", "twice"),
        (PHRASES.replace("|\n    # a comment\n    mortal peril~", "[a]"), ":5:9", "text is expected"),
        (STATUTE.replace("compelled", "strong"), ":5:11", "none of"),
        (STATUTE.replace("US", "usa"), ":1:15", "ISO 3166"),
        (STATUTE.replace("    kind: compelled\n", ""), ":3:5", "are needed"),
        (STATUTE.replace("act 7", "act [7"), ":4:12", "bad pattern"),
        (STATUTE + "confirmed: maybe\n", ":6:12", "true or false"),
        ("says: 1\n", ":1:1", "neither"),
        ("- a\n", ":1:1", "mapping"),
        ("a: [\n", ":2:1", "not YAML"),
    ],
)
def test_faults_name_their_place(tmp_path, text, place, message):
    path = write(tmp_path, text)
    with pytest.raises(ConfigError, match=message) as raised:
        load_lexicon([path])
    assert f"{path}{place}" in str(raised.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_lexicon([tmp_path / "absent.yml"])
