"""Figures of a node in OpenMetrics: counts and times, never a name or an address."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.openmetrics.exposition import generate_latest

from edrguard.model.desk import EyesStore
from edrguard.model.errors import StoreError
from edrguard.pipeline import Became, Outcome
from edrguard.review import PageSender

BUCKETS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)  #: seconds

EYES = (60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)  #: seconds until somebody looks


class People:
    """What people do, read when it is asked for: from the store, since they act in other processes as well."""

    def __init__(self, store: EyesStore, pages: PageSender) -> None:
        self._store, self._pages = store, pages

    def collect(self) -> Iterator[Metric]:
        """Time to eyes as histograms, and what became of pages. Without the store: no figure, not a wrong one."""
        pages = CounterMetricFamily("edrguard_pages", "Pages by what became of them", labels=["outcome"])
        for outcome in ("sent", "failed", "given_up"):
            pages.add_metric([outcome], getattr(self._pages, outcome))
        yield pages
        eyes = HistogramMetricFamily(
            "edrguard_time_to_eyes_seconds",
            "From receipt until a person first opened a case (seen), and first took it or acted on it (acted)",
            labels=["danger", "stage"],
        )
        try:
            waited = self._store.time_to_eyes(EYES)
        except StoreError:
            return
        for one in waited:
            buckets = [(str(float(bound)), float(n)) for bound, n in zip(EYES, one.within, strict=True)]
            eyes.add_metric([one.danger.value, one.stage], [*buckets, ("+Inf", float(one.cases))], one.seconds)
        yield eyes


class Metrics:
    """The node's own registry: two nodes in one process (tests) do not share it."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._messages = Counter(
            "edrguard_messages",
            "Messages answered, by verdict and by what was done",
            ["disposition", "act"],
            registry=self._registry,
        )
        self._replies = Counter(
            "edrguard_replies", "Final replies to senders, by first digit", ["class"], registry=self._registry
        )
        self._urgent = Counter("edrguard_urgent", "Messages for which a person was paged", registry=self._registry)
        self._copies = Counter(
            "edrguard_sent_copies",
            "Copies of what we send, by what became of them",
            ["outcome"],
            registry=self._registry,
        )
        self._faults = Counter("edrguard_faults", "Faults of our own", registry=self._registry)
        self._seconds = Histogram(
            "edrguard_message_seconds", "From the final dot to our reply", buckets=BUCKETS, registry=self._registry
        )
        self._ready = Gauge("edrguard_ready", "1 while new mail is accepted", registry=self._registry)

    def watch(self, sessions: Callable[[], float], in_flight: Callable[[], float]) -> None:
        """Show what ``limits.connections`` and ``limits.in_flight`` bound."""
        gauge = Gauge("edrguard_sessions", "SMTP sessions and milter connections now", registry=self._registry)
        gauge.set_function(sessions)
        gauge = Gauge("edrguard_in_flight_octets", "Octets of messages in memory now", registry=self._registry)
        gauge.set_function(in_flight)

    def outcome(self, outcome: Outcome) -> None:
        """Count one message."""
        disposition = outcome.verdict.disposition.value if outcome.verdict else "none"
        self._messages.labels(disposition, outcome.act).inc()
        self._replies.labels(str(outcome.reply.code)[0]).inc()
        self._seconds.observe(outcome.seconds)
        if outcome.verdict and outcome.verdict.urgent:
            self._urgent.inc()

    def copy(self, became: Became) -> None:
        """Count one copy of a message that we sent."""
        self._copies.labels(became.value).inc()

    def fault(self) -> None:
        """Count one fault of ours."""
        self._faults.inc()

    def people(self, people: People) -> None:
        """Show what people do, too."""
        self._registry.register(people)

    def ready(self, on: bool) -> None:
        """Does the node take new mail?"""
        self._ready.set(int(on))

    def text(self) -> bytes:
        """The exposition, application/openmetrics-text."""
        text: bytes = generate_latest(self._registry)  # type: ignore[no-untyped-call]
        return text
