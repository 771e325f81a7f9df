import pytest

from edrguard.request import Lexicon, Source, understand
from tests.request.reading import HOME, NOW, lexicon, read

ORDER = "Order attached. Provide subscriber information. Police.\n"


def targets(text: str) -> set[tuple[str, str]]:
    return {(i.kind, i.value) for i in read(ORDER + text).identifiers}


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Target e-mail address: Max.Muster@Mail.Example", "email", "max.muster@mail.example"),
        ("records of +44 20 7946 0123 (06.08.2026 - 28.09.2026)", "phone", "+442079460123"),
        ("the phone number +44 20 7946 0123 is his", "phone", "+442079460123"),
        ("subscriber of +1 (614) 555-0100", "phone", "+16145550100"),
        ("username: Night_Owl.7", "username", "Night_Owl.7"),
        ("the handle @night_owl", "username", "night_owl"),
        ("Accounts: plainword, other_1", "username", "plainword"),
        ("Accounts: plainword, other_1", "username", "other_1"),
        ("Konto: kalle7", "username", "kalle7"),
        ("in relation to qwertz_9 (01.02.2026 - 02.02.2026)", "username", "qwertz_9"),
        ("records for plainname for the period May", "username", "plainname"),
        ("dati di pagamento per pudiack nel periodo 09.01.2026 - 13.03.2026", "username", "pudiack"),
        ("login history in relation to keeslax, leech22 (01/26/2026 - 02/17/2026)", "username", "keeslax"),
        ("concernant kayl11, layhistrel, neesrack (08/06/2026 - 20/06/2026)", "username", "neesrack"),
        ("from the address 192.0.2.44 on Monday", "ip", "192.0.2.44"),
        ("IPv6 2001:DB8::7 was used", "ip", "2001:db8::7"),
        ("the page https://Social.example/u/Owl?x=1 .", "url", "https://social.example/u/Owl?x=1"),
        ("account social.example/u/owl", "url", "social.example/u/owl"),
        ("wallet bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "wallet", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        ("ETH 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "wallet", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
        ("IBAN GB82 WEST 1234 5698 7654 32", "iban", "GB82WEST12345698765432"),
        ("account number 44712345", "account", "44712345"),
        ("IMEI 49-015420-323751-8", "device", "490154203237518"),
        ("Name: Erika Muster", "person", "Erika Muster"),
    ],
)
def test_targets_are_found_and_normalised(text, kind, value):
    assert (kind, value) in targets(text)


@pytest.mark.parametrize(
    "text",
    [
        "Case 2026-11-0042 of 12.11.2026",
        "Az. 123 Js 4567/26",
        "our reference 20266145550100",
        "in the period 01.10.2026 - 02.11.2026",
        "at 14:35:07 and 2:15",
        "version 1.2.3",
    ],
)
def test_numbers_are_not_taken_for_telephones_or_addresses(text):
    assert not {kind for kind, _ in targets(text)} & {"phone", "ip", "email"}


@pytest.mark.parametrize(
    "text",
    [
        "log di accesso per estorsione, truffa, minacce (2026).",
        "in relation to fraud, theft, kidnapping (section 3).",
        "for police, prosecutors and courts.",
        "Compte : kayl11, hux.te,\nConformément à article 60-2 du code.",
    ],
)
def test_plain_words_in_a_row_are_no_names(text):
    assert {v for kind, v in targets(text) if kind == "username"} <= {"kayl11", "hux.te"}


def test_a_number_of_no_country_is_still_asked_about():
    found = read(ORDER + "records concerning +21044753658 (06.08.2026 - 28.09.2026)").identifiers
    assert [(i.kind, i.value, i.valid) for i in found] == [("phone", "+21044753658", False)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("wallet bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "wallet"),
        ("wallet 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "wallet"),
        ("IBAN GB83 WEST 1234 5698 7654 32", "iban"),
        ("IMEI 490154203237519", "device"),
    ],
)
def test_check_digits_disprove(text, kind):
    found = [i for i in read(ORDER + text).identifiers if i.kind == kind]
    assert found
    assert not found[0].valid


def test_who_writes_is_no_target():
    request = read(
        ORDER + "Records of owl_7, please. Reply to desk@police.example, call +1 614 555 0199.\n\n"
        "Regards,\nDet. Ann Roe\nann.roe@police.example\nTel. +1 614 555 0100\nhttps://police.example/\n"
    )
    assert {(i.kind, i.value) for i in request.identifiers} == {("username", "owl_7")}
    assert {(c.kind, c.value) for c in request.contacts} == {
        ("email", "desk@police.example"),
        ("email", "ann.roe@police.example"),
        ("phone", "+16145550199"),
        ("phone", "+16145550100"),
        ("url", "https://police.example/"),
    }
    assert all(c.in_directory is None for c in request.contacts)


def test_the_companys_own_addresses_are_targets_only_when_named_so():
    text = ORDER + "As agreed with legal@bigco.example we ask about the user account owl@bigco.example."
    assert {i.value for i in read(text).identifiers if i.kind == "email"} == {"owl@bigco.example"}
    outside = understand([Source("text", text)], NOW, lexicon(), frozenset())
    assert {i.value for i in outside.identifiers if i.kind == "email"} == {"legal@bigco.example", "owl@bigco.example"}


def test_a_national_number_takes_the_languages_country():
    request = read("Bitte um die Bestandsdaten. Rückruf unter Tel. 030 1234567\n\nMit freundlichen Grüßen\nKripo")
    assert [c.value for c in request.contacts] == ["+49301234567"]


def test_every_fact_says_where_it_was_read():
    request = read(
        ORDER + "username: owl_7. Tel. +1 614 555 0100", p3="wallet 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    )
    quotes = {i.kind: i.quote for i in request.identifiers}
    assert quotes["username"].where == "text"
    assert "owl_7" in quotes["username"].text
    assert quotes["wallet"].where == "part:3"
    assert all(q is not None and len(q.text) <= 200 for q in quotes.values())


def test_many_identifiers_are_bounded():
    request = understand(
        [Source("text", "mail " + " ".join(f"a{n}@mail.example" for n in range(3000)))], NOW, Lexicon(()), HOME
    )
    assert len(request.identifiers) <= 200
