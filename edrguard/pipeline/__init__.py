"""The hall where the workshops meet: gather, judge, dispose, record."""

from edrguard.history import share_again
from edrguard.pipeline.again import authenticate_again, judge_again, judging_settings
from edrguard.pipeline.assess import Assessor
from edrguard.pipeline.dispose import HeaderSettings, Policy, header_edits
from edrguard.pipeline.gather import Sources, gather
from edrguard.pipeline.intake import canonical, fold, from_file, mail_id
from edrguard.pipeline.judge import judge
from edrguard.pipeline.origin import received_time
from edrguard.pipeline.outcome import Outcome
from edrguard.pipeline.process import Pipeline
from edrguard.pipeline.record import record, record_label, record_sent
from edrguard.pipeline.relay import relay
from edrguard.pipeline.report import verdict_json
from edrguard.pipeline.sent import Became, SentMail, SentSettings, header_of, recipients, written_by
from edrguard.pipeline.trust import Gateway, TrustedTrace
from edrguard.pipeline.workers import Workers
from edrguard.rules import RuleText, rules_version

__all__ = [
    "Assessor",
    "Became",
    "Gateway",
    "HeaderSettings",
    "Outcome",
    "Pipeline",
    "Policy",
    "RuleText",
    "SentMail",
    "SentSettings",
    "Sources",
    "TrustedTrace",
    "Workers",
    "authenticate_again",
    "canonical",
    "fold",
    "from_file",
    "gather",
    "header_edits",
    "header_of",
    "judge",
    "judge_again",
    "judging_settings",
    "mail_id",
    "received_time",
    "recipients",
    "record",
    "record_label",
    "record_sent",
    "relay",
    "rules_version",
    "share_again",
    "verdict_json",
    "written_by",
]
