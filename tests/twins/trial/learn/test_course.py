"""A course over irregular visits: forecast from the baseline, sharper with every visit, never looking ahead."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from twinward.errors import BadInput
from twinward.twins.trial.learn.course import CHANCES, Courses, learn_course


def made_up(people: int, seed: int) -> Courses:
    """A number that begins at the baseline's, drifts by a slope of the person's own, and is measured with noise."""
    rng = np.random.default_rng(seed)
    start, group = rng.standard_normal(people), rng.integers(0, 2, people)
    slope = 0.3 * group + 0.25 * rng.standard_normal(people)
    visits = rng.integers(3, 8, people)
    who = np.repeat(np.arange(people), visits)
    time = np.concatenate([np.sort(rng.uniform(0.3, 6.0, n)) for n in visits])
    value = start[who] + slope[who] * time + 0.2 * rng.standard_normal(len(who))
    baseline = pd.DataFrame({"start": start, "group": pd.Categorical(np.where(group == 1, "fast", "slow"))})
    return Courses(who, time, value, baseline, start)


@pytest.fixture(scope="module")
def course():
    return learn_course(made_up(300, 0), ("start", "group"), known=2)


def judged(course, told, known):
    """(mean loss, share within 90 %) of the visits after the first two."""
    losses, inside = [], []
    for one in range(len(told.baseline)):
        rows = np.flatnonzero(told.who == one)
        past, ahead = rows[:known], rows[2:]
        found = course.forecast(
            told.baseline.iloc[[one]], told.start[one], told.time[ahead], told.time[past], told.value[past]
        )
        error = told.value[ahead][:, None] - found
        losses.append(np.maximum(CHANCES * error, (CHANCES - 1) * error).mean(axis=1))
        inside.append((found[:, 4] <= told.value[ahead]) & (told.value[ahead] <= found[:, 94]))
    return float(np.concatenate(losses).mean()), float(np.concatenate(inside).mean())


def test_visits_that_came_make_it_sharper_and_it_stays_calibrated(course):
    told = made_up(200, 1)
    (blind, _), (seeing, held) = judged(course, told, 0), judged(course, told, 2)
    assert seeing < 0.7 * blind
    assert 0.85 < held < 0.95


def test_what_is_known_at_the_baseline_matters_and_far_is_less_sure(course):
    times = np.array([0.5, 5.0])
    fast, slow = (
        course.forecast(pd.DataFrame({"start": [0.0], "group": pd.Categorical([group])}), 0.0, times)
        for group in ("fast", "slow")
    )
    assert fast[1, 49] - slow[1, 49] == pytest.approx(1.5, abs=0.5)  # 0.3 a year
    width = fast[:, 94] - fast[:, 4]
    assert width[1] > 2.0 * width[0]
    assert (np.diff(fast, axis=1) >= 0).all()


def test_a_forecast_depends_on_nothing_that_came_later(course):
    told = made_up(3, 2)
    rows = np.flatnonzero(told.who == 0)
    one = (told.baseline.iloc[[0]], told.start[0], told.time[rows[2:]], told.time[rows[:2]])
    before = course.forecast(*one, told.value[rows[:2]])
    changed = told.value.copy()
    changed[rows[2:]] += 100.0
    np.testing.assert_array_equal(course.forecast(*one, changed[rows[:2]]), before)


def test_the_unit_does_not_matter():
    told = made_up(120, 3)
    other = replace(told, value=10.0 * told.value, start=10.0 * told.start)
    ours, theirs = (learn_course(one, ("start", "group")) for one in (told, other))
    found = [
        one.forecast(told.baseline.iloc[[0]], start, np.array([2.0]))
        for one, start in ((ours, told.start[0]), (theirs, 10.0 * told.start[0]))
    ]
    np.testing.assert_allclose(found[1], 10.0 * found[0], rtol=0.05, atol=0.3)


def test_people_are_taken_with_their_visits_alone():
    told = made_up(10, 4)
    part = told.take(np.array([7, 2]))
    np.testing.assert_array_equal(part.value[part.who == 0], told.value[told.who == 7])
    assert len(part.value) == (told.who == 7).sum() + (told.who == 2).sum()


def test_visits_that_cannot_be_are_refused():
    told = made_up(5, 5)
    with pytest.raises(BadInput, match="after the baseline"):
        replace(told, time=np.where(told.who == 0, 0.0, told.time))
    with pytest.raises(BadInput, match="value at the baseline"):
        replace(told, start=np.full(5, np.nan))
    with pytest.raises(BadInput, match="as many"):
        replace(told, value=told.value[:-1])
    with pytest.raises(BadInput, match="at least 50"):
        learn_course(told, ("start",))
