"""The company's sign-in: OpenID Connect, authorization code flow with PKCE.

OpenID Connect Core 1.0 (3.1, id_token by 3.1.3.7), Discovery 1.0, RP-Initiated Logout 1.0; RFC 7636 (S256), RFC 9207.

Laws: an id_token counts only where its signature is made with an asymmetric algorithm of the
allow-list and a key that the provider publishes (never ``none``, never HS256: the "secret" would be
a public key), and iss, aud, azp, exp, iat and nonce are right; keys are fetched anew when an unknown one
is named, at most twice a minute; nothing is asked of any host but over TLS (or on loopback).
"""

import asyncio
import hmac
import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx

from edrguard.console.parts import Company
from edrguard.model.errors import Unavailable

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
LEEWAY = 60  #: seconds that two clocks may differ
LARGEST = 512 * 1024  #: octets of an answer
AGAIN = 30.0  #: seconds between two looks at the provider's keys
_TIMEOUT = 10.0
_KEYS = 50
_KINDS = ("RSA", "EC", "OKP")  # never "oct": a shared secret signs for everybody who knows it


class NotProven(Exception):
    """The answer does not prove who came. ``args``: why, for the log; a stranger is told nothing of it."""


class Provider:
    """One provider. Discovery and keys are fetched when first needed and kept."""

    def __init__(
        self,
        company: Company,
        clock: Callable[[], datetime],
        seconds: Callable[[], float] = time.monotonic,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.company = company
        self._clock, self._seconds, self._transport = clock, seconds, transport
        self._found: dict[str, Any] = {}
        self._keys: list[Any] = []
        self._keys_at: float | None = None
        self._lock = asyncio.Lock()

    async def start_url(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in. Raises Unavailable where the provider does not answer."""
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        where = self._endpoint(await self._discover(), "authorization_endpoint")
        query = {
            "response_type": "code",
            "client_id": self.company.client_id,
            "redirect_uri": self.company.redirect_uri,
            "scope": " ".join(dict.fromkeys(("openid", *self.company.scopes))),
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        return f"{where}{'&' if urlsplit(where).query else '?'}{urlencode(query)}"

    async def end_url(self) -> str:
        """Where a browser is signed out at the provider, "" where it offers no such place (RP-Initiated Logout 2)."""
        found = await self._discover()
        if "end_session_endpoint" not in found:
            return ""
        where = self._endpoint(found, "end_session_endpoint")
        query = {"client_id": self.company.client_id, "post_logout_redirect_uri": self.company.home}
        return f"{where}{'&' if urlsplit(where).query else '?'}{urlencode(query)}"

    async def check_issuer(self, iss: str | None) -> None:
        """The ``iss`` parameter of the answer (RFC 9207 2.4): it tells who answers. Raises NotProven."""
        wanted = (await self._discover()).get("authorization_response_iss_parameter_supported") is True
        if iss is None and not wanted:
            return
        if iss != self.company.issuer:
            raise NotProven("the answer names another issuer")

    async def redeem(self, code: str, nonce: str, verifier: str) -> dict[str, Any]:
        """The claims of who signed in. Raises NotProven, or Unavailable where the provider does not answer."""
        found = await self._discover()
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.company.redirect_uri,
            "code_verifier": verifier,
        }
        headers, secret = {"Accept": "application/json"}, self.company.client_secret
        methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        basic = None
        if secret and "client_secret_basic" in methods:
            # RFC 6749 2.3.1: both are encoded as in a form first
            basic = httpx.BasicAuth(quote_plus(self.company.client_id), quote_plus(secret))
        else:
            fields["client_id"] = self.company.client_id
            if secret:
                fields["client_secret"] = secret
        status, answer = await self._ask("POST", self._endpoint(found, "token_endpoint"), fields, headers, basic)
        if status != 200 or not isinstance(answer.get("id_token"), str):
            raise NotProven(f"the code was not redeemed: {status} {str(answer.get('error', ''))[:60]}")
        return await self.claims(answer["id_token"], nonce, str(answer.get("access_token", "")))

    async def claims(self, id_token: str, nonce: str, access_token: str = "") -> dict[str, Any]:
        """The claims of an id_token, once everything about it is right. Raises NotProven."""
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import JoseError

        header, claims = await self.verified(id_token)
        options = {
            "iss": {"essential": True, "value": self.company.issuer},
            "aud": {"essential": True, "value": self.company.client_id},
            "exp": {"essential": True},
        }
        params = {"nonce": nonce, "client_id": self.company.client_id, "access_token": access_token}
        if not all(_number(claims.get(name)) for name in ("exp", "iat")):
            raise NotProven("exp and iat must be numbers")
        try:
            token = CodeIDToken(claims, header, options, params)
            token.validate(now=int(self._clock().timestamp()), leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, AttributeError, KeyError) as error:
            raise NotProven(f"id_token: {type(error).__name__}: {error}") from error
        # Once more by hand, what everything rests on: a library that grows lenient must not open the door.
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        subject = claims.get("sub")
        if (
            claims["iss"] != self.company.issuer
            or self.company.client_id not in audience
            or (len(audience) > 1 and claims.get("azp") != self.company.client_id)
            or claims["exp"] + LEEWAY <= self._clock().timestamp()
            or claims["iat"] - LEEWAY > self._clock().timestamp()
            or not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode())
            or not (isinstance(subject, str) and 0 < len(subject) <= 255)
        ):
            raise NotProven("id_token: iss, aud, azp, exp, iat, nonce or sub is wrong")
        return claims

    async def verified(self, id_token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Header and claims of a token that the provider signed; the claims are not checked yet. Raises NotProven."""
        from joserfc import jws
        from joserfc.errors import JoseError

        try:
            seen = jws.extract_compact(id_token.encode()).headers()
        except (JoseError, ValueError, TypeError, UnicodeError) as error:
            raise NotProven(f"not a signed token: {type(error).__name__}") from error
        algorithm, kid = seen.get("alg"), seen.get("kid")
        allowed = [a for a in self.company.algorithms if a in ALGORITHMS]
        if algorithm not in allowed:
            raise NotProven(f"signed with {str(algorithm)[:20]!r}, which is not allowed")
        for fresh in (False, True):
            for key in await self._keys_for(str(algorithm), kid, fresh):
                try:
                    done = jws.deserialize_compact(id_token.encode(), key, algorithms=allowed)
                    claims = json.loads(done.payload)
                except (JoseError, ValueError, TypeError, RecursionError):
                    continue
                if isinstance(claims, dict):
                    return dict(done.headers()), claims
        raise NotProven("no key of the provider has signed it")

    async def _keys_for(self, algorithm: str, kid: object, fresh: bool) -> list[Any]:
        """The provider's keys that may have signed; ``fresh``: looked up anew, unless that was done just now."""
        family = {"R": "RSA", "P": "RSA", "E": "EC"}[algorithm[0]]
        family = "OKP" if algorithm.startswith("Ed") else family
        async with self._lock:
            now = self._seconds()
            if self._keys_at is None or (fresh and now - self._keys_at >= AGAIN):
                self._keys = await self._fetch_keys()
                self._keys_at = now
            elif fresh:
                return []
        fitting = [k for k in self._keys if k.key_type == family]
        return [k for k in fitting if kid is None or k.kid is None or k.kid == kid]

    async def _fetch_keys(self) -> list[Any]:
        from joserfc import jwk
        from joserfc.errors import JoseError

        where = self._endpoint(await self._discover(), "jwks_uri")
        status, answer = await self._ask("GET", where)
        listed = answer.get("keys")
        if status != 200 or not isinstance(listed, list):
            raise Unavailable(f"the keys of {self.company.issuer} cannot be read ({status})")
        keys = []
        for one in listed[:_KEYS]:
            if (
                not isinstance(one, dict)
                or one.get("use", "sig") != "sig"
                or one.get("kty") not in ("RSA", "EC", "OKP")
            ):
                continue
            try:
                keys.append(jwk.import_key(one))
            except (JoseError, ValueError, TypeError, KeyError):
                continue  # one key that nobody can read hides no other
        return keys

    async def _discover(self) -> dict[str, Any]:
        if not self._found:
            where = f"{self.company.issuer.rstrip('/')}/.well-known/openid-configuration"
            status, answer = await self._ask("GET", where)
            if status != 200:
                raise Unavailable(f"{where} answers {status}")
            if answer.get("issuer") != self.company.issuer:  # Discovery 4.3
                raise Unavailable(f"{where} speaks for another issuer")
            self._found = answer
        return self._found

    def _endpoint(self, found: Mapping[str, Any], name: str) -> str:
        where = found.get(name)
        if not isinstance(where, str) or not safe_url(where):
            raise Unavailable(f"{self.company.issuer} names no {name} that could be used")
        return where

    async def _ask(
        self,
        method: str,
        url: str,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON object. Redirects are not followed. Raises Unavailable."""
        try:
            async with (
                httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, transport=self._transport) as client,
                client.stream(method, url, data=fields, headers=headers, auth=auth) as answer,
            ):
                body = b""
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > LARGEST:
                        raise Unavailable(f"{urlsplit(url).netloc} answers without end")
                status = answer.status_code
        except httpx.HTTPError as error:
            raise Unavailable(f"{urlsplit(url).netloc} does not answer: {type(error).__name__}") from error
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            value = {}
        return status, value if isinstance(value, dict) else {}


def safe_url(url: str) -> bool:
    """Is it reached over TLS, or on this machine?"""
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost"))
    )


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
