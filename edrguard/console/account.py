"""Signing in and out, one's own account, and the list of accounts."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from edrguard.console.access import ROLES, May
from edrguard.console.company import sign_in_ways
from edrguard.console.journal import Journal
from edrguard.console.keypages import without_factors
from edrguard.console.parts import ConsoleSettings
from edrguard.console.passwords import SHORTEST, code_step, hash_password, new_secret, secret_uri, verify_password
from edrguard.console.sealing import Sealer
from edrguard.console.signin import REFILL, WRONG, Door, KeyWanted, TooMany
from edrguard.console.visit import COOKIE, Forged, Gate, Visit, ours, read_form, same_site
from edrguard.model.desk import DeskStore, Source, User
from edrguard.review import moment

Render = Callable[..., Response]
KEYS_DONE = {
    "key-add": "The key is set up: from now on signing in asks for it, after the password.",
    "key-remove": "The key is removed.",
}


class AccountPages:
    """The handlers."""

    def __init__(
        self,
        store: DeskStore,
        settings: ConsoleSettings,
        door: Door,
        gate: Gate,
        clock: Callable[[], datetime],
        render: Render,
        journal: Journal,
        sealer: Sealer,
        ask_key: Callable[[Request, str, str], Awaitable[Response]],
    ) -> None:
        self._store, self._settings, self._door, self._gate = store, settings, door, gate
        self._clock, self._render, self._note = clock, render, journal.note
        self._sealer, self._ask_key = sealer, ask_key

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/sign-in", self.sign_in, methods=["GET", "POST"]),
            Route("/sign-out", self.sign_out, methods=["POST"]),
            Route("/account", self.account, methods=["GET", "POST"]),
            Route("/accounts", self.accounts, methods=["GET", "POST"]),
        ]

    def next_query(self, where: str) -> str:
        """``next=...`` for a page of ours."""
        return urlencode({"next": where})

    async def sign_in(self, request: Request) -> Response:
        """The one page for strangers."""
        where = ours(request.query_params.get("next", "/"))
        ways = {"next": self.next_query(where), **sign_in_ways(self._settings)}
        if request.method != "POST":
            return self._render("signin.html", problem="", name="", **ways)
        form = await read_form(request)
        if not same_site(request):
            raise Forged
        name = form.get("name", "").strip()
        client = request.client.host if request.client else ""
        try:
            user = await self._door.check(name, form.get("password", ""), form.get("code", ""), client)
        except KeyWanted:
            return await self._ask_key(request, name, where)
        except TooMany:
            text = "Too many tries from your address. Wait a little, then try again."
            answer = self._render("signin.html", 429, problem=text, name=name, **ways)
            await asyncio.to_thread(self._note, "", "sign-in refused", client=client, why="too many tries")
            answer.headers["Retry-After"] = str(int(REFILL))
            return answer
        if user is None:
            await asyncio.to_thread(self._note, self._named(name), "sign-in failed", client=client)
            return self._render("signin.html", 401, problem=WRONG, name=name, **ways)
        await asyncio.to_thread(self._note, user, "signed in", client=client)
        cookie = await asyncio.to_thread(self._gate.begin, user)
        answer = RedirectResponse(where, 303)
        self._gate.hand_over(answer, request, cookie, self._settings.secure)
        return answer

    async def sign_out(self, request: Request) -> Response:
        """Forget the session, here and in the store."""
        form = await read_form(request)
        visit = await asyncio.to_thread(self._gate.open, request, None, form)
        await asyncio.to_thread(self._note, visit.name, "signed out")
        session = await asyncio.to_thread(self._store.session, visit.key)
        await asyncio.to_thread(self._store.end_session, visit.key)
        elsewhere = session is not None and session.via == "oidc"
        answer = RedirectResponse("/signed-out" if elsewhere else "/sign-in", 303)
        answer.delete_cookie(COOKIE)
        return answer

    def _named(self, name: str) -> str:
        """A name that was typed, where somebody has it: else it may be a password in the wrong field."""
        return name if self._door.known(name) or self._store.user(name) else ""

    async def account(self, request: Request) -> Response:
        """What this account may do; its password and its second factor."""
        form = await read_form(request)

        def work() -> Response:
            visit = self._gate.open(request, None, form)
            problem, done = "", KEYS_DONE.get(request.query_params.get("done", ""), "")
            if request.method == "POST":
                problem, done = self._change(visit)
                visit = replace(visit, user=self._door.known(visit.name) or visit.user)
            user = visit.user
            return self._render(
                "account.html",
                422 if problem else 200,
                visit=visit,
                problem=problem,
                done=done,
                roles=[(role.value, ROLES[role]) for role in user.roles],
                company=self._settings.company if user.source is Source.OIDC else None,
                bootstrap=self._door.is_bootstrap(user.name),
                totp=bool(user.totp),
                pending=(pending := self._sealer.open(user.totp_pending, user.name) or ""),
                uri=secret_uri(pending, user.name, self._settings.node) if pending else "",
                shortest=SHORTEST,
                offers_keys=bool(self._settings.rp_id),
                keys=[
                    {
                        "id": key.id,
                        "label": key.label,
                        "since": moment(key.created_at, self._settings.zone),
                        "used": moment(key.used_at, self._settings.zone) if key.used_at else "",
                    }
                    for key in self._store.passkeys(user.name)
                ],
            )

        return await asyncio.to_thread(work)

    def _change(self, visit: Visit) -> tuple[str, str]:
        """(problem, done): one of them."""
        form, user = visit.form, self._store.user(visit.name)
        if user is None:
            return "This is the user of the configuration file: there is nothing to change here.", ""
        if user.source is not Source.LOCAL:
            return "This account is opened by your company's sign-in: there is nothing to change here.", ""
        what = form.get("what", "")
        if what != "confirm-totp" and not verify_password(form.get("password", ""), user.password):
            return "The password is wrong; nothing was changed.", ""
        now = self._clock()
        if what == "password":
            new = form.get("new", "")
            if len(new) < SHORTEST:
                return f"A password needs at least {SHORTEST} characters; nothing was changed.", ""
            self._note(user.name, "password changed")
            self._store.save_user(replace(user, password=hash_password(new)))
            self._store.end_sessions(user.name)
            return "", "The password is changed. Everybody who was signed in as you, you too, has to sign in again."
        if what == "start-totp":
            self._store.save_user(replace(user, totp_pending=self._sealer.seal(new_secret(), user.name)))
            return "", "Put the key into your authenticator app, then type the code that it shows."
        if what == "stop-totp":
            self._note(user.name, "code at sign-in removed")
            self._store.save_user(replace(user, totp=None, totp_pending=None))
            return "", "Signing in needs no code any more."
        if what == "confirm-totp" and user.totp_pending:
            secret = self._sealer.open(user.totp_pending, user.name) or ""
            step = code_step(secret, form.get("code", ""), now) if secret else None
            if step is None:
                return "That code is wrong, or the clocks differ. Nothing was changed.", ""
            self._note(user.name, "code at sign-in set up")
            self._store.save_user(replace(user, totp=user.totp_pending, totp_pending=None, totp_step=step))
            return "", "From now on signing in needs a code of your app."
        return "Nothing was changed.", ""

    async def accounts(self, request: Request) -> Response:
        """Every account; an administrator may disable one."""
        form = await read_form(request)

        def work() -> Response:
            visit = self._gate.open(request, May.SEE_ACCOUNTS, form)
            problem = done = ""
            if request.method == "POST":
                self._gate.open(request, May.MANAGE_ACCOUNTS, form)
                recover = visit.form.get("what") == "recover"
                problem, done = self._recover(visit) if recover else self._disable(visit)
            zone = self._settings.zone
            rows = [
                {
                    "name": u.name,
                    "roles": ", ".join(role.value for role in u.roles),
                    "factor": _factor(u, len(self._store.passkeys(u.name))),
                    "recovers": u.source is Source.LOCAL and bool(u.totp or self._store.passkeys(u.name)),
                    "since": moment(u.created_at, zone),
                    "disabled": moment(u.disabled_at, zone) if u.disabled_at else "",
                }
                for u in self._store.users()
            ]
            return self._render(
                "accounts.html",
                422 if problem else 200,
                visit=visit,
                rows=rows,
                problem=problem,
                done=done,
                manages=May.MANAGE_ACCOUNTS in visit.may,
            )

        return await asyncio.to_thread(work)

    def _recover(self, visit: Visit) -> tuple[str, str]:
        name = visit.form.get("name", "")
        if name == visit.name:
            return "Your own code and keys are changed on your account's page.", ""
        if not without_factors(self._store, name):
            return "There is no such account.", ""
        self._note(visit.name, "code and keys removed", account=name)
        return "", f"{name} has neither code nor keys any more and is signed out. The password opens the account alone."

    def _disable(self, visit: Visit) -> tuple[str, str]:
        name = visit.form.get("name", "")
        user = self._store.user(name)
        if user is None or user.disabled_at:
            return "There is no such account, or it is disabled already.", ""
        if name == visit.name:
            return "You cannot disable your own account: another administrator can.", ""
        self._note(visit.name, "account disabled", account=name)
        self._store.save_user(replace(user, disabled_at=self._clock()))
        self._store.end_sessions(name)
        return "", f"{name} is disabled and signed out."


def _factor(user: User, keys: int) -> str:
    """What stands behind the password, for the list of accounts."""
    if user.source is Source.OIDC:
        return "the company's sign-in"
    if user.source is Source.SERVICE:
        return "a program: tokens"
    more = (["code"] if user.totp else []) + ([f"{keys} key{'' if keys == 1 else 's'}"] if keys else [])
    return " and ".join(["password", " or ".join(more)]) if more else "password alone"
