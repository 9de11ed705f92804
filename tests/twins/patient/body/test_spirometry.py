"""What a body breathes out when it is told to blow."""

import pytest

from twinward.errors import BadInput
from twinward.twins.patient.body.body import Body
from twinward.twins.patient.body.person import Person
from twinward.twins.patient.body.spirometry import spirometry


def test_a_healthy_man_blows_as_men_of_his_size_do(body):
    # Quanjer 2012 (GLI), a man of 44, 180 cm: vital capacity 5.2 L, 0.79 of it in a second; peak flow about 10 L/s
    told = spirometry(body)
    assert 4500.0 < told.vital_capacity < 5700.0
    assert told.ratio == pytest.approx(0.79, abs=0.03)
    assert 8000.0 < told.peak_flow < 12000.0
    assert 2500.0 < told.middle_flow < 5000.0


@pytest.mark.parametrize("illness", ["asthma", "copd"])
def test_narrow_airways_empty_late(body, illness):
    found = [spirometry(body.set(**{illness: severity})) for severity in (0.0, 0.3, 0.6)]
    for name in ("one_second", "peak_flow", "middle_flow", "ratio"):
        values = [getattr(one, name) for one in found]
        assert values == sorted(values, reverse=True)
    assert found[1].ratio < 0.7


def test_stiff_lungs_are_small_and_empty_early(body):
    healthy, stiff = spirometry(body), spirometry(body.set(ards=0.5))
    assert stiff.vital_capacity < healthy.vital_capacity
    assert stiff.ratio > healthy.ratio


def test_a_relaxed_airway_blows_better(body):
    ill = body.set(asthma=0.5)
    assert spirometry(ill.give(salbutamol_airways=100.0)).one_second > 1.1 * spirometry(ill).one_second


def test_blocked_muscles_blow_little(body):
    weak, _ = body.give(rocuronium_central=50.0).run(180.0, every=180.0, watch=())
    assert spirometry(weak).vital_capacity < 0.3 * spirometry(body).vital_capacity


def test_a_small_woman_has_smaller_lungs(body):
    assert spirometry(Body.at_rest(Person("female", 30, 50, 155))).vital_capacity < spirometry(body).vital_capacity


def test_who_blows_goes_on_as_before(body):
    y = body.y.copy()
    spirometry(body)
    assert (body.y == y).all()
    rested, _ = body.set(breathing_manoeuvre=3.0).run(20.0, every=20.0, watch=())
    after, _ = rested.set(breathing_manoeuvre=0.0).run(120.0, every=120.0, watch=())
    assert after.value("arterial_pco2") == pytest.approx(body.value("arterial_pco2"), abs=1.5)


def test_a_held_breath_takes_in_nothing(body):
    _, told = body.set(breathing_manoeuvre=3.0).run(30.0, every=0.1, watch=("airflow", "arterial_so2", "arterial_pco2"))
    assert abs(told["airflow"]).max() == 0.0
    assert told["arterial_so2"][-1] < told["arterial_so2"][0]
    assert told["arterial_pco2"][-1] > told["arterial_pco2"][0]


def test_a_body_that_cannot_blow_is_refused(body, averaged):
    with pytest.raises(BadInput, match="averaged"):
        spirometry(averaged)
    with pytest.raises(BadInput, match="airway_device"):
        spirometry(body.set(airway_device=2.0))
