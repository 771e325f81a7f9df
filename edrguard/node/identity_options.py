"""Options of edrguard.yml about who may come in and who may follow: sign-in, API, webhook of case events."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from edrguard.model.desk import Role
from edrguard.node.fields import PathHere, Section

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]


def _issuer(value: str) -> str:
    loopback = value.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]"))
    if not (value.startswith("https://") or loopback) or "?" in value or "#" in value:
        raise ValueError("an issuer is an https:// address without ? and # (OpenID Connect Discovery 1.0)")
    return value


class OidcOptions(Section):
    """Sign-in by the company's provider: OpenID Connect, authorization code flow with PKCE."""

    issuer: Annotated[str, AfterValidator(_issuer)] | None = Field(
        default=None, description="the provider, exactly as it calls itself (iss); null: no such sign-in"
    )
    client_id: str = Field(default="", description="our name at the provider")
    client_secret: str | None = Field(default=None, repr=False, description="our secret there; null: a public client")
    client_secret_file: PathHere | None = Field(default=None, description="file that holds the secret instead")
    label: str = Field(
        default="your company", min_length=1, max_length=60, description="what the sign-in page calls the provider"
    )
    scopes: tuple[str, ...] = Field(default=("openid", "profile"), description="what is asked for; openid always is")
    name_claim: str = Field(
        default="preferred_username", min_length=1, description="claim that names a new account; later it may change"
    )
    roles_claim: str = Field(
        default="groups", min_length=1, description="claim that gives roles; dots lead into objects"
    )
    roles: dict[str, tuple[Role, ...]] = Field(
        default_factory=dict, description="value of that claim -> roles here; whoever has none is not let in"
    )
    algorithms: tuple[Algorithm, ...] = Field(
        default=("RS256", "PS256", "ES256", "EdDSA"),
        min_length=1,
        description="how an id_token may be signed; none and HS256 are never allowed",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.client_secret and self.client_secret_file:
            raise ValueError("give client_secret or client_secret_file, not both")
        if self.issuer and not self.client_id:
            raise ValueError("an issuer needs a client_id")
        if self.issuer and not self.roles:
            raise ValueError("an issuer needs roles: without a map nobody could come in")
        return self


class VaultOptions(Section):
    """Raw messages sealed with age (extra ``vault``)."""

    recipient: str | None = Field(
        default=None, pattern=r"^age1[0-9a-z]{20,}$", description="public key that messages are sealed for; null: plain"
    )
    identity_file: PathHere | None = Field(
        default=None, description="its private key, where messages are read and released; null: not here"
    )

    @model_validator(mode="after")
    def _both(self) -> Self:
        if self.identity_file and not self.recipient:
            raise ValueError("identity_file needs its recipient")
        return self


class RetentionOptions(Section):
    """How long what is kept, in days; null: until somebody deletes it. A legal hold protects."""

    released: int | None = Field(default=None, ge=1, description="cases, from their release on")
    refused: int | None = Field(default=None, ge=1, description="cases, from their refusal on")
    delivered: int | None = Field(
        default=None, ge=1, description="cases of tagged messages that nobody had to decide, from their arrival on"
    )
    originals: int | None = Field(default=None, ge=1, description="raw messages of decided cases, from the decision on")
    observations: int | None = Field(
        default=None, ge=90, description="history: habits, labels and marks, from the message's arrival on"
    )


class ApiOptions(Section):
    """The JSON API for programs (docs/api.md)."""

    enabled: bool = Field(
        default=True, description="serve /api/v1; without tokens (`users token add`) it opens nothing"
    )
    per_minute: int = Field(default=300, ge=5, le=60000, description="requests of one token, a fifth of them at once")


HookType = Literal["case.opened", "case.claimed", "case.decided", "case.released"]


class CaseHookOptions(Section):
    """Signed webhooks for events of cases (docs/api.md)."""

    url: str | None = Field(default=None, pattern=r"^https?://[^\s/]+", description="where to POST; null: no webhook")
    secret: str | None = Field(default=None, repr=False, min_length=16, description="key of the HMAC-SHA256 signature")
    secret_file: PathHere | None = Field(default=None, description="file that holds the secret instead")
    events: tuple[HookType, ...] = Field(default=(), description="which types are sent; empty: all")
    timeout: float = Field(default=10.0, gt=0, le=120, description="for one try, in seconds")

    @model_validator(mode="after")
    def _signed(self) -> Self:
        if self.secret and self.secret_file:
            raise ValueError("give secret or secret_file, not both")
        if self.url and not (self.secret or self.secret_file):
            raise ValueError("a webhook needs a secret or a secret_file: unsigned events could be forged")
        return self
