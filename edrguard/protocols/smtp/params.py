"""Parameters of MAIL and RCPT (RFC 5321 4.1.1.11): SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531), the DSN
parameters (RFC 3461) and AUTH (RFC 4954 5).

Laws: each is kept as it was sent, for the next hop; what is not known is refused with 555, never ignored; parsers
accept, or raise MailSyntax or its kind UnknownParameter.
"""

import re
from dataclasses import dataclass

from edrguard.model.errors import MailSyntax

_PARAM = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*+)(?>(?:=([!-<>-~\u00a0-\ud7ff\ue000-\U0010ffff]++))?)\Z")
_SIZE = re.compile(r"[0-9]{1,20}\Z")
_XTEXT = re.compile(r"(?>(?:[!-*,-<>-~]|\+[0-9A-F]{2})+)\Z")  # RFC 3461 4
_ORCPT = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*+;[!-<>-~\u00a0-\ud7ff\ue000-\U0010ffff]++\Z")
_AUTH = re.compile(r"(?:<>|(?>(?:[!-*,-<>-~]|\+[0-9A-F]{2})+))\Z")
_NOTIFY = frozenset(("SUCCESS", "FAILURE", "DELAY"))

ENVID_OCTETS = 100  # RFC 3461 4.4
ORCPT_OCTETS = 500  # RFC 3461 4.2


class UnknownParameter(MailSyntax):
    """A parameter, or a value of one, that this server does not implement (RFC 5321 4.1.1.11: 555)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailParams:
    """Parameters of MAIL. ``kept`` is all of them as sent but for SIZE."""

    size: int | None = None
    smtputf8: bool = False
    eight_bit: bool = False
    kept: tuple[str, ...] = ()


def parse_mail_params(text: str, smtputf8_offered: bool = True, eightbit_offered: bool = True) -> MailParams:
    """What follows the reverse-path. Raises MailSyntax, UnknownParameter."""
    size: int | None = None
    smtputf8 = eight_bit = False
    kept = []
    for raw, name, value in _split(text):
        if name == "SIZE":
            if value is None or not _SIZE.match(value):
                raise MailSyntax("SIZE")
            size = int(value)
            continue
        if name == "SMTPUTF8" and smtputf8_offered:
            if value is not None:
                raise MailSyntax("SMTPUTF8")
            smtputf8 = True
        elif name == "BODY" and eightbit_offered:
            body = (value or "").upper()
            if body not in ("7BIT", "8BITMIME"):
                raise UnknownParameter("BODY") if body == "BINARYMIME" else MailSyntax("BODY")
            eight_bit = body == "8BITMIME"
        elif name == "RET":
            if (value or "").upper() not in ("FULL", "HDRS"):
                raise MailSyntax("RET")
        elif name == "ENVID":
            if value is None or len(value) > ENVID_OCTETS or not _XTEXT.match(value):
                raise MailSyntax("ENVID")
        elif name == "AUTH":
            if value is None or not _AUTH.match(value):
                raise MailSyntax("AUTH")
        else:
            raise UnknownParameter(name)
        kept.append(raw)
    return MailParams(size=size, smtputf8=smtputf8, eight_bit=eight_bit, kept=tuple(kept))


def parse_rcpt_params(text: str) -> tuple[str, ...]:
    """What follows the forward-path, as sent. Raises MailSyntax, UnknownParameter."""
    kept = []
    for raw, name, value in _split(text):
        if name == "NOTIFY":
            words = (value or "").upper().split(",")
            if words != ["NEVER"] and (not _NOTIFY.issuperset(words) or len(set(words)) != len(words)):
                raise MailSyntax("NOTIFY")
        elif name == "ORCPT":
            if value is None or len(value) > ORCPT_OCTETS or not _ORCPT.match(value):
                raise MailSyntax("ORCPT")
        else:
            raise UnknownParameter(name)
        kept.append(raw)
    return tuple(kept)


def _split(text: str) -> list[tuple[str, str, str | None]]:
    found: list[tuple[str, str, str | None]] = []
    seen = set()
    for raw in text.split(" "):
        if not raw:
            continue
        match = _PARAM.match(raw)
        if match is None:
            raise MailSyntax("not a parameter")
        name = match[1].upper()
        if name in seen:  # RFC 5321 4.1.1.11: at most once
            raise MailSyntax("parameter given twice")
        seen.add(name)
        found.append((raw, name, match[2]))
    return found
