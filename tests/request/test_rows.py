"""Names that stand in a row after a word for accounts, quoted or not; ordinary words are none."""

from datetime import UTC, datetime

import pytest

from edrguard.request import Source, understand
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
