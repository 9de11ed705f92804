"""Does the analysis find what it should, and nothing where nothing is: known answers, A/A trials, wrong ways."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.stats import t as student

from twinward.core.arrays import FloatArray, IntArray
from twinward.core.evidence import Check, Evidence
from twinward.errors import BadInput
from twinward.twins.trial.analysis.base import analyse, on_scale
from twinward.twins.trial.analysis.columns import columns
from twinward.twins.trial.analysis.g_computation import means
from twinward.twins.trial.analysis.mixture import borrow
from twinward.twins.trial.evidence.data import needs, trial
from twinward.twins.trial.learn.twin import learn
from twinward.twins.trial.sap import NotAsPlanned, Plan

_CD4 = "CD4 at week 20"
_TRIALS = 20_000
_SIZES = (60, 100, 266, 400)
_CONTRAST = np.array([-1.0, 1.0])


def checks() -> Sequence[Check]:
    """All of them."""
    return [
        Check(("gcomp",), "g-computation against RobinCar2", _gcomp, needs("robincar")),
        Check(("type-1",), "A/A trials through the whole analysis", _type_1, needs("actg175"), "validation"),
        Check(("leak",), "outcomes permuted; a column seen after randomisation offered", _leak, needs("actg175")),
        Check(("wrong-ways",), "a score trained on the trial's own controls; twins for a control arm", _wrong,
              needs("actg175")),
        Check(("mixture",), "Bayesian borrowing, with and without conflict", _mixture),
    ]  # fmt: skip


def _gcomp(data: Path | None) -> Iterator[Evidence]:
    """The numbers of RobinCar2's snapshot, of the data's PROVENANCE.md."""
    told = trial(data, "robincar")
    assert told.arm is not None
    x = columns(told.baseline, ["s1"])
    found = means(told.outcome("y_b"), told.arm, x, "binomial", interactions=True, residuals=None)
    a, b = found.value[:2]
    log_ratio = np.array([-1.0 / a, 1.0 / b, 0.0])
    ours = [*found.value, *np.sqrt(np.diag(found.covariance)), b - a, found.contrast(np.array([-1.0, 1.0, 0.0])),
            np.log(b / a), found.contrast(log_ratio)]  # fmt: skip
    theirs = (0.366007, 0.580984, 0.610154, 0.033864, 0.035027, 0.034472, 0.214978, 0.048633, 0.462072, 0.110251)
    worst = float(np.abs(np.array(ours) - theirs).max())
    yield Evidence(
        "gcomp", "largest difference of means, standard errors, difference and log risk ratio", "verification", worst,
        0.0, "<= 1e-4", "openpharma/RobinCar2, snapshot of its tests", worst <= 1e-4,
        note=f"ten numbers; log risk ratio {ours[8]:.6f} (SE {ours[9]:.6f})",
    )  # fmt: skip


def _rejects(y: FloatArray, arm: IntArray, x: FloatArray) -> bool:
    found = means(y, arm, x, "gaussian")
    statistic = abs(found.value[1] - found.value[0]) / found.contrast(_CONTRAST)
    return bool(2.0 * student.sf(statistic, found.df) < 0.05)


def _type_1(data: Path | None) -> Iterator[Evidence]:
    """The twin is learned from arm 0; A/A trials are drawn from arm 1 and their arms by lot."""
    told = trial(data, "actg175")
    assert told.arm is not None
    twin, pool = learn(told.take(told.arm == 0), _CD4), told.take(told.arm == 1)
    score, y, cd4 = twin.expected(pool.baseline), pool.outcome(_CD4), pool.baseline["cd40"]
    rates = {}
    for size in _SIZES:
        rng, found = np.random.default_rng(size), 0
        for _ in range(_TRIALS):
            rows = rng.permutation(len(pool))[:size]
            arm = rng.permutation(np.arange(size) % 2)
            x = np.column_stack([on_scale(score[rows], "gaussian"), on_scale(cd4.to_numpy()[rows], "gaussian")])
            found += _rejects(y[rows], arm, x)
        rates[size] = found / _TRIALS
    reach = 1.96 * np.sqrt(0.05 * 0.95 / _TRIALS)
    worst = max(rates.values(), key=lambda rate: abs(rate - 0.05))
    note = ", ".join(f"n {size}: {rate:.4f}" for size, rate in rates.items())
    yield Evidence(
        "type-1", "type I error of score and covariates furthest from nominal", "validation", worst, 0.05,
        "0.0454 to 0.0546 at every size", "A/A re-randomisation of ACTG 175",
        all(0.0454 <= rate <= 0.0546 for rate in rates.values()),
        note=f"B {_TRIALS} each; {note}; by chance +-{reach:.4f}",
    )  # fmt: skip


def _leak(data: Path | None) -> Iterator[Evidence]:
    told = trial(data, "actg175")
    assert told.arm is not None
    rng = np.random.default_rng(3)
    plan = Plan(endpoint=_CD4, estimator="score and covariates", covariates=["cd40", "age"])
    gains = []
    for _ in range(20):
        control = np.flatnonzero(told.arm == 0)
        rows = rng.permutation(control)[: len(control) // 2]
        history, rest = told.take(rows), told.take(np.setdiff1d(np.arange(len(told)), rows))
        shuffled = replace(history, outcomes={_CD4: rng.permutation(history.outcome(_CD4))})
        mixed = replace(rest, outcomes={_CD4: rng.permutation(rest.outcome(_CD4))})
        found = analyse(mixed, plan, learn(shuffled, _CD4).expected(rest.baseline))
        gains.append(found.primary.variance_reduction)
    gain = float(np.mean(gains))
    refused = 0
    for late in ("cd420", "cd820", "arms", "r"):
        try:
            told.protocol.covariates([late])
        except BadInput:
            refused += 1
    yield Evidence(
        "leak", "variance reduction of permuted outcomes, mean of 20", "verification", gain, 0.0,
        "-0.02 to 0.02, and 4 of 4 late columns refused", "by definition", abs(gain) <= 0.02 and refused == 4,
        note=f"largest {max(gains):.4f}; refused: {refused} of 4",
    )  # fmt: skip


def _wrong(data: Path | None) -> Iterator[Evidence]:
    """How far the wrong ways would be off, by A/A trials of 60, and that the product does neither."""
    told = trial(data, "actg175")
    assert told.arm is not None
    pool = told.take(told.arm == 0)
    y, x = pool.outcome(_CD4), columns(pool.baseline, list(pool.baseline.columns))
    rng, in_sample, replaced, trials, size = np.random.default_rng(5), 0, 0, 2000, 80
    for _ in range(trials):
        rows = rng.permutation(len(pool))[:size]
        arm = rng.permutation(np.arange(size) % 2)
        own, treated = rows[arm == 0], rows[arm == 1]
        design = np.column_stack([np.ones(len(pool)), x])
        beta = np.linalg.lstsq(design[own], y[own], rcond=None)[0]  # nearly as many columns as controls
        score = design @ beta
        difference = y[rows] - score[rows]
        a, b = difference[arm == 0], difference[arm == 1]
        in_sample += _apart(a, b)
        history = np.setdiff1d(np.arange(len(pool)), rows)[:60]
        learned = np.linalg.lstsq(design[history], y[history], rcond=None)[0]
        left = y[treated] - design[treated] @ learned
        replaced += abs(left.mean()) / (left.std(ddof=1) / np.sqrt(len(left))) > student.ppf(0.975, len(left) - 1)
    refused = 0
    plan = Plan(endpoint=_CD4, estimator="PROCOVA")
    twin = learn(pool, _CD4)
    try:
        analyse(told, plan, twin.expected(told.baseline), trained_on=frozenset(pool.digests()))
    except NotAsPlanned:
        refused += 1
    try:
        analyse(replace(told, arm=None), plan, twin.expected(told.baseline))
    except BadInput:
        refused += 1
    yield Evidence(
        "wrong-ways", "wrong ways that the analysis refuses", "verification", float(refused), 2.0, "both",
        "by definition", refused == 2,
        note=f"type I error they would have, A/A trials of {size}: score trained on the trial's own controls in sample "
        f"{in_sample / trials:.3f}; twins in place of the control arm {replaced / trials:.3f}",
    )  # fmt: skip


def _apart(a: FloatArray, b: FloatArray) -> bool:
    se = np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    return bool(abs(b.mean() - a.mean()) / se > student.ppf(0.975, len(a) + len(b) - 2))


def _mixture(data: Path | None) -> Iterator[Evidence]:
    rng, size, trials = np.random.default_rng(7), 200, 4000
    rates, weights, gains = {}, {}, {}
    for bias in (0.0, 0.1, 0.2, 0.3, 0.5, 1.0):
        found, held, gained = 0, [], []
        for _ in range(trials):
            arm = rng.permutation(np.arange(size) % 2)
            forecast = rng.standard_normal(size)
            seen = borrow(forecast + bias + rng.standard_normal(size), arm, forecast, history=0.05)
            above = seen.probability_above(0.0)
            found += above > 0.975 or above < 0.025
            held.append(seen.weights[0])
            gained.append(seen.gained)
        rates[bias], weights[bias], gains[bias] = found / trials, float(np.mean(held)), float(np.median(gained))
    passed = rates[1.0] <= 0.065 and weights[1.0] < 0.1 and gains[0.0] >= 0.3
    between = ", ".join(f"{bias:g} SD {rates[bias]:.3f}" for bias in rates)
    yield Evidence(
        "mixture", "type I error where history is wrong by one SD", "verification", rates[1.0], 0.05,
        "<= 0.065, weight of history < 0.1; without conflict >= 30 % effective sample gained", "simulation, n 200",
        passed,
        note=f"weight {weights[1.0]:.1e}; without conflict {100 * gains[0.0]:.0f} % gained. Smaller conflicts are "
        f"believed, type I error at {between}: borrowing is never the primary analysis here",
    )  # fmt: skip
