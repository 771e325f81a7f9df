"""What to do while nothing is certain: what may be told at once, and letters that ask without coaching.

Laws: a letter goes to an address of the directory, never to one that only the message
gives; it asks for what every request must have, and never says what made us doubt, so
that whoever forged it learns nothing.
"""

from dataclasses import dataclass
from datetime import tzinfo

from edrguard.model.facts import Facts
from edrguard.review.words import day


@dataclass(frozen=True, slots=True)
class Letter:
    """A draft. ``to`` is from the directory; "" where it has no address."""

    title: str
    to: str
    source: str
    subject: str
    text: str


def meanwhile(facts: Facts | None) -> tuple[str, ...]:
    """What may be done before anybody has confirmed anything, most useful first."""
    request = facts.request if facts else None
    lines = ["Preserve the data now: it harms nobody and can be undone."]
    if request is not None and request.life_at_risk:
        lines += [
            "If you believe the danger and cannot reach the agency: call the emergency services where the person is, "
            "and give what helps to find them to the dispatcher, not to the sender.",
            "Give the least that averts the harm (the last location, say); everything else after the agency has "
            "confirmed and sent its formal request.",
        ]
    else:
        lines.append("Give nothing yet: no life is said to be in danger, so waiting costs hours.")
    lines.append("Say neither yes nor no about whether the account exists until you know to whom you speak.")
    return tuple(lines)


def letters(facts: Facts | None, zone: tzinfo) -> tuple[Letter, ...]:
    """To the agency by a second channel; empty where no agency is known."""
    match = facts.agency if facts else None
    agency = (match.agency or match.lookalike_of) if match else None
    if facts is None or agency is None:
        return ()
    when = day(facts.received_at.astimezone(zone))
    mails = [c for c in agency.contacts if c.kind == "email"]
    source = ""
    if mails:
        told = ["directory", mails[0].source, f"checked {day(mails[0].checked)}" if mails[0].checked else ""]
        source = ", ".join(part for part in told if part)
    body = (
        f"To the duty office of {agency.name}\n\n"
        f"On {when} we received a request in the name of your agency. Before we answer any request, we confirm it "
        "with the agency itself, by a way that does not come from the request.\n\n"
        "Please tell us, or call us on the number that you hold for us:\n"
        "  - whether your agency sent us a request on that day, and under which reference;\n"
        "  - who issued it, in which post, and who supervises it;\n"
        "  - on what legal basis, and by when an answer is needed;\n"
        "  - a telephone extension at your switchboard where we can reach them.\n\n"
        "Please do not forward this letter to the person who is named in the request.\n"
    )
    return (
        Letter(
            "Ask the agency by another channel",
            mails[0].value if mails else "",
            source,
            f"A request of {when}: please confirm",
            body,
        ),
    )
