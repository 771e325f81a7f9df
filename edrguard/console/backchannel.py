"""Who is signed out at the provider is signed out here: OpenID Connect Back-Channel Logout 1.0.

Laws: a logout_token counts once, only while it is fresh, and only where all of 2.6 holds; it can end sessions and do
nothing else; a sign-in that was under way when it came opens nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edrguard.console.journal import Journal
from edrguard.console.provider import LEEWAY, NotProven, Provider
from edrguard.console.rate import Rate
from edrguard.console.visit import digest, read_form
from edrguard.model.errors import Unavailable
from edrguard.model.identity import IdentityStore, Logout

EVENT = "http://schemas.openid.net/event/backchannel-logout"
FRESH = timedelta(minutes=10)  #: a logout_token is taken for so long after it was made
REMEMBERED = timedelta(days=1)  #: for so long its jti is known, and the session that it ended opens no more
_TYPES = ("", "jwt", "logout+jwt", "application/logout+jwt")
_LONGEST = 20_000  #: characters of a token
_TEXT = 255  #: characters of a jti, sid or sub
_log = logging.getLogger("edrguard.console")


class BackChannel:
    """The handler. No browser and no session of ours: the signature is what is asked for."""

    def __init__(
        self, store: IdentityStore, provider: Provider, clock: Callable[[], datetime], journal: Journal
    ) -> None:
        self._store, self._provider, self._clock, self._journal = store, provider, clock, journal
        self._rate = Rate(100, 0.2)

    def routes(self) -> list[Route]:
        """The one."""
        return [Route("/sign-in/company/logout", self.logout, methods=["POST"])]

    async def logout(self, request: Request) -> Response:
        """200 where nobody is signed in any more whom the token names; 400 for a token that does not count (2.8)."""
        if wait := self._rate.take(request.client.host if request.client else ""):
            return _answer(429, {"error": "slow_down"}, {"Retry-After": str(int(wait) + 1)})
        token = (await read_form(request)).get("logout_token", "")
        try:
            if not 0 < len(token) <= _LONGEST:
                raise NotProven("no logout_token")
            header, claims = await self._provider.verified(token)
            said = check(header, claims, self._provider.company.issuer, self._provider.company.client_id, self._clock())
            if not await asyncio.to_thread(self._end, said):
                raise NotProven("this logout_token came before")
        except NotProven as error:
            _log.warning("logout by the provider refused: %s", error)
            return _answer(400, {"error": "invalid_request"})
        except Unavailable as error:
            _log.warning("logout by the provider is not possible: %s", error)
            return _answer(503, {"error": "temporarily_unavailable"})
        return _answer(200, {})

    def _end(self, said: Mapping[str, str]) -> bool:
        issuer, now = self._provider.company.issuer, self._clock()
        known = self._store.identity(issuer, said["sub"]) if said["sub"] else None
        made = Logout(
            key=digest(f"{issuer}\0{said['jti']}"), at=now, sid=said["sid"], subject=said["sub"],
            user=known.user if known else "",
        )  # fmt: skip
        ended = self._store.log_out(made, now - REMEMBERED)
        for name in sorted(set(ended or ())):
            self._journal.note(name, "signed out", by="oidc")
        return ended is not None


def check(
    header: Mapping[str, Any], claims: Mapping[str, Any], issuer: str, client_id: str, now: datetime
) -> dict[str, str]:
    """``jti``, ``sid`` and ``sub`` ("" where it has none) of a token whose signature holds (2.4, 2.6). Raises
    NotProven."""
    if str(header.get("typ") or "").lower() not in _TYPES:
        raise NotProven("logout_token: it is of another type")
    audience = claims.get("aud")
    if claims.get("iss") != issuer or client_id not in (audience if isinstance(audience, list) else [audience]):
        raise NotProven("logout_token: iss or aud is wrong")
    made, ends = (_time(claims.get(name)) for name in ("iat", "exp"))
    leeway = timedelta(seconds=LEEWAY)
    if made is None or ends is None or made - leeway > now or now - made > FRESH + leeway or ends + leeway <= now:
        raise NotProven("logout_token: iat or exp is missing, or it is too old")
    events = claims.get("events")
    if not isinstance(events, Mapping) or not isinstance(events.get(EVENT), Mapping):
        raise NotProven("logout_token: it tells of no logout")
    if "nonce" in claims:  # else an id_token could pass for one
        raise NotProven("logout_token: it has a nonce")
    said = {name: claims.get(name, "") for name in ("jti", "sid", "sub")}
    if not all(isinstance(text, str) and len(text) <= _TEXT for text in said.values()):
        raise NotProven("logout_token: jti, sid or sub is not a text")
    if not said["jti"] or not (said["sid"] or said["sub"]):
        raise NotProven("logout_token: it has no jti, or names nobody")
    return said


def _time(value: object) -> datetime | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _answer(status: int, value: Mapping[str, str], more: Mapping[str, str] | None = None) -> Response:
    return JSONResponse(dict(value), status, headers={"Cache-Control": "no-store", **(more or {})})
