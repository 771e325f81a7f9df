"""What people do with cases, and how people are called."""

from edrguard.review.desk import (
    CaseView,
    Outcome,
    call_back,
    claim,
    label,
    last_call_back,
    list_cases,
    refuse,
    show,
)
from edrguard.review.documents_words import document_words
from edrguard.review.explain import CaseWords, NumberToCall, case_words, reasons
from edrguard.review.outbox import PageSender
from edrguard.review.pagers import SmtpPager, WebhookPager, verify_signature
from edrguard.review.release import Prepare, preparer, release
from edrguard.review.states import TABLE, WAITING, Act
from edrguard.review.words import KINDS, clean, count, moment, page_text, reminder, until, waiting

__all__ = [
    "KINDS",
    "TABLE",
    "WAITING",
    "Act",
    "CaseView",
    "CaseWords",
    "NumberToCall",
    "Outcome",
    "PageSender",
    "Prepare",
    "SmtpPager",
    "WebhookPager",
    "call_back",
    "case_words",
    "claim",
    "clean",
    "count",
    "document_words",
    "label",
    "last_call_back",
    "list_cases",
    "moment",
    "page_text",
    "preparer",
    "reasons",
    "refuse",
    "release",
    "reminder",
    "show",
    "until",
    "verify_signature",
    "waiting",
]
