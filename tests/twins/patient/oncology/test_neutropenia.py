"""Neutrophils fall and recover under docetaxel, are learnt from counts, and schedules are held against each other."""

import numpy as np
import pytest

from twinward.core import Action, Observation, Observations, Subject, Twin
from twinward.core.laws import check_laws
from twinward.engines.ode import Event, solve
from twinward.errors import BadInput
from twinward.twins.patient.oncology import Schedule, Tissue
from twinward.twins.patient.oncology.marrow import PACLITAXEL
from twinward.twins.patient.oncology.neutropenia import NeutropeniaTwin
from twinward.twins.patient.oncology.schedules import (
    Chemotherapy,
    UncertainTissue,
    compare_chemotherapy,
    compare_radiotherapy,
)
from twinward.twins.patient.oncology.tumour import TumourTwin

HOUR, DAY = 3600.0, 86400.0
MODEL = NeutropeniaTwin()
TYPICAL = np.array([v.median for v in MODEL.parameters] + [0.0])
REST = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0])


def course(dose: float, days: float = 42.0, p: np.ndarray = TYPICAL) -> tuple[np.ndarray, np.ndarray]:
    """Days and neutrophils after one infusion of `dose` mg over an hour."""
    hours = np.arange(2.0, days * 24 + 1, 2.0)
    events = [Event.set(0.0, 11, dose), Event.set(1.0, 11, 0.0)] if dose else []
    found = solve(NeutropeniaTwin.derivative, REST, p, hours, MODEL.method, events=events)
    return hours / 24, found.y[0, :, 7] * p[0]


def test_without_drug_nothing_changes() -> None:
    np.testing.assert_allclose(course(0.0)[1], TYPICAL[0], rtol=1e-9)


def test_a_dose_leads_to_a_nadir_in_the_second_week_and_to_recovery() -> None:
    days, count = course(180.0)
    assert 6 < days[count.argmin()] < 11
    assert count.min() < 0.5  # grade 4 at 100 mg/m2, as typical
    assert count[days > 18].min() > 0.9 * TYPICAL[0]
    assert count[-1] == pytest.approx(TYPICAL[0], rel=0.1)


def test_more_dose_and_slower_clearance_never_help() -> None:
    nadirs = [course(dose)[1].min() for dose in (50.0, 100.0, 150.0, 200.0)]
    assert (np.diff(nadirs) < 0).all()
    slow = TYPICAL.copy()
    slow[4] *= 0.5
    assert course(150.0, p=slow)[1].min() < nadirs[2]


def test_all_that_is_given_is_cleared() -> None:
    """Linear kinetics: the area under the concentration is dose over clearance."""
    hours = np.linspace(0.05, 400.0, 8000)
    events = [Event.set(0.0, 11, 180.0), Event.set(1.0, 11, 0.0)]
    found = solve(NeutropeniaTwin.derivative, REST, TYPICAL, hours, MODEL.method, events=events)
    area = np.trapezoid(found.y[0, :, 0] / 7.4, hours)
    assert area == pytest.approx(180.0 / 38.5, rel=0.01)


def test_covariates_are_those_of_the_publication() -> None:
    subject = Subject("Patient/1", attributes={"sex": "female", "ecog": 1.0, "treated_before": 1.0})
    baseline = MODEL.parameters_of(subject)[0].median
    assert baseline == pytest.approx(5.21965 * (1 - 0.121451) * (1 + 0.130406) * (1 - 0.146837))
    protein = Subject("Patient/1", attributes={"alpha_1_acid_glycoprotein": 2.34})
    assert MODEL.parameters_of(protein)[2].median == pytest.approx(15.5711 * (1 - 0.350693))
    with pytest.raises(BadInput, match="ecog"):
        MODEL.parameters_of(Subject("Patient/1", attributes={"ecog": 7.0}))


def test_paclitaxel_lowers_leukocytes_and_lets_them_recover() -> None:
    """Friberg 2002: 175 mg/m2 over three hours, as typical: a nadir in the second week, recovery by the fourth."""
    model = NeutropeniaTwin(PACLITAXEL)
    assert set(model.signals) == {"leukocytes", "paclitaxel", "infusion"}
    p = np.array([v.median for v in model.parameters] + [0.0])
    hours = np.arange(6.0, 28 * 24 + 1, 6.0)
    events = [Event.set(0.0, 11, 105.0), Event.set(3.0, 11, 0.0)]
    count = solve(NeutropeniaTwin.derivative, REST, p, hours, model.method, events=events).y[0, :, 7] * p[0]
    assert 8 < hours[count.argmin()] / 24 < 14
    assert 1.0 < count.min() < 4.0  # below normal, not grade 4
    assert count[-1] > 0.9 * p[0]
    assert model.parameters_of(Subject("Patient/1", attributes={"sex": "female"}))[0].median == 7.21


def test_counts_of_one_cycle_tell_the_next() -> None:
    """A patient far more sensitive than the typical one: after one cycle, the next nadir is foreseen."""
    rng = np.random.default_rng(0)
    true = TYPICAL.copy()
    true[0], true[2] = 4.0, 15.5711 * 1.8
    rows = [Observation("Patient/1", "infusion", at, rate) for at, rate in ((0.0, 150.0), (HOUR, 0.0))]
    hours = np.array([5.0, 8.0, 11.0, 15.0, 20.0]) * 24
    found = solve(
        NeutropeniaTwin.derivative,
        REST,
        true,
        hours,
        MODEL.method,
        events=[Event.set(0, 11, 150.0), Event.set(1, 11, 0)],
    )
    counts = found.y[0, :, 7] * true[0] * np.exp(0.1 * rng.standard_normal(len(hours)))
    rows += [
        Observation("Patient/1", "neutrophils", t * HOUR, float(c), error_sd=0.1 * float(c))
        for t, c in zip(hours, counts, strict=True)
    ]
    rows.append(Observation("Patient/1", "neutrophils", -HOUR, 4.0, error_sd=0.4))
    twin, blank = (Twin(MODEL, "Patient/1", members=400, seed=seed) for seed in (1, 1))
    twin.observe(sorted(rows, key=lambda row: row.time))
    blank.observe([Observation("Patient/1", "neutrophils", 20 * DAY, 4.0, error_sd=0.4)])
    again = [Action("infusion", 150.0, start=21 * DAY, end=21 * DAY + HOUR)]
    truth = course(150.0, 21.0, true)[1].min()
    nadirs = [t.compare({"next": again}, "22 d", step="6 h")["next"].outcome("nadir") for t in (twin, blank)]
    errors = [abs(np.log(np.median(n) / truth)) for n in nadirs]
    assert errors[0] < 0.5 * errors[1]
    assert np.log(nadirs[0]).std() < 0.8 * np.log(nadirs[1]).std()
    assert np.quantile(nadirs[0], 0.02) < truth < np.quantile(nadirs[0], 0.98)


def test_the_loop_s_laws_hold() -> None:
    rows = [Observation("Patient/1", "infusion", at, rate) for at, rate in ((0.0, 150.0), (HOUR, 0.0))]
    rows += [Observation("Patient/1", "neutrophils", day * DAY, c) for day, c in ((5, 2.5), (8, 0.6), (15, 3.0))]
    check_laws(MODEL, "Patient/1", Observations.of(rows))


class TestSchedules:
    def test_weekly_doses_spare_the_marrow_at_the_same_intensity(self) -> None:
        marrow, tumour = Twin(MODEL, "Patient/1", members=150, seed=1), Twin(TumourTwin(), "Patient/1", members=150)
        marrow.observe([Observation("Patient/1", "neutrophils", 0.0, 5.0)])
        tumour.observe([Observation("Patient/1", "tumour_size", 0.0, 80.0)])
        plans = {"75 every 3 weeks": Chemotherapy(75, 3, 2), "25 a week": Chemotherapy(25, 1, 6)}
        rows = compare_chemotherapy(
            plans, marrow, tumour, reference=Chemotherapy(75, 3, 2), body_surface_m2=1.8, weeks=6
        ).set_index(["outcome", "scenario"])
        assert rows.loc[("nadir", "25 a week"), "level"] > 1.5 * rows.loc[("nadir", "75 every 3 weeks"), "level"]
        assert rows.loc[("grade_4", "25 a week"), "level"] < rows.loc[("grade_4", "75 every 3 weeks"), "level"]
        sizes = [rows.loc[("final_size", name), "level"] for name in plans]
        assert sizes[0] == pytest.approx(sizes[1], rel=1e-6)  # equal intensity, by the stated assumption
        assert rows.loc[("final_size", "25 a week"), "high"] < 0  # smaller than untreated, clearly

    def test_bad_schedules_are_refused(self) -> None:
        for make, field in (
            (lambda: Chemotherapy(0, 3, 2), "dose"),
            (lambda: Chemotherapy(75, 3, 0), "doses"),
            (lambda: Chemotherapy(75, 0.001, 2), "interval"),
        ):
            with pytest.raises(BadInput, match=field):
                make()

    def test_radiotherapy_is_paired_and_seeded(self) -> None:
        cells = UncertainTissue(
            Tissue(10.0, alpha=0.3, doubling_days=5.0, kick_off_days=21.0, clonogens=1e7), 0.2, 0.15, 0.2
        )
        late = UncertainTissue(Tissue(3.0), 0.2)
        plans = {"30 x 2": Schedule(30, 2.0), "20 x 2.75": Schedule(20, 2.75), "again": Schedule(30, 2.0)}
        rows = compare_radiotherapy(plans, cells, late, members=200, seed=3).set_index("schedule")
        assert rows.loc["again", "control_difference"] == 0  # the same draws for the same schedule
        # Shorter in time: less is lost to regrowth, though the dose is lower.
        assert rows.loc["20 x 2.75", "difference_low"] > 0
        assert rows.loc["30 x 2", "late_bed"] == pytest.approx(100, rel=0.05)
        assert (rows["control_low"] < rows["control"]).all()
        assert (rows["control"] < rows["control_high"]).all()
        assert rows.equals(compare_radiotherapy(plans, cells, late, members=200, seed=3).set_index("schedule"))
