"""A rehearsal's result: which scenario is proposed, and what is taken away as a file."""

import asyncio
import csv
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from twinward.live.facts import Rehearsed
from twinward.web.centre.export import csv as as_csv
from twinward.web.centre.export import pdf as as_pdf
from twinward.web.centre.parts import compare, results
from twinward.web.centre.quarantine import _ends

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.fixture
def done(centre: Any) -> Rehearsed:
    """One more doctor, beside half as many patients more."""
    plans = {
        "=one more doctor": [{"control": "staff", "target": "doctor", "value": 1.0}],
        "busy": [{"control": "arrivals", "value": 1.5}],
    }
    return asyncio.run(centre.rehearse("Organization/reference", plans, 24 * 3600.0, "ada"))


def test_a_difference_has_its_interval_and_unit_and_tells_better_from_worse(done: Rehearsed) -> None:
    text = results.by_outcome(done)
    assert " min<" in text and " to " in text and "less is better" in text
    assert 'class="num good"' in text and 'class="num bad"' in text
    assert "hidden" in text and " better" in text and " worse" in text  # not by colour alone


def test_the_scenario_with_the_most_clear_improvements_is_ticked(done: Rehearsed) -> None:
    assert results.best(done) == "=one more doctor"
    assert "✓ =one more doctor" in results.table(done)
    assert "✓ Busy" not in results.table(done)


def test_what_is_not_clear_is_neither_good_nor_bad() -> None:
    row = {"difference": -1.0, "better": "lower", "clear": False}
    assert results.good(row) is None
    assert results.good(row | {"clear": True}) is True
    assert results.good(row | {"clear": True, "better": "higher"}) is False
    assert results.good(row | {"clear": True, "better": "neither"}) is None


def test_an_interval_has_its_unit_once() -> None:
    assert results.between(-20.25, -16.3, "min") == "−20.2 to −16.3 min"


def test_the_csv_file_has_every_number_and_runs_in_no_spreadsheet(done: Rehearsed) -> None:
    rows = list(csv.DictReader(StringIO(as_csv.written(done))))
    assert len(rows) == len(done.rows)
    assert {row["scenario"] for row in rows} == {"as it is", "'=one more doctor", "busy"}
    by = {(row["scenario"].lstrip("'"), row["outcome"]): row for row in rows}
    for row in done.rows:
        assert float(by[row["scenario"], row["outcome"]]["difference"]) == row["difference"]


def test_the_pdf_is_one_page(done: Rehearsed) -> None:
    written = as_pdf.written(done, "Reference Hospital", AMSTERDAM)
    assert written.startswith(b"%PDF-") and written.rstrip().endswith(b"%%EOF")
    assert b"/Count 1" in written


def test_every_scenario_has_a_line_of_its_own_kind(done: Rehearsed) -> None:
    options = compare.options(done, "census", AMSTERDAM)
    lines = [s["lineStyle"] for s in options["series"] if s["name"] in done.bands]
    assert len(lines) == 3 and len({(line["color"], str(line["type"])) for line in lines}) == 3
    assert "busy: " in compare.words(done, "census", AMSTERDAM)


@pytest.mark.parametrize(("raw", "end"), [("MSH|\rPID|\r", "\r"), ("a\r\nb", "\r\n"), ("a\nb", "\n")])
def test_a_corrected_message_keeps_the_line_ends_it_came_with(raw: str, end: str) -> None:
    typed = raw.replace("\r\n", "\n").replace("\r", "\n").replace("a", "c")
    assert _ends(raw, typed) == raw.replace("a", "c") and end in _ends(raw, typed)
