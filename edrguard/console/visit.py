"""One request: who is asking, what they may, and the form they sent.

Laws: every route but signing in and the style sheet goes through ``Gate.open``; a form is
read only from our own pages (Sec-Fetch-Site and Origin where the browser sends them, and
always the session's token); a cookie is worthless without the store, the store without the cookie.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from edrguard.console.access import May, allowed
from edrguard.console.journal import Journal
from edrguard.console.signin import Door
from edrguard.model.desk import AccountStore, LoginSession, Source, User

COOKIE = "edrguard_session"
IDLE, LONGEST = timedelta(hours=2), timedelta(hours=12)  #: how long a session lasts unused, and in all
_TOUCH = timedelta(minutes=1)
FORM = 64 * 1024  #: octets of a form
_FIELDS = 40


class SignInFirst(Exception):
    """Nobody is signed in."""


class NotForYou(Exception):
    """Signed in, but the roles do not allow it. ``args``: what would be needed."""


class Forged(Exception):
    """The form does not come from our own page, or from an earlier sign-in."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is asking. ``form`` is empty for GET."""

    user: User
    may: frozenset[May]
    key: str
    token: str = field(repr=False)  #: goes into every form of ours
    form: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The account's name: what goes on record."""
        return self.user.name


class Gate:
    """Makes Visits of requests."""

    def __init__(self, store: AccountStore, door: Door, clock: Callable[[], datetime], journal: Journal) -> None:
        self._store, self._door, self._clock, self._journal = store, door, clock, journal

    def note(self, actor: str, kind: str, **data: str) -> None:
        """An entry of the audit log. Raises StoreError."""
        self._journal.note(actor, kind, **data)

    def looked(self, visit: Visit, what: str) -> None:
        """An entry for the reading of a list, once in a while. Raises StoreError."""
        self._journal.looked(visit.key, visit.name, what)

    def begin(self, user: str, via: str = "password", sid: str = "") -> str:
        """A new session; returns its cookie."""
        now = self._clock()
        self._store.forget_sessions(now - IDLE)
        if via != "password":  # the page of passwords tells more
            self._journal.note(user, "signed in", by=via)
        cookie = secrets.token_urlsafe(32)
        session = LoginSession(key=digest(cookie), user=user, created_at=now, seen_at=now, via=via, sid=sid)
        self._store.open_session(session)
        return cookie

    def hand_over(self, answer: Response, request: Request, cookie: str, secure: bool) -> None:
        """Give the browser its session's cookie. Lax: a link in a page or a mail must find its reader signed in."""
        keep(answer, request, COOKIE, cookie, LONGEST, secure)

    def find(self, request: Request) -> Visit | None:
        """Who is signed in, if anybody. Reads the store."""
        cookie = request.cookies.get(COOKIE, "")
        if not 20 <= len(cookie) <= 100:
            return None
        key, now = digest(cookie), self._clock()
        session = self._store.session(key)
        if session is None or now - session.seen_at > IDLE or now - session.created_at > LONGEST:
            return None
        user = self._door.known(session.user)
        if user is None or (user.source is Source.OIDC) != (session.via == "oidc"):
            return None  # an account that was linked to the company's sign-in is opened by it alone
        if now - session.seen_at > _TOUCH:
            self._store.touch_session(key, now)
        return Visit(user, allowed(user.roles), key, token_of(cookie))

    def open(self, request: Request, need: May | None, form: Mapping[str, str]) -> Visit:
        """The Visit, or SignInFirst, NotForYou or Forged. ``need`` None: whoever is signed in."""
        visit = self.find(request)
        if visit is None:
            raise SignInFirst
        if need is not None and need not in visit.may:
            self._journal.note(visit.name, "not allowed", path=request.url.path)
            raise NotForYou(need)
        if request.method != "POST":
            return visit
        if not same_site(request) or not hmac.compare_digest(form.get("token", "").encode(), visit.token.encode()):
            raise Forged
        return Visit(visit.user, visit.may, visit.key, visit.token, form)


def keep(
    answer: Response, request: Request, name: str, value: str, lasts: timedelta, secure: bool, path: str = "/"
) -> None:
    """A cookie for the browser alone, over HTTPS alone where the console is reached so."""
    answer.set_cookie(
        name,
        value,
        max_age=int(lasts.total_seconds()),
        path=path,
        httponly=True,
        samesite="lax",
        secure=secure or request.url.scheme == "https",
    )


def ours(where: str) -> str:
    """A path of ours; "/" for anything that a browser could read as another place."""
    good = where.startswith("/") and not where.startswith("//") and "\\" not in where and where.isprintable()
    return where if good and len(where) < 300 and where.isascii() else "/"


def digest(cookie: str) -> str:
    """What the store knows a session by."""
    return hashlib.sha256(cookie.encode()).hexdigest()


def token_of(cookie: str) -> str:
    """The session's form token."""
    return hmac.digest(cookie.encode(), b"edrguard form", "sha256").hex()


def same_site(request: Request) -> bool:
    """Does the browser say that the form was on a page of ours? Browsers that say nothing pass: the token decides."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a posted form; the first of each name. Raises Forged for anything that no form of ours sends."""
    if request.method != "POST":
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM:
            raise Forged
    if kind != "application/x-www-form-urlencoded":
        raise Forged
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS, errors="replace")
    except ValueError:
        raise Forged from None
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, value.replace("\0", "\ufffd"))
    return fields
