"""Times as logs write them; what is assumed is said."""

import contextlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinward.connect.eventlog.clock import Clock, zone_of
from twinward.errors import BadInput

MOMENT = datetime(2014, 2, 9, 19, 29, 29, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "text",
    [
        "2014-02-09T19:29:29Z", "2014-02-09 19:29:29+00:00", "2014-02-09T20:29:29+01:00", "2014-02-09 14:29:29 -0500",
        "2014/02/09 19:29:29.000", "2014.02.09 19:29:29", "09.02.2014 19:29:29", "9.2.2014 19:29:29",
        "2014/2/9 19:29:29", "2014-02-09 07:29:29 PM", "20140209192929", "1391974169", "1391974169000",
        "2014-02-09 19:29:29 UTC", "2014-02-09T19:29:29,000",
    ],
)  # fmt: skip
def test_one_moment_in_many_spellings(text):
    assert Clock([text]).read(text) == MOMENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2014-13-01",
        "2014-02-30",
        "12:00",
        "99999",
        "01/02/03",
        "13/13/2014",
        "2014-02-09T25:00",
        "13:00 PM",
        "2014-02-09 13:00 PM",
        "²014-02-09",
        "1500-01-01",
        "2500-01-01",
    ],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError):
        Clock([]).read(text)


@pytest.mark.parametrize(
    ("samples", "month", "note"),
    [
        (["13/01/2014", "03/04/2014"], 4, "day, month, year (the first number exceeds 12"),
        (["01/13/2014", "03/04/2014"], 3, "month, day, year (the second number exceeds 12"),
        (["03/04/2014"], 4, "the first rows do not decide"),
    ],
)
def test_the_order_of_day_and_month_is_found_or_said_to_be_assumed(samples, month, note):
    clock = Clock(samples)
    found = datetime.fromtimestamp(clock.read("03/04/2014 10:00"), UTC)
    assert found.month == month
    assert any(note in said for said in clock.notes())


def test_dates_with_dots_are_day_month_year_and_said_so():
    clock = Clock(["03.04.2014"])
    assert datetime.fromtimestamp(clock.read("03.04.2014"), UTC).month == 4
    assert any("dots" in said for said in clock.notes())
    assert any("midnight was assumed" in said for said in clock.notes())


def test_local_times_that_occur_twice_or_never_are_read_and_counted():
    clock = Clock([], zone_of("Europe/Amsterdam"))
    twice = clock.read("2014-10-26 02:30:00")
    assert datetime.fromtimestamp(twice, UTC).hour == 0  # the first: summer time
    never = clock.read("2014-03-30 02:30:00")
    assert datetime.fromtimestamp(never, ZoneInfo("Europe/Amsterdam")).hour == 3
    said = " ".join(clock.notes())
    assert "1 local times occur twice" in said and "1 local times do not exist" in said
    assert "UTC was assumed" not in said


def test_a_times_own_offset_wins_over_the_zone_given():
    clock = Clock([], zone_of("Europe/Amsterdam"))
    assert clock.read("2014-02-09T19:29:29Z") == MOMENT
    assert "carry their own offset" in clock.notes()[0]


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "/etc/passwd"])
def test_an_unknown_zone_is_refused(name):
    with pytest.raises(BadInput, match="IANA"):
        zone_of(name)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)), st.sampled_from(["Europe/Amsterdam", "Asia/Kolkata"]))
def test_local_times_agree_with_the_standard_library(moment, zone):
    expected = moment.replace(tzinfo=ZoneInfo(zone)).timestamp()
    assert Clock([], zone_of(zone)).read(moment.isoformat(" ")) == pytest.approx(expected, abs=1e-5)


@given(st.text(max_size=30))
def test_any_text_gives_a_number_or_a_value_error(text):
    with contextlib.suppress(ValueError, OverflowError):
        assert isinstance(Clock([text]).read(text), float)
