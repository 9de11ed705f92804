"""Scores of forecasts: each forecast and each truth counts once, whichever comes first."""

import numpy as np
import pytest

from twinward.core.scoring import crps
from twinward.live.skill import Kept, Sample, Skill

HOUR = 3600.0
TWIN = "Device/1"
KEPT = Kept(TWIN, 0.0, [HOUR], {"level": [[1.0, 2.0, 3.0]]}, {"level": 4.0})
TRUTH = Sample(TWIN, HOUR, {"level": 2.5})


@pytest.mark.parametrize("order", ["forecast first", "truth first", "twice"])
def test_a_forecast_is_scored_against_what_came_and_against_persistence(order: str) -> None:
    book = Skill()
    steps = [lambda: book.forecast(KEPT), lambda: book.sample(TRUTH)]
    for step in {"forecast first": steps, "truth first": steps[::-1], "twice": steps * 2}[order]:
        step()
    rows = {row["method"]: row for row in book.rows(TWIN)}
    assert rows["twin"]["n"] == rows["persistence"]["n"] == 1
    assert rows["twin"]["crps"] == pytest.approx(crps(np.array([1.0, 2.0, 3.0]), np.array(2.5)))
    assert rows["persistence"]["crps"] == pytest.approx(1.5)
    assert rows["twin"]["lead_hours"] == 1.0
    (point,) = book.points(TWIN, "level", HOUR)
    assert point["truth"] == 2.5 and point["low"] < point["high"]


def test_what_came_is_kept_in_order() -> None:
    book = Skill()
    for at in (2 * HOUR, HOUR, 3 * HOUR):
        book.sample(Sample(TWIN, at, {"level": at}))
    assert book.series(TWIN, "level", HOUR, 2 * HOUR) == ([HOUR, 2 * HOUR], [HOUR, 2 * HOUR])
    assert book.series(TWIN, "other", 0.0, 9 * HOUR) == ([], [])
    assert book.rows("Device/none") == [] and book.points("Device/none", "level", HOUR) == []
