"""Tables of the audit log, of the signatures under it, and of the rule texts that verdicts name. See ``schema``."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from edrguard.storage.schema import Serial, metadata

audit = Table(  # hash-chained (model/audit.py); numbered by who appends, so that no number is missing
    "audit",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("nth", Integer, nullable=False),
    Column("data", Text, nullable=False),
    Column("salt", Text, nullable=False),
    Column("prev", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
Index(None, audit.c.case_id, audit.c.seq)
Index(None, audit.c.kind, audit.c.seq)

checkpoints = Table(  # the node's signatures under the log
    "checkpoints",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("signature", Text, nullable=False),
)

rulesets = Table(  # the texts of symbols and rules, by the version that verdicts name
    "rulesets",
    metadata,
    Column("version", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("texts", Text, nullable=False),
)
