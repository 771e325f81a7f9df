"""A case in plain words: what happened, why, and what to do next, in that order (ux.md)."""

from dataclasses import dataclass

from edrguard.model.agency import AgencyMatch, Contact
from edrguard.model.facts import Facts
from edrguard.model.words import AgencyStatus, CaseState, RequestKind, Result
from edrguard.review.desk import CaseView, Outcome, last_call_back
from edrguard.review.second import proposal
from edrguard.review.words import KINDS, KNOWN, clean, count, day, unlike_things

REASONS = 3


@dataclass(frozen=True, slots=True)
class NumberToCall:
    """A number with where it comes from. ``independent`` is False for what only the message says: not to be called."""

    value: str
    source: str
    independent: bool


@dataclass(frozen=True, slots=True)
class CaseWords:
    """What a tired person needs first."""

    sentence: str
    reasons: tuple[str, ...]
    next: str
    numbers: tuple[NumberToCall, ...]


def case_words(view: CaseView) -> CaseWords:
    """One sentence, at most three reasons, the next step, and the numbers: independent ones first."""
    numbers = numbers_to_call(view.facts)
    return CaseWords(_sentence(view), reasons(view)[:REASONS], _next_step(view, numbers), numbers)


def reasons(view: CaseView) -> tuple[str, ...]:
    """Every sentence that speaks against the message: the rules' first, then the heaviest findings'."""
    said = [str(rule.get("because", "")) for rule in _objects(view.verdict.get("rules"))]
    said += [
        str(finding.get("says", ""))
        for finding in _objects(view.verdict.get("findings"))
        if isinstance(weight := finding.get("weight"), (int, float)) and weight > 0
    ]
    return tuple(dict.fromkeys(clean(s, 300) for s in said if s.strip()))


def numbers_to_call(facts: Facts | None) -> tuple[NumberToCall, ...]:
    """The directory's telephone numbers, then the message's own with their warning."""
    if facts is None:
        return ()
    match = facts.agency
    agency = (match.agency or match.lookalike_of) if match else None  # who is imitated knows whether it is theirs
    listed = [c for c in agency.contacts if c.kind == "phone"] if agency else []
    found = [NumberToCall(spoken(c.value), _source(c), True) for c in listed]
    known = {c.value for c in listed}
    given = facts.request.contacts if facts.request else ()
    found += [
        NumberToCall(spoken(clean(c.value, 40)), "from this message: do not call", False)
        for c in given
        if c.kind == "phone" and c.value not in known
    ]
    return tuple(dict.fromkeys(found))


def spoken(number: str) -> str:
    """A number in groups, as people read it aloud: +1 614 555 0100. What is no number stays as it is."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    grouped: str = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return grouped.replace("-", " ")


def _source(contact: Contact) -> str:
    parts = ["directory", contact.role, contact.source]
    if contact.checked:
        parts.append(f"checked {day(contact.checked)}")
    return ", ".join(p for p in parts if p)


def _sentence(view: CaseView) -> str:
    facts = view.facts
    error = view.verdict.get("error")
    gone = [e for e in view.events if e.kind == "redacted" and e.data.get("scope") == "case"]
    if gone:
        return f"What this case held was deleted on {day(gone[-1].at)}; its hash, the decision and counts are kept."
    if facts is None or error:
        return "This message could not be judged: treat it as a request that nobody has checked."
    return f"{_who(facts)} asks for {_what(facts)}{_doubt(facts)}."


def _who(facts: Facts) -> str:
    author, match = facts.author, facts.agency
    if author is None:
        return "Somebody whose From field does not say clearly who they are"
    if match is None:
        return f"Somebody at {author.domain}"
    return _listed(facts, match) or _unlisted(match, author.domain)


def _listed(facts: Facts, match: AgencyMatch) -> str:
    if match.status is not AgencyStatus.LISTED or match.agency is None:
        return ""
    name = f"{match.agency.name} ({match.agency.country})"
    if facts.auth.dmarc.result is Result.PASS:
        return name
    return f"Somebody who says that they are {name}, which we could not confirm,"


def _unlisted(match: AgencyMatch, domain: str) -> str:
    if match.lookalike_of is not None:
        how = f", {match.lookalike_how}" if match.lookalike_how else ""
        return f"Somebody at {domain}, a name that resembles {match.lookalike_of.name} ({match.lookalike_domain}{how}),"
    if match.freemail:
        return f"Somebody who writes from the free mail service {domain}"
    if match.status is AgencyStatus.RESTRICTED_SUFFIX:
        return f"Somebody at {domain}, a name that only authorities get, but of an agency that is not in the directory,"
    return f"Somebody at {domain}, which is not in the directory of agencies,"


def _what(facts: Facts) -> str:
    request = facts.request
    if request is None:
        return "something that we could not read"
    what = KINDS[request.kind]
    if request.kind is RequestKind.ACTION and request.actions:
        what = f"something to be done ({', '.join(request.actions[:3])})"
    if request.life_at_risk:
        return f"{what}, and says that a life is in danger"
    return f"{what}, and quickly" if request.emergency else what


def _doubt(facts: Facts) -> str:
    history = facts.history
    if history is None:
        return "; what this officer sent before could not be looked up"
    if history.mailbox.messages == 0:
        return "; we know no earlier message of this officer"
    since = f" since {day(history.mailbox.first_seen)}" if history.mailbox.first_seen else ""
    earlier = f"{count(history.mailbox.messages, 'earlier message')}{since}"
    if things := unlike_things(history):
        return f"; {count(things, 'thing')} {'is' if things == 1 else 'are'} unlike this officer's {earlier}"
    if history.mailbox.usual < KNOWN:
        return f"; we know only {earlier} of this officer"
    return f"; much like this officer's {earlier}"


def _next_step(view: CaseView, numbers: tuple[NumberToCall, ...]) -> str:
    if view.case.state in (CaseState.RELEASED, CaseState.REFUSED):
        last = next((e for e in reversed(view.events) if e.kind == view.case.state.value), None)
        return f"Nothing: {view.case.state.value}" + (f" by {last.actor} on {day(last.at)}." if last else ".")
    first = proposal(view.events) if view.case.state is CaseState.PROPOSED else None
    if first is not None:
        why = clean(first.data.get("reason", ""), 160)
        return f"A second person has to agree: {first.actor} would release it ({why})."
    call = last_call_back(view.events)
    if call is not None and call.data.get("outcome") == Outcome.CONFIRMED:
        by = clean(call.data.get("confirmed_by", ""), 80) or "the agency"
        return f"Confirmed by {by} on {day(call.at)}: check that the request is complete, then release."
    if call is not None:
        return "The agency says that this request is not its own: refuse it, and tell the agency that its name is used."
    own = any(not n.independent for n in numbers)
    not_theirs = ", not the number in the message" if own else ""
    tried = [e for e in view.events if e.kind == "call-back"]
    if tried and numbers and numbers[0].independent:
        calls = count(len(tried), "call")
        again = f"try {numbers[0].value} again{not_theirs}, or another number of the agency"
        return f"Nobody was reached in {calls}: {again}."
    if numbers and numbers[0].independent:
        return f"Call {numbers[0].value} ({numbers[0].source}){not_theirs}."
    return f"Find the agency's number on its official site yourself and call it{not_theirs}; the directory has none."


def _objects(value: object) -> list[dict[str, object]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []
