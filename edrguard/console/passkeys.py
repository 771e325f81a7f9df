"""Security keys and passkeys: what is asked of the browser, and what its answer proves (WebAuthn Level 3, 7.1 and 7.2).

Laws: origin and relying party come from the configuration, never from a request; a challenge is answered
once; a sign count that does not rise means a copied key, and opens nothing.
"""

import hashlib
import hmac
import json
import logging
from datetime import datetime
from typing import Any

from edrguard.console.parts import ConsoleSettings
from edrguard.model.errors import InputError
from edrguard.model.identity import IdentityStore, Passkey

MOST = 10  #: keys of one account
LARGEST = 16 * 1024  #: characters of an answer
_log = logging.getLogger("edrguard.console")


def handle(name: str) -> bytes:
    """The account's user handle: stable, and without its name (WebAuthn 14.6.1)."""
    return hashlib.sha256(b"edrguard " + name.encode()).digest()


def registration(settings: ConsoleSettings, name: str, known: list[Passkey]) -> tuple[str, str]:
    """(options as JSON, challenge) for navigator.credentials.create."""
    import webauthn
    from webauthn.helpers import bytes_to_base64url, structs

    options = webauthn.generate_registration_options(
        rp_id=settings.rp_id,
        rp_name=f"edrguard {settings.node}" if settings.node != "edrguard" else "edrguard",
        user_name=name,
        user_id=handle(name),
        exclude_credentials=[_described(key) for key in known],
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.PREFERRED,
            user_verification=structs.UserVerificationRequirement.PREFERRED,
        ),
    )
    return webauthn.options_to_json(options), bytes_to_base64url(options.challenge)


def register(settings: ConsoleSettings, name: str, label: str, challenge: str, answer: str, now: datetime) -> Passkey:
    """The new key. Raises InputError for an answer that proves nothing."""
    import webauthn
    from webauthn.helpers import bytes_to_base64url

    try:
        done = webauthn.verify_registration_response(
            credential=_object(answer),
            expected_challenge=webauthn.base64url_to_bytes(challenge),
            expected_rp_id=settings.rp_id,
            expected_origin=settings.origin,
        )
    except Exception as error:  # hostile CBOR and JSON make the library raise many things
        _log.warning("a security key was not registered: %s", type(error).__name__)
        raise InputError("The key did not answer as it should. Nothing was changed: begin again.") from error
    return Passkey(
        id=bytes_to_base64url(done.credential_id),
        user=name,
        label=" ".join(label.split())[:40] or "key",
        public_key=bytes_to_base64url(done.credential_public_key),
        sign_count=done.sign_count,
        created_at=now,
    )


def question(settings: ConsoleSettings, keys: list[Passkey], *, alone: bool) -> tuple[str, str]:
    """(options as JSON, challenge) for navigator.credentials.get. ``alone``: no password was given, so the key must
    know its owner (a PIN, a finger)."""
    import webauthn
    from webauthn.helpers import bytes_to_base64url, structs

    verification = structs.UserVerificationRequirement
    options = webauthn.generate_authentication_options(
        rp_id=settings.rp_id,
        allow_credentials=[_described(key) for key in keys],
        user_verification=verification.REQUIRED if alone else verification.PREFERRED,
    )
    return webauthn.options_to_json(options), bytes_to_base64url(options.challenge)


def proven(
    settings: ConsoleSettings, store: IdentityStore, challenge: str, answer: str, user: str, now: datetime
) -> str | None:
    """Whose key has answered; None where it proves nothing. ``user`` "": no password was given, anybody's key will do,
    if it has verified its owner."""
    import webauthn

    try:
        given = _object(answer)
        key = store.passkey(str(given.get("id", "")))
        if key is None or (user and key.user != user):
            return None
        said = (given.get("response") or {}).get("userHandle")
        if said and not hmac.compare_digest(webauthn.base64url_to_bytes(said), handle(key.user)):
            return None
        done = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=webauthn.base64url_to_bytes(challenge),
            expected_rp_id=settings.rp_id,
            expected_origin=settings.origin,
            credential_public_key=webauthn.base64url_to_bytes(key.public_key),
            credential_current_sign_count=0,  # compared below: after the signature, and where two come at once
            require_user_verification=not user,
        )
    except Exception as error:  # as above
        _log.warning("a security key did not prove its owner: %s", type(error).__name__)
        return None
    count = done.new_sign_count
    if (count or key.sign_count) and count <= key.sign_count:
        _log.error("the key %r of %s answered with an old count: it may have been copied", key.label, key.user)
        return None
    return key.user if store.use_passkey(key.id, key.sign_count, count, now) else None


def _described(key: Passkey) -> Any:
    import webauthn
    from webauthn.helpers import structs

    return structs.PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(key.id))


def _object(answer: str) -> dict[str, Any]:
    if len(answer) > LARGEST:
        raise ValueError("too long")
    value = json.loads(answer)
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value
