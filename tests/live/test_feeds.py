"""How feeds are: late after two of the intervals they usually keep, silent after ten."""

import pytest

from twinward.core import Message, Quarantined
from twinward.journal import Entry
from twinward.live.feeds import Feeds


def heard(times: list[float], source: str = "hl7v2/LAB", **more: object) -> list[Entry]:
    return [Entry(i + 1, at, Message(source, str(i), "hl7v2", **more)) for i, at in enumerate(times)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("silence", "state"), [(0.0, "live"), (119.0, "live"), (120.0, "late"), (599.0, "late"), (600.0, "silent")]
)
def test_a_regular_feed_is_late_after_two_and_silent_after_ten_intervals(silence: float, state: str) -> None:
    feeds = Feeds()
    feeds.take(heard([60.0 * i for i in range(10)]))
    (health,) = feeds.health(540.0 + silence)
    assert (health.state, health.expected) == (state, 60.0)


def test_bursts_are_not_taken_for_a_pace() -> None:
    feeds = Feeds()
    feeds.take(heard([3600.0 * hour + second for hour in range(4) for second in range(10)]))
    (health,) = feeds.health(3 * 3600.0 + 4000.0)
    assert health.state == "live" and health.expected == pytest.approx(3591.0)


def test_one_outage_does_not_make_a_feed_slow_for_ever() -> None:
    feeds = Feeds()
    feeds.take(heard([*(60.0 * i for i in range(10)), *(90_000.0 + 60.0 * i for i in range(10))]))
    assert feeds.health(90_540.0 + 120.0)[0].state == "late"


def test_of_a_feed_too_new_nothing_is_expected() -> None:
    feeds = Feeds()
    feeds.take(heard([0.0, 60.0, 120.0]))
    (health,) = feeds.health(1e6)
    assert (health.state, health.expected) == ("live", None)


def test_messages_refusals_repetitions_and_delays_are_counted() -> None:
    feeds = Feeds()
    feeds.duplicate("hl7v2/LAB")  # before the mirror has the first
    feeds.take(heard([10.0, 20.0], refused=(Quarantined("x", "y"),), sent=8.0))
    feeds.duplicate("never heard of")
    (health,) = feeds.health(30.0)
    assert (health.messages, health.refused, health.duplicates, health.last, health.lag) == (2, 2, 1, 20.0, 7.0)
