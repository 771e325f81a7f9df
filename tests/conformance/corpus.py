"""Generators of mail by the thousand: From fields that are meant to be misread, and ordinary mail in many shapes.

Everything comes from a seed. Names and addresses are invented.
"""

import base64
import quopri
import random
import urllib.parse

VICTIM, FORGER = "chief@police.example", "x@evil.test"
Parts = tuple[bytes, bytes]  #: header fields, body


def _b(text: str) -> str:
    return f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="


def _q(text: str) -> str:
    return "=?utf-8?Q?" + "".join(f"={octet:02X}" for octet in text.encode()) + "?="


_PIECES = (
    *(VICTIM, FORGER, f"<{VICTIM}>", f"<{FORGER}>", f'"{VICTIM}"', '"Chief"', "Chief", "(c)", f"({VICTIM})"),
    *(f"(<{VICTIM}>)", ",", ";", ":", "<", ">", "@", "\\", '"', "(", ")", "\t", "\r\n ", "\r\n \r\n ", "\0", "\x01"),
    *("\xe9", "\u200b", "\u202e", "\uff20police.example", "chief\uff20police.example", "chief@police\u3002example"),
    *(_b(VICTIM), _q(VICTIM), _b(f"Chief <{VICTIM}>"), _q(FORGER), _b(f"{VICTIM} <"), "@police.example:"),
    *(
        "@a.test,@police.example:",
        '"chief@police.example> "@evil.test',
        '"x"@evil.test',
        "chief%police.example@evil.test",
    ),
    *("police.example!x@evil.test", "x@[203.0.113.66]", "x@evil.test.", "x@evil..test", "@evil.test", "x@"),
    *("chief@police.example@evil.test", "x@evil.test@police.example", "Group:", "undisclosed:;", "a.b.", "&lt;"),
    *("=?utf-8?Q?=00?=", "=?x?q?chief=40police.example?=", f"x@evil.test\x0b{VICTIM}"),
)
_NAMES = ("From", "from", "FROM", "From ", "From\t", "Fr\xf6m", "From\0", "\u200bFrom")
_REST = "To: l@provider.example\r\nSubject: s\r\nDate: Tue, 24 Nov 2026 11:58:00 +0000\r\nMessage-ID: <1@evil.test>\r\n"


def hostile_from(chance: random.Random) -> bytes:
    """A message of the forger's whose one or two From fields are made of what readers disagree about."""
    lines = []
    for _ in range(chance.choice((1, 1, 1, 2))):
        name = chance.choice(_NAMES) if chance.random() < 0.3 else "From"
        value = "".join(chance.choice(_PIECES) + chance.choice(("", " ", "")) for _ in range(chance.randint(1, 6)))
        lines.append(f"{name}: {value}")
    if chance.random() < 0.7 and not any("evil.test" in line for line in lines):
        lines[-1] += f" <{FORGER}>"
    return ("\r\n".join(lines) + "\r\n" + _REST + "\r\nbody\r\n").encode()


_TEXTS = {
    "us-ascii": "Dear Sir or Madam,\r\nplease preserve the records of user@provider.example.\r\n-- \r\nChief Doe\r\n",
    "utf-8": "Bitte sichern Sie die Daten \u2013 danke.\r\nGr\u00fc\u00dfe\r\n",
    "iso-8859-1": "Gr\u00fc\u00dfe\r\n",
    "windows-1252": "\u201cquotes\u201d \u2013 and \u20ac\r\n",
    "iso-2022-jp": "\u8b66\u5bdf\u5e81\u304b\u3089\u7167\u4f1a\u3057\u307e\u3059\u3002\r\n",
    "shift_jis": "\u8cc7\u6599\u3092\u63d0\u4f9b\r\n",
    "koi8-r": "\u041f\u0440\u043e\u0448\u0443 \u043f\u0440\u0435\u0434\u043e\u0441\u0442\u0430\u0432\u0438\u0442\u044c\r\n",
    "windows-1251": "\u0441\u0432\u0435\u0434\u0435\u043d\u0438\u044f\r\n",
    "gb2312": "\u8bf7\u63d0\u4f9b\u8d44\u6599\r\n",
    "euc-kr": "\uc790\ub8cc\ub97c \uc81c\uacf5\r\n",
    "windows-1256": "\u0627\u0644\u0631\u062c\u0627\u0621\r\n",
    "iso-8859-2": "\u017elu\u0165ou\u010dk\u00fd\r\n",
}
_AUTHORS = (
    *(f"Chief Doe <{VICTIM}>", VICTIM, f"<{VICTIM}>", f"{VICTIM} (Chief Doe)", f'"Doe, Jane (K13)" <{VICTIM}>'),
    *(f"Chief Doe\r\n <{VICTIM}>", "<CHIEF@Police.Example>", f'"{VICTIM}" <{VICTIM}>', f"O'Brien <{VICTIM}>"),
    *(
        f"{_b('Müller, Jörg')} <{VICTIM}>",
        f"{_q('警察庁 田中')} <{VICTIM}>",
        f"{_b('Иванов')}\r\n {_b(' Пётр')} <{VICTIM}>",
    ),
)
_FIELDS = (
    *("List-Id: Cyber <cyber.police.example>", "References: <a@b> <c@d>\r\n <e@f>", "X-Mailer: Microsoft Outlook 16.0"),
    *("Auto-Submitted: auto-replied", "Reply-To: chief@police.example", "Sender: list-bounces@police.example"),
    *(
        "Return-Path: <chief@police.example>",
        "X-Long: " + "a" * 900,
        "Cc:",
        "Content-Language: de-DE",
        "In-Reply-To: <a@b>",
    ),
    *("Authentication-Results: mx.other.example; spf=pass smtp.mailfrom=police.example", "Importance: high"),
    *(
        "X-Spam-Status: No, score=-1.2\r\n\ttests=[A=1,\r\n\t B=2]",
        f"Thread-Topic: {_b('ä')}",
        f"Organization: {_q('ä')}",
    ),
)
_HEAD = (
    "Received: from mx.police.example ([192.0.2.7])\r\n\tby relay.example with ESMTPS id 4X;\r\n Tue, 24 Nov 2026 11:59:00 +0000",
    "Message-ID: <1@police.example>",
)


def ordinary(chance: random.Random) -> bytes:
    """An honest message of the police's, as mail programs, lists, gateways and machines write them."""
    to = chance.choice(("legal@provider.example", '"Legal, Team" <l@provider.example>', "undisclosed-recipients:;"))
    subject = chance.choice(
        ("Preservation 2026/11", "Re: [EXT] AW: Auskunft", _q("Nr. 5 (Düsseldorf)"), "", "x\r\n " + "y " * 30)
    )
    date = chance.choice(
        ("Tue, 24 Nov 2026 11:58:00 +0000", "24 Nov 26 11:58 GMT", "Tue, 24 Nov 2026 11:58:00 -0500 (EST)")
    )
    version = chance.choice(("1.0", "1.0 (Mac OS X Mail 16.0 \\(3774\\))"))
    fields = [*_HEAD, f"From: {chance.choice(_AUTHORS)}", f"To: {to}", f"Subject: {subject}", f"Date: {date}"]
    fields += [f"MIME-Version: {version}", *chance.sample(_FIELDS, chance.randint(0, 8))]
    chance.shuffle(fields)
    head, body = _tree(chance)
    return ("\r\n".join(fields) + "\r\n").encode() + head + b"\r\n" + body


def _leaf(chance: random.Random, kind: str = "plain") -> Parts:
    charset = chance.choice(list(_TEXTS))
    ways = ("8bit", "base64", "quoted-printable") if charset not in ("us-ascii", "iso-2022-jp") else ("7bit", "base64")
    way = chance.choice(ways)
    raw = (_TEXTS[charset] * chance.choice((1, 3, 40))).encode(charset)
    if way == "base64":
        raw = _lines(raw)
    elif way == "quoted-printable":
        raw = quopri.encodestring(raw.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    name = chance.choice((charset, charset.upper(), f'"{charset}"'))
    extra = chance.choice(("", "", "; format=flowed")) if kind == "plain" else ""
    return f"Content-Type: text/{kind}; charset={name}{extra}\r\nContent-Transfer-Encoding: {way}\r\n".encode(), raw


def _lines(raw: bytes) -> bytes:
    return base64.encodebytes(raw).replace(b"\n", b"\r\n")


def _file(chance: random.Random) -> Parts:
    name = chance.choice(("Order.pdf", "a;b.pdf", "scan 01.pdf", "o'neil.pdf", "Verfügung Nr. 5.pdf", "命令.pdf"))
    quoted = f'filename="{name if name.isascii() else _b(name)}"'
    extended = "filename*=utf-8''" + urllib.parse.quote(name)
    how = chance.choice((quoted, extended, f"{quoted};\r\n {extended}"))
    head = f"Content-Type: application/pdf\r\nContent-Disposition: attachment;\r\n\t{how}\r\nContent-Transfer-Encoding: base64\r\n"
    return head.encode(), _lines(b"%PDF-1.4\n" + chance.randbytes(300))


def _multi(chance: random.Random, subtype: str, *parts: Parts, params: str = "") -> Parts:
    form = chance.choice(("----=_Part_%d", "_000_%dprod_", "Apple-Mail=_%d", "--boundary_(%d)"))
    boundary = form % chance.getrandbits(60)
    preamble = chance.choice(("", "This is a multi-part message in MIME format.\r\n"))
    out = preamble.encode() + b"".join(
        f"--{boundary}\r\n".encode() + head + b"\r\n" + body + b"\r\n" for head, body in parts
    )
    out += f"--{boundary}--{chance.choice(('', chr(13) + chr(10)))}".encode()
    return f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"{params}\r\n'.encode(), out


def _tree(chance: random.Random) -> Parts:
    plain = _leaf(chance)
    text = _TEXTS["utf-8"].encode()
    utf8 = b"; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
    page = (
        b'<meta http-equiv="Content-Type" content="text/html; charset=utf-8"><p>'
        + text
        + b"</p><!--[if mso]><p>\xc2\xa0<![endif]-->"
    )
    both = _multi(
        chance, "alternative", (b"Content-Type: text/plain" + utf8, text), (b"Content-Type: text/html" + utf8, page)
    )
    picture = (
        b'Content-Type: image/png; name="i.png"\r\nContent-ID: <i@x>\r\nContent-Transfer-Encoding: base64\r\n',
        _lines(b"\x89PNG"),
    )
    p7s = (
        b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\nContent-Transfer-Encoding: base64\r\n',
        _lines(b"x" * 99),
    )
    pgp = b"-----BEGIN PGP SIGNATURE-----\r\n\r\nabcd\r\n-----END PGP SIGNATURE-----"
    asc = (
        b'Content-Type: application/pgp-signature; name="OpenPGP_signature.asc"\r\n'
        b'Content-Disposition: attachment; filename="OpenPGP_signature"\r\n',
        pgp,
    )
    status = (
        b"Content-Type: message/delivery-status\r\n",
        b"Reporting-MTA: dns; mx.police.example\r\n\r\nAction: failed",
    )
    inner = (b"Content-Type: message/rfc822\r\n", b"From: a@b.test\r\nSubject: x\r\n\r\nhello")
    event = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Call\r\nDESCRIPTION:Let us talk\r\nEND:VEVENT\r\nEND:VCALENDAR"
    calendar = (b"Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n", event)
    note = (b"Content-Type: text/plain; charset=us-ascii\r\n", b"It could not be delivered.")
    tnef = (
        b'Content-Type: application/ms-tnef; name="winmail.dat"\r\nContent-Transfer-Encoding: base64\r\n',
        _lines(b"x\x9f"),
    )
    return chance.choice(
        (
            plain,
            _leaf(chance, "html"),
            both,
            _multi(chance, "mixed", both, _file(chance)),
            _multi(chance, "mixed", plain, _file(chance), _file(chance)),
            _multi(chance, "related", _leaf(chance, "html"), picture, params='; type="text/html"'),
            _multi(chance, "signed", plain, p7s, params='; protocol="application/pkcs7-signature"; micalg=sha-256'),
            _multi(chance, "signed", plain, asc, params='; micalg=pgp-sha256; protocol="application/pgp-signature"'),
            _multi(chance, "report", note, status, inner, params="; report-type=delivery-status"),
            _multi(chance, "mixed", plain, inner),
            _multi(chance, "mixed", plain, tnef),
            _multi(chance, "alternative", plain, calendar),
        )
    )
