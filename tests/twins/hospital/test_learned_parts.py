"""The parts of the learned hospital against what is known exactly."""

from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from twinward.core.times import HOUR, posix
from twinward.twins.hospital.learned.arriving import shrunk
from twinward.twins.hospital.learned.classifier import Chance, fit_sharpness
from twinward.twins.hospital.learned.features import local_hour
from twinward.twins.hospital.learned.flow import fit_units
from twinward.twins.hospital.learned.leaving import Curves
from twinward.twins.hospital.learned.stays import LEFT, Stay, Visit
from twinward.twins.hospital.learned.trees import Trees


def test_compiled_trees_answer_as_scikit_learn_does() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 6))
    x[rng.random(x.shape) < 0.1] = np.nan
    yes = np.nan_to_num(x[:, 0]) + rng.normal(size=2000) > 0
    model = HistGradientBoostingClassifier(max_iter=40, random_state=0).fit(x, yes)
    ours = 1 / (1 + np.exp(-Trees(model).logit(x)))
    assert ours == pytest.approx(model.predict_proba(x)[:, 1], abs=1e-14)


def test_chances_are_calibrated_and_too_few_answers_give_the_share() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(4000, 5))
    truth = 1 / (1 + np.exp(-1.5 * x[:, 0]))
    yes, cases = rng.random(4000) < truth, np.repeat(np.arange(400), 10)
    chance = Chance.fit(x, yes, cases, np.ones(4000))
    assert np.abs(chance.of(x) - truth).mean() < 0.05
    assert 0.8 <= fit_sharpness(x, yes, cases, np.ones(4000)) <= 1.3
    few = Chance.fit(x[:30], yes[:30], cases[:30], np.ones(30))
    assert few.of(x[:3]) == pytest.approx((yes[:30].sum() + 0.5) / 31)


def test_leads_drawn_from_a_curve_follow_it() -> None:
    lead = np.linspace(0, 100, 51)
    curves = Curves(lead, 0.2 + lead[None, :] / 50, np.array([20.0]), 50.0)
    chance = np.random.default_rng(2).standard_exponential((40_000, 1))
    drawn = curves.leads(chance, np.ones((40_000, 1)))
    assert np.isneginf(drawn).mean() == pytest.approx(1 - np.exp(-0.2), abs=0.01)
    assert curves.p_left[0] == pytest.approx(1 - np.exp(-0.2))
    for t in (10.0, 60.0, 150.0):
        assert (drawn > t).mean() == pytest.approx(np.exp(-0.2 - t / 50), abs=0.01)
    here = curves.leads(chance, np.full((40_000, 1), 2.0), here=True)
    assert here.mean() == pytest.approx(25.0, rel=0.03)  # twice the hazard, half the mean


def test_who_does_not_leave_moves() -> None:
    curves = Curves(np.array([0.0, 1.0]), np.array([[0.0, 0.1]]), np.array([-np.log(0.6)]), 5.0)
    drawn = curves.leads(np.random.default_rng(3).standard_exponential((20_000, 1)), np.ones((20_000, 1)))
    assert np.isposinf(drawn).mean() == pytest.approx(0.6, abs=0.015)


def test_routes_and_stays_allow_for_those_still_there() -> None:
    rng = np.random.default_rng(4)
    begin, lasts, out = rng.uniform(100, 195, 6000), rng.exponential(8.0, 6000), rng.random(6000) < 0.7
    lasts = np.where(out, lasts, lasts * 2)  # the others stay longer, and are the ones cut off
    until = 200.0
    stays = []
    for first, length, left in zip(begin, lasts, out, strict=True):
        over = first + length < until
        end = first + length if over else until
        visit = Visit(0, first * HOUR, end * HOUR, (LEFT if left else 1) if over else None)
        stays.append(Stay("", [(first * HOUR, None)], np.inf, False, end * HOUR, [visit], []))  # type: ignore[list-item]
    law = fit_units(stays, 2)[0]
    assert law.shares[LEFT] == pytest.approx(0.7, abs=0.02)
    step = law.step("a", ["a", "b"], 0)
    assert step.time_to is not None
    assert step.time_to["b"].mean() / step.time_to[""].mean() == pytest.approx(2.0, abs=0.25)


def test_the_profile_of_the_day_is_believed_as_far_as_it_can_be_told() -> None:
    rng = np.random.default_rng(5)
    even = shrunk(rng.poisson(20.0, 24).astype(float))
    assert even.max() / even.min() < 1.6
    peaked = rng.poisson(np.where(np.arange(24) < 12, 5.0, 200.0)).astype(float)
    assert shrunk(peaked) == pytest.approx(peaked / peaked.sum(), abs=0.003)
    assert shrunk(np.zeros(24)).sum() == pytest.approx(1.0)


def test_hours_are_local_in_winter_and_summer() -> None:
    times = np.array([posix("2024-01-10T12:30:00Z"), posix("2024-07-10T12:30:00Z")])
    assert local_hour(times, ZoneInfo("Europe/Amsterdam")).tolist() == [13.5, 14.5]
