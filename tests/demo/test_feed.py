"""What the reference hospital sends: the same every time, as far as it is asked for, and the same as a log."""

import csv
import time
from datetime import datetime
from itertools import islice
from pathlib import Path

import pytest

from twinward.demo.feed import COLUMNS, START, feed, write_log
from twinward.demo.settings import DAY


def test_the_same_seed_sends_the_same_and_another_another() -> None:
    first, again, other = (list(feed(days=1, seed=seed, warm_up_days=1)) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_a_longer_feed_begins_like_a_shorter_one() -> None:
    short = list(feed(days=1, seed=7, warm_up_days=1))
    assert list(islice(feed(days=2, seed=7, warm_up_days=1), len(short))) == short


def test_it_begins_with_the_warm_up_and_ends_in_time() -> None:
    events = list(feed(days=1, seed=7, warm_up_days=2))
    assert START - 2 * DAY <= events[0].time < START - 1.5 * DAY
    assert START + 0.9 * DAY < events[-1].time <= START + DAY


def test_the_class_is_unknown_before_triage_unless_it_was_announced() -> None:
    for event in feed(days=2, seed=7, warm_up_days=0):
        if event.activity == "Registration":
            assert event.triage == ""
        elif event.activity == "Doctor assessment":
            assert event.triage in "12345"
        elif event.activity == "Operation":
            assert event.triage in "12345E"


def test_the_log_is_the_feed(tmp_path: Path) -> None:
    path = write_log(tmp_path / "log.csv", days=1, seed=7, warm_up_days=1)
    events = list(feed(days=1, seed=7, warm_up_days=1))
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(events)
    for row, event in zip(rows, events, strict=True):
        assert (row["case"], row["activity"], row["phase"]) == (event.case, event.activity, event.phase)
        assert (row["unit"], row["resource"], row["triage"]) == (event.unit, event.resource, event.triage)
        assert datetime.fromisoformat(row["time"]).timestamp() == pytest.approx(event.time, abs=1e-3)


def test_three_days_after_ten_are_made_in_seconds() -> None:
    began = time.process_time()
    count = sum(1 for _ in feed(days=3, seed=1))
    assert count > 10_000
    assert time.process_time() - began < 10
