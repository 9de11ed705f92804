"""Blood is neither made nor lost, whoever's it is and however it is followed."""

import numpy as np
import pytest
from tests.twins.patient.body.circulation.alone import VOLUMES, live, rested

from twinward.errors import BadInput
from twinward.twins.patient.body.body import Body, start
from twinward.twins.patient.body.person import Person

_EVERYTHING = {
    "haemorrhage": 0.5, "bleeding_rate": 30.0, "crystalloid_rate": 60.0, "red_cells_rate": 20.0, "sepsis": 0.4,
    "tamponade": 0.3, "atrial_fibrillation": 0.5, "cpr_rate": 100.0, "cpr_depth": 2.0,
}  # fmt: skip


@pytest.mark.parametrize("pulsatile", [True, False])
def test_blood_balances_with_everything_at_once(pulsatile: bool) -> None:
    found = live(120.0, _EVERYTHING, pulsatile=pulsatile, begin=rested(pulsatile), every=5.0)
    stored = sum(found[name] for name in VOLUMES)
    balance = stored + found["bled"] - found["infused"]
    assert np.ptp(balance) < 1e-9 * balance[0]
    assert found["bled"][-1] > 100.0 and found["infused"][-1] == pytest.approx(160.0)
    assert found["blood_volume"] == pytest.approx(stored)
    parts = found["arterial_blood_volume"] + found["venous_blood_volume"] + found["pulmonary_capillary_volume"]
    assert parts == pytest.approx(stored)


def test_a_bag_of_blood_lost_at_a_rate_is_that_much() -> None:
    found = live(180.0, {"bleeding_rate": 100.0}, begin=rested())
    assert found["bled"][-1] == pytest.approx(300.0, rel=1e-9)


def test_a_tourniquet_stops_a_wound() -> None:
    assert live(60.0, {"haemorrhage": 1.0, "tourniquet": 1.0}, begin=rested())["bled"][-1] == 0.0


@pytest.mark.parametrize(
    "person", [Person("female", 30, 60, 165), Person("male", 70, 110, 175), Person("female", 80, 45, 150)]
)
def test_a_body_begins_with_its_own_blood(person: Person) -> None:
    from twinward.twins.patient.body.layout import state

    y, _ = start(person)
    assert sum(y[state(name)] for name in VOLUMES) == pytest.approx(person.blood_volume)


@pytest.mark.parametrize("wrong", [{"cpr_depth": 20.0}, {"tourniquet": 1.5}, {"sepsis": -0.1}, {"bleeding_rate": -1.0}])
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadInput, match=next(iter(wrong))):
        Body(Person(), *start(Person())).set(**wrong)
