"""Marks on the shelf: which agencies' messages had the same target, contact, origin or document.

Append-only, one row a mark and message, found by the mark alone: a look-up costs the same however much is remembered.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, func, insert, select

from edrguard.model.history import FORGED, Observation, Seen, Tied
from edrguard.model.words import CaseState, Label
from edrguard.storage.rows import from_us, key, to_us
from edrguard.storage.schema import cases, labels, marks, observations

MOST = 200  #: rows of one look-up: a mark that hundreds of mailboxes share ties nothing together

ADD_MARK = insert(marks)
MARK_COLUMNS = ("mark", "at", "agency", "mailbox")
_message = and_(observations.c.mailbox == marks.c.mailbox, observations.c.received_at == marks.c.at)
LAST_LABEL = (  # of a message, as of ``before``; by its index, for each row: far fewer labels than messages
    select(labels.c.seq)
    .where(labels.c.observation == observations.c.seq, labels.c.at < bindparam("before"))
    .order_by(labels.c.at.desc(), labels.c.seq.desc())
    .limit(1)
    .correlate(observations)
    .scalar_subquery()
)
SEEN = 300  #: newest messages of one mark that are looked at: an agency's own telephone stands in all of its mail
_wanted = func.json_each(bindparam("marks")).table_valued("value", name="wanted")
_one = marks.alias("one")
_latest = (
    select(_one.c.seq)
    .where(_one.c.mark == _wanted.c.value, _one.c.at >= bindparam("since"), _one.c.at < bindparam("before"))
    .order_by(_one.c.at.desc(), _one.c.seq.desc())
    .limit(SEEN)
    .correlate(_wanted)
    .scalar_subquery()
)
SEEN_MARKS = (  # one text for any number of marks: they come as one JSON array
    select(
        marks.c.mark,
        marks.c.agency,
        func.count(marks.c.mailbox.distinct()),
        func.count(),
        func.max(marks.c.at),
        func.max(case((labels.c.label == Label.GENUINE.value, 0.0), else_=observations.c.doubt)),
        func.max(case((labels.c.label == Label.FRAUD.value, 1), else_=0)),
        func.min(
            case(
                (labels.c.label == Label.GENUINE.value, 0.0),
                (labels.c.label == Label.FRAUD.value, FORGED),
                else_=observations.c.doubt,
            )
        ),
    )
    .select_from(
        _wanted.join(marks, marks.c.seq.in_(_latest))
        .outerjoin(observations, _message)
        .outerjoin(labels, labels.c.seq == LAST_LABEL)
    )
    .group_by(marks.c.mark, marks.c.agency)
    .order_by(marks.c.mark, marks.c.agency)
    .limit(MOST)
)

NEWEST = 1000  #: rows of one mark that are looked at for others than its own agency's
EACH = 50  #: messages of one mark
_newest = (
    select(marks.c.at, marks.c.agency, marks.c.mailbox)
    .where(marks.c.mark == bindparam("mark"), marks.c.at >= bindparam("since"), marks.c.at < bindparam("until"))
    .order_by(marks.c.at.desc())
    .limit(NEWEST)
    .subquery()
)
TIED = (
    select(observations.c.seq, _newest.c.agency, labels.c.label, cases.c.id, cases.c.state)
    .select_from(
        _newest.join(
            observations,
            and_(observations.c.mailbox == _newest.c.mailbox, observations.c.received_at == _newest.c.at),
        )
        .outerjoin(labels, labels.c.seq == LAST_LABEL)
        .outerjoin(cases, cases.c.mail_id == observations.c.mail_id)
    )
    .where(_newest.c.agency != bindparam("agency"))
    .order_by(_newest.c.at.desc(), observations.c.seq.desc())
    .limit(EACH)
)

LEFT_BY = select(marks.c.at, marks.c.mark).where(  # which of these marks one mailbox's messages of these times left
    marks.c.mark.in_(select(func.json_each(bindparam("marks")).table_valued("value").c.value)),
    marks.c.at.in_(select(func.json_each(bindparam("times")).table_valued("value").c.value)),
    marks.c.mailbox == bindparam("mailbox"),
)


def mark_rows(observation: Observation, at: int) -> list[dict[str, Any]]:
    """The marks of a message, for ADD_MARK within the transaction that remembers the message."""
    agency = observation.agency_id or observation.domain
    if not agency:
        return []
    return [
        {"mark": mark, "at": at, "agency": key(agency), "mailbox": key(observation.mailbox)}
        for mark in observation.marks
    ]


def asked(wanted: Sequence[str], since: datetime, before: datetime) -> dict[str, Any]:
    """The values of SEEN_MARKS."""
    return {"marks": json.dumps(list(dict.fromkeys(wanted))), "since": to_us(since), "before": to_us(before)}


def seen(rows: Iterable[Sequence[Any]]) -> list[Seen]:
    """The rows of SEEN_MARKS as values."""
    return [
        Seen(
            mark=mark,
            agency=agency,
            mailboxes=mailboxes,
            messages=messages,
            last=from_us(last),
            doubt=doubt or 0.0,
            fraud=bool(fraud),
            least=least or 0.0,
        )
        for mark, agency, mailboxes, messages, last, doubt, fraud, least in rows
    ]


def tied(
    rows: Iterable[Sequence[Any]], shared: Mapping[int, Sequence[str]], known: Mapping[int, Observation]
) -> list[Tied]:
    """The rows of TIED as values, newest first; ``shared``: by number, the marks under which each was found."""
    found = [
        Tied(
            observation=known[number],
            agency=agency,
            marks=tuple(shared[number]),
            label=Label(label) if label else None,
            case_id=case_id or "",
            state=CaseState(state) if state else None,
        )
        for number, agency, label, case_id, state in rows
        if number in known
    ]
    return sorted(found, key=lambda one: (one.observation.received_at, one.observation.mail_id), reverse=True)
