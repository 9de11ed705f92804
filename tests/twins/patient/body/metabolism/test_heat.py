"""Heat: neutral at rest, lost to cold water, kept by shivering, shed by sweat."""

import numpy as np
import pytest
from tests.twins.patient.body.fluids.alone import live

from twinward.twins.patient.body.metabolism.basal import greatest_oxygen_uptake, resting_power, thermal_neutrality
from twinward.twins.patient.body.person import Person


def test_resting_power_is_mifflin_s() -> None:
    assert resting_power(Person()) * 86400.0 / 4184.0 == pytest.approx(10 * 77 + 6.25 * 180 - 5 * 44 + 5)


@pytest.mark.parametrize(
    "person", [Person(), Person("female", 30, 60, 165), Person("male", 60, 120, 175)], ids=["man", "woman", "heavy"]
)
def test_everybody_is_in_balance_at_rest(person: Person) -> None:
    found = live(3.0, person=person, step=2.0)
    assert found["core_temperature"] == pytest.approx(37.0, abs=0.02)
    assert found["skin_temperature"] == pytest.approx(33.0, abs=0.1)


def test_heat_made_is_heat_stored_or_lost() -> None:
    found = live(2.0, {"exercise": 0.4, "ambient_temperature": 35.0, "sepsis": 0.5})
    shell, heat_capacity = thermal_neutrality(Person())["shell"], 3492.0 * 77.0
    stored = heat_capacity * ((1.0 - shell) * found["core_heat"] + shell * found["skin_heat"])
    balance = stored + found["heat_lost"] - found["heat_made"]
    assert np.ptp(balance) < 1e-6 * found["heat_made"][-1]
    assert stored[-1] > stored[0]


def test_cold_water_cools_and_makes_shiver() -> None:
    found = live(1.0, {"ambient_temperature": 5.0, "immersion": 1.0})
    assert 33.0 < found["core_temperature"][-1] < 36.5
    assert found["skin_temperature"][-1] < 10.0
    assert 2.0 < found["metabolic_rate"].max() < 5.0


def test_the_colder_the_water_the_faster_one_cools() -> None:
    # men at rest lose 3.818 - 0.109 T kelvins an hour in water of T Cel (Appl Human Sci 1996, 15:161); 0.9 in the first
    # hour at 20 (Tikuisis 1988, J Appl Physiol 64:719)
    lost = [
        37.0 - live(1.0, {"ambient_temperature": t, "immersion": 1.0})["core_temperature"][-1] for t in (20, 15, 10)
    ]
    assert lost[0] < lost[1] < lost[2]
    assert 0.4 < lost[0] < 1.6
    assert 1.0 < lost[1] < 2.2
    assert 2.0 < lost[2] < 3.0


def test_warm_air_makes_sweat() -> None:
    found, quiet = live(3.0, {"ambient_temperature": 42.0}), live(3.0)
    assert found["water_evaporated"][-1] > 2.0 * quiet["water_evaporated"][-1]
    assert found["core_temperature"][-1] < 38.5


def test_sepsis_makes_fever_by_degrees() -> None:
    warm = [live(6.0, {"sepsis": severity}, step=2.0)["core_temperature"][-1] for severity in (0.0, 0.3, 0.6, 1.0)]
    assert np.all(np.diff(warm) > 0.2)
    assert warm[-1] == pytest.approx(39.0, abs=0.3)


def test_oxygen_demand_follows_work_within_minutes() -> None:
    found = live(0.2, {"exercise": 0.5}, looks=72)
    greatest, rest = greatest_oxygen_uptake(Person()), found["oxygen_demand"][0]
    half = rest + 0.5 * (greatest - rest)
    assert found["oxygen_demand"][-1] == pytest.approx(half, rel=0.03)
    assert found["oxygen_demand"][3] == pytest.approx(
        rest + 0.632 * (half - rest), rel=0.03
    )  # after one time constant, 30 s
    quotient = found["carbon_dioxide_production"] / found["oxygen_demand"]
    assert quotient[0] == pytest.approx(0.85)
    assert quotient[-1] > 0.9


def test_a_day_without_food_and_drink_costs_weight_and_makes_water() -> None:
    """Reference: about 1.6 to 2 kg of water and 0.3 kg of fuel; metabolic water 0.2 to 0.3 L (Guyton & Hall ch. 25)."""
    found = live(24.0)
    assert found["water_taken"][-1] == pytest.approx(250.0, abs=60.0)
    assert found["fuel_burnt"][-1] == pytest.approx(300.0, abs=50.0)
    lost = (
        found["urine_volume"][-1] + found["water_evaporated"][-1] - found["water_taken"][-1] + found["fuel_burnt"][-1]
    )
    assert found["body_weight"][0] - found["body_weight"][-1] == pytest.approx(lost / 1000.0, rel=1e-6)
