"""Glucose and insulin: against simglucose and published effects; whether a person is learnt rightly from a week."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from scipy.optimize import brentq

from twinward.core.arrays import FloatArray
from twinward.core.evidence import Check, Evidence
from twinward.core.observation import Observations
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.engines.ode import Event, RungeKutta4, solve
from twinward.inference.simulation_based_calibration import ranks, uniformity
from twinward.twins.patient.metabolism.identifiability import INFERRED_BELOW
from twinward.twins.patient.metabolism.learning import Learnt
from twinward.twins.patient.metabolism.personal.equations import PARAMETERS
from twinward.twins.patient.metabolism.personal.identifiability import insulin_sensitivity
from twinward.twins.patient.metabolism.personal.learn import learn
from twinward.twins.patient.metabolism.personal.synthetic import Week, synthetic_weeks
from twinward.twins.patient.metabolism.plan import Plan
from twinward.twins.patient.metabolism.type1.cohort import VirtualPatient, cohort
from twinward.twins.patient.metabolism.type1.reference_day import MINUTES, reference_plans
from twinward.twins.patient.metabolism.type1.simulate import STEPS_A_MINUTE, simulate_days
from twinward.twins.patient.metabolism.type2.personal import equations as type_2
from twinward.twins.patient.metabolism.type2.personal.identifiability import disposition_index
from twinward.twins.patient.metabolism.type2.personal.identifiability import insulin_sensitivity as type_2_sensitivity
from twinward.twins.patient.metabolism.type2.personal.learn import learn as learn_type_2
from twinward.twins.patient.metabolism.type2.personal.model import at_rest, inputs_of
from twinward.twins.patient.metabolism.type2.personal.population import from_standard
from twinward.twins.patient.metabolism.type2.personal.population import medians as type_2_medians
from twinward.twins.patient.metabolism.type2.personal.synthetic import synthetic_weeks as type_2_weeks

_NEAR = 0.05  # mg/dL, the issue's
_PEOPLE_T2, _DAWN_PEOPLE = 100, 400
_PEOPLE, _MEMBERS, _DAYS, _EVERY, _SEED = 200, 99, 7, 15, 2026


def checks() -> tuple[Check, ...]:
    """The checks of this part."""
    return (
        Check(("uva-padova", "uva-padova-step"), "30 virtual patients, 24 h with meals and boluses", _uva_padova),
        Check(
            ("identify", "identify-coverage", "identify-sensitivity"),
            f"{_PEOPLE} synthetic patients, {_DAYS} days of a noisy sensor: simulation-based calibration", _identify,
        ),
        Check(("dawn", "dawn-insulin", "dawn-t2"), "the dawn effect beside published rises", _dawn),
        Check(("exercise-t2",), "an hour of exercise in type 2 diabetes", _exercise),
        Check(("metformin",), "what metformin comes to", _metformin),
        Check(
            ("identify-t2", "identify-t2-coverage", "identify-t2-sensitivity"),
            f"{_PEOPLE_T2} synthetic people with type 2 diabetes: simulation-based calibration", _identify_type_2,
        ),
    )  # fmt: skip


def reference_day() -> FloatArray:
    """Glucose that simglucose itself computed for the cohort's reference day, mg/dL, (patients, minutes + 1)."""
    with (
        as_file(files("twinward.twins.patient.metabolism.type1") / "data" / "reference_day.npz") as path,
        np.load(path) as told,
    ):
        return np.asarray(told["glucose"], dtype=np.float64)


def _uva_padova(data: Path | None) -> Iterator[Evidence]:
    patients, plans = cohort(), reference_plans()
    ours = simulate_days(patients, plans, MINUTES)
    away = np.abs(ours - reference_day()).max(axis=1)
    worst = int(away.argmax())
    yield Evidence(
        "uva-padova", "largest difference from simglucose, all 30 patients, every minute of 24 h", "verification",
        float(away[worst]), 0.0, f"<= {_NEAR}", "simglucose 0.2.11, run by benchmarks/peers/simglucose_days.py",
        bool(away[worst] <= _NEAR), "mg/dL",
        note=f"worst {patients[worst].name}; the oracle's own answers are stored with the parameters, and it is run "
        "anew, in an environment of its own, by the benchmark glucose-speed",
    )  # fmt: skip
    finer = np.abs(ours - simulate_days(patients, plans, MINUTES, 2 * STEPS_A_MINUTE)).max()
    yield Evidence(
        "uva-padova-step", "largest difference between the step and half the step", "verification",
        float(finer), 0.0, f"<= {_NEAR}", "the same equations", bool(finer <= _NEAR), "mg/dL",
        note=f"RK4, {1 / STEPS_A_MINUTE:g} min, meals in quarters while the stomach switches",
    )  # fmt: skip


def _dawn(data: Path | None) -> Iterator[Evidence]:
    """Published rises under constant insulin, and how much more insulin holds glucose, beside the virtual patients."""
    young = [one for one in cohort() if one.group == "adolescent"]
    glucose = simulate_days(young, [Plan(basal=one.basal) for one in young], 600, dawn=1.0)
    rise = float((glucose[:, 480] - glucose[:, 60]).mean())
    yield Evidence(
        "dawn", "rise of glucose from 1 to 8 h under constant insulin, 10 virtual adolescents", "validation",
        rise, 50.4, "within 23 of 50: the standard errors 0.7 and 1.1 mmol/L of both ends",
        "Beaufrère et al. 1988, Diabetologia 31:607: 4.3 to 7.1 mmol/L in 8 adolescents", abs(rise - 50.4) <= 23.0,
        "mg/dL",
        note="amplitude 1: production and uptake as Perriello et al. 1990, Diabetologia 33:52, found them; the largest "
        "published rise is 127 (6 people; Campbell et al. 1985, N Engl J Med 312:1473)",
    )  # fmt: skip
    more = np.array([_needed(one) for one in cohort()])
    middle = 100.0 * float(np.median(more))
    yield Evidence(
        "dawn-insulin", "more basal insulin before dawn that holds glucose, median of 30 virtual patients",
        "validation", middle, 58.1, "within the quartiles 28.8 to 110.6",
        "Ostrovski et al. 2018, Diabetes 67 suppl 1:10-OR: pump users who have a dawn phenomenon",
        28.8 <= middle <= 110.6, "%",
        note=f"quartiles {100 * np.quantile(more, 0.25):.0f} to {100 * np.quantile(more, 0.75):.0f}; intravenous "
        "insulin showed 19 % in 114 people (Perriello et al. 1991, Diabetologia 34:21): amplitude 1 is more than that",
    )  # fmt: skip
    z = Streams(_SEED).child("dawn").generator().standard_normal((_DAWN_PEOPLE, len(type_2.PARAMETERS)))
    night = _type_2_course(from_standard(z, 80.0), 480.0)
    rise = night[:, -2] - night[:, :25].min(axis=1)  # at 7:45, from the lowest until 6 h
    low, middle, high = (float(q) for q in np.quantile(rise, [0.25, 0.5, 0.75]))
    yield Evidence(
        "dawn-t2", "rise from the night's lowest to breakfast in type 2 diabetes, median of the prior", "calibration",
        middle, 16.0, "within 3 of the median it was set by", "Monnier et al. 2013, Diabetes Care 36:4057, 248 people",
        abs(middle - 16.0) <= 3.0, "mg/dL", note=f"quartiles {low:.0f} and {high:.0f}; published 0 and 31.5",
    )  # fmt: skip


def _needed(one: VirtualPatient) -> float:
    """How much more insulin from 1:40 to 7:40 brings glucose at 8 h back to that at 2 h, as a share of basal."""

    def missed(share: float) -> float:
        extra = tuple((minute, share * one.basal / 6.0) for minute in range(100, 460, 10))
        glucose = simulate_days([one], [Plan(boluses=extra, basal=one.basal)], 480, dawn=1.0)[0]
        return float(glucose[480] - glucose[120])

    return float(brentq(missed, 0.0, 5.0, xtol=1e-3))


def _type_2_course(p: FloatArray, minutes: float, **changed: tuple[float, float, float]) -> FloatArray:
    """Plasma glucose of people with type 2 diabetes at rest each quarter of an hour from midnight, mg/dL.

    `changed`: input -> from, until, value.
    """
    inputs = inputs_of(Subject("Patient/1", attributes={"weight": 80.0, "age": 55.0}))
    y = at_rest(p, inputs, np.zeros((len(p), 2)))
    events = [
        Event.set(at, len(type_2.PARAMETERS) + type_2.INPUTS.index(name), value)
        for name, (begin, end, level) in changed.items()
        for at, value in ((begin, level), (end, 0.0))
    ]
    full, times = np.column_stack([p, np.tile(inputs, (len(p), 1))]), np.arange(0.0, minutes + 1.0, 15.0)
    told = solve(type_2.slope, y, full, times, RungeKutta4(1.0), events=events).y
    return np.asarray(told[:, :, type_2.PLASMA] / type_2.VOLUME)


def _exercise(data: Path | None) -> Iterator[Evidence]:
    """The activity model is of type 1 diabetes; what it makes of people with type 2 diabetes."""
    z = Streams(_SEED).child("exercise").generator().standard_normal((_DAWN_PEOPLE, len(type_2.PARAMETERS)))
    p = from_standard(z, 80.0)
    p = p[p[:, type_2.GB] > 144.0]
    still, moved = _type_2_course(p, 660.0), _type_2_course(p, 660.0, exercise=(600.0, 660.0, 60.0))
    share = 100.0 * float((moved[:, -1] / still[:, -1] - 1.0).mean())
    yield Evidence(
        "exercise-t2", "glucose after an hour at 60 %, fasting, type 2 diabetes above 8 mmol/L, mean", "validation",
        share, -12.0, "within 6 of -12 (SD between sessions 13)",
        "Gaudet-Savard et al. 2007, PMID 18043307: 43 men, 60 % of peak oxygen uptake", abs(share + 12.0) <= 6.0, "%",
        note="below 6 mmol/L theirs rose by 27 %, which a model without counter-regulation cannot show; % of the "
        "heart-rate reserve stands for % of peak oxygen uptake",
    )  # fmt: skip


def _metformin(data: Path | None) -> Iterator[Evidence]:
    """Set by the glucose production of one study; fasting glucose there and in another follows."""
    p = np.tile(type_2_medians(), (2, 1))
    p[:, type_2.DAWN] = 1e-9
    # Jackson: 172 mg/dL, 2.67 mg/kg/min. Hundal: 15.5 mmol/L, 0.70 mmol/m2/min, at 85 kg and 1.9 m2.
    p[:, type_2.GB], p[:, type_2.EGPB] = (172.0, 279.3), (2.67, 0.70 * 180.16 * 1.9 / 85.0)
    glucose = _type_2_course(p, 7200.0, metformin=(0.0, 8000.0, 1.0))
    jackson, hundal = 100.0 * (glucose[:, -1] / p[:, type_2.GB] - 1.0)
    yield Evidence(
        "metformin", "fasting glucose under metformin at 15.5 mmol/L", "calibration", float(hundal), -30.0,
        "within 10 of -30", "Hundal et al. 2000, Diabetes 49:2063: 7 people, 3 months",
        bool(abs(hundal + 30.0) <= 10.0), "%",
        note=f"at 172 mg/dL {jackson:.0f}; published -40 (Jackson et al. 1987, Diabetes 36:632), by whose fall of "
        "glucose production, 18 %, and unchanged insulin the effect was set; Hundal's production fell by 24 %. Known "
        "when the form was chosen: with secretion's threshold unmoved glucose would fall by some 12 % only",
    )  # fmt: skip


def _identify(data: Path | None) -> Iterator[Evidence]:
    weeks = synthetic_weeks(_PEOPLE, Streams(_SEED).child("people"), _DAYS, _EVERY)
    derived = {"insulin_sensitivity": insulin_sensitivity}
    yield from _calibration("identify", weeks, learn, PARAMETERS, derived, "")


def _identify_type_2(data: Path | None) -> Iterator[Evidence]:
    weeks = type_2_weeks(_PEOPLE_T2, Streams(_SEED).child("people-t2"), _DAYS, _EVERY)
    derived = {"insulin_sensitivity": type_2_sensitivity, "disposition_index": disposition_index}
    yield from _calibration("identify-t2", weeks, learn_type_2, type_2.PARAMETERS, derived, ", type 2 diabetes")


def _calibration(
    name: str, weeks: Sequence[Week], learning: Callable[[Subject, Observations, int, Streams], Learnt],
    parameters: Sequence[str], derived: Mapping[str, Callable[[FloatArray], FloatArray]], of: str,
) -> Iterator[Evidence]:  # fmt: skip
    """Truths drawn from the prior must rank uniformly in their posteriors (Talts et al. 2018, arXiv:1804.06788)."""

    def columns(values: FloatArray) -> FloatArray:
        return np.concatenate([values, *(index(values)[..., None] for index in derived.values())], axis=-1)

    names, twins = (*parameters, *derived), Streams(_SEED).child("twins")
    found = [learning(week.subject, week.seen, _MEMBERS, twins.child(i)) for i, week in enumerate(weeks)]
    truth = columns(np.array([week.parameters for week in weeks]))
    posterior = columns(np.array([one.belief["parameters"] for one in found]))
    rank = ranks(truth, posterior, np.random.default_rng(_SEED))
    p = [uniformity(rank[:, j], _MEMBERS).p for j in range(len(names))]
    low, high = np.quantile(posterior, [0.05, 0.95], axis=1)
    inside = ((truth >= low) & (truth <= high)).mean(axis=0)
    source = "Talts et al. 2018; people drawn from the whole prior, 7 days of a sensor every 15 min with a slow error"
    worst = int(np.argmin(p))
    told = ", ".join(f"{one} {value:.3f}" for one, value in zip(names, p, strict=True))
    yield Evidence(
        name, f"ranks of the truths in their posteriors, smallest p of a chi-square test{of}", "verification",
        p[worst], 0.01, "> 0.01 for each parameter", source, p[worst] > 0.01, note=f"{len(weeks)} people: {told}",
    )  # fmt: skip
    told = ", ".join(f"{one} {100 * value:.0f}" for one, value in zip(names, inside, strict=True))
    yield Evidence(
        f"{name}-coverage", f"truths in the 90 % interval, the parameter least often covered{of}", "verification",
        100.0 * float(inside.min()), 90.0, "80-95 % for each parameter", source,
        bool((inside >= 0.80).all() and (inside <= 0.95).all()), "%", note=told,
    )  # fmt: skip
    at = len(parameters) + list(derived).index("insulin_sensitivity")
    error = np.abs(np.median(posterior[:, :, at], axis=1) / truth[:, at] - 1.0)
    ratio = np.median([one.posterior_sd / one.prior_sd for one in found], axis=0)
    kept = ", ".join(one for one, value in zip(parameters, ratio, strict=True) if value >= INFERRED_BELOW)
    yield Evidence(
        f"{name}-sensitivity", f"insulin sensitivity from a week, median error{of}", "verification",
        100.0 * float(np.median(error)), None, "reported", source, None, "%",
        note=f"90 % of people within {100 * np.quantile(error, 0.9):.0f} %; mostly prior: {kept or 'none'}",
    )  # fmt: skip
