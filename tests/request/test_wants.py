import pytest

from tests.request.reading import read

KINDS = [
    ("content", "Search warrant attached: provide the content of all messages of user_1. Detective Roe, police"),
    ("content", "Beschluss anbei. Bitte übermitteln Sie die Chatverläufe von nutzer_1. Kriminalpolizei"),
    ("traffic", "Please provide IP logs and subscriber information for user_1, subpoena attached. Police"),
    ("traffic", "Merci de communiquer les adresses IP de connexion du compte max_1, réquisition jointe. Gendarmerie"),
    ("traffic", "Si chiedono i file di log dell'account leo_3 nel procedimento penale 33/26. Procura"),
    ("subscriber", "Please provide subscriber information for user_1, 18 U.S.C. 2703(c)(2). Police"),
    ("subscriber", "Bitte um Bestandsdaten zu nutzer_1, § 100j StPO. Kripo"),
    ("subscriber", "Solicitamos dados cadastrais do titular da conta sol_1, Lei 12.965/2014. Polícia Civil"),
    ("preservation", "Please preserve all records of account user_1 for 90 days, 18 U.S.C. 2703(f). Sheriff"),
    (
        "preservation",
        "Bis zum Eingang eines Rechtshilfeersuchens bitten wir, die Daten des Kontos max_1 zu sichern. Polizei",
    ),
    (
        "preservation",
        "Please preserve user_1. Police. Pending formal process we ask you to freeze the account data shown.",
    ),
    (
        "preservation",
        "Police judiciaire. Conservation: 90 jours. Nous sollicitons le gel des données du compte user_1.",
    ),
    ("preservation", "Pending formal process please freeze the account data of user_1. Police"),
    ("preservation", "Preserve the content, messages and IP logs of user_1 pending an MLAT. Police"),
    ("action", "Court order: freeze the account of user_1 and transfer the balance to the custody wallet. Court clerk"),
    ("action", "Wir ersuchen um Sperrung: bitte das Konto 4471234 sperren. Staatsanwaltschaft"),
    ("action", "Please suspend the domain shop.example, seizure order attached. Police"),
    (
        "mutual-assistance",
        "Letter rogatory under the MLAT: provide bank statements of account 4471234. Ministry of Justice",
    ),
    # lines of a form ask without a verb
    ("traffic", "Signed copy attached.\nAccount(s): user_1\nRecords: IP logs\nPeriod: 1 to 9 May\n\nAnn Roe"),
    ("subscriber", "Segue a cópia. São necessários dados cadastrais do titular da conta sol_1."),
    ("none", "Account user_1: the IP logs reached us."),
    ("none", "Your message could not be delivered. User unknown."),
    ("none", "Thank you for your quick reply. Det. Roe, police"),
    ("none", "I would like a copy of my own data under article 15 GDPR."),
    ("none", "Newsletter of the police academy: save the date for our conference. Unsubscribe"),
    ("none", ""),
]


@pytest.mark.parametrize(("kind", "text"), KINDS)
def test_the_gravest_category_is_the_kind(kind, text):
    assert read(text).kind == kind


def test_data_sought_is_sorted_and_in_the_contracts_words():
    request = read(
        "Provide passport copies, payment methods, location data and linked accounts of user_1, order attached. Police"
    )
    assert request.data_sought == ("identity-document", "linked-accounts", "location", "payment")


def test_what_is_not_wanted_is_not_sought():
    request = read("Provide subscriber information of user_1 under 18 U.S.C. 2703, not the content of messages. Police")
    assert request.kind == "subscriber"
    assert "content" not in request.data_sought


@pytest.mark.parametrize(
    ("action", "text"),
    [
        ("freeze", "block the account"),
        ("transfer", "transfer the funds"),
        ("unlock", "unlock the device"),
        ("remove", "remove the video"),
        ("domain-lock", "suspend the domain"),
        ("sim-change", "order a sim swap"),
    ],
)
def test_actions_are_named(action, text):
    request = read(f"We request that you {text} of user_1, court order attached. Police")
    assert action in request.actions
    assert request.quotes[f"action:{action}"].text


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("avoids_callback", "Please do not call my station, reply by e-mail only."),
        ("avoids_callback", "Bitte nicht anrufen, nur per E-Mail antworten."),
        ("avoids_callback", "Ne pas appeler, répondre uniquement par courriel."),
        ("avoids_callback", "No llamar, responder únicamente por correo."),
        ("avoids_callback", "I am undercover at the moment."),
        ("pressure", "Failure to comply will result in prosecution."),
        ("pressure", "Answer within 15 minutes."),
        ("claims_authority", "Detective Ann Roe, Springfield Police"),
        ("claims_authority", "Kriminalhauptkommissar Lang, Polizeipräsidium"),
        ("claims_authority", "Maresciallo Conti, Carabinieri"),
        ("claims_authority", "県警 捜査課"),
    ],
)
def test_what_the_writer_says_of_himself(field, text):
    request = read(f"Please provide subscriber data of user_1.\n{text}")
    assert getattr(request, field)
    assert not getattr(read("Please find the minutes of the meeting."), field)


def test_missing_fields_are_named_and_found_ones_are_not():
    bare = read("Provide subscriber data of the account, order attached. Police")
    assert bare.missing == ("badge", "identifiers", "legal-basis", "period", "phone", "reference", "supervisor")
    full = read(
        "Case no. 26-1234. Provide subscriber data of user_1 for the period 01.10.2026 to 02.10.2026, 18 U.S.C. 2703(c).\n\n"
        "Regards,\nDet. Ann Roe, badge 4411\nSupervisor: Lt. Bell\nTel. +1 614 555 0100\nPolice"
    )
    assert full.missing == ()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Please provide the records of the account to us, as the court has ordered."),
        ("de", "Wir bitten um die Auskunft zu dem Konto, wie es das Gericht angeordnet hat."),
        ("fr", "Nous vous prions de nous communiquer les données du compte."),
        ("it", "Si chiede di trasmettere i dati della persona alla quale è intestato."),
        ("es", "Se solicita que remitan los datos de la cuenta a este juzgado."),
        ("pt", "Solicitamos que nos enviem os dados da conta ao abrigo da lei."),
        ("nl", "Wij verzoeken u om de gegevens van het account aan ons te verstrekken."),
        ("pl", "Proszę o przesłanie danych abonenta w tej sprawie."),
        ("el", "Παρακαλούμε για τα στοιχεία του συνδρομητή."),
        ("ja", "契約者の情報をお願いします。"),
        ("ko", "이용자 정보를 요청합니다."),
        ("uk", "Просимо надати дані абонента у цій справі."),
        ("tr", "Abone bilgilerinin gönderilmesi rica olunur."),
    ],
)
def test_the_language_is_told(language, text):
    assert read(text).language == language
