"""Tables of accounts, sign-ins, keys, tokens, followers of events, and of what was deleted. See ``schema``."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from edrguard.storage.schema import Serial, metadata

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("roles", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("totp", Text),
    Column("totp_pending", Text),
    Column("totp_step", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", BigInteger),
    Column("disabled_at", BigInteger),
    Column("source", Text, nullable=False, server_default="local"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("key", Text, primary_key=True),
    Column("user", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("via", Text, nullable=False, server_default="password"),
    Column("sid", Text, nullable=False, server_default=""),
)
Index(None, sessions.c.user)

logouts = Table(  # what the provider told: by digest of the token's jti, so that each counts once
    "logouts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("sid", Text, nullable=False),
    Column("subject", Text, nullable=False),
    sqlite_with_rowid=False,
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("user", Text, nullable=False),
    Column("linked_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)
Index(None, identities.c.user)

ceremonies = Table(  # begun sign-ins: each row is taken once
    "ceremonies",
    metadata,
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
)
Index(None, ceremonies.c.created_at)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("public_key", Text, nullable=False),
)
Index(None, passkeys.c.user)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("revoked_at", BigInteger),
)
Index(None, tokens.c.user)

followers = Table(
    "followers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("first_try", BigInteger),
    Column("next_try", BigInteger),
    Column("error", Text, nullable=False),
)

redactions = Table(  # no foreign key: what was deleted stays on record whatever becomes of the case
    "redactions",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("octets", BigInteger, nullable=False),
    Column("spool", Text),
)

retention_runs = Table(
    "retention_runs",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("cases", Integer, nullable=False),
    Column("originals", Integer, nullable=False),
    Column("observations", Integer, nullable=False),
    Column("marks", Integer, nullable=False),
    Column("octets", BigInteger, nullable=False),
    Column("protected", Integer, nullable=False),
    sqlite_autoincrement=True,
)
