"""One message's budget, deadline and memory."""

import asyncio

from edrguard.dns import MessageLookup, ZoneResolver
from edrguard.model.auth import DnsAnswer
from edrguard.model.words import DnsStatus

ZONE = {"a.example": "x", "b.example": "y", "c.example": "z"}


class Waiting:
    """A resolver with nothing at hand that counts and can be slow."""

    def __init__(self, seconds=0.0, error=None):
        self.asked = []
        self.seconds = seconds
        self.error = error

    def cached(self, name, rdtype):
        return None

    async def resolve(self, name, rdtype):
        self.asked.append((name, rdtype))
        await asyncio.sleep(self.seconds)
        if self.error:
            raise self.error
        return DnsAnswer(name, rdtype, DnsStatus.NOERROR, ("record",))


def test_budget_counts_distinct_questions():
    lookup = MessageLookup(ZoneResolver(ZONE), 2)

    async def run():
        return [
            (await lookup.ask(name, "TXT")).status for name in ("a.example", "A.example.", "b.example", "c.example")
        ]

    assert asyncio.run(run()) == [DnsStatus.NOERROR] * 3 + [DnsStatus.BUDGET]
    assert lookup.used == 2
    assert [answer.name for answer in lookup.answers] == ["a.example", "b.example", "c.example"]
    assert lookup.at_hand("a.example", "TXT").records == ("x",)
    assert lookup.at_hand("d.example", "TXT") is None


def test_at_hand_counts_and_remembers():
    lookup = MessageLookup(ZoneResolver(ZONE), 5)
    assert lookup.at_hand("a.example", "TXT") is lookup.at_hand("a.example", "txt")
    assert (lookup.used, len(lookup.answers)) == (1, 1)


def test_the_same_question_at_the_same_time_is_asked_once():
    resolver = Waiting(0.01)
    lookup = MessageLookup(resolver, 5)

    async def run():
        await asyncio.gather(*(lookup.ask("a.example", "TXT") for _ in range(5)))

    asyncio.run(run())
    assert (len(resolver.asked), lookup.used, len(lookup.answers)) == (1, 1, 1)


def test_deadline_cuts_the_wait():
    now = [0.0]
    lookup = MessageLookup(Waiting(5), 5, deadline=0.05, clock=lambda: now[0])
    assert asyncio.run(lookup.ask("a.example", "A")).status is DnsStatus.BUDGET
    now[0] = 1.0
    assert asyncio.run(lookup.ask("b.example", "A")).status is DnsStatus.BUDGET
    assert lookup.used == 1  # the second was never asked


def test_a_resolver_that_raises_is_a_failure_of_dns():
    lookup = MessageLookup(Waiting(error=ValueError("x")), 5)
    assert asyncio.run(lookup.ask("a.example", "A")).status is DnsStatus.SERVFAIL


def test_one_who_is_cancelled_leaves_the_answer_to_the_others():
    lookup = MessageLookup(Waiting(0.02), 5)

    async def run():
        hasty = asyncio.ensure_future(lookup.ask("a.example", "A"))
        patient = asyncio.ensure_future(lookup.ask("a.example", "A"))
        await asyncio.sleep(0)
        hasty.cancel()
        return await patient

    assert asyncio.run(run()).records == ("record",)
