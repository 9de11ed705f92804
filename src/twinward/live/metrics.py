"""What Prometheus reads of a running system."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

if TYPE_CHECKING:
    from twinward.live.system import System


class _Collector:
    """Reads the system when it is asked; keeps nothing."""

    def __init__(self, system: "System") -> None:
        self._system = system

    def collect(self) -> Iterator[Metric]:
        """Every family."""
        system = self._system
        gauges = {
            "twinward_ready": ("1 when the twins are there", float(system.ready)),
            "twinward_journal_healthy": ("1 when the journal can be written", float(system.commit.healthy)),
            "twinward_journal_position": ("last position of the journal", system.commit.position),
            "twinward_mirror_position": ("position up to which the twins know everything", system.mirror.position),
            "twinward_journal_queue": ("writes that wait", system.commit.queued),
            "twinward_journal_commit_seconds": (
                "the last group commit took so long",
                system.commit.last_commit_seconds,
            ),
            "twinward_twins": ("live twins", len(system.mirror.twins)),
            "twinward_alerts_open": ("open alerts", len(system.alerts())),
        }
        for name, (text, value) in gauges.items():
            yield GaugeMetricFamily(name, text, value=value)
        messages = CounterMetricFamily("twinward_messages", "messages by feed", labels=["source"])
        refused = CounterMetricFamily("twinward_refused", "quarantined parts by feed", labels=["source"])
        late = GaugeMetricFamily("twinward_feed_late", "1 late, 2 silent", labels=["source"])
        for feed in system.feeds():
            messages.add_metric([feed.source], feed.messages)
            refused.add_metric([feed.source], feed.refused)
            late.add_metric([feed.source], {"live": 0, "late": 1, "silent": 2}[feed.state])
        yield from (messages, refused, late)
        held = GaugeMetricFamily("twinward_quarantine_open", "open entries by fault", labels=["fault"])
        for fault, count in system.journal.quarantine_counts().items():
            held.add_metric([fault], count)
        yield held


def exposition(system: "System") -> bytes:
    """The text format."""
    registry = CollectorRegistry()
    registry.register(_Collector(system))
    return generate_latest(registry)
