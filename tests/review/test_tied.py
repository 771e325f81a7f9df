"""Earlier messages that a later one, or a person's word, makes worth another look."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from edrguard.history import Keyed, share_again
from edrguard.history.marks import marks
from edrguard.model import codec
from edrguard.model.case import Case, CaseEvent
from edrguard.model.desk import DeskStore
from edrguard.model.facts import Facts
from edrguard.model.history import Observation, Shared
from edrguard.model.incident import Incident
from edrguard.model.migrate import load_facts
from edrguard.model.verdict import Verdict, Weighed
from edrguard.model.words import CaseState, Disposition, Label
from edrguard.review import Zone, label, raise_tied, refuse, tie_json, tied_messages, tied_words, ties
from edrguard.storage import open_store
from tests.review.fakes import NOW, make_case, make_facts
from tests.support import builders as b

KEYED = Keyed(b"a key of this test")
A, B, C = "a.rowe@cityxsheriff.test", "jodie.lamb@northmoor.test", "m.ferri@procura.test"


def facts_of(mail_id: str, author: str, days: float, **more: Any) -> Facts:
    made = make_facts(mail_id=mail_id)
    at = NOW - timedelta(days=days)
    made = replace(
        made,
        session=replace(made.session, received_at=at),
        message=replace(made.message, authors=(b.mailbox(author),)),
        agency=None,
        **more,
    )
    assert made.history is not None
    return replace(made, history=replace(made.history, marks=tuple(marks(made, KEYED))))


class World:
    """A store, and messages in it that all ask about the same person."""

    def __init__(self) -> None:
        self.store = cast(DeskStore, open_store("sqlite://"))
        self.verdict = Verdict(disposition=Disposition.VERIFY, risk=91.0, urgent=True)
        self.judged: list[Facts] = []

    def seen(self, facts: Facts, *, held: bool = False, doubt: float = 0.0) -> Facts:
        """Share what is known until then, and remember it."""
        facts = share_again(self.store, facts, KEYED, facts.received_at)
        author = facts.author
        assert author is not None and facts.history is not None
        self.store.observe(
            Observation(
                mail_id=facts.mail_id,
                received_at=facts.received_at,
                mailbox=author.key,
                domain=author.domain,
                agency_id=None,
                disposition=Disposition.QUARANTINE if held else Disposition.FORWARD,
                held=held,
                urgent=False,
                risk=3.0,
                message_id=f"<{facts.mail_id}@{author.domain}>",
                doubt=doubt,
                marks=facts.history.marks,
            )
        )
        return facts

    def case(self, facts: Facts, **changes: Any) -> Case:
        given = {"held": False, "disposition": Disposition.TAG, "urgent": False, "risk": 20.0} | changes
        verdict = Verdict(disposition=given["disposition"], risk=given["risk"], urgent=given["urgent"])
        made = make_case(facts, id="", mail_id=facts.mail_id, opened_at=facts.received_at, **given)
        made = replace(made, verdict=codec.dump(verdict))
        return self.store.open_case(made, CaseEvent(case_id="", at=facts.received_at, actor="edrguard", kind="opened"))

    def judge(self, facts: Facts) -> Verdict:
        self.judged.append(facts)
        return self.verdict

    def look(self, mail_id: str, now: datetime = NOW) -> list[str]:
        def shared(facts: Facts, when: datetime) -> Facts:
            return share_again(self.store, facts, KEYED, when)

        return raise_tied(self.store, self.judge, shared, Zone(), mail_id, now, lambda case: f"https://desk/{case}")

    def pages(self) -> list[str]:
        return [page.text for page, _ in self.store.due_pages(NOW + timedelta(days=1))]

    def forged(self, case: Case) -> None:
        label(self.store, self.store.label, case.id, label=Label.FRAUD, actor="kim", now=NOW)


def campaign() -> tuple[World, Case, Case]:
    """One forwarded without a case, one tagged with a case, and the later one that is tied to both."""
    world = World()
    world.seen(facts_of("plain", A, 9))
    earlier = world.case(world.seen(facts_of("tagged", B, 5), doubt=4.0))
    later = world.case(world.seen(facts_of("later", C, 1), held=True, doubt=40.0), held=True)
    return world, earlier, later


def test_the_later_case_names_the_earlier_messages() -> None:
    world, earlier, later = campaign()
    found = tied_messages(world.store, "later", load_facts(later.facts), NOW)
    told = [tie_json(one) for one in found]
    assert [(t["message_id"], t["author"], t["became"], t["case"]) for t in told] == [
        ("<tagged@northmoor.test>", B, "delivered", earlier.id),
        ("<plain@cityxsheriff.test>", A, "delivered", None),
    ]
    assert "TARGET_SHARED" in told[1]["symbols"] and "the same person or account" in told[1]["shares"]
    assert told[1]["received_at"] == codec.rfc3339(NOW - timedelta(days=9))
    sentence = tied_words(found, load_facts(later.facts).received_at)
    assert sentence.startswith("2 earlier messages") and "2 of them were delivered: look at them again" in sentence
    stored = world.store._database.read(  # type: ignore[attr-defined]
        lambda c: str(c.exec_driver_sql("SELECT * FROM marks").all())
    )
    assert "jane.roe" not in stored, "targets are kept as keyed hashes alone"


def test_earlier_messages_name_no_later_ones_and_nothing_is_too_old() -> None:
    world, earlier, later = campaign()
    found = tied_messages(world.store, "tagged", load_facts(earlier.facts), NOW)
    assert [one.observation.mail_id for one in found] == ["plain"]
    world.seen(facts_of("old", "x@other.test", 62))
    names = [t.observation.mail_id for t in tied_messages(world.store, "later", load_facts(later.facts), NOW)]
    assert "old" not in names
    assert tied_messages(world.store, "later", None, NOW) == ()
    assert tied_words((), NOW) == ""
    label(world.store, world.store.label, earlier.id, label=Label.GENUINE, actor="kim", now=NOW - timedelta(hours=1))
    (confirmed,) = (t for t in tied_messages(world.store, "later", load_facts(later.facts), NOW) if t.case_id)
    assert "look at them again" not in tied_words([confirmed], NOW)


def test_an_earlier_case_is_raised_with_an_event_and_one_page() -> None:
    world, earlier, later = campaign()
    assert world.look("later") == [earlier.id]
    again = world.store.case(earlier.id)
    assert again is not None and (again.urgent, again.risk, again.disposition) == (True, 91.0, Disposition.TAG)
    event = world.store.events(earlier.id)[-1]
    assert (event.kind, event.data["judged"]) == ("judged again", "tag, now verify")
    assert later.id in event.data["tied_to"] and "jane.roe" not in str(event.data)
    (judged,) = world.judged
    assert judged.history is not None
    tie = next(one for one in judged.history.shared if one.kind == "target")
    assert (tie.doubt, tie.agencies) == (40.0, 2)
    (page,) = world.pages()
    assert earlier.id in page and later.id in page and len(page) <= 300 and "jane" not in page
    assert world.look("later") == [], "what is graver already is not raised again"
    assert len(world.pages()) == 1 and len(world.store.events(earlier.id)) == 2


@pytest.mark.parametrize(
    "verdict",
    [
        Verdict(disposition=Disposition.FORWARD, risk=99.0, urgent=False),
        Verdict(disposition=Disposition.TAG, risk=24.0, urgent=False),
        Verdict(disposition=Disposition.QUARANTINE, risk=99.0, urgent=True, error="broken"),
    ],
)
def test_nothing_is_lowered_and_nothing_is_said_of_trifles(verdict: Verdict) -> None:
    world, earlier, _ = campaign()
    world.verdict = verdict
    assert world.look("later") == []
    assert world.store.case(earlier.id) == earlier and world.pages() == []


def test_a_higher_risk_alone_moves_the_case_and_calls_nobody() -> None:
    world, earlier, _ = campaign()
    world.verdict = Verdict(disposition=Disposition.TAG, risk=45.0, urgent=False)
    assert world.look("later") == [earlier.id]
    again = world.store.case(earlier.id)
    assert again is not None and (again.risk, again.urgent) == (45.0, False)
    assert world.pages() == []


def test_what_a_person_decided_stays() -> None:
    world, earlier, _ = campaign()
    label(world.store, world.store.label, earlier.id, label=Label.GENUINE, actor="kim", now=NOW)
    assert world.look("later") == []
    world, earlier, _ = campaign()
    refuse(world.store, earlier.id, actor="kim", now=NOW, reason="odd")
    assert world.look("later") == []
    after = world.store.case(earlier.id)
    assert after is not None and after.state is CaseState.REFUSED


def test_a_group_under_one_decision_is_left_alone() -> None:
    """Else the first case of it that is called forged would change the others, and stop the decision on them."""
    world, earlier, later = campaign()
    draft = Incident(
        id=0, subject="target:x", title="t", opened_at=NOW - timedelta(days=1), expires_at=NOW + timedelta(days=1)
    )
    incident, _ = world.store.open_incident(draft)
    for case in (earlier, later):
        world.store.join_incident(incident.id, case.id, False)
    assert world.look("later") == [] and world.store.case(earlier.id) == earlier
    world.store.end_incident(incident.id, "kim", NOW, "over")
    assert world.look("later") == [earlier.id]


def test_called_forged_the_others_on_both_sides_are_found_and_judged_again() -> None:
    """When the first of a campaign came, there was nothing to share yet."""
    world, earlier, later = campaign()
    first = world.case(world.seen(facts_of("first", "x@first.test", 20)))
    assert tied_messages(world.store, "first", load_facts(first.facts), NOW) == ()
    world.forged(first)
    names = [t.observation.mail_id for t in tied_messages(world.store, "first", load_facts(first.facts), NOW)]
    assert names == ["later", "tagged", "plain"]
    assert world.look("first") == [later.id, earlier.id]
    shared = [one for facts in world.judged for one in facts.history.shared if one.kind == "target"]  # type: ignore[union-attr]
    assert shared and all(one.fraud for one in shared)


def test_what_a_forger_copied_does_not_fall_back_on_whom_it_was_copied_from() -> None:
    """Wording and telephone are the agency's own: its undoubted message was there first. The target is not."""
    world = World()
    genuine = world.case(world.seen(facts_of("genuine", A, 9)))
    forged = world.case(world.seen(facts_of("forged", "a.rowe@cityx-sheriff.test", 1), doubt=40.0))
    copied = load_facts(forged.facts).history
    assert copied is not None and {"target", "phone"} <= {one.kind for one in copied.shared}
    world.forged(forged)
    assert world.look("forged") == [genuine.id], "for the target and the file"
    (judged,) = world.judged
    assert judged.history is not None and {one.kind for one in judged.history.shared} == {"target", "document"}


def test_a_target_of_thousands_costs_no_more_than_of_some() -> None:
    world, _, later = campaign()
    mark = next(m for m in load_facts(later.facts).history.marks if m.startswith("target:"))  # type: ignore[union-attr]
    for number in range(1500):
        world.store.observe(
            Observation(
                mail_id=f"n{number}",
                received_at=NOW - timedelta(days=2, seconds=number),
                mailbox=f"n{number}@h{number % 7}.test",
                domain=f"h{number % 7}.test",
                agency_id=None,
                disposition=Disposition.FORWARD,
                held=False,
                urgent=False,
                risk=1.0,
                marks=(mark,),
            )
        )
    found = tied_messages(world.store, "later", load_facts(later.facts), NOW)
    assert len(found) == 50
    assert found[0].observation.mail_id == "n0", "the newest"


def test_which_verdicts_are_tied() -> None:
    def verdict(symbol: str) -> Verdict:
        found = Weighed(symbol=symbol, group="campaign", weight=1.0, says="")
        return Verdict(disposition=Disposition.TAG, risk=1.0, urgent=False, findings=(found,))

    assert ties(verdict("CAMPAIGN_TIED")) and ties(verdict("CONTACT_SHARED"))
    assert not ties(verdict("FIRST_CONTACT"))


def test_facts_of_before_the_mark_was_kept_are_found_by_kind() -> None:
    world, _, later = campaign()
    facts = load_facts(later.facts)
    assert facts.history is not None
    old = tuple(replace(one, mark="") for one in facts.history.shared if one.kind == "target")
    assert old and isinstance(old[0], Shared)
    before = replace(facts, history=replace(facts.history, shared=old))
    assert len(tied_messages(world.store, "later", before, NOW)) == 2
