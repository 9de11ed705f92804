"""A bank of twins: the same bits as single twins, late data and failures kept apart."""

import numpy as np
import pytest

from twinward.core import Observation, Observations, Subject, Twin
from twinward.errors import BadInput
from twinward.models.bank import Bank, TwinsFailed
from twinward.models.two_compartment import TwoCompartment

H = 3600.0
SUBJECTS = [Subject(f"Patient/{i}", attributes={"weight": 50.0 + 5 * i}) for i in range(12)]


class Drifting(TwoCompartment):
    """With chance, so that random numbers matter; on two threads."""

    parameters = tuple(
        v if v.name != "clearance" else type(v)("clearance", "L/h", "Clearance", 4.5, 0.4, v.scale, drift_sd=0.05)
        for v in TwoCompartment.parameters
    )
    threads = 2


def feed() -> Observations:
    """Irregular: every patient has other times and numbers of samples; some doses come with a sample."""
    rng = np.random.default_rng(0)
    rows = []
    for i, subject in enumerate(SUBJECTS):
        rows.append(Observation(subject.id, "dose", float(i) * H, 1000.0))
        for time in np.sort(rng.uniform(0, 48, 1 + i % 5)):
            rows.append(Observation(subject.id, "concentration", (i + time) * H, float(rng.uniform(5, 30))))
        rows.append(Observation(subject.id, "concentration", (i + 12.0) * H, 10.0))
        rows.append(Observation(subject.id, "dose", (i + 12.0) * H, 500.0))
    return Observations.of([rows[k] for k in rng.permutation(len(rows))])


@pytest.mark.parametrize("model", [TwoCompartment(), Drifting()])
def test_a_bank_ends_in_the_bits_of_single_twins_however_it_is_fed(model):
    seen = feed()
    at_once, in_portions = (Bank(model, SUBJECTS, members=40, seed=9) for _ in range(2))
    told = at_once.observe(seen)
    assert told.accepted == len(seen)
    for first in range(0, len(seen), 7):  # in random order: most of it arrives late
        in_portions.observe(seen[first : first + 7])
    in_portions.observe(seen)
    later = float(seen.time.max()) + 5 * H
    board = at_once.estimate(later)
    for i, subject in enumerate(SUBJECTS):
        alone = Twin(model, subject, members=40, seed=9)
        alone.observe(seen[seen.subject == subject.id])
        assert at_once[subject.id].digest() == alone.digest()
        assert in_portions[subject.id].digest() == alone.digest()
        np.testing.assert_array_equal(board["concentration"][i], alone.estimate(later)["concentration"])
    assert board.subject.to_numpy().tolist() == [s.id for s in SUBJECTS]


def test_two_patients_with_the_same_data_have_beliefs_of_their_own():
    bank = Bank(TwoCompartment(), ["Patient/1", "Patient/2"], members=20)
    bank.observe(Observations.of([Observation(f"Patient/{i}", "dose", 0.0, 100.0) for i in (1, 2)]))
    assert bank["Patient/1"].digest() != bank["Patient/2"].digest()


def test_an_unknown_subject_is_kept_in_the_quarantine():
    bank = Bank(TwoCompartment(), ["Patient/1"], members=20)
    rows = [Observation("Patient/1", "dose", 0.0, 1.0), Observation("Patient/9", "dose", 0.0, 1.0)]
    told = bank.observe(Observations.of(rows))
    assert (told.accepted, told.quarantined) == (1, 1)
    assert "Patient/9" in next(iter(bank.quarantine)).reason


def test_one_twin_that_fails_does_not_hold_up_the_others():
    rows = [Observation(f"Patient/{i}", "dose", 0.0, 100.0) for i in (1, 2)]
    rows.append(Observation("Patient/1", "concentration", 1e13, 5.0))  # three hundred thousand years later
    rows.append(Observation("Patient/2", "concentration", 4 * H, 1.0))

    class Impatient(TwoCompartment):
        method = type(TwoCompartment.method)(max_steps=200)

    bank = Bank(Impatient(), ["Patient/1", "Patient/2"], members=20)
    with pytest.raises(TwinsFailed) as caught:
        bank.observe(Observations.of(rows))
    assert list(caught.value.failures) == ["Patient/1"]
    assert "max_steps" in str(caught.value)
    alone = Twin(Impatient(), "Patient/2", members=20)
    alone.observe([row for row in rows if row.subject == "Patient/2"])
    assert bank["Patient/2"].digest() == alone.digest()


def test_subjects_come_and_go():
    bank = Bank(TwoCompartment(), ["Patient/1"], members=20)
    with pytest.raises(BadInput):
        bank.add("Patient/1")
    assert bank.remove("Patient/1").subject.id == "Patient/1"
    assert len(bank) == 0
    with pytest.raises(BadInput):
        bank["Patient/1"]
    with pytest.raises(BadInput):
        bank.estimate(0.0)
