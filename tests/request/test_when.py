from datetime import UTC, datetime

import pytest

from edrguard.request.when import dates_near
from tests.request.reading import NOW, read

ORDER = "Order attached. Provide subscriber information of user_1. Police. "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Reply within 24 hours.", datetime(2026, 11, 21, 14, 0, tzinfo=UTC)),
        ("Reply within ten days.", datetime(2026, 11, 30, 14, 0, tzinfo=UTC)),
        ("We need it within 30 minutes.", datetime(2026, 11, 20, 14, 30, tzinfo=UTC)),
        ("Response due by 2026-12-01.", datetime(2026, 12, 1, 23, 59, tzinfo=UTC)),
        ("No later than 5 December 2026.", datetime(2026, 12, 5, 23, 59, tzinfo=UTC)),
        ("No later than December 5, 2026 at 5 pm.", datetime(2026, 12, 5, 17, 0, tzinfo=UTC)),
        ("Before 30.11.2026 12:00 UTC.", datetime(2026, 11, 30, 12, 0, tzinfo=UTC)),
        ("Before 30.11.2026 12:00 CET.", datetime(2026, 11, 30, 11, 0, tzinfo=UTC)),
        ("Deadline 12/01/2026.", datetime(2026, 12, 1, 23, 59, tzinfo=UTC)),
        ("Answer by 18:30 and again within 3 days.", datetime(2026, 11, 20, 18, 30, tzinfo=UTC)),
        ("Answer by 09:00.", datetime(2026, 11, 21, 9, 0, tzinfo=UTC)),
    ],
)
def test_deadlines_in_english(text, expected):
    request = read(ORDER + text)
    assert request.deadline == expected
    assert request.quotes["deadline"].text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wir bitten um die Bestandsdaten bis zum 30.11.2026.", datetime(2026, 11, 30, 23, 59, tzinfo=UTC)),
        ("Wir bitten um die Bestandsdaten bis 18 Uhr.", datetime(2026, 11, 20, 18, 0, tzinfo=UTC)),
        ("Wir bitten um die Bestandsdaten innerhalb von 48 Stunden.", datetime(2026, 11, 22, 14, 0, tzinfo=UTC)),
        ("Merci de nous répondre avant le 1er décembre 2026.", datetime(2026, 12, 1, 23, 59, tzinfo=UTC)),
        ("Merci de nous répondre dans un délai de 5 jours.", datetime(2026, 11, 25, 14, 0, tzinfo=UTC)),
        ("Si prega di rispondere alla richiesta entro il 30/11/2026.", datetime(2026, 11, 30, 23, 59, tzinfo=UTC)),
        ("Se ruega que respondan en un plazo de 72 horas.", datetime(2026, 11, 23, 14, 0, tzinfo=UTC)),
        ("Solicitamos a resposta no prazo de 10 dias.", datetime(2026, 11, 30, 14, 0, tzinfo=UTC)),
        ("Wij verzoeken u om antwoord uiterlijk op 30-11-2026.", datetime(2026, 11, 30, 23, 59, tzinfo=UTC)),
        ("Prosimy o odpowiedź w sprawie w terminie 7 dni.", datetime(2026, 11, 27, 14, 0, tzinfo=UTC)),
    ],
)
def test_deadlines_in_other_languages(text, expected):
    assert read(text).deadline == expected


@pytest.mark.parametrize(
    "text",
    [
        "as soon as possible",
        "by the suspect",
        "before the court",
        "within the meaning of the act",
        "until further notice",
        "by 31.02.2027",
        "no later than 01.01.2020",
        "by 2099-01-01",
    ],
)
def test_nothing_is_guessed(text):
    assert read(ORDER + text).deadline is None


def test_hours_of_grace_are_an_emergency_but_days_are_not():
    assert read(ORDER + "Answer within 4 hours.").emergency
    assert not read(ORDER + "Answer within 4 days.").emergency
    assert not read(ORDER + "Answer within 4 hours.").life_at_risk


def test_dates_are_old_or_recent_and_births_are_neither():
    text = "on 12.03.2026 and 19.11.2026, 2026-11-20; born 01.02.2024; in 01.01.1999"
    old, recent = dates_near(text, NOW)
    assert [text[a:b] for a, b in old] == ["12.03.2026"]
    assert [text[a:b] for a, b in recent] == ["19.11.2026", "2026-11-20"]
