"""Names that stand in a row after a word for accounts, quoted or not; ordinary words are none."""

import random
import re
from datetime import UTC, datetime

import pytest

from edrguard.request import Source, labels, rows, understand
from edrguard.request.found import Found
from edrguard.request.identifiers import Places
from edrguard.request.text import Reading
from tests.request.reading import lexicon


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "data for the accounts night_owl77, kessler.trades and vault_mira.",
            ["night_owl77", "kessler.trades", "vault_mira"],
        ),
        ("data of the users silver_heron and niamh.draws.", ["silver_heron", "niamh.draws"]),
        ('Bestandsdaten zum Nutzer "StarlingVex" gemäß § 100j StPO.', ["StarlingVex"]),
        ("le compte « brume_du_soir » est visé", ["brume_du_soir"]),
        ("the account was used, users may be told of the court's e.g. request", []),
    ],
)
def test_names_in_a_row(text: str, names: list[str]) -> None:
    found = understand([Source("text", f"{text}\nDetective Rowe, City Police")], datetime.now(UTC), lexicon())
    assert [i.value for i in found.identifiers if i.kind == "username"] == names


def test_the_search_passes_over_plain_sentences_only():
    """Whatever rows.row would not take for a sentence is among what the labels announce."""
    rng = random.Random(11)
    pieces = [
        "for",
        "of",
        "account",
        "users",
        "john",
        "night_owl",
        "x7",
        "and",
        "no",
        "und",
        "the",
        "Zoë",
        "日本",
        "12",
    ]
    labelled = re.compile(r"(?<![0-9a-z\x80-\U0010ffff])(?:for|of|account|users) ")
    for _ in range(400):
        text = "".join(rng.choice(pieces) + rng.choice([" ", " ", " ", "\n", ", ", ' "', " (", "-"]) for _ in range(14))
        reading = Reading([Source("text", text)])
        places = Places(Found(reading, lexicon()), frozenset())
        found = {at for label in (labels.LEAD, labels.ROW) for _, at in places._announced(label)}
        wanted = {
            m.end() for m in labelled.finditer(reading.folded) if not rows._SENTENCE.match(reading.clean, m.end())
        }
        # but where the text wraps behind a plain word, of which no row comes
        wrapped = {at for at in wanted if re.match(r"[^\W\d_]+\n[^\W_]", reading.clean[at:])}
        assert wanted - wrapped <= found, text
