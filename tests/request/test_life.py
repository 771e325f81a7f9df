import pytest

from tests.request.life_cases import DANGER, ORDINARY
from tests.request.reading import read


@pytest.mark.parametrize("text", DANGER)
def test_danger_is_seen(text):
    request = read(text)
    assert request.life_at_risk
    assert request.emergency
    assert 0 < len(request.quotes["life_at_risk"].text) <= 200


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_mail_pages_nobody(text):
    assert not read(text).life_at_risk


@pytest.mark.parametrize(
    "text",
    [
        "Eilt! Bitte um Auskunft zu den Bestandsdaten von nutzer_4 gemäß § 100j StPO. Kripo",
        "URGENT: subscriber data for user_4 under 18 U.S.C. 2703(c), case 26-4. Detective Roe",
        "Très urgent. Réquisition jointe, art. 60-1 CPP, identité du titulaire du compte max_1. OPJ Roux",
        "Con la massima urgenza, dati dell'intestatario, art. 132 d.lgs. 196/2003. Procura",
        "Muy urgente: titularidad de la cuenta sol_4, art. 588 ter k LECrim. Juzgado",
        "Com a máxima urgência, dados cadastrais, Lei 12.965/2014 art. 10. Delegado Lima",
        "Met spoed: gebruikersgegevens van account j_1, art. 126na Sv. Officier van justitie",
    ],
)
def test_haste_alone_is_neither_emergency_nor_danger(text):
    request = read(text)
    assert not request.life_at_risk
    assert not request.emergency


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("emergency@bigco.example", True),
        ("legal-edr@bigco.example", True),
        ("notfall@bigco.example", True),
        ("legal@bigco.example", False),
        ("edrington@bigco.example", False),
    ],
)
def test_the_address_written_to_is_a_hint(address, expected):
    text = "Kindly provide the subscriber records of user_55 in file 26-7, order attached. Detective Roe, police"
    request = read(text, recipients=address)
    assert request.life_at_risk is expected


def test_a_press_question_to_the_emergency_address_pages_nobody():
    assert not read(
        "I am a journalist and ask for a statement for an article.", recipients="edr@bigco.example"
    ).life_at_risk


def test_the_text_may_be_in_an_attachment_only():
    request = read(
        "See attached.", p2="A boy of 10 was abducted this morning. Please send the last IP address of user_5. Police"
    )
    assert request.life_at_risk
    assert request.quotes["life_at_risk"].where == "part:2"


def test_an_unticked_box_claims_nothing():
    form = (
        "Request form of the police. Please tick:\n[ ] Emergency disclosure, 18 U.S.C. 2702(b)(8), danger of death\n"
        "[x] Subpoena attached, 18 U.S.C. 2703(c)\nPlease provide subscriber information for user_5."
    )
    assert not read(form).life_at_risk
    assert read(form.replace("[ ]", "[x]")).life_at_risk


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Thank you, received.\n\nRegards,\nDet. Roe", False),
        ("Any update please?\n\nRegards,\nDet. Roe", False),
        ("Please hurry, she wrote again. Please send her IP address.\n\nRegards,\nDet. Roe", True),
    ],
)
def test_a_reply_repeats_the_subject_without_claiming_it(body, expected):
    text = body + "\n\nOn 19/11/2026, Legal wrote:\n> Emergency disclosure request, danger to life, was logged."
    assert read(text, subject="Re: Emergency disclosure request, danger to life").life_at_risk is expected


def test_a_forwarded_emergency_counts():
    text = "FYI\n\n-----Original Message-----\nA girl is missing since last night, please send the last IP of user_3. Police"
    assert read(text, subject="Fwd: EDR").life_at_risk


@pytest.mark.parametrize("unit", ["Missing Persons", "Suicide Prevention", "Kidnapping Squad", "Bomb Disposal"])
def test_a_signature_names_a_unit_not_a_danger(unit):
    text = (
        "Please find enclosed the order under 18 U.S.C. 2703(d) for the login history of user_8.\n\n"
        f"Regards,\nDet. Ann Roe\n{unit}\nSpringfield Police"
    )
    assert not read(text).life_at_risk


def test_danger_after_a_polite_phrase_is_not_lost_as_signature():
    text = (
        "Please provide the IP address of user_8.\nRegards,\nDet. Roe\n"
        "P.S. The mother says that her daughter was kidnapped this morning and that the man has a gun with him now."
    )
    assert read(text).life_at_risk


@pytest.mark.parametrize("text", ["do not harm the inquiry", "Disclosure would endanger the investigation"])
def test_danger_to_an_investigation_is_none_to_a_person(text):
    assert not read(f"{text}. Provide subscriber information of user_1 now, 18 U.S.C. 2703. Police").life_at_risk


def test_an_old_date_makes_a_threat_past_and_todays_makes_it_present():
    base = "The suspect took a hostage at the bank on {}. Investigation file 26-9: subscriber data of user_4 please. Police"
    assert not read(base.format("12.03.2026")).life_at_risk
    assert read("A hostage is held at the bank, 20.11.2026. Subscriber data of user_4 please. Police").life_at_risk


@pytest.mark.parametrize("law", ["18 U.S.C. § 2702(b)(8)", "18 USC 2702 (c)(4)", "§ 34 StGB", "§ 53 Abs 3a SPG"])
def test_an_emergency_provision_claims_danger_by_itself(law):
    request = read(f"Request under {law}: subscriber information of user_7, please. Police")
    assert request.life_at_risk
    assert any(b.emergency for b in request.legal_basis)


def test_an_expedited_procedure_is_an_emergency_without_danger():
    request = read("We ask for an expedited disclosure of subscriber data of user_7, order attached. Police, case 26-1")
    assert request.emergency
    assert not request.life_at_risk


@pytest.mark.parametrize(
    "text",
    [
        "Enclosed is an order of the court concerning threats. Please provide login history for user_8 now, until 10.11.2026."
        "\n\nRegards,\nDet. Sgt. Ann Roe\nMissing Persons\nSpringfield Police",
        "I am investigating stalking and enclose a subpoena. Provide login records of user_8 of today.\n\nRegards,\nDet. Roe\nMissing Persons",
        "Si trasmette il provvedimento del pubblico ministero per minacce: la persona offesa ha riferito oggi. Dati di utente_8, "
        "art. 132 d.lgs. 196/2003.",
        "buongiorno, nell'ambito di indagini per spaccio occorrono log di accesso relativi a jawer_8 (30.10.2026 - 20.11.2026)."
        "\n\nl'utenza è emersa dall'analisi di un dispositivo sequestrato.\n\nbase giuridica: art. 132 d.lgs. 196/2003.",
    ],
    ids=["order-concerning", "investigating", "provvedimento-per", "seized-device"],
)
def test_what_is_investigated_or_seized_is_no_danger(text):
    assert not read(text).life_at_risk


@pytest.mark.parametrize(
    "text",
    [
        "A menina foi sequestrada esta manhã. Precisamos do IP de sol_8. Polícia Civil",
        "Temos um sequestro em curso, precisamos agora da localização de sol_8. Polícia",
        "Có bom ở trường học, cần địa chỉ IP của sol_8 ngay. Công an",
        "We are investigating threats: he says he will kill the girl tonight. IP address of user_8 please. Police",
    ],
)
def test_danger_in_the_same_words_is_seen(text):
    assert read(text).life_at_risk
