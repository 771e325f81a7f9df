"""Authentication and judging done anew out of a bundle, and held against what was stored."""

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from edrguard import __version__
from edrguard.model.auth import AuthResults
from edrguard.model.codec import build
from edrguard.model.errors import EdrguardError
from edrguard.model.facts import Facts
from edrguard.model.limits import Limits
from edrguard.model.verdict import Verdict
from edrguard.pipeline import RuleText, authenticate_again, judge_again, judging_settings, rules_version

Told = tuple[str, bool | None, str]  #: what, good or not (None: it could not be checked), and in words
_METHODS = ("dkim", "spf", "dmarc", "arc", "iprev")
_FILES, _TEXT = 500, 4 * 1024 * 1024


def again(message: bytes | None, facts: Facts, verdict: Any, rules: Any, node: Any, version: str) -> Iterator[Told]:
    """Each check. ``version``: of the edrguard that made the bundle."""
    if message is None:
        yield "authentication", None, "the message was not kept, so nothing can be verified again"
    elif all(getattr(facts.auth, m) in ((), type(getattr(facts.auth, m))()) for m in _METHODS):
        yield "authentication", None, "it was not evaluated when the message came"
    else:
        yield from _authentication(message, facts, node, version)
    yield from _judging(facts, verdict, rules, version)


def _authentication(message: bytes, facts: Facts, node: Any, version: str) -> Iterator[Told]:
    limits = build(Limits, node["limits"])
    settings = judging_settings(node["authserv_id"], node["dmarc_mode"], node["trusted_sealers"], limits)
    with ThreadPoolExecutor(1) as thread:  # a loop of its own, whoever asks
        found, lacking = thread.submit(asyncio.run, authenticate_again(message, facts, settings)).result()
    for method in _METHODS:
        then, now = _words(facts.auth, method), _words(found, method)
        if then == now:
            how = "verified anew with the keys in dns.json" if method in ("dkim", "arc") else "the same with dns.json"
            yield method, True, f"{now}: {how}"
        elif not_evaluated(facts, method):
            yield method, None, f"was {then} ({facts.auth.not_evaluated.get(method, 'not evaluated')}), is now {now}"
        elif lacking:
            yield method, None, f"was {then}; {len(lacking)} DNS answers that are needed now were not asked for then"
        else:
            yield method, (None if version != __version__ else False), f"was {then}, and is now {now}"


def not_evaluated(facts: Facts, method: str) -> bool:
    """Was it cut short then?"""
    return method in facts.auth.not_evaluated


def _words(auth: AuthResults, method: str) -> str:
    """The results of one method in one line, to be compared and to be shown."""
    if method == "dkim":
        return ", ".join(f"{_word(d.result)} ({d.domain})" for d in auth.dkim) or "no signature"
    if method == "spf":
        return ", ".join(f"{s.scope} {_word(s.result)} ({s.domain})" for s in auth.spf) or "no result"
    if method == "dmarc":
        domain = f" ({auth.dmarc.author_domain})" if auth.dmarc.author_domain else ""
        return f"{_word(auth.dmarc.result)}{domain}"
    return _word(auth.arc.result if method == "arc" else auth.iprev.result)


def _word(result: Any) -> str:
    return result.value if result is not None else "not evaluated"


def _judging(facts: Facts, verdict: Any, rules: Any, version: str) -> Iterator[Told]:
    if not isinstance(verdict, Mapping) or verdict.get("error"):
        yield "verdict", None, "the message could not be judged then, so there is nothing to judge again"
        return
    if rules is None:
        yield "verdict", None, "the rules were not kept, so it cannot be judged again"
        return
    texts = tuple(build(RuleText, entry) for entry in rules)
    if len(texts) > _FILES or sum(len(t.text) for t in texts) > _TEXT:
        yield "verdict", None, "rules.json is larger than any rule set"
        return
    if rules_version(texts) != verdict.get("ruleset"):
        yield "rules", False, "rules.json is not the rule set that the verdict names"
        return
    yield "rules", True, f"rules.json is the rule set {verdict.get('ruleset')} that the verdict names"
    try:
        now = judge_again(facts, texts)
    except EdrguardError as error:
        yield "verdict", (None if version != __version__ else False), f"the rules cannot be read: {error}"
        return
    then = build(Verdict, verdict)
    if _gist(then) == _gist(now):
        yield "verdict", True, f"{now.disposition.value}, risk {now.risk:.1f}: judged anew, the same"
    else:
        text = (
            f"was {then.disposition.value}, risk {then.risk:.1f}; is now {now.disposition.value}, risk {now.risk:.1f}"
        )
        other = f" (the bundle is of edrguard {version}, this is {__version__})"
        yield "verdict", (None if version != __version__ else False), text + (other if version != __version__ else "")


def _gist(verdict: Verdict) -> Any:
    """What a verdict says, without its words."""
    return (
        verdict.disposition,
        round(verdict.risk, 6),
        verdict.urgent,
        [r.id for r in verdict.rules],
        [(f.symbol, round(f.weight, 6)) for f in verdict.findings],
    )
