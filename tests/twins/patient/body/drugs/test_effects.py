"""What drugs do: nothing when nothing was given, more with more, and together as pharmacology says."""

import numpy as np
import pytest
from tests.twins.patient.body.drugs.alone import Alone

from twinward.twins.patient.body.couplings import COUPLINGS
from twinward.twins.patient.body.drugs.groups import GROUPS
from twinward.twins.patient.body.drugs.table import DRUGS
from twinward.twins.patient.body.person import Person

_TOLD = [one.name for one in COUPLINGS if one.name.startswith("drug_")]
_BLOCK = "drug_neuromuscular_block"


def test_nothing_given_changes_nothing_at_all() -> None:
    body = Alone()
    before = body.y.copy()
    body.run(600.0)
    assert np.array_equal(body.y, before)
    assert all(body[name] == (0.0 if name == _BLOCK else 1.0) for name in _TOLD)


@pytest.mark.parametrize("drug", [d for d in DRUGS if d.potencies], ids=lambda drug: drug.name)
def test_more_does_more(drug) -> None:  # type: ignore[no-untyped-def]
    """Each coupling moves one way with the concentration, and the drug moves something."""
    lowest = min(one.ec50 for one in drug.potencies)
    doses = [0.0, *(lowest * np.geomspace(0.1, 30.0, 8))]
    told = np.array([[Alone().give(**{f"{drug.name}_effect": dose})[name] for name in _TOLD] for dose in doses])
    assert np.any(np.abs(told[-1] - told[0]) > 0.05)
    # adrenaline and noradrenaline open vessels through one receptor and narrow them through the other
    single = [i for i, name in enumerate(_TOLD) if not (drug.name == "adrenaline" and name == "drug_resistance")]
    steps = np.diff(told[:, single], axis=0)
    assert np.all(np.all(steps >= -1e-12, axis=0) | np.all(steps <= 1e-12, axis=0))


def test_half_of_the_effect_at_the_ec50() -> None:
    body = Alone(Person("male", 35.0, 70.0, 170.0)).give(propofol_effect=3.08)
    assert body["drug_consciousness"] == pytest.approx(0.5)
    assert Alone().give(rocuronium_effect=0.823)[_BLOCK] == pytest.approx(0.5)


def test_two_hypnotics_add_up_as_doses_of_one() -> None:
    """Loewe: half an EC50 of each is one EC50."""
    both = Alone(Person("male", 35.0, 70.0, 170.0)).give(propofol_effect=1.54, ketamine_effect=0.2)
    assert both["drug_consciousness"] == pytest.approx(0.5)


def test_independent_groups_multiply() -> None:
    propofol = Alone().give(propofol_effect=1.0)["drug_ventilatory_drive"]
    fentanyl = Alone().give(fentanyl_effect=1.0)["drug_ventilatory_drive"]
    both = Alone().give(propofol_effect=1.0, fentanyl_effect=1.0)["drug_ventilatory_drive"]
    assert both == pytest.approx(propofol * fentanyl)


def test_naloxone_shifts_opioids_and_nothing_else() -> None:
    """Competitive: as much naloxone as doubles the concentration needed, and twice the opioid, give the same."""
    alone = Alone().give(fentanyl_effect=2.0)["drug_ventilatory_drive"]
    assert Alone().give(fentanyl_effect=4.0, naloxone_effect=1.5)["drug_ventilatory_drive"] == pytest.approx(alone)
    assert Alone().give(fentanyl_effect=2.0, naloxone_effect=50.0)["drug_ventilatory_drive"] > 0.85
    propofol = Alone().give(propofol_effect=2.0)["drug_ventilatory_drive"]
    assert Alone().give(propofol_effect=2.0, naloxone_effect=50.0)["drug_ventilatory_drive"] == propofol


def test_overdose_gets_worse_and_naloxone_wakes() -> None:
    drive = [Alone().set(opioid_overdose=s)["drug_ventilatory_drive"] for s in (0.0, 0.1, 0.3, 1.0)]
    assert drive[0] == 1.0 and np.all(np.diff(drive) < 0.0) and drive[-1] < 0.05
    body = Alone().set(opioid_overdose=0.3).give(naloxone_central=2000.0).run(300.0)
    assert body["drug_ventilatory_drive"] > 5.0 * drive[2]
    assert body["drug_pupil"] > Alone().set(opioid_overdose=0.3)["drug_pupil"]


def test_esmolol_takes_what_adrenaline_does_to_the_heart() -> None:
    alone = Alone().give(adrenaline_effect=4.0)["drug_heart_rate"]
    assert Alone().give(adrenaline_effect=4.0, esmolol_effect=4.0)["drug_heart_rate"] < 0.75 * alone


def test_nerve_agent_pupils_first_and_the_breath_last() -> None:
    drive, block, pupil = [], [], []
    for severity in (0.0, 0.2, 0.45, 0.78, 1.0):
        body = Alone().set(nerve_agent=severity).run(1800.0)
        assert body["acetylcholinesterase"] == pytest.approx(1.0 - severity, abs=0.01)
        drive.append(body["drug_ventilatory_drive"])
        block.append(body[_BLOCK])
        pupil.append(body["drug_pupil"])
    assert np.all(np.diff(drive) < 0.0) and np.all(np.diff(block) > 0.0) and np.all(np.diff(pupil) < 0.0)
    assert pupil[1] < 0.7 and drive[1] > 0.99 and block[-1] > 0.9


def test_pralidoxime_reactivates_and_atropine_does_not() -> None:
    def poisoned() -> Alone:
        return Alone().set(nerve_agent=0.78).run(1800.0)

    untreated, oxime = poisoned().run(900.0), poisoned().give(pralidoxime_central=1155.0).run(900.0)
    atropine = poisoned().give(atropine_central=4.0).run(900.0)
    assert oxime["acetylcholinesterase"] > untreated["acetylcholinesterase"] + 0.2
    assert oxime[_BLOCK] < 0.5 * untreated[_BLOCK]
    assert atropine["acetylcholinesterase"] == pytest.approx(untreated["acetylcholinesterase"])
    assert atropine["drug_heart_rate"] > 1.2 > untreated["drug_heart_rate"]
    assert atropine["drug_airway_resistance"] < untreated["drug_airway_resistance"]
    assert atropine[_BLOCK] == pytest.approx(untreated[_BLOCK])


def test_old_people_need_less_propofol() -> None:
    def awake(age: float) -> float:
        return Alone(Person("male", age, 77.0, 180.0)).give(propofol_effect=2.5)["drug_consciousness"]

    assert awake(25.0) > awake(50.0) > awake(85.0)


def test_every_group_has_a_drug() -> None:
    used = {one.group for drug in DRUGS for one in drug.potencies}
    assert used == {group.name for group in GROUPS}


def test_inhaled_salbutamol_opens_the_airways_and_spares_the_heart() -> None:
    puffs = [Alone().give(salbutamol_airways=0.112 * dose) for dose in (100.0, 200.0, 400.0)]
    open_to = [one["drug_airway_resistance"] for one in puffs]
    assert open_to == sorted(open_to, reverse=True) and open_to[0] < 0.6
    later = puffs[1].run(4.0 * 3600.0)
    assert later["drug_airway_resistance"] < 0.9
    assert later["drug_heart_rate"] == pytest.approx(1.0, abs=0.01)
