import pytest

from edrguard.message.client import automatic, mail_client, originating_ip

CLIENTS = [
    ({"x-mailer": ["Microsoft Outlook 16.0"]}, "Outlook 16"),
    (
        {"user-agent": ["Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Thunderbird/115.9.0"]},
        "Thunderbird 115",
    ),
    ({"user-agent": ["Mozilla Thunderbird"]}, "Thunderbird"),
    ({"x-mailer": ["Apple Mail (2.3774.600.62)"]}, "Apple Mail 3774"),
    ({"x-mailer": ["iPhone Mail (21E236)"]}, "iOS Mail 21"),
    ({"user-agent": ["Roundcube Webmail/1.6.6"]}, "Roundcube 1.6"),
    ({"user-agent": ["Zimbra 8.8.15_GA_4562"]}, "Zimbra 8"),
    ({"user-agent": ["SOGoMail 5.8.0"]}, "SOGo 5"),
    ({"user-agent": ["Horde Application Framework 5"]}, "Horde 5"),
    ({"x-mailer": ["PHPMailer 6.8.0 (https://example.org)"]}, "PHPMailer 6"),
    ({"x-mailer": ["Unheard Of Mailer 7.1"]}, "Unheard Of Mailer 7"),
    ({"received": ["from a by b with Microsoft SMTP Server (x) id 15.20.1.2; d"]}, "Exchange 15.20"),
    ({"x-ms-exchange-organization-authas": ["Internal"]}, "Exchange"),
    ({"message-id": ["<CA" + "x" * 40 + "@mail.example.org>"]}, "Gmail"),
    ({"message-id": ["<000001d9abcd$8f3e2b10$adba8130$@example.org>"]}, "Outlook"),
    ({"message-id": ["<6F9619FF-8B86-D011-B42D-00C04FC964FF@example.org>"]}, "Apple Mail"),
    ({"x-php-originating-script": ["0:x.php"]}, "PHP"),
    ({"x-mailer": ["???"]}, None),
    ({}, None),
]


@pytest.mark.parametrize(("values", "wanted"), CLIENTS)
def test_clients(values: dict[str, list[str]], wanted: str | None) -> None:
    assert mail_client(values) == wanted


AUTOMATIC = [
    ({"auto-submitted": ["auto-replied (vacation)"]}, "", "", "auto-replied"),
    ({"auto-submitted": ["auto-generated"]}, "", "", "auto-generated"),
    ({"auto-submitted": ["no"]}, "", "", None),
    ({"precedence": ["bulk"]}, "", "", "bulk"),
    ({"precedence": ["auto_reply"]}, "", "", "auto-replied"),
    ({"list-id": ["<x.example.org>"], "precedence": ["bulk"]}, "", "", "list"),
    ({"x-autoreply": ["yes"]}, "", "", "auto-replied"),
    ({}, "multipart/report", "delivery-status", "bounce"),
    ({}, "multipart/report", "disposition-notification", "receipt"),
    ({}, "text/plain", "", None),
]


@pytest.mark.parametrize(("values", "content_type", "report", "wanted"), AUTOMATIC)
def test_automatic(values: dict[str, list[str]], content_type: str, report: str, wanted: str | None) -> None:
    assert automatic(values, content_type, report) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("[192.0.2.7]", "192.0.2.7"),
        ("2001:DB8::7", "2001:db8::7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("nowhere", None),
        ("", None),
    ],
)
def test_originating_ip(value: str, wanted: str | None) -> None:
    assert originating_ip({"x-originating-ip": [value]}) == wanted
