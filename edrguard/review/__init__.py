"""What people do with cases, and how people are called."""

from edrguard.review.desk import (
    CaseView,
    Outcome,
    call_back,
    claim,
    give_back,
    hold,
    label,
    last_call_back,
    list_cases,
    on_hold,
    refuse,
    reopen,
    show,
)
from edrguard.review.documents_words import document_words
from edrguard.review.escalate import PagingStore, glass_broken, not_reached
from edrguard.review.explain import CaseWords, NumberToCall, case_words, reasons
from edrguard.review.guidance import STANDING_DAYS, Letter, letters, meanwhile
from edrguard.review.hooks import Hook, HookSender
from edrguard.review.outbox import PageSender
from edrguard.review.pagers import SmtpPager, WebhookPager, verify_signature
from edrguard.review.release import Prepare, preparer, release
from edrguard.review.retention import Keep, redact, run_retention
from edrguard.review.second import RISKS, ask_release, proposal, second_needed, withdraw
from edrguard.review.states import TABLE, WAITING, Act
from edrguard.review.words import KINDS, clean, count, moment, page_text, reminder, until, waiting

__all__ = [
    "KINDS",
    "RISKS",
    "STANDING_DAYS",
    "TABLE",
    "WAITING",
    "Act",
    "CaseView",
    "CaseWords",
    "Hook",
    "HookSender",
    "Keep",
    "Letter",
    "NumberToCall",
    "Outcome",
    "PageSender",
    "PagingStore",
    "Prepare",
    "SmtpPager",
    "WebhookPager",
    "ask_release",
    "call_back",
    "case_words",
    "claim",
    "clean",
    "count",
    "document_words",
    "give_back",
    "glass_broken",
    "hold",
    "label",
    "last_call_back",
    "letters",
    "list_cases",
    "meanwhile",
    "moment",
    "not_reached",
    "on_hold",
    "page_text",
    "preparer",
    "proposal",
    "reasons",
    "redact",
    "refuse",
    "release",
    "reminder",
    "reopen",
    "run_retention",
    "second_needed",
    "show",
    "until",
    "verify_signature",
    "waiting",
    "withdraw",
]
