"""What people do with cases, and how people are called."""

from edrguard.review.apprise import apprise_pagers
from edrguard.review.burst import BurstRules
from edrguard.review.clocks import (
    ClockWords,
    clock_words,
    clocks_of,
    end_clock,
    extend_clock,
    index_clocks,
    set_clock,
)
from edrguard.review.deadlines import Zone, answer_by, deadlines
from edrguard.review.desk import (
    STANDING_DAYS,
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
from edrguard.review.figures import FEW, figures, figures_csv, period
from edrguard.review.filing import file_case, tend
from edrguard.review.guidance import Letter, letters, meanwhile
from edrguard.review.hijack import PROBATION, Report, Touched, cleaned, compromised, find_hijack, frozen, report
from edrguard.review.holidays import Calendar, calendar
from edrguard.review.hooks import Hook, HookSender
from edrguard.review.identity import identity_rows
from edrguard.review.incident import (
    Decision,
    Done,
    Hands,
    claims_life,
    decide,
    end_incident,
    find_incident,
    group,
    undecided,
)
from edrguard.review.indicators import Indicator, confirmed_fraud, indicators, misp, stix
from edrguard.review.outbox import PageSender
from edrguard.review.pagers import SmtpPager, WebhookPager
from edrguard.review.release import Prepare, preparer, release
from edrguard.review.request_words import missing_words, request_rows
from edrguard.review.retention import Keep, redact, run_retention
from edrguard.review.second import RISKS, ask_release, proposal, second_needed, withdraw
from edrguard.review.signed_post import verify_signature
from edrguard.review.states import TABLE, WAITING, Act
from edrguard.review.tied import Judge, ShareAgain, raise_tied, tie_json, tied_messages, tied_words, ties
from edrguard.review.words import KINDS, clean, count, moment, page_text, reminder, until, waiting

__all__ = [
    "FEW",
    "KINDS",
    "PROBATION",
    "RISKS",
    "STANDING_DAYS",
    "TABLE",
    "WAITING",
    "Act",
    "BurstRules",
    "Calendar",
    "CaseView",
    "CaseWords",
    "ClockWords",
    "Decision",
    "Done",
    "Hands",
    "Hook",
    "HookSender",
    "Indicator",
    "Judge",
    "Keep",
    "Letter",
    "NumberToCall",
    "Outcome",
    "PageSender",
    "PagingStore",
    "Prepare",
    "Report",
    "ShareAgain",
    "SmtpPager",
    "Touched",
    "WebhookPager",
    "Zone",
    "answer_by",
    "apprise_pagers",
    "ask_release",
    "calendar",
    "call_back",
    "case_words",
    "claim",
    "claims_life",
    "clean",
    "cleaned",
    "clock_words",
    "clocks_of",
    "compromised",
    "confirmed_fraud",
    "count",
    "deadlines",
    "decide",
    "document_words",
    "end_clock",
    "end_incident",
    "extend_clock",
    "figures",
    "figures_csv",
    "file_case",
    "find_hijack",
    "find_incident",
    "frozen",
    "give_back",
    "glass_broken",
    "group",
    "hold",
    "identity_rows",
    "index_clocks",
    "indicators",
    "label",
    "last_call_back",
    "letters",
    "list_cases",
    "meanwhile",
    "misp",
    "missing_words",
    "moment",
    "not_reached",
    "on_hold",
    "page_text",
    "period",
    "preparer",
    "proposal",
    "raise_tied",
    "reasons",
    "redact",
    "refuse",
    "release",
    "reminder",
    "reopen",
    "report",
    "request_rows",
    "run_retention",
    "second_needed",
    "set_clock",
    "show",
    "stix",
    "tend",
    "tie_json",
    "tied_messages",
    "tied_words",
    "ties",
    "undecided",
    "until",
    "verify_signature",
    "waiting",
    "withdraw",
]
