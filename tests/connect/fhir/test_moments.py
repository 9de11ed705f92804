"""FHIR dates and times, at every precision."""

import pytest

from twinward.connect.fhir import instant, interval, written
from twinward.core.times import posix
from twinward.errors import BadInput


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2026", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("2026-12", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"),
        ("2026-03-01T12:00Z", "2026-03-01T12:00:00Z", "2026-03-01T12:01:00Z"),
        ("2026-03-01T12:00:00+01:00", "2026-03-01T11:00:00Z", "2026-03-01T11:00:01Z"),
        ("2026-03-01T12:00:00.25Z", "2026-03-01T12:00:00.250000Z", "2026-03-01T12:00:00.250000Z"),
        ("2026-03-01T12:00:00.123456789Z", "2026-03-01T12:00:00.123456Z", "2026-03-01T12:00:00.123456Z"),
    ],
)
def test_a_date_means_the_whole_of_what_it_says(text: str, low: str, high: str) -> None:
    assert interval(text) == (posix(low), posix(high))


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-13", "2026-02-30", "2026-3-1", "2026-03-01T12:00:00", "2026-03-01T25:00:00Z", "0000",
     "2026-03-01 12:00:00Z", "20260301", "2026-03-01T12:00:00z", "9999-12", "12:00", "2026-03-01T12:00:00Z\n"],
)  # fmt: skip
def test_what_is_no_date_or_has_no_zone_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        interval(text)


def test_what_is_written_reads_back() -> None:
    assert instant(written(1772366400.25)) == 1772366400.25
