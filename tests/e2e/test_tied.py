"""A real node: a later message of another agency ties an earlier one that was delivered; a person calls it forged."""

from dataclasses import replace

from tests.e2e import mails
from tests.e2e.conftest import send
from tests.support.smtp_sink import eventually
from tests.support.story import Mail

BODY = """
Attached is a subpoena for the subscriber information of gilded.otter77@mail.example.

Det. {name}, +1 614 555 01{number}"""


def asks(mail: Mail, name: str, number: int) -> Mail:
    return replace(mail, body=BODY.format(name=name, number=number))


def test_an_earlier_message_is_named_raised_and_paged_once(make_node, sink, hook):
    node = make_node(sink.port, pages=hook.options)
    first = asks(mails.first_contact(), "Walt Dunmore", 61)
    assert send(node, first)[0] == 250
    later = asks(mails.lookalike(), "Tom Webb", 39)
    assert send(node, later)[0] == 250
    cases = {case["subject"]: case for case in node.cases()}
    earlier, forged = cases[first.subject], cases[later.subject]
    assert (earlier["held"], earlier["urgent"], forged["held"]) == (False, False, True)

    (shown,) = node.cli("cases", "show", forged["id"])
    (tie,) = shown["tied"]
    assert (tie["message_id"], tie["became"], tie["case"]) == (first.mid("e2e"), "delivered", earlier["id"])
    assert "TARGET_SHARED" in tie["symbols"] and "look at them again" in shown["tied_words"]

    def events() -> list[dict]:
        return [e for e in node.cli("cases", "show", earlier["id"])[0]["events"] if e["kind"] == "judged again"]

    eventually(lambda: len(events()) == 1, 10, "a second look in the background")
    before = len(hook.calls)
    node.cli("cases", "label", forged["id"], "fraud", "--note", "the agency never sent it")
    raised = events()
    assert len(raised) == 2 and raised[-1]["data"]["judged"] == "tag, now verify", raised
    assert forged["id"] in raised[-1]["data"]["tied_to"]
    page = hook.wait(before + 1, 20)[-1].body.decode()
    assert earlier["id"] in page and "gilded.otter77" not in page
    (after,) = [case for case in node.cases() if case["id"] == earlier["id"]]
    assert after["urgent"] and after["risk"] > earlier["risk"] and after["disposition"] == "tag"
