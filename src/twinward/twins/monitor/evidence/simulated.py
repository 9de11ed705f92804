"""Is the filter right? The static limit, which has an exact answer, and series as the model assumes them."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from twinward.core import Check, Evidence, Streams, Subject
from twinward.twins.monitor.evidence.one_ahead import one_ahead, rows, within
from twinward.twins.monitor.level import from_range
from twinward.twins.monitor.model import Monitor

_SEED = 20250101  # fixed before the first run
_BOOK = "West & Harrison, Bayesian Forecasting and Dynamic Models, 2nd ed. 1997"


def checks() -> tuple[Check, ...]:
    """The checks that need no data."""
    return (
        Check(("monitor-static",), "discount 1: the conjugate posterior of a normal sample", _static),
        Check(("monitor-coverage",), "80 % bands of simulated local-level series", _coverage),
    )


def _static(data: Path | None) -> Iterator[Evidence]:
    """A level that never changes: the normal-inverse-gamma posterior, from the sums of all values at once."""
    model, name = Monitor(discount=1.0, memory=1.0), "heart_rate"
    low, high = model.signals[name].normal or (math.nan, math.nan)
    rng = Streams(_SEED).child("monitor", "static").generator()
    middle, width = (low + high) / 2, high - low
    values = rng.permutation(middle + width * np.linspace(-0.2, 0.2, 500))  # none far enough out to be suspect
    times = np.cumsum(rng.exponential(60.0, 500))
    belief = model.assimilate(model.prior(Subject("Patient/1"), 1, Streams(0)), rows(name, times, values))
    due = model.expected(belief, float(times[-1] + 3600))[name]
    prior = from_range(low, high)
    count, held = len(values), prior.noises[0] / prior.variances[0]  # the prior weighs as much as `held` values
    freedom = prior.freedom + count
    mean = (held * prior.means[0] + values.sum()) / (held + count)
    about = ((values - values.mean()) ** 2).sum() + held * count / (held + count) * (
        values.mean() - prior.means[0]
    ) ** 2
    noise = (prior.freedom * prior.noises[0] + about) / freedom
    exact = np.array([mean, noise / (held + count), noise * (1 + 1 / (held + count)), freedom])
    yield Evidence(
        "monitor-static",
        "mean, squared scales and degrees of freedom after 500 values: largest relative error",
        "verification",
        float(np.max(np.abs(np.array(due) / exact - 1))),
        0.0,
        "<= 1e-10",
        f"normal-inverse-gamma conjugacy ({_BOOK}, section 4.5)",
        bool(np.allclose(due, exact, rtol=1e-10, atol=0.0)),
    )


def _coverage(data: Path | None) -> Iterator[Evidence]:
    """Series as the model assumes them, at irregular times, some slow and some quick to change."""
    model, name, told, pits = Monitor(), "heart_rate", [], []
    prior = from_range(*(model.signals[name].normal or (math.nan, math.nan)))
    for ratio in (0.01, 0.1, 1.0):  # variance of the level's change in a mean interval / variance of the noise
        rng = Streams(_SEED).child("monitor", "coverage", ratio).generator()
        found = []
        for _ in range(100):
            gaps = rng.exponential(300.0, 100)
            noise = math.sqrt(prior.freedom * prior.noises[0] / rng.chisquare(prior.freedom))
            steps = np.sqrt(ratio * gaps / 300.0) * rng.standard_normal(100)
            steps[0] = rng.standard_normal()  # the first level: prior variance and prior noise are equal
            values = prior.means[0] + noise * (np.cumsum(steps) + rng.standard_normal(100))
            found.append(one_ahead(model, name, np.cumsum(gaps), values).pit)
        pit = np.concatenate(found)
        told.append(f"{ratio:g}: {within(pit, 0.8):.3f}")
        pits.append(pit)
    value = within(np.concatenate(pits), 0.8)
    yield Evidence(
        "monitor-coverage",
        "share of the next values inside the 80 % band, 300 simulated series of 100 values",
        "verification",
        value,
        0.8,
        "0.77 to 0.83",
        "simulation from the local-level model, exponential intervals",
        0.77 <= value <= 0.83,
        note=f"by variance of the change in an interval over that of the noise: {', '.join(told)}",
    )
