"""The body at rest, bleeding, ventilated, over a day, and through the published tables of signs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from twinward.core.evidence import Check, Evidence
from twinward.twins.patient.body.body import Body
from twinward.twins.patient.body.layout import STATES
from twinward.twins.patient.evidence import healthy
from twinward.twins.patient.evidence.balances import BALANCES
from twinward.twins.patient.evidence.scenarios import judge

_ATLS = "American College of Surgeons, ATLS 10th ed., table 3-1; pressures and outputs as the issue states them"


def checks() -> tuple[Check, ...]:
    """Every check of the whole body."""
    return (
        Check(("healthy",), "resting values of a healthy adult", _healthy, (healthy.FILE,), "validation"),
        Check(("haemorrhage", "haemorrhage-volume"), "blood loss, class I to IV", _haemorrhage),
        Check(("ventilated",), "a healthy adult on a ventilator", _ventilated, (), "validation"),
        Check(("mass",), "balances over a day", _mass),
        Check(("fidelity",), "beats followed or averaged: the same body", _fidelity),
        Check(("scenarios",), "published tables of signs", _scenarios, (judge.FILE,), "validation"),
    )


def _healthy(data: Path | None) -> Iterator[Evidence]:
    assert data is not None
    rows = list(healthy.compare(data / healthy.FILE, Body.at_rest()))
    core = [row for row in rows if row.quantity in healthy.CORE]
    inside = sum(row.inside for row in core) / len(core)
    out = [f"{row.quantity} {row.value:.4g} ({row.low:.4g} to {row.high:.4g})" for row in rows if not row.inside]
    everything = sum(row.inside for row in rows) / len(rows)
    yield Evidence(
        "healthy", f"share of {len(core)} core vitals within their reference range", "validation", inside, 0.95,
        ">= 0.95",
        "Pulse Physiology Engine, SystemValidationData (2024)", inside >= 0.95,
        note=f"of all {len(rows)} quantities compared {everything:.3f}; outside: {'; '.join(out) or 'none'}",
    )  # fmt: skip


# ATLS: I to 15 %, II 15 to 30 %, III 30 to 40 %, IV above; the middle of a class, and of the open one 5 % beyond.
# class: (share of the blood volume lost, MAP in % of normal, cardiac output as a share of normal or None)
_CLASSES: Mapping[str, tuple[float, float, float | None]] = {
    "I": (0.15, 100.0, None),
    "II": (0.225, 100.0, None),
    "III": (0.35, 80.0, 2.0 / 3.0),
    "IV": (0.45, 55.0, 0.5),
}


def _haemorrhage(data: Path | None) -> Iterator[Evidence]:
    rest = Body.at_rest()
    _, before = rest.run(20.0, watch=("arterial_pressure", "cardiac_output", "heart_rate"))
    normal = {str(name): float(values.mean()) for name, values in before.data_vars.items()}
    worst, told, good, drift = 0.0, [], True, 0.0
    for name, (share, pressure, output) in _CLASSES.items():
        volume = rest.value("blood_volume")
        minutes = 30.0  # ATLS tells of patients as they arrive
        body, _ = rest.set(bleeding_rate=share * volume / minutes).run(60.0 * minutes, every=60.0, watch=())
        lost = body.value("bled") - rest.value("bled")
        drift = max(drift, abs(lost - share * volume) / volume, _blood_error(rest, body))
        body, _ = body.set(bleeding_rate=0.0).run(60.0, every=60.0, watch=())
        _, seen = body.run(20.0, watch=("arterial_pressure", "cardiac_output", "heart_rate"))
        now = {str(one): float(values.mean()) for one, values in seen.data_vars.items()}
        found = 100.0 * now["arterial_pressure"] / normal["arterial_pressure"]
        flow, rate = now["cardiac_output"] / normal["cardiac_output"], now["heart_rate"] / normal["heart_rate"]
        worst = max(worst, abs(found - pressure))
        good &= rate > 1.0 and (output is None or abs(flow - output) <= 0.10)
        told.append(f"{name}: MAP {found:.0f} % ({pressure:.0f}), output {flow:.2f}, rate {rate:.2f}")
    yield Evidence(
        "haemorrhage", "largest deviation of mean arterial pressure, % of normal; rate up, output 2/3 and 1/2",
        "validation", worst, 0.0, "<= 10 points in every class, output within 0.10, rate above rest", _ATLS,
        worst <= 10.0 and good, "%", note="; ".join(told),
    )  # fmt: skip
    yield Evidence(
        "haemorrhage-volume", "blood volume: lost less counted, share of the volume", "verification", drift, 0.0,
        "<= 1e-6", "conservation", drift <= 1e-6,
    )  # fmt: skip


def _blood_error(before: Body, after: Body) -> float:
    """What the blood volume changed beyond what was bled, infused and exchanged, as a share of it."""
    gone = {name: after.value(name) - before.value(name) for name in ("bled", "infused", "blood_gain")}
    change = after.value("blood_volume") - before.value("blood_volume")
    return abs(change - (gone["infused"] + gone["blood_gain"] - gone["bled"])) / before.value("blood_volume")


def _ventilated(data: Path | None) -> Iterator[Evidence]:
    body = Body.at_rest()
    weight = body.person.ideal_weight
    body = body.set(
        apnoea=1.0, airway_device=2.0, ventilator_mode=1.0, ventilator_rate=12.0, ventilator_fio2=0.21,
        ventilator_tidal_volume=7.0 * weight, ventilator_peep=5.0,
    )  # fmt: skip
    body, _ = body.run(1800.0, every=60.0, watch=())
    _, seen = body.run(30.0, watch=("arterial_ph", "arterial_pco2", "arterial_po2"))
    now = {str(one): float(values.mean()) for one, values in seen.data_vars.items()}
    ranges = {"arterial_ph": (7.27, 7.40), "arterial_pco2": (35.0, 42.0), "arterial_po2": (85.0, 114.0)}
    inside = sum(low <= now[name] <= high for name, (low, high) in ranges.items())
    told = f"pH {now['arterial_ph']:.3f}, PaCO2 {now['arterial_pco2']:.1f}, PaO2 {now['arterial_po2']:.1f} mmHg"
    yield Evidence(
        "ventilated", "blood gases within their ranges (of 3)", "validation", inside, 3,
        "pH 7.27-7.40, PaCO2 35-42, PaO2 85-114 mmHg", "issue", inside == 3,
        note=f"12 breaths of 7 mL/kg ideal weight, room air, PEEP 5 cmH2O, no breathing of its own: {told}",
    )  # fmt: skip


def _mass(data: Path | None) -> Iterator[Evidence]:
    """A day with a meal, drinking, an infusion and a bleed, beats averaged."""
    body = Body.at_rest(pulsatile=False)
    start = body.y
    scale = {name: _scale(weights, start) for name, weights in BALANCES.items()}
    body, _ = body.give(stomach=75_000.0, gut_water=500.0).run(4 * 3600.0, every=3600.0, watch=())
    given = {"glucose": 75_000.0, "water": 500.0}
    body, _ = body.set(crystalloid_rate=10.0).run(2 * 3600.0, every=3600.0, watch=())
    body, _ = body.set(crystalloid_rate=0.0, bleeding_rate=5.0).run(3600.0, every=3600.0, watch=())
    body, _ = body.set(bleeding_rate=0.0).run(17 * 3600.0, every=3600.0, watch=())
    errors = {}
    for name, weights in BALANCES.items():
        change = float(sum(weight * (body.y[i] - start[i]) for i, weight in weights.items()))
        errors[name] = abs(change - given.get(name, 0.0)) / scale[name]
    worst = max(errors.values())
    told = ", ".join(f"{name} {error:.1e}" for name, error in errors.items())
    yield Evidence(
        "mass", "largest imbalance over 24 h, relative to what the body holds", "verification", worst, 0.0, "<= 1e-6",
        "conservation", bool(worst <= 1e-6), note=f"a meal, a drink, an infusion, a bleed: {told}",
    )  # fmt: skip


def _scale(weights: Mapping[int, float], y: np.ndarray) -> float:
    """What the body holds of it."""
    return float(sum(abs(weight * y[i]) for i, weight in weights.items() if not STATES[i].ledger)) or 1.0


def _fidelity(data: Path | None) -> Iterator[Evidence]:
    names = ("arterial_pressure", "cardiac_output", "heart_rate", "arterial_po2", "arterial_pco2", "blood_volume")
    worst, told = 0.0, []
    for what in ({}, {"sepsis": 0.5}, {"systolic_heart_failure": 0.5}, {"ards": 0.4}, {"crystalloid_rate": 50.0}):
        found = []
        for pulsatile in (True, False):
            body, _ = Body.at_rest(pulsatile=pulsatile).set(**what).run(900.0, every=300.0, watch=())
            _, seen = body.run(30.0, every=0.02 if pulsatile else 1.0, watch=names)
            found.append(np.array([float(seen[name].mean()) for name in names]))
        apart = np.abs(found[1] / found[0] - 1.0)
        worst = max(worst, float(apart.max()))
        told.append(f"{next(iter(what), 'rest')}: {names[int(apart.argmax())]} {apart.max():.3f}")
    yield Evidence(
        "fidelity", "largest relative difference of six means between pulsatile and averaged, in five conditions",
        "verification", worst, 0.0, "<= 0.10", "the same equations, averaged over beats and breaths", worst <= 0.10,
        note="; ".join(told),
    )  # fmt: skip


def _scenarios(data: Path | None) -> Iterator[Evidence]:
    assert data is not None
    found = list(judge.verdicts(data / judge.FILE, Body.at_rest()))
    agree = sum(one.agrees for one in found) / len(found)
    against = [one.line() for one in found if not one.agrees]
    yield Evidence(
        "scenarios", f"share of {len(found)} rows with a direction that agree", "validation", agree, 0.92, ">= 0.92",
        "BioGears methodology tables (2024), in physiology_scenarios_biogears.json; BioGears itself 81 %",
        agree >= 0.92,
        note=f"every row: `python -m twinward.twins.patient.evidence.scenarios`; disagreeing: {len(against)}",
    )  # fmt: skip
