"""Rules: Findings in, a Verdict out, from YAML that operators can read, extend and overrule.

Three layers that never mix: checks say what they saw (symbols), config/symbols.yml says what that weighs and how it
reads, config/rules says what is to be done. Laws: all is checked when it is loaded, with file:line:column; a rule
that cannot be evaluated is RULE_ERROR and at least *tag*; the risk alone never holds a message.
"""

from edrguard.rules.engine import RULE_ERROR, Trial, decide, explain, try_expression
from edrguard.rules.lint import lint
from edrguard.rules.loader import load_rules
from edrguard.rules.risk import GROUPS, risk_of
from edrguard.rules.ruleset import Rule, RuleSet, RuleText, SymbolInfo, rules_version
from edrguard.rules.vocabulary import VOCABULARY, Word

__all__ = [
    "GROUPS",
    "RULE_ERROR",
    "VOCABULARY",
    "Rule",
    "RuleSet",
    "RuleText",
    "SymbolInfo",
    "Trial",
    "Word",
    "decide",
    "explain",
    "lint",
    "load_rules",
    "risk_of",
    "rules_version",
    "try_expression",
]
