"""Authentication-Results (RFC 8601): ours is written here, others' are read here, forged ones are known here.

Laws: whatever a sender put into a name or reason, what is written is one field in the grammar of section 2.2;
``authserv_id`` is lenient, so that no spelling of our own name by somebody else passes; ``parse`` raises MailSyntax
and nothing else.
"""

import re
import unicodedata
from collections.abc import Iterator

from edrguard.message.comments import split_comments
from edrguard.message.encoded import decode_words
from edrguard.model.auth import AuthResults
from edrguard.model.errors import MailSyntax

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`{|}~0-9A-Za-z]+")
_ADDRESS = re.compile(r"(?:[!#$%&'*+\-/=?^_`{|}~0-9A-Za-z.]+)?@[0-9A-Za-z][0-9A-Za-z.-]*")
_DROPPED = re.compile(r"[^\x20-\x7e]+")
_MAX_VALUE = 200
_MAX_ID = 1000  #: characters in which an authserv-id is looked for
_MAX_FIELD = 1 << 16
_MAX_RESULTS = 100
_MAX_PROPS = 30

_QUOTED = r'"(?>(?:[^"\\]|\\.)*)"'
_METHOD = re.compile(
    r"\s*([A-Za-z0-9][A-Za-z0-9_-]*+)\s*(?:/\s*[0-9]+\s*)?=\s*([A-Za-z0-9][A-Za-z0-9_-]*+)(?=[\s;]|\Z)"
)
_PROP = re.compile(
    rf"\s+([A-Za-z][A-Za-z0-9_-]*+)(?:\s*\.\s*([A-Za-z0-9_-]++))?\s*=\s*({_QUOTED}|[^\s;\"]++)(?=[\s;]|\Z)", re.DOTALL
)
_NAME = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*+")
_DOT = re.compile(r"\s*+[.\u3002]\s*+")
_HEAD = re.compile(rf"\s*({_QUOTED}|[^\s;\"=]++)(?:\s+[0-9]+)?\s*(?:;|\Z)", re.DOTALL)
_NOTHING = re.compile(r"\s*\Z")
_END = re.compile(r"\s*(;|\Z)")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def format(authserv_id: str, auth: AuthResults, client_ip: str | None = None) -> str:
    """The value of one Authentication-Results field, folded before each result; "none" where nothing was evaluated."""
    results = list(_results(auth, client_ip))
    return ";\r\n\t".join([_value(authserv_id), *results]) if results else f"{_value(authserv_id)}; none"


def _results(auth: AuthResults, client_ip: str | None) -> Iterator[str]:
    # One SPF result: readers that expect one would take whichever stands last. HELO's only where there is no other.
    scopes = {spf.scope: spf for spf in reversed(auth.spf) if spf.result is not None}
    spf = scopes.get("mfrom") or scopes.get("helo")
    if spf is not None and spf.result is not None:
        scope = "smtp.helo" if spf.scope == "helo" else "smtp.mailfrom"
        yield _join("spf", spf.result, spf.reason, (scope, spf.domain))
    for dkim in auth.dkim:
        if dkim.result is not None:
            props = [("header.d", dkim.domain), ("header.s", dkim.selector), ("header.a", dkim.algorithm)]
            yield _join("dkim", dkim.result, dkim.reason, *props, ("header.b", dkim.b[:16]))
    if auth.dmarc.result is not None:
        dmarc = auth.dmarc
        props = [("header.from", dmarc.author_domain), ("policy.dmarc", dmarc.policy or "")]
        yield _join("dmarc", auth.dmarc.result, dmarc.reason, *props)
    if auth.arc.result is not None:
        yield _join("arc", auth.arc.result, auth.arc.reason)
    if auth.iprev.result is not None and client_ip:
        yield _join("iprev", auth.iprev.result, auth.iprev.reason, ("policy.iprev", client_ip))


def _join(method: str, result: str, reason: str, *props: tuple[str, str]) -> str:
    words = [f"{method}={result}"]
    reason = _DROPPED.sub(" ", reason).strip()
    if reason:
        words.append(f"reason={_quote(reason)}")
    words += [f"{name}={_value(text)}" for name, text in props if _DROPPED.sub("", text)]
    return " ".join(words)


def _value(text: str) -> str:
    """A pvalue (section 2.2): a token or an address as it is, all else as a quoted string."""
    text = _DROPPED.sub("", text)[:_MAX_VALUE]
    if _TOKEN.fullmatch(text) or _ADDRESS.fullmatch(text):
        return text
    return _quote(text)


def _quote(text: str) -> str:
    return '"' + text[:_MAX_VALUE].replace("\\", "\\\\").replace('"', '\\"') + '"'


def _unquote(text: str) -> str:
    return _ESCAPE.sub(r"\1", text[1:-1]) if text.startswith('"') else text


def authserv_id(value: str) -> str | None:
    """Whose field it claims to be, in lower case: the first run of name characters, as the most careless reader would
    have it; ``None`` where it names nobody. Never raises."""
    text = split_comments(value[:_MAX_FIELD])[0]
    text = unicodedata.normalize("NFKC", decode_words(text)[:_MAX_ID].replace("\\", ""))
    match = _NAME.search(_DROPPED.sub("", _DOT.sub(".", " ".join(text.split()))))
    return match[0].strip(".").lower() or None if match else None


def claims(value: str, authserv_id_: str) -> bool:
    """Does the field claim to be by ``authserv_id_``, in whatever spelling (RFC 8601 5)?"""
    return authserv_id(value) == authserv_id(authserv_id_)


def parse(value: str) -> tuple[tuple[str, str, dict[str, str]], ...]:
    """(method, result, {"ptype.property": value}) of each result; a reason is the property "reason".

    Raises MailSyntax where the value does not follow section 2.2 or is beyond all bounds.
    """
    if len(value) > _MAX_FIELD:
        raise MailSyntax("Authentication-Results too long")
    text = split_comments(value)[0]
    head = _HEAD.match(text)
    if head is None:
        raise MailSyntax("Authentication-Results without an authserv-id")
    results: list[tuple[str, str, dict[str, str]]] = []
    position = head.end()
    if text[position:].strip().rstrip(";").strip().lower() == "none":
        return ()
    while not _NOTHING.match(text, position):
        match = _METHOD.match(text, position)
        if match is None:
            raise MailSyntax(f"no result at {text[position : position + 40]!r}")
        if len(results) >= _MAX_RESULTS:
            raise MailSyntax(f"more than {_MAX_RESULTS} results")
        position = match.end()
        props: dict[str, str] = {}
        count = 0
        while (prop := _PROP.match(text, position)) is not None:
            name = prop[1].lower() + (f".{prop[2].lower()}" if prop[2] else "")
            count += 1
            if count > _MAX_PROPS:
                raise MailSyntax(f"more than {_MAX_PROPS} properties")
            props.setdefault(name, _unquote(prop[3]))
            position = prop.end()
        results.append((match[1].lower(), match[2].lower(), props))
        end = _END.match(text, position)
        if end is None:
            raise MailSyntax(f"no property at {text[position : position + 40]!r}")
        position = end.end()
    return tuple(results)
