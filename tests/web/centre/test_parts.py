"""What a reader finds on the pages: numbers with their units and bands, and nothing they may not see."""

from dataclasses import replace
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from twinward.live.facts import LEVELS, Band, Forecasted
from twinward.web.centre import alerts, evidence, quality, skill, unit, wall
from twinward.web.centre.history import History
from twinward.web.centre.overview import capacity, census, census_words
from twinward.web.centre.parts import arrivals, causes, decisions, emergency, fan, feeds, floor, leavers, tiles, trust
from twinward.web.centre.parts.quick import suggested
from twinward.web.centre.snapshot import Snapshot, present, stitched
from twinward.web.centre.words import axis, clock, span

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def test_tiles_say_how_many_of_what_and_what_is_likely(shown: Snapshot) -> None:
    text = tiles.row(shown)
    assert shown.board is not None and shown.board.emergency is not None
    assert f">{shown.board.emergency.patients}<small>/ {shown.board.emergency.cubicles}</small>" in text
    for word in ("patients", "min", "% of 192", "at midnight", "at 18:20", "expected"):
        assert word in text
    assert text.count('class="tile ') == 5


def test_each_unit_is_told_by_colour_shape_and_words(shown: Snapshot) -> None:
    text = floor.floor(shown)
    assert shown.board is not None
    for each in shown.board.units:
        assert f"/unit/{each.name.replace(' ', '%20')}" in text
    assert 'class="unit full"' in text and "▲" in text and ", full, " in text


def test_a_unit_out_of_scope_is_shown_nowhere(for_viewer: Snapshot) -> None:
    pages = (
        floor.floor(for_viewer) + decisions.needed(for_viewer) + skill.scores(for_viewer, for_viewer.history.skill("T"))
    )
    assert "ICU" in pages and "Ward" not in pages
    assert not [name for name in wall.variables(for_viewer) if "Ward" in name and name.startswith("unit_")]


def test_without_the_right_to_names_patients_have_pseudonyms(for_viewer: Snapshot, shown: Snapshot) -> None:
    rows = unit.patients(for_viewer, "ED")
    case = rows[0].case.partition("/")[2]
    assert case not in leavers.table(for_viewer, rows) and "pseudo-" in leavers.table(for_viewer, rows)
    assert case in leavers.table(shown, rows)


def test_a_patient_in_an_unknown_unit_is_shown_only_to_those_who_see_all(for_viewer: Snapshot, shown: Snapshot) -> None:
    units = {"Encounter/1": "ED", "Encounter/2": "Ward A"}
    seen = [name for name in (*units, "Patient/7", "Device/3") if for_viewer.visitor.sees_subject(name, units)]
    assert seen == ["Encounter/1", "Device/3"]
    assert shown.visitor.sees_subject("Patient/7", units)
    assert not for_viewer.visitor.sees_subject("Location/Ward A", units)


def test_whatever_a_feed_or_person_wrote_is_text_on_the_page(shown: Snapshot) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    alert = replace(shown.alerts[0], name=nasty, why=nasty, by=nasty)
    feed = replace(shown.feeds[0], source=nasty)
    hostile = replace(shown, alerts=(alert,), feeds=(feed,))
    for page in (
        decisions.needed(hostile),
        feeds.listed(hostile),
        feeds.pills(hostile),
        alerts.listed(hostile, "open"),
    ):
        assert "<img" not in page and "&lt;img" in page


def test_an_alert_says_what_how_likely_why_and_how_long_until(shown: Snapshot) -> None:
    text = decisions.needed(shown)
    for word in ("Emergency department above 26", "78 %", "17 to 33 expected", "likely in 3 h 12 min", "escalated 1×"):
        assert word in text
    assert "/rehearse?alert=a1" in text
    assert text.index("Emergency department") < text.index("ICU full")  # the critical one first


def test_alerts_of_one_storm_are_one_group(shown: Snapshot) -> None:
    found = alerts.groups(alert for alert in shown.alerts if alert.state == "open")
    assert [(name, len(members)) for name, members in found] == [("", 1), ("beds", 2)]
    assert "2 alerts of one storm" in alerts.listed(shown, "open")


def test_in_the_past_nothing_can_be_acted_on(shown: Snapshot) -> None:
    then = replace(shown, is_past=True)
    for page in (decisions.needed(then), alerts.listed(then, "open")):
        assert "data-do" not in page and "/rehearse" not in page


def test_the_fan_has_what_came_what_was_forecast_and_three_bands(shown: Snapshot) -> None:
    options = census(shown, "census")
    names = {series["name"] for series in options["series"]}
    assert {"measured", "95 % likely", "80 % likely", "50 % likely", "80 % a day before", "middle"} <= names
    wide = next(series for series in options["series"] if series["name"] == "95 % likely")["data"]
    near = next(series for series in options["series"] if series["name"] == "50 % likely")["data"]
    assert all(a[1] >= b[1] >= 0 for a, b in zip(wide, near, strict=True))
    assert capacity(shown, "unit_census[ED]") == 24


def test_the_chart_in_words_has_the_number_the_unit_and_the_band(shown: Snapshot) -> None:
    said = census_words(shown, "unit_census[ED]")
    assert said.startswith("Patients in ED. 30 patients at Tue 14:20.") and "in 80 of 100 futures" in said
    band = shown.ahead("census")
    assert band is not None and "80 % band" in fan.table(shown.zone, shown.came("census"), band, "Patients")


def test_times_on_charts_are_the_hospitals(shown: Snapshot) -> None:
    assert clock(shown.time, AMSTERDAM) == "14:20"
    assert axis(shown.time, AMSTERDAM) == round(shown.time + 3600) * 1000  # winter: an hour ahead of UTC
    assert span(11520) == "3 h 12 min"


def _made(at: float, level: float) -> Forecasted:
    times = tuple(at + 3600.0 * i for i in range(1, 49))
    band = Band("census", "Census", "{patients}", times, tuple((level,) * len(LEVELS) for _ in times))
    return Forecasted("T", "hospital", "1", 0, 1, at, 0, "", "", (), "", "as it is", {"census": band})


def test_yesterdays_forecast_is_for_each_hour_the_one_made_a_day_before() -> None:
    made = [_made(0.0, 1.0), _made(6 * 3600.0, 2.0), _made(12 * 3600.0, 3.0)]
    band = stitched(made, "census", 24 * 3600.0, 40 * 3600.0)
    assert band is not None
    held = {at / 3600: row[3] for at, row in zip(band.times, band.quantiles, strict=True)}
    assert held[25.0] == 1.0 and held[31.0] == 2.0 and held[37.0] == 3.0
    assert sorted(band.times) == list(band.times) and len(set(band.times)) == len(band.times)
    assert stitched([], "census", 0.0, 1.0) is None


def test_where_time_goes_adds_up(shown: Snapshot) -> None:
    assert shown.board is not None
    table = causes.chosen(shown.board.past, "ED")
    assert table is not None and abs(sum(cause.share for cause in table.causes) - 1) < 1e-6
    assert "Waiting for" in causes.bars(table) and "patient-hours" in causes.hours(table)


def test_what_is_waited_for_most_is_suggested_for_rehearsal(shown: Snapshot) -> None:
    assert ("staff", "doctor", 1.0) in suggested(shown.board)[:2]
    assert suggested(shown.board, "ICU")[0] == ("beds", "ICU", 2.0)


def test_the_emergency_board_counts_everybody_once(shown: Snapshot) -> None:
    assert shown.board is not None and shown.board.emergency is not None
    ed = shown.board.emergency
    assert sum(row.count for row in ed.waiting) + ed.being_seen + ed.boarding == ed.patients
    assert "1 Immediate" in emergency.board(shown)


def test_a_late_feed_is_named_with_how_late_it_is(shown: Snapshot) -> None:
    assert "▲ hl7v2/LAB 6 min late" in feeds.pills(shown) and "1 of 4 feeds late" in feeds.pills(shown)
    assert "late, usually every 1 min" in feeds.listed(shown) and "3 refused" in feeds.listed(shown)


def test_trust_tells_coverage_gain_and_misses(shown: Snapshot) -> None:
    text = trust.card(shown)
    assert "80 % bands held 79 % of the time" in text and "error 31 % below persistence" in text
    assert "within validity" in text and 'role="img"' in text
    outside = replace(shown, forecast=replace(shown.forecast, outside=("more patients than beds",)))  # type: ignore[type-var]
    assert "outside validity: more patients than beds" in trust.card(outside)


def test_evidence_that_was_not_run_is_not_called_passed(shown: Snapshot) -> None:
    rows = shown.centre.evidence("hospital")
    assert evidence.summary(rows) == "2 passed, 1 not run"
    assert "No check has been run" in evidence.listed([], "hospital")


def test_unknown_codes_are_counted_with_an_example(shown: Snapshot) -> None:
    text = quality._signals(shown, "unknown")
    assert "loinc:99999-1" in text and "41" in text and "hl7v2/LAB" in text


@pytest.mark.parametrize("state", ["is_empty", "is_stale"])
def test_every_part_can_be_drawn_of_an_empty_and_of_a_stale_centre(
    fake: ModuleType, shown: Snapshot, state: str
) -> None:
    centre: Any = fake.FakeCentre()
    setattr(centre, state, True)
    found = present(centre, shown.visitor, History(centre))
    assert found.is_stale == (state == "is_stale")
    draws = (tiles.row, floor.floor, decisions.needed, feeds.pills, feeds.listed, emergency.board, trust.card)
    for draw in draws:
        assert draw(found)
    assert (
        arrivals.words(AMSTERDAM, found.board) and census_words(found, "census") and census(found, "census")["series"]
    )
