"""The tables, as the statements see them. The migrations make them; a test holds the two equal.

Laws: ``observations``, ``labels``, ``events`` and ``audit`` are append-only; large texts stand
last in their rows; what is looked up while a message waits has an index of its own.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    inspect,
    select,
)

HEAD: Final = "0008"  #: the newest revision in migrations/versions; compared without alembic

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Serial = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows by INTEGER alone

observations = Table(
    "observations",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("mail_id", Text, nullable=False, unique=True),
    Column("received_at", BigInteger, nullable=False),
    Column("mailbox", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("agency_id", Text),
    Column("disposition", Text, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("risk", Float, nullable=False),
    Column("client", Text, nullable=False),
    Column("message_id", Text),
    Column("traits", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("country", Text, nullable=False, server_default=""),
    Column("doubt", Float, nullable=False, server_default="0"),
    sqlite_autoincrement=True,  # a number is never given twice: caches rely on it
)
# With ``seq`` in the index, the newest rows of a subject are found without touching the table.
Index(None, observations.c.mailbox, observations.c.received_at, observations.c.seq)
Index(None, observations.c.domain, observations.c.received_at, observations.c.seq)
Index(None, observations.c.agency_id, observations.c.received_at, observations.c.seq)
Index(None, observations.c.client, observations.c.received_at, observations.c.seq)
Index(None, observations.c.country, observations.c.received_at, observations.c.seq)

marks = Table(  # keyed hashes of targets, contacts, origins and documents: never a value in the clear
    "marks",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("mark", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("agency", Text, nullable=False),
    Column("mailbox", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index(None, marks.c.mark, marks.c.at)

rates = Table(  # of all senders: how often a trait was compared, and was new
    "rates",
    metadata,
    Column("key", Text, primary_key=True),
    Column("compared", BigInteger, nullable=False),
    Column("new", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

subjects = Table(
    "subjects",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("messages", BigInteger, nullable=False),
    Column("first_seen", BigInteger, nullable=False),
    Column("last_seen", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

labels = Table(
    "labels",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("observation", Serial, ForeignKey(observations.c.seq), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("label", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("scope", Text, nullable=False, server_default="request"),
    sqlite_autoincrement=True,
)
Index(None, labels.c.observation, labels.c.at, labels.c.seq)

sent = Table(
    "sent",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("recipients", Text, nullable=False),
    Column("in_reply_to", Text),
    Column("ticket", Text),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("mail_id", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("disposition", Text, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("agency_id", Text),
    Column("subject", Text, nullable=False),
    Column("risk", Float, nullable=False),
    Column("spool", Text),
    Column("claimed_by", Text),
    Column("version", Integer, nullable=False),
    Column("facts", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("envelope", Text, nullable=False),
)
Index(None, cases.c.state, cases.c.urgent, cases.c.risk)
Index(None, cases.c.opened_at)

standing = Table(  # a case's place in the queue: light rows, so that lists stay quick whatever the messages weigh
    "standing",
    metadata,
    Column("case_id", Text, ForeignKey(cases.c.id), primary_key=True),
    Column("waits", Boolean, nullable=False),
    Column("calm", Integer, nullable=False),  # 0 life, 1 urgent, 2 neither: everything sorts upwards
    Column("due", BigInteger, nullable=False),  # the deadline, or NEVER
    Column("unrisk", Float, nullable=False),  # minus the risk
    Column("opened_at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("claimed_by", Text),
    Column("kind", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("tie", Text, nullable=False),
    Column("incident", Integer),  # the running incident that shows it instead of the queue's list
)
_place = (standing.c.calm, standing.c.due, standing.c.unrisk, standing.c.opened_at, standing.c.case_id)
Index(None, standing.c.waits, *_place)
Index(None, standing.c.opened_at, standing.c.case_id)
Index(None, standing.c.claimed_by)
Index(None, standing.c.state)
Index(None, standing.c.incident)

hijacks = Table(  # reports that a mailbox, a domain or an agency is in the wrong hands
    "hijacks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),  # KIND:NAME
    Column("since", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("cleaned_at", BigInteger),
    Column("cleaned_by", Text, nullable=False),
    Column("watched_until", Text),
    sqlite_autoincrement=True,
)
Index(None, hijacks.c.subject)

arrivals = Table(  # which cases came of one agency, or about one target, and when
    "arrivals",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("at", BigInteger, primary_key=True, autoincrement=False),
    Column("case_id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    sqlite_with_rowid=False,
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("ended_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index(None, incidents.c.subject, incidents.c.ended_at)

incident_cases = Table(
    "incident_cases",
    metadata,
    Column("incident", Integer, ForeignKey(incidents.c.id), primary_key=True, autoincrement=False),
    Column("case_id", Text, ForeignKey(cases.c.id), primary_key=True),
    Column("life", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
Index(None, incident_cases.c.case_id)

case_marks = Table(  # what two cases may have in common, as digests
    "case_marks",
    metadata,
    Column("mark", Text, primary_key=True),
    Column("case_id", Text, ForeignKey(cases.c.id), primary_key=True),
    sqlite_with_rowid=False,
)
Index(None, case_marks.c.case_id)

clocks = Table(  # the deadlines that run, for warnings; derived from a case's facts and events
    "clocks",
    metadata,
    Column("case_id", Text, ForeignKey(cases.c.id), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("due", BigInteger, nullable=False),
    Column("keep", Boolean, nullable=False),
    Column("warn_at", BigInteger),  # NULL: people were told
    sqlite_with_rowid=False,
)
Index(None, clocks.c.warn_at)

case_numbers = Table(  # the last number of a year; a number once given is never given again
    "case_numbers",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("case_id", Text, ForeignKey(cases.c.id), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("data", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index(None, events.c.case_id, events.c.seq)

pages = Table(
    "pages",
    metadata,
    Column("key", Text, primary_key=True),
    Column("case_id", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("delivered", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try", BigInteger),  # NULL: sent or given up
    Column("sent_at", BigInteger),
    Column("error", Text),
    Column("carried", Text, nullable=False, server_default=""),  # the pagers that carried it, one a line
    Column("line", Integer, nullable=False, server_default="0"),
)
Index(None, pages.c.next_try)

eyes = Table(  # when a person first saw a case, and first acted on it
    "eyes",
    metadata,
    Column("case_id", Text, ForeignKey(cases.c.id), primary_key=True),
    Column("calm", Integer, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger),
    Column("acted_at", BigInteger),
    Column("decided_at", BigInteger),  # the decision that stands
)
Index(None, eyes.c.opened_at, eyes.c.seen_at, eyes.c.decided_at)

attempts = Table(
    "attempts",
    metadata,
    Column("mail_id", Text, primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
)

served = Table(  # digests of a message and one of its recipients, who has it although the sender still tries
    "served",
    metadata,
    Column("mark", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

pulse = Table(  # one row, written to see whether the database can be written
    "pulse",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("beats", BigInteger, nullable=False),
)

# alembic's own table, with its name and shape
version = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


def version_of(connection: Connection) -> str | None:
    """The revision that the database is at; None where it holds no schema yet."""
    if not inspect(connection).has_table(version.name):
        return None
    return connection.execute(select(version.c.version_num)).scalar()


def create_all(connection: Connection) -> None:
    """Make the newest schema in an empty database and note its revision."""
    from edrguard.storage import figures, identity_tables  # noqa: F401  (their tables join ``metadata``)
    from edrguard.storage.audit import TABLES, guards

    metadata.create_all(connection)
    for table in TABLES:
        for statement in guards(table):
            connection.exec_driver_sql(statement)
    version.create(connection)
    connection.execute(version.insert().values(version_num=HEAD))


def create_if_empty(connection: Connection) -> bool:
    """``create_all`` where the database holds no table at all. True if the schema is now the newest."""
    if not inspect(connection).get_table_names():
        create_all(connection)
    return version_of(connection) == HEAD
