"""When nobody can be reached, or the glass was broken: on-call is told, once for each time."""

from datetime import datetime
from typing import Protocol

from edrguard.model.case import Case, CaseEvent, Page
from edrguard.model.ports import CaseStore, PageStore
from edrguard.review.desk import Outcome
from edrguard.review.words import PAGE, clean, waiting


class PagingStore(CaseStore, PageStore, Protocol):
    """What is needed of the store."""


def not_reached(store: PagingStore, case: Case, *, now: datetime, link: str) -> bool:
    """Page on-call after a call that reached nobody, where the case is urgent; after the second the next line too, and
    so on. True if a page was written."""
    tries = sum(
        1 for e in store.events(case.id) if e.kind == "call-back" and e.data.get("outcome") == Outcome.NOT_REACHED
    )
    if not case.urgent or not tries:
        return False
    clock = waiting(now - case.opened_at)
    text = (
        f"edrguard: the agency was not reached, try {tries}. Somebody is needed who knows another number or a "
        f"colleague there, or can alert local emergency services. Case {case.id}, waiting {clock}."
    )
    return _page(store, case, f"not-reached:{tries}", text, now, link, line=tries - 1)


def glass_broken(store: PagingStore, case: Case, *, actor: str, now: datetime, link: str) -> bool:
    """Tell on-call that one person released what two should have."""
    text = f"edrguard: {clean(actor, 60)} released case {case.id} alone: life in danger. Look at it now."
    return _page(store, case, f"glass:{case.version}", text, now, link)


def _page(store: PagingStore, case: Case, what: str, text: str, now: datetime, link: str, line: int = 0) -> bool:
    page = Page(
        key=f"{case.mail_id}:{what}",
        case_id=case.id,
        at=now,
        text=clean(text, PAGE),
        link=link,
        delivered=not case.held,
        line=line,
    )
    if not store.queue_page(page):
        return False
    event = CaseEvent(case_id=case.id, at=now, actor="edrguard", kind="escalated", data={"text": page.text})
    store.add_event(event)
    return True
