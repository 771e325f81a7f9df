"""The pages of security keys: setting one up, signing in with one. The only pages that carry a script of ours."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from edrguard.console import passkeys
from edrguard.console.company import HANDLE, OPEN, sign_in_ways
from edrguard.console.parts import ConsoleSettings, Desk
from edrguard.console.passwords import verify_password
from edrguard.console.rate import Rate
from edrguard.console.signin import WRONG, Door, TooMany
from edrguard.console.visit import Forged, Gate, Visit, digest, keep, ours, read_form, same_site
from edrguard.model.desk import Source
from edrguard.model.errors import InputError
from edrguard.model.identity import Ceremony

LASTS = timedelta(minutes=5)  #: for how long a key may be looked for

#: what the pages with the script answer instead of the console's usual policy; they show nothing of any message
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


class KeyPages:
    """The handlers."""

    def __init__(
        self,
        desk: Desk,
        settings: ConsoleSettings,
        door: Door,
        gate: Gate,
        clock: Callable[[], datetime],
        render: Callable[..., Response],
    ) -> None:
        self._store, self._settings, self._door, self._gate = desk.store, settings, door, gate
        self._clock, self._render = clock, render
        self._rate = Rate(30, 2.0)

    def routes(self) -> list[Route]:
        """All of them; none where the console has no name that keys could be bound to."""
        if not self._settings.rp_id or not self._settings.local:
            return []
        return [
            Route("/sign-in/passkey", self.passkey, methods=["GET"]),
            Route("/sign-in/key", self.answer, methods=["POST"]),
            Route("/account/keys", self.keys, methods=["POST"]),
        ]

    async def passkey(self, request: Request) -> Response:
        """Sign in with a key alone."""
        client = request.client.host if request.client else ""
        if self._rate.take(client):
            return self._sign_in_again(429, "Too many sign-ins were begun from your address. Wait a little.")
        where = ours(request.query_params.get("next", "/"))
        return await self.ask(request, "", where)

    async def ask(self, request: Request, name: str, where: str) -> Response:
        """The page that asks for a key: of ``name``, whose password was right, or of anybody."""

        def work() -> tuple[str, str, bool]:
            user = self._store.user(name) if name else None
            keys = self._store.passkeys(name) if name else []
            options, challenge = passkeys.question(self._settings, keys, alone=not name)
            return options, challenge, bool(user and user.totp)

        options, challenge, codes = await asyncio.to_thread(work)
        handle = await self._begin(request, "second" if name else "passkey", name, challenge, next=where)
        if not handle:
            return self._sign_in_again(503, "Too many sign-ins are under way. Try again in some minutes.")
        page = self._page("key.html", options=options, codes=codes, alone=not name, next=urlencode({"next": where}))
        keep(page, request, HANDLE, handle, LASTS, self._settings.secure, path="/sign-in")
        return page

    async def answer(self, request: Request) -> Response:
        """The key's answer, or a code instead."""
        form = await read_form(request)
        if not same_site(request):
            raise Forged
        client = request.client.host if request.client else ""
        begun = await self._take(request.cookies.get(HANDLE, ""), ("second", "passkey"))
        if begun is None:
            return self._sign_in_again(400, "This sign-in was not begun in this browser, or it took too long.")
        try:
            name = await self._door.second(begun.user, client, self._prove(begun, form))
        except TooMany:
            return self._sign_in_again(429, "Too many tries from your address. Wait a little, then try again.")
        if name is None:
            return self._sign_in_again(401, WRONG)
        cookie = await asyncio.to_thread(self._gate.begin, name, "passkey")
        done = RedirectResponse(ours(json.loads(begun.data)["next"]), 303)
        self._gate.hand_over(done, request, cookie, self._settings.secure)
        return done

    def _prove(self, begun: Ceremony, form: dict[str, str]) -> Callable[[], str | None]:
        def work() -> str | None:
            if form.get("answer"):
                challenge = json.loads(begun.data)["challenge"]
                return passkeys.proven(
                    self._settings, self._store, challenge, form["answer"], begun.user, self._clock()
                )
            return begun.user if begun.user and self._door.code_right(begun.user, form.get("code", "")) else None

        return work

    async def keys(self, request: Request) -> Response:
        """Begin with a new key, add it, or remove one."""
        form = await read_form(request)
        visit = await asyncio.to_thread(self._gate.open, request, None, form)
        what = form.get("what", "")
        if visit.user.source is not Source.LOCAL or self._store.user(visit.name) is None:
            raise Forged
        if what == "add":
            problem = await self._add(request, visit)
        elif not await asyncio.to_thread(verify_password, form.get("password", ""), visit.user.password):
            problem = "The password is wrong; nothing was changed."
        elif what == "remove":
            gone = await asyncio.to_thread(self._store.remove_passkey, visit.name, form.get("id", ""))
            problem = "" if gone else "There is no such key."
            await asyncio.to_thread(self._gate.note, visit.name, "security key removed")
        else:
            return await self._offer(request, visit)
        query = {"problem": "key" if problem else "", "done": "" if problem else f"key-{what}"}
        if problem:
            return self._page("key_new.html", 422, visit=visit, problem=problem, options="")
        return RedirectResponse(f"/account?{urlencode(query)}", 303)

    async def _offer(self, request: Request, visit: Visit) -> Response:
        known = await asyncio.to_thread(self._store.passkeys, visit.name)
        if len(known) >= passkeys.MOST:
            problem = f"An account has at most {passkeys.MOST} keys: remove one first."
            return self._page("key_new.html", 422, visit=visit, problem=problem, options="")
        options, challenge = passkeys.registration(self._settings, visit.name, known)
        label = visit.form.get("label", "")
        handle = await self._begin(request, "register", visit.name, challenge, label=label, session=visit.key)
        if not handle:
            raise Forged
        page = self._page("key_new.html", visit=visit, problem="", options=options)
        keep(page, request, HANDLE, handle, LASTS, self._settings.secure, path="/account")
        return page

    async def _add(self, request: Request, visit: Visit) -> str:
        begun = await self._take(request.cookies.get(HANDLE, ""), ("register",))
        if begun is None or begun.user != visit.name or json.loads(begun.data)["session"] != visit.key:
            return "That took too long, or was begun in another place. Nothing was changed: begin again."
        data, answer = json.loads(begun.data), visit.form.get("answer", "")

        def work() -> str:
            try:
                made = passkeys.register(
                    self._settings, visit.name, data["label"], data["challenge"], answer, self._clock()
                )
            except InputError as error:
                return str(error)
            if not self._store.add_passkey(made):
                return "This key is known already. Nothing was changed."
            self._gate.note(visit.name, "security key set up")
            return ""

        return await asyncio.to_thread(work)

    async def _begin(self, request: Request, kind: str, user: str, challenge: str, **data: str) -> str:
        import secrets

        handle, now = secrets.token_urlsafe(32), self._clock()
        text = json.dumps({"challenge": challenge, **data})
        begun = Ceremony(key=digest(handle), kind=kind, user=user, data=text, created_at=now)
        kept = await asyncio.to_thread(self._store.begin_ceremony, begun, now - LASTS * 2, OPEN)
        return handle if kept else ""

    async def _take(self, handle: str, kinds: tuple[str, ...]) -> Ceremony | None:
        if not 20 <= len(handle) <= 100:
            return None
        begun = await asyncio.to_thread(self._store.take_ceremony, digest(handle))
        fresh = begun is not None and begun.kind in kinds and self._clock() - begun.created_at <= LASTS
        return begun if fresh else None

    def _page(self, template: str, status: int = 200, **context: Any) -> Response:
        page = self._render(template, status, **context)
        page.headers["Content-Security-Policy"] = POLICY
        return page

    def _sign_in_again(self, status: int, problem: str) -> Response:
        ways = {"next": urlencode({"next": "/"}), **sign_in_ways(self._settings)}
        return self._render("signin.html", status, problem=problem, name="", **ways)


def without_factors(store: Any, name: str) -> bool:
    """Take code and keys from an account whose owner lost them, and sign it out. False where there is none."""
    user = store.user(name)
    if user is None:
        return False
    store.save_user(replace(user, totp=None, totp_pending=None, failures=0, locked_until=None))
    for key in store.passkeys(name):
        store.remove_passkey(name, key.id)
    store.end_sessions(name)
    return True
