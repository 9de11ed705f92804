"""The learning layer on a model that met another world: UK hospitals taught it, the others come in order of date.

The base model is the prognostic twin of death at 6 months, learned from all UK participants of the International Stroke
Trial and locked. The participants elsewhere are forecast in order of the month they were randomised in (the day is not
told: the month's end; ties in the file's order); the label of each becomes known six months after that. What is told of
a participant rests on labels whose date lies before that month's end alone.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.special import expit, logit

from twinward.core.arrays import FloatArray
from twinward.core.evidence import Check, Evidence
from twinward.core.streams import Streams
from twinward.inference import (
    DriftDetector,
    IsotonicRecalibration,
    LateLabels,
    LogisticRecalibration,
    PairedComparison,
    expected_calibration_error,
)
from twinward.inference.learning import MODIFICATION, MOVE, WORSE, History, Learning, Review
from twinward.inference.registry import Proposal, Registry, recalibration_plan
from twinward.twins.trial.learn.twin import learn
from twinward.twins.trial.participants import read
from twinward.twins.trial.protocols import DATA, protocol

_FILE = f"trials/{DATA['ist']}"
_SOURCE = "International Stroke Trial (Sandercock et al. 2011), half of the hospitals"
_ENDPOINT, _HOME, _DELAY_MONTHS = "death at 6 months", "UK", 6
# Polish names of months, as the file has them; the one of October lost its accent to "?".
_MONTHS = ("sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "pa", "lis", "gru")
_CALIBRATED, _SHIFTED = 10_000_000, 2000  # labels without drift; streams with
_LARGEST_MOVE = 0.25  # of a chance, as the change control plan allows


def checks() -> Sequence[Check]:
    """All of them."""
    ids = ("late-labels", "late-labels-brier", "drift-false-alarms", "drift-delay", "late-labels-champion")
    return [
        Check(ids, "labels six months late", _late, (_FILE,), "validation"),
        Check(("rollback",), "back to the version before", _rollback),
    ]


@dataclass(frozen=True, eq=False)
class Stream:
    """What the layer is judged on.

    Args:
        history: cross-fitted forecasts of the UK participants and what came of them.
        told: the stream, by the locked model.
    """

    history: History
    told: LateLabels

    def issued(self) -> tuple[FloatArray, list[Review]]:
        """What the layer would have told, by the ready plan, and its reviews."""
        with tempfile.TemporaryDirectory() as folder:
            begun = Learning.begin(Path(folder) / "death", recalibration_plan(), when=0.0, history=self.history)
            return begun.replay(self.told)


def month(text: str) -> int:
    """Months since the year 0 of a date such as "sty-91".

    Example:
        >>> month("pa?-95") - month("sty-95")
        9
    """
    name, year = text.split("-")
    return 12 * (1900 + int(year)) + next(index for index, begin in enumerate(_MONTHS) if name.startswith(begin))


def stream(data: Path) -> Stream:
    """Learn, lock and forecast."""
    told = read(data / _FILE, protocol("ist"))
    country = told.baseline["COUNTRY"].astype(str).to_numpy()
    label = told.outcome(_ENDPOINT)
    known, home = np.isfinite(label), country == _HOME
    twin = learn(replace(told.take(home & known), arm=None, arms=()), _ENDPOINT)
    assert told.date is not None
    when = np.array([month(one) for one in told.date], dtype=np.float64)
    rows = np.flatnonzero(~home & known)
    rows = rows[np.argsort(when[rows], kind="stable")]
    late = LateLabels(
        when[rows], when[rows] + _DELAY_MONTHS, twin.expected(told.baseline.iloc[rows]), label[rows], country[rows]
    )
    history = History(twin.cross_fitted, label[home & known], np.full(int((home & known).sum()), _HOME))
    return Stream(history, late)


def _late(data: Path | None) -> Iterator[Evidence]:
    assert data is not None, "run_checks does not call a check whose data is absent"
    found = stream(data)
    told = found.told
    issued, reviews = found.issued()
    alarms, detector_note = _false_alarms(issued)
    delay, real, delay_note = _delay(told)
    error, brier = expected_calibration_error(issued, told.label), float(np.mean((issued - told.label) ** 2))
    passed = error <= 0.010 and brier <= 0.1245 and alarms <= 1.0 and max(delay, real) <= 450
    yield Evidence(
        "late-labels", "expected calibration error of what was issued (10 bins of equal count)", "validation", error,
        0.036, "ECE <= .010, Brier <= .1245, false alarms <= 1 in 50,000, doubled miscalibration within 450", _SOURCE,
        passed, note=f"n = {len(issued)}; Brier {brier:.4f}; {_beside(found, issued)}; false alarms {alarms:.2f} in "
        f"50,000; a doubled miscalibration found after {delay:.0f} labels on average, {real} in the real stream; "
        f"{len(reviews)} monthly reviews, {sum(one.promoted for one in reviews)} corrections promoted by the plan, "
        f"{sum(one.alarm for one in reviews)} alarms of drift in what was issued",
    )  # fmt: skip
    yield Evidence(
        "late-labels-brier", "Brier score of what was issued", "validation", brier, 0.1259, "<= .1245", _SOURCE,
        brier <= 0.1245, note=f"locked {np.mean((told.chance - told.label) ** 2):.5f}, issued {brier:.5f}",
    )  # fmt: skip
    yield Evidence(
        "drift-false-alarms", "alarms in 50,000 labels of calibrated forecasts", "verification", alarms, 1.0,
        "<= 1", "simulated: labels drawn from the issued chances", alarms <= 1.0, note=detector_note,
    )  # fmt: skip
    yield Evidence(
        "drift-delay", "labels until a doubled miscalibration is found, on average", "validation", delay, 450.0,
        "<= 450, in the real stream too", _SOURCE, max(delay, real) <= 450, "{labels}", delay_note,
    )  # fmt: skip
    yield _champion(told, issued)


def _beside(found: Stream, issued: FloatArray) -> str:
    """The locked model, plainer layers, and how large the error of perfect forecasts would be."""
    told = found.told
    plain = told.replay(lambda rows: LogisticRecalibration.fit(told.chance[rows], told.label[rows]))
    steps = IsotonicRecalibration.fit
    isotonic = np.empty(len(issued))
    for now in np.unique(told.issued):
        rows, usable = told.issued == now, told.usable(float(now))
        isotonic[rows] = steps(told.chance[usable], told.label[usable]).apply(told.chance[rows])
    rng = Streams(1).child("floor").generator()
    floor = [expected_calibration_error(issued, (rng.random(len(issued)) < issued).astype(float)) for _ in range(200)]
    ways = {"locked": told.chance, "logistic without countries": plain, "isotonic": isotonic}
    texts = []
    for name, chance in ways.items():
        error, brier = expected_calibration_error(chance, told.label), np.mean((chance - told.label) ** 2)
        texts.append(f"{name} ECE {error:.4f}, Brier {brier:.4f}")
    return f"{'; '.join(texts)}; perfectly calibrated forecasts of this many would have ECE {np.mean(floor):.4f}"


def _false_alarms(issued: FloatArray) -> tuple[float, str]:
    """In 50,000 labels, of streams made of the issued chances with labels drawn from them."""
    rng, detector, alarms = Streams(1).child("calibrated").generator(), DriftDetector(), 0
    for _ in range(10):
        chance = issued[rng.integers(len(issued), size=_CALIBRATED // 10)]
        detector, rows = detector.watch(chance, (rng.random(len(chance)) < chance).astype(float))
        alarms += len(rows)
    rate = alarms / _CALIBRATED * 50_000
    return rate, f"{alarms} alarms in {_CALIBRATED:,} labels; at most 1 in {DriftDetector().every:,.0f} is promised"


def _delay(told: LateLabels) -> tuple[float, int, str]:
    """The locked model's shift is the one common to all log odds that makes its labels likeliest; it is doubled twice:
    with labels drawn at twice the shift, and with the real labels against forecasts moved once more by the shift."""
    shift = 0.0
    for _ in range(50):
        chance = expit(logit(told.chance) + shift)
        shift += float((told.label - chance).sum() / (chance * (1 - chance)).sum())
    rng, delays = Streams(1).child("shifted").generator(), []
    for _ in range(_SHIFTED):
        chance = told.chance[rng.integers(len(told.chance), size=5000)]
        label = (rng.random(5000) < expit(logit(chance) + 2 * shift)).astype(float)
        alarms = DriftDetector().watch(chance, label)[1]
        delays.append(int(alarms[0]) + 1 if len(alarms) else 5000)
    rows = told.arrivals()
    alarms = DriftDetector().watch(expit(logit(told.chance[rows]) - shift), told.label[rows])[1]
    real = int(alarms[0]) + 1 if len(alarms) else len(rows)
    once = DriftDetector().watch(told.chance[rows], told.label[rows])[1]
    first = f"after {once[0] + 1}" if len(once) else "never"
    note = (
        f"shift of the log odds {shift:.3f}, doubled {2 * shift:.3f}: median {np.median(delays):.0f}, 90 % within "
        f"{np.quantile(delays, 0.9):.0f}; real labels against forecasts moved by {-shift:.3f}: {real}; "
        f"the locked forecasts as they are: alarm {first}"
    )
    return float(np.mean(delays)), real, note


def _champion(told: LateLabels, issued: FloatArray) -> Evidence:
    rows, move = told.arrivals(), float(np.abs(issued - told.chance).max())
    compared, first = PairedComparison(bound=2 * _LARGEST_MOVE), 0
    for part in np.array_split(rows, max(1, len(rows) // 50)):
        label = told.label[part]
        compared = compared.after((told.chance[part] - label) ** 2, (issued[part] - label) ** 2)
        first = compared.count if not first and compared.evidence >= 20 else first
    low, high = compared.interval(0.05)
    return Evidence(
        "late-labels-champion", "evidence that what was issued is better than the locked model (Brier score)",
        "validation", compared.evidence, 20.0, ">= 20: level 0.05, whenever it is looked at", _SOURCE,
        compared.evidence >= 20,
        note=f"smaller by {compared.mean:.5f} (95 % at all times {low:.5f} to {high:.5f}); 20 first reached after "
        f"{first or 'no'} labels; no chance moved by more than {move:.3f}",
    )  # fmt: skip


def _rollback(data: Path | None) -> Iterator[Evidence]:
    """From a cold start: the registry opened, its audit checked, the version before checked and taken into use."""
    measured = {WORSE: 0.5, MOVE: 0.2}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "risk"
        registry = Registry.create(place, recalibration_plan(), when=0.0)
        large = bytes(20_000_000)
        first = registry.register(large, {}, when=1.0)
        registry.install(first, when=2.0)
        for turn in range(60):
            version = registry.register(str(turn).encode(), {}, when=3.0 + turn)
            registry.promote(version, Proposal(MODIFICATION, measured, 1000), when=3.5 + turn)
        for turn in range(59):
            registry.rollback("back", when=300.0 + turn)
        began = time.perf_counter()
        again = Registry.open(place)
        again.rollback("alarm of drift", when=999.0)
        data_back = again.artefact(again.champion)
        spent = time.perf_counter() - began
    yield Evidence(
        "rollback", "seconds from a cold start to the version before, its bytes checked", "verification", spent, 1.0,
        "< 1 s", "issue", spent < 1.0 and data_back == large, "s",
        f"{len(again.history)} lines of audit, a version of {len(large) / 1e6:.0f} MB",
    )  # fmt: skip
