"""Whom or what is asked about, and how the requester wants to be reached.

A number or an address can be either. What decides, in this order: the words right before it, the place (after the
sign-off or not), and whose domain it is. Telephone numbers need a word that says so, or a plus sign: case numbers look
like numbers. Values are normalised: E.164, lower-case addresses and hosts.

Laws: every pattern is bounded, at most LIMIT of each kind are kept; nothing found here is ever used to call back.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any

import phonenumbers

from edrguard.model.request import Identifier, RequestContact
from edrguard.request import checksums, labels, patterns
from edrguard.request.found import Found
from edrguard.request.rows import row
from edrguard.request.signature import signatures
from edrguard.request.text import Reading

LIMIT = 200  #: of one kind


_LOCAL = re.compile(r"[\w.+'!#$%&*/=?^`{|}~-]{1,64}$")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_][\w-]{1,61}")
_PHONE = re.compile(r"(?<![\w./+-])(?:\+|00|\()?\d[\d ()./-]{5,22}\d(?![\w/]|[.-]\d)")
_DATED = re.compile(r" ?\(\d{1,4}[./-]\d")  #: a period in brackets after a number
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")
_URL = re.compile(r"(?:https?|hxxps?)://[^\s<>\"'\])]{3,500}", re.IGNORECASE)
_BITCOIN = re.compile(r"(?<![\w])(?:bc1[02-9ac-hj-np-z]{11,87}|[13][1-9A-HJ-NP-Za-km-z]{25,34})(?![\w])")
_ETHEREUM = re.compile(r"(?<![\w])0x[0-9A-Fa-f]{40}(?![\w])")
_IBAN = re.compile(r"(?<![\w])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![\w])")
_IMEI = re.compile(r"(?<![\w])\d{2}[- ]?\d{6}[- ]?\d{6}[- ]?\d(?![\w])")
_HANDLE = re.compile(r"(?<![\w.@/])@([A-Za-z0-9_][\w.]{1,38}[\w])")
_BARE_URL = re.compile(r"(?<![\w@/.:-])(?:[\w-]{1,63}\.){1,4}[a-z]{2,24}/[A-Za-z@][^\s,;()<>\"']{0,200}", re.IGNORECASE)
_LONG_NUMBER = patterns.compiled(r"\pN[\pN ()./-]{5,22}\pN")
_DOTTED = patterns.compiled(r"\pN\.\pN")
_COLONS = re.compile(r":[0-9A-Fa-f]{0,4}:")
_COIN = patterns.compiled("[13b][0-9a-z]{13}")
_COUNTRY_AND_SUM = patterns.compiled(r"[a-z]{2}\pN{2}")
_LETTER_SLASH = re.compile(r"/(?<=[^\W\d_]/)(?:[^\W\d_]|@)")
# What each of these cannot do without. Looking back at every character makes them slow (10 ns a character each); most
# texts hold no such thing, and a class in front, or RE2 over the folded text, says so in a tenth of that.
_HINTS: dict["re.Pattern[str]", Callable[[Reading], object]] = {
    _URL: lambda reading: "://" in reading.clean,
    _PHONE: lambda reading: _LONG_NUMBER.search(reading.low),
    _IPV4: lambda reading: _DOTTED.search(reading.low),
    _IPV6: lambda reading: _COLONS.search(reading.clean),
    _BITCOIN: lambda reading: _COIN.search(reading.low),
    _ETHEREUM: lambda reading: "0x" in reading.clean,
    _IBAN: lambda reading: _COUNTRY_AND_SUM.search(reading.low),
    _HANDLE: lambda reading: "@" in reading.clean,
    _BARE_URL: lambda reading: _LETTER_SLASH.search(reading.clean),
}
_TOKEN = re.compile(r"[\w][\w.\-#]{2,39}")
_NUMBER = re.compile(r"[a-z]{0,6}[-_]?\d[\w-]{3,30}(?![\w@]|\.\w)", re.IGNORECASE)
_CALLED = re.compile(r"(?:phone|mobile|msisdn|number|rufnummer|telefon|numero|nummer|tel)[^\d\n]{0,12}$")
_IMEI_WORD = re.compile(r"\bimeis?\b")
_FULL_NAME = re.compile(r"[^\W\d_][\w'’.-]{1,24}(?:,? [^\W\d_][\w'’.-]{1,24}){1,3}")
_HEADER_LINE = re.compile(r"^(?:from|to|cc|von|an|de|a|da|para|van|aan|sent|gesendet) ?:", re.IGNORECASE)
_REGION = {
    "en": "US", "de": "DE", "fr": "FR", "it": "IT", "es": "ES", "pt": "PT", "nl": "NL", "sv": "SE", "no": "NO",
    "da": "DK", "fi": "FI", "pl": "PL", "cs": "CZ", "sk": "SK", "hu": "HU", "ro": "RO", "bg": "BG", "el": "GR",
    "hr": "HR", "sl": "SI", "et": "EE", "lv": "LV", "lt": "LT", "tr": "TR", "uk": "UA", "he": "IL", "ja": "JP",
    "ko": "KR", "id": "ID", "th": "TH", "vi": "VN",
}  # fmt: skip


class Places:
    """Identifiers and contacts of one text, in its order."""

    def __init__(self, found: Found, home_domains: frozenset[str]) -> None:
        self.found = found
        self.reading = found.reading
        self.home = frozenset(domain.lower() for domain in home_domains)
        self.signatures = signatures(found)
        self.identifiers: dict[tuple[str, str], Identifier] = {}
        self.contacts: dict[tuple[str, str], RequestContact] = {}
        self._taken: list[tuple[int, int]] = []
        for step in (self._urls, self._emails, self._wallets, self._networks, self._phones, self._names, self._lists):
            step()
        self._people()

    @cached_property
    def _marks(self) -> dict[str, list[tuple[int, int]]]:
        concepts = ("call", "send", "targets", "contact")
        return {concept: [(h.start, h.end) for h in self.found.hits(concept)] for concept in concepts}

    def _signed(self, at: int) -> bool:
        """In a signature: what stands there tells who writes, not who is asked about."""
        return any(start <= at < end for start, end in self.signatures)

    def _nearest(self, at: int, reach: int) -> str:
        """Which kind of word stands last before the character ``at``, within ``reach`` octets of the same line."""
        line = self.reading.clean.rfind("\n", max(0, at - 200), at) + 1
        octet = self.reading.octet(at)
        floor = max(self.reading.octet(line) if line else 0, octet - reach)
        best, name = -1, ""
        for concept, marks in self._marks.items():
            for start, end in marks:
                if floor <= start and end <= octet + 1 and end > best:
                    best, name = end, concept
        return name

    def _is_free(self, start: int, end: int) -> bool:
        if any(a < end and start < b for a, b in self._taken):
            return False
        self._taken.append((start, end))
        return True

    def _identify(self, kind: str, value: str, start: int, end: int, valid: bool = True) -> None:
        if sum(k == kind for k, _ in self.identifiers) < LIMIT:
            self.identifiers.setdefault(
                (kind, value), Identifier(kind=kind, value=value, valid=valid, quote=self.reading.quote(start, end, 40))
            )

    def _contact(self, kind: str, value: str, start: int, end: int) -> None:
        if len(self.contacts) < LIMIT:
            self.contacts.setdefault(
                (kind, value), RequestContact(kind=kind, value=value, quote=self.reading.quote(start, end, 40))
            )

    def _each(self, pattern: "re.Pattern[str]") -> Iterator["re.Match[str]"]:
        if not _HINTS[pattern](self.reading):
            return
        for count, match in enumerate(pattern.finditer(self.reading.clean)):
            if count >= 5 * LIMIT:
                return
            yield match

    def _announced(self, announcing: Any) -> Iterator[tuple[int, int]]:
        """The octet at which each announcing label begins, and the character at which its value does; none in
        signatures."""
        low, end = self.reading.low, 0
        for _ in range(5 * LIMIT):
            # from the label's last octet on: what was looked at of the value may announce another, and so may a label
            match = announcing.search(low, max(end - 1, 0))
            if match is None:
                return
            start, end = match.span(1)
            at = self.reading.char(end)
            if not self._signed(at):
                yield start, at

    def _urls(self) -> None:
        for match in self._each(_URL):
            value = match.group().rstrip(".,;:!?")
            value = re.sub(r"^hxxp", "http", value, flags=re.IGNORECASE)
            scheme, rest = value.split("://", 1)
            host, slash, path = rest.partition("/")
            value = f"{scheme.lower()}://{host.lower()}{slash}{path}"
            if not self._is_free(*match.span()):
                continue
            asked = not self._signed(match.start()) and self._nearest(match.start(), 80) not in ("send", "call")
            if asked and (path or self._is_home(host.lower())):
                self._identify("url", value, *match.span())
            else:
                self._contact("url", value, *match.span())
        self._bare_urls()

    def _bare_urls(self) -> None:
        for match in self._each(_BARE_URL):
            host, _, path = match.group().rstrip(".,;:!?").partition("/")
            if not self._signed(match.start()) and self._is_free(*match.span()):
                self._identify("url", f"{host.lower()}/{path}", *match.span())

    def _is_home(self, host: str) -> bool:
        return any(host == home or host.endswith("." + home) for home in self.home)

    def _emails(self) -> None:
        clean, at = self.reading.clean, -1
        for _ in range(5 * LIMIT):
            at = clean.find("@", at + 1)
            if at < 0:
                return
            local = _LOCAL.search(clean, max(0, at - 64), at)
            domain = _DOMAIN.match(clean, at + 1)
            if not local or not domain:
                continue
            start, end = local.start(), domain.end()
            name = local.group().lstrip("'.")
            value = f"{name}@{domain.group()}".lower()
            if not name or not self._is_free(start, end):
                continue
            line = clean[clean.rfind("\n", 0, start) + 1 : start]
            if _HEADER_LINE.match(line) and start >= self.reading.earlier:
                continue
            word = self._nearest(start, 100)
            if self._is_home(domain.group().lower()):
                if word in ("targets", "contact") and not self._signed(start):
                    self._identify("email", value, start, end)
            elif self._signed(start) or word in ("send", "call"):
                self._contact("email", value, start, end)
            else:
                self._identify("email", value, start, end)

    def _wallets(self) -> None:
        kinds: tuple[tuple[re.Pattern[str], str, Callable[[str], bool]], ...] = (
            (_BITCOIN, "wallet", lambda v: checksums.bech32(v) if v.startswith("bc1") else checksums.base58check(v)),
            (_ETHEREUM, "wallet", checksums.ethereum),
            (_IBAN, "iban", checksums.iban),
        )
        for pattern, kind, proves in kinds:
            for match in list(self._each(pattern))[:LIMIT]:
                value = match.group().replace(" ", "")
                valid = proves(value)
                # a word of capitals and digits that fails the sum is no IBAN unless it is called one
                if (
                    kind == "iban"
                    and not valid
                    and "iban" not in self.reading.folded[max(0, match.start() - 24) : match.start()]
                ):
                    continue
                if self._is_free(*match.span()):
                    self._identify(kind, value, *match.span(), valid)

    def _networks(self) -> None:
        for match in (*self._each(_IPV4), *self._each(_IPV6)):
            try:
                address = ipaddress.ip_address(match.group())
            except ValueError:
                continue
            if match.group() != "::" and self._is_free(*match.span()):
                self._identify("ip", str(address), *match.span(), not address.is_private or address.is_reserved)

    def _phones(self) -> None:
        folded = self.reading.folded
        for match in self._each(_PHONE):
            raw = _DATED.split(match.group(), maxsplit=1)[0]
            start, end = match.start(), match.start() + len(raw)
            digits = sum(c.isdigit() for c in raw)
            before = folded[max(0, start - 24) : start]
            if _IMEI.fullmatch(raw.strip()) and _IMEI_WORD.search(before):
                number = "".join(c for c in raw if c.isdigit())
                if self._is_free(start, end):
                    self._identify("device", number, start, end, checksums.luhn(number))
                continue
            word = self._nearest(start, 60)
            international = raw.startswith(("+", "00"))
            if not 6 <= digits <= 15 or not (international or word in ("call", "contact") or self._called(before)):
                continue
            signed = self._signed(start)
            value, valid = e164(raw, _REGION.get(self.found.language or "")), True
            if value is None and raw.startswith("+") and not signed and word != "call":
                # asked about, and no number of any country: a slip of the pen still says who is meant
                value, valid = f"+{''.join(c for c in raw if c.isdigit())}", False
            if value is None or not self._is_free(start, end):
                continue
            if word == "call" or signed:
                self._contact("phone", value, start, end)
            else:
                self._identify("phone", value, start, end, valid)

    @staticmethod
    def _called(before: str) -> bool:
        return _CALLED.search(before) is not None

    def _names(self) -> None:
        clean = self.reading.clean
        for match in self._each(_HANDLE):
            if not self._signed(match.start()) and self._is_free(*match.span()):
                self._identify("username", match.group(1).rstrip("."), *match.span())
        for octet, at in self._announced(labels.NAMED):
            token = _TOKEN.match(clean, at)
            label = self.reading.folded[self.reading.char(octet) : at]
            if token and self._like_a_handle(token.group(), label) and self._is_free(*token.span()):
                self._identify("username", token.group().rstrip(".-"), *token.span())
        for _, at in self._announced(labels.ACCOUNT):
            number = _NUMBER.match(clean, at)
            if number and self._is_free(*number.span()):
                self._identify("account", number.group().rstrip("-"), *number.span())

    def _lists(self) -> None:
        """Names that stand in a row after *accounts:* or after *for*. A plain word counts where its row ends in a
        name."""
        starts = [(at, True) for _, at in self._announced(labels.LIST)]
        starts += [(at, False) for _, at in self._announced(labels.LEAD)]
        starts += [(at, False) for _, at in self._announced(labels.ROW)]
        left = 5 * LIMIT
        for at, marked in starts:
            doubtful: list[tuple[int, int]] = []
            for start, end, sure in islice(row(self.reading, at, marked, self._taken, self._signed), left):
                left -= 1
                doubtful.append((start, end))
                for known in doubtful if sure else ():
                    if self._is_free(*known):
                        self._identify("username", self.reading.clean[slice(*known)], *known)
                if sure:
                    doubtful.clear()

    @staticmethod
    def _like_a_handle(token: str, lead: str) -> bool:
        """A word after *user* is a name only if it is marked as one: a colon, a quote, digits, or no plain word."""
        marked = lead.rstrip(" ")[-1:] in ":=\"'@"
        return marked or any(c.isdigit() or c in "_.#" for c in token.rstrip(".-"))

    def _people(self) -> None:
        for _, at in self._announced(labels.PERSON):
            match = _FULL_NAME.match(self.reading.clean, at)
            words = match.group().replace(",", "").split() if match else []
            if match and all(w[0].isupper() for w in words) and self._is_free(*match.span()):
                self._identify("person", " ".join(words), *match.span())


def e164(raw: str, region: str | None) -> str | None:
    """A number as E.164; the bare digits where its country is unknown; None where it is no number."""
    text = "+" + raw[2:] if raw.startswith("00") else raw
    try:
        parsed = phonenumbers.parse(text.replace("(0)", ""), None if text.startswith("+") else region)
    except phonenumbers.NumberParseException:
        digits = "".join(c for c in raw if c.isdigit())
        return digits if not text.startswith("+") and 6 <= len(digits) <= 15 else None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
