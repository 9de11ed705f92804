"""The whole design: what is told of participants, months and risk holds together."""

import json

import numpy as np
import pytest

from twinward.errors import BadInput
from twinward.twins.trial.design import (
    Caution,
    Hazards,
    Means,
    Rates,
    Recruitment,
    Risks,
    Squared,
    bootstrap,
    boundary,
    design,
    power_of,
)


def test_each_way_reaches_the_power_wanted_with_as_few_as_can_be() -> None:
    found = design(Means(2.0, 5.0), r2=0.4, covariate_r2=0.2, dropout=0.1)
    for one in found.sized:
        assert one.power >= 0.9
        assert found.power(one.n - 3, one.r2) < 0.9
        assert one.power == pytest.approx(power_of(25.0 * (1 - one.r2), 2.0, one.n * 0.9), abs=1e-9)


def test_what_a_twin_spares_is_told_against_the_covariates_too() -> None:
    found = design(Means(2.0, 5.0), r2=0.4, covariate_r2=0.25)
    spared = {one.against: one.participants for one in found.savings}
    assert spared["ANCOVA"] == found["ANCOVA"].n - found["ANCOVA with twin"].n
    assert 0 < spared["ANCOVA"] < spared["unadjusted"]


def test_caution_costs_participants() -> None:
    found = design(Means(2.0, 5.0), r2=0.4, caution=Caution(1.05, 0.9))
    assert found["ANCOVA with twin"].n < found["ANCOVA with twin, cautious"].n < found["unadjusted"].n * 1.05**2


def test_a_wider_spread_is_held_against_the_trial_without_the_twin_too() -> None:
    found = design(Means(2.0, 5.0), r2=0.4, caution=Caution(1.3, 1.0))
    bold, cautious = found.savings
    assert cautious.share == pytest.approx(bold.share, abs=0.01)
    assert cautious.participants == pytest.approx(1.69 * bold.participants, rel=0.03)


def test_the_risk_of_a_wrong_r2_is_told_and_falls_with_caution() -> None:
    known = Squared(0.4, 250, between=0.05)
    found = design(Means(2.0, 5.0), known, caution=Caution(1.0, 0.9))
    bold, cautious = found.risks
    assert bold.low < 0.9 < bold.high
    assert 0.35 < bold.short < 0.65  # it is as likely to be too small as too large
    assert cautious.short < bold.short
    assert bold.n_low < bold.n < bold.n_high


def test_looks_cost_a_few_participants_and_spare_more_on_average() -> None:
    plain, looking = (design(Means(2.0, 5.0), r2=0.3, looks=looks) for looks in ((1.0,), (0.5, 1.0)))
    one, other = plain["ANCOVA with twin"], looking["ANCOVA with twin"]
    assert one.n <= other.n <= 1.02 * one.n + 2
    assert other.expected < one.n


def test_months_are_spared_by_the_same_centres() -> None:
    found = design(Means(2.0, 5.0), r2=0.4, recruitment=Recruitment(0.5, 20, 0.5, 6.0))
    saving = found.savings[0]
    assert 0 < saving.months_low < saving.months < saving.months_high
    expected = found["unadjusted"].months - found["ANCOVA with twin"].months
    assert saving.months == pytest.approx(expected, rel=0.15)


def test_a_size_that_is_given_is_told_its_power() -> None:
    found = design(Means(0.5, 1.0), r2=0.3, n=100)
    assert found["unadjusted"].n == 100
    assert found["unadjusted"].power == pytest.approx(power_of(1.0, 0.5, 100), abs=1e-9)
    assert found.savings == ()


@pytest.mark.parametrize(
    ("endpoint", "by_hand"),
    [
        (Risks(0.4, 0.3), 2 * (0.24 + 0.21) / 0.01),
        (Rates(1.0, 0.7, 1.0, 0.0), 2 * (1 + 1 / 0.7) / np.log(0.7) ** 2),
        (Hazards(0.2, 0.6, 0.0, 1e6), 4 / np.log(0.6) ** 2),
    ],
)
def test_other_endpoints_by_their_own_formulas(endpoint: object, by_hand: float) -> None:
    found = design(endpoint, power=0.8)  # type: ignore[arg-type]
    assert found["unadjusted"].needed == pytest.approx(by_hand * (1.959964 + 0.841621) ** 2, rel=1e-5)


def test_events_are_told_of_a_time_to_an_event() -> None:
    found = design(Hazards(0.05, 0.7, 12.0, 12.0, 0.005), r2=0.2)["unadjusted"]
    assert found.events == pytest.approx(330.5, abs=2.5)  # Schoenfeld: 4 (z + z)^2 / log(0.7)^2 = 330.4, rounded up


def test_it_can_be_kept_and_shown() -> None:
    found = design(Means(2.0, 5.0), Squared(0.4, 250), looks=(0.5, 1.0), recruitment=Recruitment(1.0, 10))
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert told["sized"][0]["n"] == found.sized[0].n and told["looks"][1]["share"] == 1.0
    axes = found.plot()
    assert len(axes.get_lines()) >= 2 and axes.get_xlabel()
    assert list(found.table()["analysis"]) == [one.analysis for one in found.sized]


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"covariate_r2": 0.5, "r2": 0.2}, "covariate_r2"),
        ({"dropout": 1.0}, "dropout"),
        ({"margin": 2.0}, "margin"),
        ({"n": 3}, "n"),
        ({"r2": 1.2}, "r2"),
        ({"looks": (0.5,)}, "looks"),
    ],
)
def test_what_cannot_be_is_refused_by_name(told: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        design(Means(2.0, 5.0), **told)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_leaving_is_told_once() -> None:
    with pytest.raises(BadInput, match="loss"):
        design(Hazards(0.1, 0.7, 1.0, 1.0), dropout=0.1)


def test_recruitment_of_staggered_centres_counts_what_each_brings() -> None:
    # centres at 0, 1 and 2 months, one a month each: after 3 months 3 + 2 + 1 are there
    assert Recruitment(1.0, 3, opening=2.0).mean_months(6) == pytest.approx(3.0)
    drawn = Recruitment(1.0, 3, spread=0.0, opening=2.0).months([6], 40_000, np.random.default_rng(1))
    assert float(np.median(drawn)) == pytest.approx(2.9, abs=0.15)


def test_centres_that_differ_make_the_end_less_certain() -> None:
    rng = np.random.default_rng(1)
    alike, unlike = (Recruitment(0.5, 8, spread).months([100], 4000, rng)[0].std() for spread in (0.0, 1.2))
    assert unlike > 1.5 * alike


def test_an_estimated_r2_is_as_uncertain_as_bootstrapped() -> None:
    rng = np.random.default_rng(2)
    score = rng.standard_normal(600)
    y = np.sqrt(0.3) * score + np.sqrt(0.7) * rng.standard_normal(600)
    drawn = bootstrap(y, score, 500, rng)
    assert Squared(float(np.corrcoef(y, score)[0, 1] ** 2), 600).sd == pytest.approx(drawn.std(), rel=0.2)


def test_the_boundary_is_the_one_that_was_asked_for() -> None:
    assert design(Means(1.0, 2.0), looks=(0.5, 1.0)).boundary == boundary((0.5, 1.0))
