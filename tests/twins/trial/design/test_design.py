"""Sizes, powers, bounds and played trials."""

from dataclasses import replace

import numba
import numpy as np
import pytest

from twinward.errors import BadInput
from twinward.twins.trial.design.normal import Design
from twinward.twins.trial.design.plan import plan
from twinward.twins.trial.design.sequential import boundaries
from twinward.twins.trial.design.simulate import simulate

DESIGN = Design(sd=10.0, effect=4.0, r2=0.35)


def test_published_numbers():
    assert Design(sd=27.3**0.5, effect=2.0, ratio=2 / 3, margin=-1.0).total(0.9) == pytest.approx(134.7229, abs=5e-5)
    assert Design(sd=6**0.5, effect=1.0, ratio=2.0, margin=0.5).power(200) == pytest.approx(0.2723615, abs=1e-6)


@pytest.mark.parametrize("power", [0.8, 0.9, 0.95])
@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
def test_size_and_power_are_each_others_inverse(power, ratio):
    design = replace(DESIGN, ratio=ratio)
    assert design.power(design.total(power)) == pytest.approx(power, abs=1e-9)


def test_units_do_not_matter_and_more_of_everything_good_helps():
    assert replace(DESIGN, sd=1000.0, effect=400.0).total(0.9) == pytest.approx(DESIGN.total(0.9))
    assert replace(DESIGN, r2=0.5).total(0.9) < DESIGN.total(0.9) < replace(DESIGN, r2=0.0).total(0.9)
    assert replace(DESIGN, dropout=0.2).participants(0.9) >= DESIGN.total(0.9) / 0.8
    assert replace(DESIGN, ratio=3.0).total(0.9) > DESIGN.total(0.9)
    assert DESIGN.cautious().participants(0.9) > DESIGN.participants(0.9)


@pytest.mark.parametrize(
    ("field", "value"),
    [("sd", 0.0), ("sd", -1.0), ("effect", 0.0), ("effect", np.nan), ("ratio", 0.0), ("alpha", 0.6), ("r2", 1.0),
     ("r2", -0.1), ("dropout", 1.0)],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(field, value):
    with pytest.raises(BadInput, match=field):
        replace(DESIGN, **{field: value})


def test_powers_that_cannot_be_are_refused():
    for power in (0.0, 0.05, 1.0):
        with pytest.raises(BadInput, match="power"):
            DESIGN.total(power)
    with pytest.raises(BadInput, match="participants"):
        DESIGN.power(1.0)


def test_being_wrong_about_the_twins_costs_power():
    found = plan(DESIGN, 0.9, r2_sd=0.08, recruited_per_month=10.0)
    table = found.table()
    with_twins, careful = table.loc["with twins"], table.loc["with caution"]
    assert table.loc["without twins", "participants"] > careful["participants"] > with_twins["participants"]
    assert with_twins["power_low"] < 0.9 < with_twins["power_high"]
    assert careful["risk"] <= with_twins["risk"]
    assert with_twins["months"] == pytest.approx(with_twins["participants"] / 10.0)
    certain = plan(DESIGN, 0.9).table().loc["with twins"]
    assert certain["power_low"] == certain["power_high"] >= 0.9
    assert found.plot().get_xlabel() == "R2 in the trial"
    with pytest.raises(BadInput, match="r2_sd"):
        plan(DESIGN, r2_sd=0.9)
    with pytest.raises(BadInput, match="recruited"):
        plan(DESIGN, recruited_per_month=0.0)


def test_bounds_are_the_published_ones():
    five = (0.2, 0.4, 0.6, 0.8, 1.0)
    np.testing.assert_allclose(boundaries(five).z, [4.8769, 3.3569, 2.6803, 2.2898, 2.0310], atol=1e-3)
    pocock = boundaries(five, spending="Pocock").z
    np.testing.assert_allclose(pocock, [2.4380, 2.4268, 2.4101, 2.3966, 2.3859], atol=1e-3)
    assert boundaries((1.0,)).z[0] == pytest.approx(1.959964, abs=1e-5)
    assert boundaries(five).spent[-1] == pytest.approx(0.05)
    for looks in ((), (0.5,), (0.5, 0.4, 1.0), (0.0, 1.0)):
        with pytest.raises(BadInput, match="looks"):
            boundaries(looks)


@pytest.mark.parametrize(
    ("design", "size", "adjust"),
    [(replace(DESIGN, r2=0.0), 160, False), (DESIGN, 160, True), (replace(DESIGN, ratio=2.0, dropout=0.15), 200, True)],
)
def test_played_trials_have_the_power_that_is_computed(design, size, adjust):
    assert simulate(design, size, 20_000, adjust=adjust).power == pytest.approx(design.power_t(size), abs=0.012)


def test_looks_spend_alpha_and_no_more():
    looks = boundaries((0.5, 0.75, 1.0))
    null = simulate(replace(DESIGN, effect=1e-9), 200, 40_000, looks=looks.looks, bounds=looks.z)
    assert null.power == pytest.approx(0.05, abs=4 * null.standard_error + 0.002)
    real = simulate(DESIGN, 200, 20_000, looks=looks.looks, bounds=looks.z)
    assert real.mean_participants < 200 and real.power > 0.85


def test_the_same_trials_with_one_thread_or_two():
    one, two = [], []
    for found, threads in ((one, 1), (two, 2)):
        before = numba.get_num_threads()
        numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
        found.append(simulate(DESIGN, 100, 500, seed=3).z)
        numba.set_num_threads(before)
    np.testing.assert_array_equal(one[0], two[0])
    assert (simulate(DESIGN, 100, 500, seed=4).z != one[0]).any()


def test_looks_without_bounds_are_refused():
    with pytest.raises(BadInput, match="bound each look"):
        simulate(DESIGN, 100, 10, looks=(0.5, 1.0))
    with pytest.raises(BadInput, match="at least 12"):
        simulate(DESIGN, 10, 10)
