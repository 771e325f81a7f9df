"""A small, honest OpenID Connect provider, run as a process: ``python -m tests.support.oidc_provider``.

Honest: codes work once and for a minute, for the client, redirect_uri and PKCE challenge they were made for; the client
proves its secret; id_tokens are signed with a published key. ``POST /control`` makes it lie in one named way, or changes
people and keys, as an attacker in its place could.
"""

import base64
import hashlib
import hmac
import html
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit
from urllib.request import urlopen

from joserfc import jws
from joserfc.jwk import RSAKey

CLIENT, SECRET = "edrguard", "only-for-these-tests & more"
PEOPLE: dict[str, dict[str, Any]] = {
    "alice": {"sub": "s-alice", "groups": ["lea-reviewers", "everybody"]},
    "bob": {"sub": "s-bob", "groups": ["lea-approvers"]},
    "eve": {"sub": "s-eve", "groups": ["everybody"]},
    "kim": {"sub": "s-kim", "groups": ["lea-reviewers"]},
}


class State:
    """Everything that the provider knows."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key = new_key()
        self.codes: dict[str, dict[str, Any]] = {}
        self.people = json.loads(json.dumps(PEOPLE))
        self.lie = ""
        self.asked: list[str] = []

    def id_token(self, grant: dict[str, Any]) -> str:
        now = int(time.time())
        person = self.people[grant["login"]]
        claims = {
            "iss": self.issuer,
            "sub": person["sub"],
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": grant["nonce"],
            "sid": grant["sid"],
            "preferred_username": person.get("name", grant["login"]),
            "groups": person["groups"],
        }
        claims |= {
            "wrong-nonce": {"nonce": "another"},
            "expired": {"iat": now - 900, "exp": now - 600},
            "wrong-aud": {"aud": "another-client"},
            "two-aud": {"aud": [CLIENT, "another-client"], "azp": "another-client"},
            "wrong-iss": {"iss": "https://evil.example"},
            "future": {"iat": now + 900, "exp": now + 1200},
            "text-exp": {"exp": "never"},
            "no-sub": {"sub": ""},
        }.get(self.lie, {})
        if self.lie == "no-nonce":
            del claims["nonce"]
        if self.lie == "no-exp":
            del claims["exp"]
        header = {"alg": "RS256", "kid": self.key.kid, "typ": "JWT"}
        body = json.dumps(claims)
        if self.lie == "alg-none":
            return f"{b64(json.dumps({'alg': 'none'}))}.{b64(body)}."
        if self.lie == "hs256":  # the published key as an HMAC secret
            signed = f"{b64(json.dumps({'alg': 'HS256', 'kid': self.key.kid}))}.{b64(body)}"
            mac = hmac.digest(self.key.as_pem(private=False), signed.encode(), "sha256")
            return f"{signed}.{b64(mac)}"
        if self.lie == "other-key":
            return jws.serialize_compact(header, body, new_key())
        token = jws.serialize_compact(header, body, self.key)
        if self.lie == "altered":
            head, _, signed = token.split(".")
            return f"{head}.{b64(json.dumps(claims | {'sub': 's-bob'}))}.{signed}"
        return token


def logout_token(state: State, wish: dict[str, Any]) -> str:
    """As Back-Channel Logout 1.0 2.4 has it, but for what is wished otherwise; a claim that is wished null is absent."""
    now = int(time.time())
    claims = {
        "iss": state.issuer,
        "aud": CLIENT,
        "iat": now,
        "exp": now + 120,
        "jti": secrets.token_urlsafe(8),
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }
    claims |= wish.get("claims", {})
    body = json.dumps({name: value for name, value in claims.items() if value is not None})
    header = {"alg": "RS256", "kid": state.key.kid, "typ": "logout+jwt"} | wish.get("header", {})
    if header["alg"] == "none":
        return f"{b64(json.dumps(header))}.{b64(body)}."
    return jws.serialize_compact(header, body, new_key() if wish.get("other_key") else state.key)


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"})


def b64(value: str | bytes) -> str:
    octets = value.encode() if isinstance(value, str) else value
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


class Handler(BaseHTTPRequestHandler):
    state: State

    def do_GET(self) -> None:
        where, asked = urlsplit(self.path), {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        base = self.state.issuer
        if where.path == "/.well-known/openid-configuration":
            issuer = "https://evil.example" if self.state.lie == "discovery" else base
            self._json(
                {
                    "issuer": issuer,
                    "authorization_endpoint": f"{base}/authorize",
                    "token_endpoint": f"{base}/token",
                    "jwks_uri": f"{base}/keys",
                    "end_session_endpoint": f"{base}/sign-out",
                    "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                    "authorization_response_iss_parameter_supported": True,
                }
            )
        elif where.path == "/keys":
            self.state.asked.append("keys")
            self._json({"keys": [self.state.key.as_dict(private=False), {"kty": "odd"}]})
        elif where.path == "/authorize":
            rows = "".join(
                f'<input type="hidden" name="{html.escape(k)}" value="{html.escape(v)}">' for k, v in asked.items()
            )
            self._page(
                f'<h1>Corp sign-in</h1><form method="post" action="/authorize">{rows}'
                '<label for="login">Login</label><input id="login" name="login"><button>Continue</button></form>'
            )
        elif where.path == "/sign-out":
            self._page(f"<h1>Signed out of Corp</h1><p>{html.escape(asked.get('client_id', ''))}</p>")
        elif where.path == "/logout-token":
            self._json({"token": logout_token(self.state, json.loads(asked["wish"]))})
        elif where.path == "/asked":
            self._json({"asked": self.state.asked})
        else:
            self._json({}, 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path == "/control":
            wish = json.loads(body)
            self.state.lie = wish.get("lie", "")
            self.state.people.update(wish.get("people", {}))
            if wish.get("rotate"):
                self.state.key = new_key()
            if wish.get("reset"):
                self.state.people = json.loads(json.dumps(PEOPLE))
            self._json({})
            return
        form = {k: v[0] for k, v in parse_qs(body, keep_blank_values=True).items()}
        if self.path == "/authorize":
            self._authorize(form)
        elif self.path == "/token":
            self._token(form)

    def _authorize(self, form: dict[str, str]) -> None:
        if form.get("client_id") != CLIENT or not form.get("redirect_uri", "").endswith("/sign-in/company/back"):
            self._json({"error": "invalid_request"}, 400)
            return
        back = {"state": form["state"], "iss": self.state.issuer}
        if form.get("code_challenge_method") != "S256" or form.get("response_type") != "code":
            back["error"] = "invalid_request"
        elif form["login"] not in self.state.people:
            back["error"] = "access_denied"
        else:
            back["code"] = secrets.token_urlsafe(16)
            sid = secrets.token_urlsafe(8)
            self.state.codes[back["code"]] = {**form, "until": time.time() + 60, "sid": sid}
        if self.state.lie == "no-iss":
            del back["iss"]
        if self.state.lie == "mix-up":
            back["iss"] = "https://evil.example"
        self.send_response(303)
        self.send_header("Location", f"{form['redirect_uri']}?{urlencode(back)}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _token(self, form: dict[str, str]) -> None:
        scheme, _, sent = self.headers.get("Authorization", "").partition(" ")
        name, _, secret = base64.b64decode(sent).decode().partition(":") if scheme == "Basic" else ("", "", "")
        grant = self.state.codes.pop(form.get("code", ""), None)
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        right = (
            (unquote_plus(name), unquote_plus(secret)) == (CLIENT, SECRET)
            and grant is not None
            and grant["until"] > time.time()
            and grant["redirect_uri"] == form.get("redirect_uri")
            and grant["code_challenge"] == challenge
        )
        if not right or grant is None:
            self._json({"error": "invalid_grant"}, 400)
            return
        self._json({"access_token": "a-1", "token_type": "Bearer", "id_token": self.state.id_token(grant)})

    def _json(self, value: object, status: int = 200) -> None:
        self._send(json.dumps(value).encode(), "application/json", status)

    def _page(self, inside: str) -> None:
        self._send(f"<!doctype html><title>Corp</title>{inside}".encode(), "text/html; charset=utf-8", 200)

    def _send(self, body: bytes, kind: str, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Provider:
    """The process, for tests. A context manager."""

    def __init__(self, folder: Path) -> None:
        from tests.support.process import Child

        self._child = Child([sys.executable, "-m", "tests.support.oidc_provider"], folder / "provider.log")
        self.issuer = self._child.wait_for("provider on ").removeprefix("provider on ").strip()

    @property
    def options(self) -> dict[str, Any]:
        """``console.oidc`` of a node."""
        return {
            "issuer": self.issuer,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "label": "Corp",
            "roles": {"lea-reviewers": ["reviewer"], "lea-approvers": ["approver"]},
        }

    def control(self, **wish: Any) -> None:
        """Make it lie, rotate its keys, change people."""
        self.post("/control", json.dumps(wish))

    def logout_token(self, header: dict[str, Any] | None = None, other_key: bool = False, **claims: Any) -> str:
        """What it would send to the client's backchannel_logout_uri."""
        wish = {"header": header or {}, "claims": claims, "other_key": other_key}
        with urlopen(f"{self.issuer}/logout-token?{urlencode({'wish': json.dumps(wish)})}", timeout=10) as answer:
            return str(json.load(answer)["token"])

    def keys_asked(self) -> int:
        """How often its keys were read."""
        with urlopen(f"{self.issuer}/asked", timeout=10) as answer:
            return len(json.load(answer)["asked"])

    def log_in(self, where: str, login: str) -> str:
        """What a browser does at ``where``: fill in the form; the address that it is sent back to."""
        fields = {k: v[0] for k, v in parse_qs(urlsplit(where).query).items()}
        return self.post("/authorize", urlencode({**fields, "login": login}))

    def post(self, path: str, body: str) -> str:
        import http.client

        wire = http.client.HTTPConnection(urlsplit(self.issuer).netloc, timeout=10)
        wire.request("POST", path, body)
        answer = wire.getresponse()
        answer.read()
        wire.close()
        return answer.getheader("Location") or ""

    def __enter__(self) -> "Provider":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.kill()


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = f"http://127.0.0.1:{server.server_address[1]}"
    Handler.state = State(issuer)
    print(f"provider on {issuer}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
