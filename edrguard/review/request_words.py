"""The request as we understood it: what, about whom, on what law, by when, sent where, and what is missing."""

from datetime import datetime, tzinfo

from edrguard.model.request import LegalRequest
from edrguard.review.words import KINDS, clean, until

_WORDS = {
    "subscriber": "subscriber data",
    "contact": "contact data",
    "ip-log": "IP logs",
    "payment": "payment data",
    "identity-document": "identity documents",
    "linked-accounts": "linked accounts",
}
_MISSING = {
    "badge": "badge or identity number",
    "period": "the period of time",
    "reference": "reference or case number",
    "supervisor": "name of a supervisor",
    "identifiers": "whom it is about",
    "legal-basis": "the law that it rests on",
    "phone": "a telephone number",
}
_SHOWN = 100  #: entries of one list


def request_rows(request: LegalRequest, now: datetime, zone: tzinfo) -> list[tuple[str, list[str]]]:
    """(question, answers) in the order about whom, which data, on what law, by when, sent where."""
    about = [
        f"{clean(i.value, 120)} ({i.kind}{'' if i.valid else ', not well formed'})"
        for i in request.identifiers[:_SHOWN]
    ]
    law = [
        clean(b.text, 160)
        + (f" ({b.jurisdiction})" if b.jurisdiction else "")
        + (": no longer in force" if b.obsolete else "")
        + ("" if b.confirmed else ": not checked by us")
        for b in request.legal_basis[:_SHOWN]
    ]
    where = [
        f"{clean(c.value, 120)} ({c.kind}{_known(c.in_directory)})"
        for c in request.contacts[:_SHOWN]
        if c.kind != "phone"
    ]
    haste = [
        w for w, on in (("says that a life is in danger", request.life_at_risk), ("emergency", request.emergency)) if on
    ]
    rows = [
        ("What is asked", [KINDS[request.kind], *(f"to {a}" for a in request.actions)]),
        ("About whom", about),
        ("Which data", [_WORDS.get(d, d) for d in request.data_sought]),
        ("On what law", law),
        ("How fast", haste),
        ("By when", [until(request.deadline, now, zone)] if request.deadline else []),
        ("Answer to", where),
        ("Reference", [clean(request.reference, 100)] if request.reference else []),
        ("Missing", missing_words(request)),
    ]
    pushed = [
        w for w, on in (("threats or minutes", request.pressure), ("avoids a call", request.avoids_callback)) if on
    ]
    return [*rows, ("Pressure", pushed)] if pushed else rows


def missing_words(request: LegalRequest) -> list[str]:
    """The required fields that are not there, in words."""
    return [_MISSING.get(m, clean(m, 60)) for m in request.missing]


def _known(in_directory: bool | None) -> str:
    if in_directory is None:
        return ", not compared with the directory"
    return ", in the directory" if in_directory else ", not in the directory"
