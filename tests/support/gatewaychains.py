"""What gateways put on top of a message: fields of the true shapes, with reserved names and addresses.

The wire's client is the gateway; the sender's own server is inside these fields. ``behind`` turns a mail that came
directly into one that came through a gateway.
"""

from dataclasses import replace
from email.utils import format_datetime
from typing import Any

from tests.support.story import Mail

FRONT = "198.51.100.25"  #: whence the gateway connects to us
MARK = "b7Jq0vXk2mRzT9wLcE4n"
Fields = tuple[tuple[str, str], ...]

M365: dict[str, Any] = {
    "preset": "generic",
    "networks": ["198.51.100.0/24"],
    "hosts": ["*.protection.outlook.example", "*.prod.outlook.example", "*.outlook.office365.example"],
    "edge": ["*.mail.protection.outlook.example"],
    "inside": ["2001:db8:10b6::/48", "10.0.0.0/8"],
    "nameless_results": True,
    "shared": True,
    "mark_field": "X-Gateway-Mark",
    "mark_file": "gateway.mark",
}
OWN: dict[str, Any] = {
    "preset": "generic",
    "networks": ["198.51.100.0/24"],
    "hosts": ["mx.gateway.example"],
    "authserv_ids": ["mx.gateway.example"],
}


def m365(mail: Mail, ip: str, helo: str, results: str, *, spf: str = "Pass", marked: bool = True) -> Fields:
    """The trace of Exchange Online over the client ``ip``; ``results`` is what its Authentication-Results says."""
    when = format_datetime(mail.when)
    smtp = (
        "with Microsoft SMTP Server\r\n (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.9891.18"
    )
    inner = "DUZPR01CA0040.eurprd01.prod.outlook.example\r\n (2001:db8:10b6:10:468::11)"
    door = "DB1PEPF00050A01"
    return (
        *((("X-Gateway-Mark", MARK),) if marked else ()),
        (
            "Received",
            f"from {inner} by DB9PR07MB8412.eurprd07.prod.outlook.example\r\n (2001:db8:10b6:10:30a::7) {smtp};\r\n {when}",
        ),
        (
            "Received",
            f"from {door}.eurprd03.prod.outlook.example\r\n (2001:db8:10b6:10:468:cafe::5) by"
            f" DUZPR01CA0040.outlook.office365.example\r\n (2001:db8:10b6:10:468::11) {smtp} via Frontend Transport;\r\n {when}",
        ),
        ("Authentication-Results", results),
        (
            "Received-SPF",
            f"{spf} (protection.outlook.example: domain of\r\n {mail.reverse_path.rpartition('@')[2]} told of {ip})"
            f"\r\n receiver=protection.outlook.example; client-ip={ip};\r\n helo={helo}; pr=C",
        ),
        (
            "Received",
            f"from {helo} ({ip}) by\r\n {door}.mail.protection.outlook.example (10.20.0.43) {smtp} via Frontend Transport;\r\n {when}",
        ),
        ("X-MS-Exchange-Organization-SCL", "1"),
        ("X-MS-Exchange-CrossTenant-FromEntityHeader", "Internet"),
    )


def m365_pass(domain: str, ip: str) -> str:
    """Everything passed."""
    return (
        f"spf=pass (sender IP is {ip})\r\n smtp.mailfrom={domain}; dkim=pass (signature was verified)\r\n"
        f" header.d={domain};dmarc=pass action=none\r\n header.from={domain};compauth=pass reason=100"
    )


def own(mail: Mail, ip: str, helo: str, results: str) -> Fields:
    """The trace of a Postfix with a filter inside, over the client ``ip``."""
    when = format_datetime(mail.when)
    by = "by mx.gateway.example (Postfix)"
    return (
        (
            "Received",
            f"from mx.gateway.example (localhost [127.0.0.1])\r\n\t{by} with ESMTP id 4Xk2R14def;\r\n\t{when}",
        ),
        ("Authentication-Results", f"mx.gateway.example;\r\n\t{results}"),
        (
            "Received",
            f"from {helo} ({helo} [{ip}])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))"
            f"\r\n\t{by} with ESMTPS id 4Xk2R13abc\r\n\tfor <{mail.rcpt[0]}>; {when}",
        ),
    )


def behind(mail: Mail, top: Fields, helo: str = "out.gateway.example", **more: Any) -> Mail:
    """``mail`` as the gateway hands it to us."""
    return replace(mail, ip=FRONT, helo=helo, server=mail.server or mail.helo, top=(*top, *mail.top), **more)


def through_m365(mail: Mail, **more: Any) -> Mail:
    """An authenticated message, as our own tenant hands it to us."""
    results = m365_pass(mail.reverse_path.rpartition("@")[2], mail.ip)
    return behind(
        mail, m365(mail, mail.ip, mail.helo, results), "EUR05-DB8-obe.outbound.protection.outlook.example", **more
    )
