"""Signing in with the company's account, and out again.

Laws: an account is known by issuer and subject alone, never by a name or an address that the provider lets
people change; a name that somebody has here is never taken over (an administrator links it); no role, no
entry, and roles are read anew at each sign-in; a sign-in that has begun is ended once, by the browser that began it.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from edrguard.console.backchannel import BackChannel
from edrguard.console.journal import Journal
from edrguard.console.parts import Company, ConsoleSettings, Desk
from edrguard.console.provider import NotProven, Provider
from edrguard.console.rate import Rate
from edrguard.console.visit import Gate, digest, keep, ours
from edrguard.model.desk import Role, Source, User
from edrguard.model.errors import Unavailable
from edrguard.model.identity import Ceremony, Identity

HANDLE = "edrguard_sign_in"
LASTS = timedelta(minutes=10)  #: for how long a sign-in may be under way
OPEN = 5000  #: sign-ins under way at once
NAME = 64
RESERVED = frozenset({"edrguard"})  #: what the node itself goes by on record
_log = logging.getLogger("edrguard.console")


class NoEntry(Exception):
    """Proven, but not let in. ``args``: why, in words for the person."""


class CompanyPages:
    """The handlers."""

    def __init__(
        self,
        desk: Desk,
        settings: ConsoleSettings,
        gate: Gate,
        clock: Callable[[], datetime],
        render: Callable[..., Response],
        journal: Journal,
    ) -> None:
        self._store, self._settings, self._gate, self._clock = desk.store, settings, gate, clock
        self._render, self._journal = render, journal
        self._rate = Rate(30, 2.0)
        company = settings.company
        self.provider = Provider(company, clock) if company else None

    def routes(self) -> list[Route]:
        """All of them; none that signs in where there is no provider."""
        out = [Route("/signed-out", self.signed_out)]
        if self.provider is None:
            return out
        return [
            Route("/sign-in/company", self.begin, methods=["GET"]),
            Route("/sign-in/company/back", self.back, methods=["GET"]),
            *BackChannel(self._store, self.provider, self._clock, self._journal).routes(),
            *out,
        ]

    async def begin(self, request: Request) -> Response:
        """Send the browser to the provider."""
        assert self.provider is not None
        client = request.client.host if request.client else ""
        if self._rate.take(client):
            return self._sorry(429, "Too many sign-ins were begun from your address. Wait a little, then try again.")
        handle = request.cookies.get(HANDLE, "")
        if not 20 <= len(handle) <= 100:
            handle = secrets.token_urlsafe(32)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        try:
            where = await self.provider.start_url(state, nonce, verifier)
        except Unavailable as error:
            _log.warning("sign-in by the provider is not possible: %s", error)
            return self._sorry(503, f"The sign-in of {self.provider.company.label} does not answer. Try again.")
        data = {"nonce": nonce, "verifier": verifier, "next": ours(request.query_params.get("next", "/"))}
        now = self._clock()
        begun = Ceremony(key=digest(f"{handle}.{state}"), kind="oidc", user="", data=json.dumps(data), created_at=now)
        if not await asyncio.to_thread(self._store.begin_ceremony, begun, now - LASTS, OPEN):
            return self._sorry(503, "Too many sign-ins are under way. Try again in some minutes.")
        answer = RedirectResponse(where, 303)
        keep(answer, request, HANDLE, handle, LASTS, self._settings.secure, path="/sign-in")
        return answer

    async def back(self, request: Request) -> Response:
        """The browser comes back from the provider."""
        assert self.provider is not None
        asked, label = request.query_params, self.provider.company.label
        handle, state = request.cookies.get(HANDLE, ""), asked.get("state", "")
        begun = None
        if handle and state and len(state) < 200:
            begun = await asyncio.to_thread(self._store.take_ceremony, digest(f"{handle}.{state}"))
        if begun is None or begun.kind != "oidc" or self._clock() - begun.created_at > LASTS:
            return self._sorry(400, "This sign-in was not begun in this browser, or it took too long. Begin again.")
        data = json.loads(begun.data)
        try:
            await self.provider.check_issuer(asked.get("iss"))
            if "error" in asked:
                raise NotProven(f"the provider says {asked['error'][:60]!r}")
            claims = await self.provider.redeem(asked.get("code", ""), data["nonce"], data["verifier"])
            sid = claims.get("sid", "") if isinstance(claims.get("sid", ""), str) else ""
            name = await asyncio.to_thread(
                admit, self._store, self.provider.company, claims, self._clock(), self._taken
            )
        except NotProven as error:
            _log.warning("sign-in by the provider refused: %s", error)
            return self._sorry(401, f"{label} did not confirm who you are. Begin again, or tell your administrator.")
        except NoEntry as error:
            _log.warning("sign-in by the provider: no entry")
            return self._sorry(403, str(error))
        except Unavailable as error:
            _log.warning("sign-in by the provider is not possible: %s", error)
            return self._sorry(503, f"The sign-in of {label} does not answer. Try again.")
        cookie = await asyncio.to_thread(self._gate.begin, name, "oidc", sid[:255])
        made = datetime.fromtimestamp(claims["iat"], UTC)
        if await asyncio.to_thread(self._store.logged_out, sid[:255], str(claims["sub"]), made):
            await asyncio.to_thread(self._store.end_session, digest(cookie))  # the provider ended it meanwhile
            return self._sorry(401, f"{label} has signed you out meanwhile. Begin again.")
        answer = RedirectResponse(data["next"], 303)
        self._gate.hand_over(answer, request, cookie, self._settings.secure)
        return answer

    async def signed_out(self, _: Request) -> Response:
        """After signing out: the provider still knows the browser, so say it and offer the way."""
        where = ""
        if self.provider is not None:
            try:
                where = await self.provider.end_url()
            except Unavailable as error:
                _log.warning("the provider's sign-out is not known: %s", error)
        return self._render("signed_out.html", company=self._settings.company, where=where)

    def _taken(self, name: str) -> bool:
        return name.casefold() == self._settings.user.casefold()

    def _sorry(self, status: int, problem: str) -> Response:
        return self._render(
            "signin.html",
            status,
            next=urlencode({"next": "/"}),
            problem=problem,
            name="",
            **sign_in_ways(self._settings),
        )


def sign_in_ways(settings: ConsoleSettings) -> dict[str, Any]:
    """Which ways in the sign-in page offers."""
    return {"company": settings.company, "local": settings.local, "passkeys": bool(settings.rp_id)}


def roles_of(company: Company, claims: Mapping[str, Any]) -> tuple[Role, ...]:
    """The roles that the claim gives by the configured map; nothing is guessed."""
    value: Any = claims
    for part in company.roles_claim.split(".") if company.roles_claim not in claims else [company.roles_claim]:
        value = value.get(part) if isinstance(value, Mapping) else None
    said = value if isinstance(value, list) else [value]
    found = {role for one in said[:1000] if isinstance(one, str) for role in company.roles.get(one, ())}
    return tuple(sorted(found))


def admit(store: Any, company: Company, claims: Mapping[str, Any], now: datetime, taken: Callable[[str], bool]) -> str:
    """The account of who has proven these claims, made where there is none. Raises NoEntry."""
    subject, roles = str(claims["sub"]), roles_of(company, claims)
    known = store.identity(company.issuer, subject)
    if known is None:
        if not roles:
            raise NoEntry("Your account has no role here. An administrator of your company's sign-in can give it one.")
        return _new(store, company, claims, roles, now, taken)
    user: User | None = store.user(known.user)
    if user is None or user.disabled_at or user.source is not Source.OIDC:
        raise NoEntry("Your account here is disabled. An administrator can tell you why.")
    if user.roles != roles:
        store.save_user(replace(user, roles=roles))
    if not roles:
        store.end_sessions(user.name)
        raise NoEntry("Your account has no role here any more. Who was signed in as you is signed out.")
    store.touch_identity(company.issuer, subject, now)
    return user.name


def _new(
    store: Any,
    company: Company,
    claims: Mapping[str, Any],
    roles: tuple[Role, ...],
    now: datetime,
    taken: Callable[[str], bool],
) -> str:
    said = claims.get(company.name_claim)
    name = " ".join(said.split()) if isinstance(said, str) else ""
    if not name or len(name) > NAME or not name.isprintable() or ":" in name:
        raise NoEntry(f"Your company's sign-in gives no usable name for you (claim {company.name_claim}).")
    if taken(name) or name.casefold() in RESERVED or any(u.name.casefold() == name.casefold() for u in store.users()):
        raise NoEntry(
            f"Somebody has the name {name} here already. If that is you, an administrator links it: "
            f"edrguard users link {name} --subject {claims['sub']}"
        )
    user = User(name=name, roles=roles, password="", created_at=now, source=Source.OIDC)
    if not store.add_user(user):
        raise NoEntry(f"Somebody has just taken the name {name}. Begin again.")
    linked = Identity(issuer=company.issuer, subject=str(claims["sub"]), user=name, linked_at=now, seen_at=now)
    Journal(store, lambda: now).note(name, "account made", by="oidc")
    if not store.link(linked):  # the same person in another tab was quicker
        store.save_user(replace(user, roles=(), disabled_at=now))
        raise NoEntry("You signed in twice at once. Begin again.")
    return name
