"""Trials that look at their size: error kept, power brought back, the same participants as in trials that do not."""

import math

import numpy as np
import pytest

from twinward.core.streams import Streams
from twinward.errors import BadInput
from twinward.twins.trial.design import boundary, sample_size
from twinward.twins.trial.design.adaptive import adapt
from twinward.twins.trial.design.trials import simulate


@pytest.mark.parametrize("rule", ["blinded", "promising"])
def test_without_an_effect_errors_are_as_rare_as_promised(rule: str) -> None:
    found = adapt(120, 60, 300, 0.0, 1.5, Streams(1), rule=rule, planned_effect=0.5, r2=0.4, covariate_r2=0.2,
                  trials=40_000)  # fmt: skip
    for told in found.summary().values():
        assert told["found"] <= 0.05 + 4 * math.sqrt(0.05 * 0.95 / 40_000)
        assert told["randomised"] > 120


def test_a_spread_that_was_underestimated_costs_power_and_the_blinded_look_brings_it_back() -> None:
    planned = math.ceil(sample_size(1.0, 0.5, 0.9))
    fixed, blinded = (
        adapt(planned, planned // 2, 600, 0.5, 1.5, Streams(2), rule=rule, trials=8000).summary()["unadjusted"]
        for rule in ("fixed", "blinded")
    )
    assert fixed["power"] < 0.7
    assert blinded["power"] == pytest.approx(0.9, abs=0.03)
    assert blinded["randomised"] == pytest.approx(sample_size(1.5**2, 0.5, 0.9), rel=0.08)


def test_with_the_twin_the_blinded_look_asks_for_fewer() -> None:
    told = adapt(80, 60, 600, 0.5, 1.3, Streams(3), rule="blinded", covariate_r2=0.2, r2=0.5, trials=4000).summary()
    sizes = [told[way]["randomised"] for way in ("unadjusted", "ANCOVA", "ANCOVA with twin")]
    assert sizes[0] > 1.15 * sizes[1] > 1.3 * sizes[2]
    assert told["ANCOVA with twin"]["power"] == pytest.approx(0.9, abs=0.03)


def test_the_promising_zone_gains_power_where_the_effect_is_smaller_than_planned() -> None:
    fixed, grown = (
        adapt(180, 90, 360, 0.35, 1.0, Streams(4), rule=rule, trials=20_000).summary()["unadjusted"]
        for rule in ("fixed", "promising")
    )
    assert grown["power"] > fixed["power"] + 0.03
    assert fixed["randomised"] == 180 < grown["randomised"] < 260


def test_a_fixed_size_is_the_ordinary_trial() -> None:
    found = adapt(100, 50, 200, 0.4, 1.0, Streams(5), rule="fixed", r2=0.3, trials=500)
    plain = simulate(100, 0.4, 1.0, boundary([1.0]), Streams(5), r2=0.3, trials=500)
    assert np.array_equal(found.z, plain.z()[:, 0, :])


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"rule": "wish"}, "rule"), ({"look": 130}, "look, n, at_most"), ({"at_most": 100}, "look, n, at_most"),
     ({"effect": 0.0}, "planned_effect")],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(changed: dict[str, object], field: str) -> None:
    given = {"n": 120, "look": 60, "at_most": 240, "effect": 0.5, "sd": 1.0, "rule": "blinded", "trials": 10} | changed
    with pytest.raises(BadInput) as refused:
        adapt(streams=Streams(1), **given)  # type: ignore[arg-type]
    assert refused.value.field == field
