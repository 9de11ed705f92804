"""Illnesses act through the physics: nothing at 0, worse with more, together worse than each, whatever the body."""

import pytest
from tests.twins.patient.body.circulation.alone import bled, mean

from twinward.twins.patient.body.person import Person


@pytest.mark.parametrize(
    ("condition", "what", "up"),
    [
        ("tamponade", "stroke_volume", False),
        ("tamponade", "central_venous_pressure", True),
        ("sepsis", "arterial_pressure", False),
        ("anaphylaxis", "arterial_pressure", False),
        ("systolic_heart_failure", "stroke_volume", False),
        ("systolic_heart_failure", "wedge_pressure", True),
        ("diastolic_heart_failure", "wedge_pressure", True),
        ("myocardial_infarction", "mean_cardiac_output", False),
        ("sinus_bradycardia", "heart_rate", False),
        ("sinus_tachycardia", "heart_rate", True),
        ("atrial_fibrillation", "stroke_volume", False),
        ("pulmonary_embolism", "pulmonary_arterial_pressure", True),
        ("brain_injury", "intracranial_pressure", True),
        ("brain_injury", "brain_flow", False),
        ("brain_injury", "heart_rate", False),
        ("acute_stress", "heart_rate", True),
        ("left_renal_artery_stenosis", "kidney_flow", False),
        ("haemorrhage", "mean_cardiac_output", False),
    ],
)
def test_more_is_worse(condition: str, what: str, up: bool) -> None:
    found = [mean({condition: severity})[what] for severity in (0.0, 0.3, 0.6, 1.0)]
    assert found == sorted(found, reverse=not up)
    assert abs(found[-1] - found[0]) > 0.02 * abs(found[0])


def test_two_at_once_are_worse_than_each() -> None:
    alone = [mean(one)["arterial_pressure"] for one in ({"sepsis": 0.6}, {"haemorrhage": 0.8})]
    assert mean({"sepsis": 0.6, "haemorrhage": 0.8})["arterial_pressure"] < min(alone) - 2.0


# Classes of the American College of Surgeons: 10, 22.5, 35, 45 % of the blood lost; pressure and output, per cent of
# normal, within 10 points: the target of the twin. Here no water comes from the tissues; the shares are those that are
# missing in the whole body after a quarter of an hour, when an eighth of what was lost has come back.
@pytest.mark.parametrize(
    ("share", "pressure", "output"),
    [(0.085, 100.0, None), (0.195, 100.0, None), (0.305, 80.0, 66.7), (0.385, 55.0, 50.0)],
)
def test_classes_of_haemorrhage(share: float, pressure: float, output: float | None) -> None:
    rest, after = bled(0.0), bled(share)
    assert 100.0 * after["arterial_pressure"] / rest["arterial_pressure"] == pytest.approx(pressure, abs=10.0)
    assert after["heart_rate"] > rest["heart_rate"] + 1.0
    if output is not None:
        assert 100.0 * after["mean_cardiac_output"] / rest["mean_cardiac_output"] == pytest.approx(output, abs=10.0)


def test_brain_and_heart_are_spared_when_blood_is_lost() -> None:
    rest, after = bled(0.0), bled(0.3)
    assert after["brain_flow"] > 0.93 * rest["brain_flow"]
    assert after["muscle_flow"] < 0.7 * rest["muscle_flow"]
    assert after["gut_flow"] < 0.85 * rest["gut_flow"]


def test_draining_a_tamponade_lets_the_heart_fill() -> None:
    squeezed = mean({"tamponade": 0.9})
    drained = mean({"tamponade": 0.9, "pericardial_drainage": 200.0})
    assert drained["stroke_volume"] > squeezed["stroke_volume"] + 5.0


@pytest.mark.parametrize(
    "person", [Person("female", 30, 60, 165), Person("male", 70, 110, 175), Person("female", 80, 45, 150)]
)
def test_other_bodies_have_the_same_pressures_and_their_own_flow(person: Person) -> None:
    reference = mean()
    blood = 15.0 if person.male else 13.5
    other = mean(person=person, others={"haemoglobin": blood})
    assert other["arterial_pressure"] == pytest.approx(reference["arterial_pressure"], abs=3.0)
    assert other["central_venous_pressure"] == pytest.approx(reference["central_venous_pressure"], abs=1.0)
    surface = person.body_surface_area / Person().body_surface_area
    assert other["mean_cardiac_output"] / reference["mean_cardiac_output"] == pytest.approx(surface, rel=0.05)


def test_thin_blood_flows_faster() -> None:
    thin, thick = mean(others={"haemoglobin": 9.0, "arterial_o2_content": 0.12}), mean(others={"haemoglobin": 20.0})
    assert thin["mean_cardiac_output"] > mean()["mean_cardiac_output"] * 1.03 > thick["mean_cardiac_output"]
    assert thin["brain_flow"] > 1.3 * mean()["brain_flow"]  # what it carries is kept


def test_carbon_dioxide_opens_the_brains_vessels() -> None:
    assert mean(others={"arterial_pco2": 55.0})["brain_flow"] > 1.3 * mean()["brain_flow"]
    assert mean(others={"arterial_pco2": 28.0})["brain_flow"] < 0.8 * mean()["brain_flow"]
