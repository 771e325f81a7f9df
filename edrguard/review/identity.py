"""Who is asking: what the message says, what could be proven, and what we know, side by side."""

from dataclasses import dataclass

from edrguard.model.facts import Facts
from edrguard.model.words import AgencyStatus, Result
from edrguard.review.words import clean

#: How a row stands, in a word that is shown: never by colour alone.
SAME, DIFFERS, UNKNOWN = "agrees", "differs", "not checked"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ``mark`` is agrees, differs or not checked."""

    what: str
    says: str
    proven: str
    known: str
    mark: str


def identity_rows(facts: Facts) -> list[Row]:
    """The lines that matter, those that always exist first."""
    rows = [
        _name(facts),
        _author(facts),
        _agency(facts),
        _replies(facts),
        _path(facts),
        _signed(facts),
        _sealed(facts),
        _gateway(facts),
        _network(facts),
    ]
    return [row for row in rows if row is not None]


def _name(facts: Facts) -> Row | None:
    """The display name: what many programs show instead of the address."""
    author = facts.author
    if author is None or not author.display:
        return None
    shown = clean(author.display, 100)
    inside = [word.strip("<>()[],;:\"'").lower() for word in shown.split() if "@" in word]
    if any(word != f"{author.local}@{author.domain}".lower() for word in inside):
        return Row("Display name", shown, "", "contains an address that is not the author's", DIFFERS)
    return Row("Display name", shown, "", "anybody can type any name", UNKNOWN)


def _author(facts: Facts) -> Row:
    author = facts.author
    if author is None:
        shown = ", ".join(clean(str(a), 100) for a in facts.message.authors[:3]) or "nobody"
        return Row("Author", shown, "more than one reading: not proven", "", DIFFERS)
    result, domain = facts.auth.dmarc.result, author.domain
    if result is Result.PASS:
        proven, mark = f"yes, {domain} (DMARC pass)", SAME
    elif result is None or result is Result.TEMPERROR:
        proven, mark = "could not be checked", UNKNOWN
    else:
        proven, mark = f"no (DMARC {result.value})", DIFFERS
    return Row("Author", clean(str(author), 160), proven, _earlier(facts), mark)


def _earlier(facts: Facts) -> str:
    history = facts.history
    if history is None:
        return "history not looked up"
    number = history.mailbox.messages
    return f"{number} earlier message{'' if number == 1 else 's'}" if number else "never wrote to us before"


def _agency(facts: Facts) -> Row:
    match = facts.agency
    if match is None:
        return Row("Agency", "", "", "directory not looked up", UNKNOWN)
    domain = clean(match.domain, 100)
    if match.lookalike_of is not None:
        how = f"resembles {match.lookalike_domain} of {match.lookalike_of.name}"
        return Row("Agency", domain, "", f"{how} ({match.lookalike_how})" if match.lookalike_how else how, DIFFERS)
    if match.agency is not None and match.status is AgencyStatus.LISTED:
        known = f"{match.agency.name} ({match.agency.country}), in the directory"
        if match.former:
            return Row("Agency", domain, "", f"{known}; a former domain of theirs", DIFFERS)
        if match.agency.compromised is not None:
            return Row("Agency", domain, "", f"{known}; its mailboxes are known to be hijacked", DIFFERS)
        return Row("Agency", domain, "", known, SAME)
    if match.freemail:
        return Row("Agency", domain, "", "a free mail service: anybody can write from it", DIFFERS)
    if match.restricted_suffix:
        return Row(
            "Agency", domain, "", f"not in the directory; only authorities get .{match.restricted_suffix}", UNKNOWN
        )
    return Row("Agency", domain, "", "not in the directory", UNKNOWN)


def _replies(facts: Facts) -> Row | None:
    if not facts.message.reply_to:
        return None
    home = facts.org(facts.author.domain) if facts.author else ""
    foreign = [m for m in facts.message.reply_to if facts.org(m.domain) != home]
    says = ", ".join(clean(m.address, 100) for m in facts.message.reply_to[:3])
    known = "outside the author's organisation" if foreign else "the author's own organisation"
    return Row("Answers go to", says, "", known, DIFFERS if foreign else SAME)


def _path(facts: Facts) -> Row | None:
    spf = next((s for s in facts.auth.spf if s.scope == "mfrom"), None)
    path = facts.envelope.reverse_path
    if spf is None and path is None:
        return None
    says = clean(path or "", 120) or "(empty)"
    if spf is None or spf.result is None:
        return Row("Reverse-path", says, "could not be checked", "", UNKNOWN)
    mark = SAME if spf.result is Result.PASS else DIFFERS
    home = facts.org(facts.author.domain) if facts.author else ""
    same = home == facts.org(spf.domain)
    known = "" if same or not home else "outside the author's organisation"
    return Row("Reverse-path", says, f"SPF {spf.result.value}", known, mark if same else DIFFERS)


def _signed(facts: Facts) -> Row:
    good = [d for d in facts.auth.dkim if d.result is Result.PASS]
    if not facts.auth.dkim:
        skipped = "dkim" in facts.not_evaluated
        return Row("Signed by", "nobody", "could not be checked" if skipped else "", "", UNKNOWN)
    says = ", ".join(dict.fromkeys(clean(d.domain, 80) for d in facts.auth.dkim[:4]))
    proven = ", ".join(dict.fromkeys(f"{clean(d.domain, 80)} (DKIM pass)" for d in good[:4])) or "no (DKIM)"
    return Row("Signed by", says, proven, "", SAME if good else DIFFERS)


def _sealed(facts: Facts) -> Row | None:
    """Who forwarded it and vouches for what they saw (ARC)."""
    arc = facts.auth.arc
    if not arc.sealers:
        return None
    says = ", ".join(dict.fromkeys(clean(s.domain, 80) for s in arc.sealers[-4:]))
    known = "one that you trust" if arc.sealers[-1].trusted else "not on your list of trusted forwarders"
    if arc.result is None:
        return Row("Sealed by", says, "could not be checked", known, UNKNOWN)
    good = arc.result is Result.PASS
    return Row("Sealed by", says, f"ARC {arc.result.value}", known, SAME if good else DIFFERS)


def _gateway(facts: Facts) -> Row | None:
    """What the gateway in front of us says that it found: its word, beside ours and never as ours."""
    path, gateway = facts.path, facts.auth.gateway
    if path.bypassed:
        return Row(
            "By the gateway", "nothing: it did not come through your gateway", clean(path.bypassed, 160), "", DIFFERS
        )
    if not gateway.results:
        return None
    says = ", ".join(dict.fromkeys(f"{clean(o.method, 20)} {clean(o.result, 20)}" for o in gateway.results[:6]))
    by = ", ".join(dict.fromkeys(clean(one.by, 80) for one in gateway.results[:3]))
    vouched = ", ".join(dict.fromkeys(clean(one.domain, 80) for one in gateway.vouches[:3]))
    known = f"the author's domain as it saw it: {vouched}" if vouched else "no proof of the author's domain"
    return Row("By the gateway", f"{says} (by {by})", "not checked by us", known, UNKNOWN)


def _network(facts: Facts) -> Row | None:
    ip = facts.session.client_ip
    if ip is None:
        return None
    network = facts.network
    parts = [network.operator, network.country or "", network.kind] if network else []
    about = ", ".join(clean(p, 60) for p in parts if p) or "network not known"
    iprev = facts.auth.iprev
    named = (
        f"its name is {clean(iprev.name, 80)}" if iprev.result is Result.PASS and iprev.name else "has no proven name"
    )
    unlike = facts.history.unlike if facts.history else ()
    new = next((u for u in unlike if u.trait == "network"), None)
    known = f"{about}; usual for them: {clean(new.usual, 60)}" if new else about
    compared = facts.history is not None and facts.history.mailbox.usual > 0 and network is not None
    return Row("Sent from", ip, named, known, DIFFERS if new else SAME if compared else UNKNOWN)
