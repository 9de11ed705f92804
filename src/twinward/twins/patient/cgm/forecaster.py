"""Glucose 30 and 60 minutes ahead, with intervals: population, then person, then what is not a straight line.

One forecast is made in this order, every step from what was known at its time:

1. population: ridge regression on all columns (`features`);
2. person: a Kalman filter follows how this patient's coefficients differ (`personal`);
3. trees: boosted trees on what both leave over (`trees`);
4. guard: back towards the reference ridge where 1-3 did not earn their weight on this patient, and from there
   towards the last value (`guard`);
5. interval: the local scale (`trees` on |error|) times a reach tracked for this patient (`bands`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput
from twinward.twins.patient.cgm import store
from twinward.twins.patient.cgm.bands import Band
from twinward.twins.patient.cgm.features import NAMES, REFERENCE, SIMPLE
from twinward.twins.patient.cgm.guard import Trust
from twinward.twins.patient.cgm.personal import Followed, Personal
from twinward.twins.patient.cgm.ridge import Ridge
from twinward.twins.patient.cgm.rows import AHEAD, MINUTES, Rows, by_patient, rows_of
from twinward.twins.patient.cgm.session import Session
from twinward.twins.patient.cgm.trees import Trees

TREES, SCALE_TREES = 120, 60
FORMAT = f"twinward glucose forecaster 1, {len(NAMES)} columns"
_PARTS: dict[str, Any] = {"personal": Personal, "trees": Trees, "scale": Trees, "band": Band}
_CLIP = 5.0  # standard deviations beyond which a column is cut for the linear personal part: one slip must not bend it
_LEAST_SCALE = 1.0  # mg/dL, about the resolution of the sensor (0.1 mmol/L = 1.8 mg/dL)


@dataclass(frozen=True, slots=True)
class GlucoseForecast:
    """What the sensor will show.

    Args:
        minutes: ahead.
        time: when, POSIX seconds.
        mean: mg/dL.
        low, high: mg/dL, ends of the interval.
        level: share of such intervals that hold what comes.
    """

    minutes: int
    time: float
    mean: float
    low: float
    high: float
    level: float


@dataclass(frozen=True, eq=False)
class Foretold:
    """Forecasts made at every row of one session, all arrays (rows, horizons) but the first two.

    Args:
        patient: reference.
        time, glucose: of the rows, shape (rows,).
        mean, low, high: mg/dL.
        reference: of the reference ridge (all training patients), mg/dL.
        seen: what came, mg/dL; NaN where the sensor said nothing.
    """

    patient: str
    time: FloatArray
    glucose: FloatArray
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    reference: FloatArray
    seen: FloatArray


@dataclass(frozen=True, eq=False)
class Horizon:
    """What was learned for one horizon.

    Args:
        personal: spread of the patients' coefficients.
        trees: on what the linear parts leave over.
        scale: trees on the absolute error.
        band: reach at the start.
        apart: mean square of forecast - reference, and of forecast - last value.
    """

    personal: Personal
    trees: Trees
    scale: Trees
    band: Band
    apart: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one patient for one horizon after some sessions."""

    followed: Followed
    trust: tuple[Trust, Trust]
    band: Band


class GlucoseForecaster:
    """Forecasts of a glucose sensor from its past, meals and insulin.

    Args:
        reference: ridge on sensor, time of day, meals and insulin.
        population: ridge on all columns.
        horizons: for 30 and 60 minutes.
        level: of the intervals.
    """

    def __init__(self, reference: Ridge, population: Ridge, horizons: Sequence[Horizon], level: float) -> None:
        self.reference, self.population = reference, population
        self.horizons, self.level = tuple(horizons), level

    @classmethod
    def fit(cls, sessions: Sequence[Session], level: float = 0.9, seed: int = 0) -> "GlucoseForecaster":
        """Learn from sessions of several patients; none of their values are kept, only coefficients.

        Args:
            sessions: of at least two patients.
            level: of the intervals.
            seed: of the trees' choice of columns.

        Raises:
            BadInput: where there are fewer than two patients, or no row with an outcome.
        """
        if not 0 < level < 1:
            raise BadInput("level", level, "a number in (0, 1)")
        patients = [[rows_of(session) for session in group] for group in by_patient(sessions)]
        every = [rows for group in patients for rows in group]
        if len(patients) < 2 or not any(np.isfinite(rows.change).all(axis=1).any() for rows in every):
            raise BadInput("sessions", f"{len(patients)} patients", "at least two patients with an hour of readings")
        known = [np.isfinite(rows.change).all(axis=1) for rows in every]
        x = np.concatenate([rows.features[keep] for rows, keep in zip(every, known, strict=True)])
        y = np.concatenate([rows.change[keep] for rows, keep in zip(every, known, strict=True)])
        model = cls(Ridge.fit(x[:, REFERENCE], y), Ridge.fit(x, y), (), level)
        horizons = [model._learned(j, patients, seed + 2 * j) for j in range(len(AHEAD))]
        return cls(model.reference, model.population, horizons, level)

    def _learned(self, j: int, patients: list[list[Rows]], seed: int) -> Horizon:
        """Steps 2 to 5 for one horizon, each on what the steps before leave over."""
        linear = [[self._linear(rows) for rows in group] for group in patients]
        personal = Personal.fit(
            [self._left(group, lin, j) for group, lin in zip(patients, linear, strict=True)], AHEAD[j]
        )
        inputs, left, aparts = [], [], []
        for group, lin in zip(patients, linear, strict=True):
            state = personal.start()
            for rows, (x, straight) in zip(group, lin, strict=True):
                over = rows.change[:, j] - straight[:, j]
                own, state = personal.follow(state, x, over, rows.slot)
                known = np.isfinite(over)
                inputs.append(_tree_inputs(rows, straight[:, j], own)[known])
                left.append((over - own)[known])
                aparts.append((straight[:, j] + own - self._reference(rows)[:, j])[known])
        table, rest = np.concatenate(inputs), np.concatenate(left)
        trees = Trees.fit(table, rest, TREES, seed)
        more = trees.predict(table)
        error = rest - more
        scale = Trees.fit(table, np.abs(error), SCALE_TREES, seed + 1)
        scores = error / np.maximum(scale.predict(table), _LEAST_SCALE)
        from_reference = float(np.mean((np.concatenate(aparts) + more) ** 2))
        from_last = float(np.mean((table[:, -2:].sum(axis=1) + more) ** 2))  # straight + own + trees
        return Horizon(personal, trees, scale, Band.fit(scores, self.level), (from_reference, from_last))

    def replay(self, sessions: Sequence[Session]) -> list[Foretold]:
        """What would have been said at every reading of one patient's sessions, each from what was known then.

        Args:
            sessions: of one patient; sorted by time here.

        Raises:
            BadInput: where they are of several patients.
        """
        groups = by_patient(sessions)
        if len(groups) != 1:
            raise BadInput("sessions", f"{len(groups)} patients", "sessions of one patient")
        known = [_Known(horizon.personal.start(), (Trust(), Trust()), horizon.band) for horizon in self.horizons]
        told = []
        for session in groups[0]:
            rows = rows_of(session)
            parts = [self._foretell(rows, j, known) for j in range(len(AHEAD))]
            mean, low, high = (np.column_stack(part) for part in zip(*parts, strict=True))
            now = rows.glucose[:, None]
            reference = now + self._reference(rows)
            told.append(Foretold(rows.patient, rows.time, rows.glucose, mean, low, high, reference, now + rows.change))
        return told

    def _foretell(self, rows: Rows, j: int, known: list[_Known]) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Mean, low and high of a session for one horizon; moves `known[j]` on."""
        horizon, state, ahead = self.horizons[j], known[j], AHEAD[j]
        if not len(rows):
            return np.zeros(0), np.zeros(0), np.zeros(0)
        x, straight = self._linear(rows)
        over = rows.change[:, j] - straight[:, j]
        own, followed = horizon.personal.follow(state.followed, x, over, rows.slot)
        table = _tree_inputs(rows, straight[:, j], own)
        richer = straight[:, j] + own + horizon.trees.predict(table)
        came, slot, nothing = rows.change[:, j], rows.slot, np.zeros(len(rows))
        change, first = state.trust[0].follow(self._reference(rows)[:, j], richer, came, slot, ahead, horizon.apart[0])
        change, second = state.trust[1].follow(nothing, change, came, slot, ahead, horizon.apart[1])
        scale = np.maximum(horizon.scale.predict(table), _LEAST_SCALE)
        reach, band = state.band.follow((rows.change[:, j] - change) / scale, rows.slot, rows.slot + ahead)
        known[j] = _Known(followed, (first, second), band)
        mean = rows.glucose + change
        return mean, np.maximum(mean - reach[:, 0] * scale, 0.0), mean + reach[:, 1] * scale

    def predict(self, history: Session, earlier: Sequence[Session] = ()) -> tuple[GlucoseForecast, ...]:
        """What the sensor will show 30 and 60 minutes after the last reading of `history`.

        Args:
            history: the present session up to now (at least an hour).
            earlier: sessions of the same patient before it, if there are any.

        Raises:
            BadInput: where less than an hour is known.
        """
        told = self.replay([*earlier, history])[-1]
        if not len(told.time):
            raise BadInput("history", f"{len(history)} readings", "at least an hour of readings")
        now = float(history.time[-1])
        return tuple(
            GlucoseForecast(
                minutes, now + 60.0 * minutes, float(told.mean[-1, j]), float(told.low[-1, j]),
                float(told.high[-1, j]), self.level,
            )
            for j, minutes in enumerate(MINUTES)
        )  # fmt: skip

    def save(self, path: Path) -> None:
        """Write to `path` (NPZ, numbers alone: no code, no patient's values)."""
        parts = {"reference": self.reference, "population": self.population}
        for minutes, horizon in zip(MINUTES, self.horizons, strict=True):
            parts |= {f"{minutes}.{part}": getattr(horizon, part) for part in _PARTS}
        apart = np.array([horizon.apart for horizon in self.horizons])
        store.write(path, FORMAT, parts, {"level": np.array(self.level), "apart": apart})

    @classmethod
    def load(cls, path: Path) -> "GlucoseForecaster":
        """Read what `save` wrote.

        Raises:
            CorruptSave: where the file is damaged, of another kind, or made with other columns.
        """
        kinds = {"reference": Ridge, "population": Ridge}
        kinds |= {f"{minutes}.{part}": kind for minutes in MINUTES for part, kind in _PARTS.items()}
        parts, arrays = store.read(path, FORMAT, kinds, ("level", "apart"))
        horizons = [
            Horizon(**{part: parts[f"{minutes}.{part}"] for part in _PARTS}, apart=(float(apart[0]), float(apart[1])))
            for minutes, apart in zip(MINUTES, arrays["apart"], strict=True)
        ]
        return cls(parts["reference"], parts["population"], horizons, float(arrays["level"]))

    @classmethod
    def shipped(cls) -> "GlucoseForecaster":
        """The one that comes with Twinward, fitted to all 88 patients of ShanghaiT1DM and ShanghaiT2DM.

        Coefficients alone, from data of Zhao et al. 2023, Scientific Data 10:35 (CC BY 4.0).

        Example:
            >>> time = 900.0 * np.arange(9)
            >>> rising = Session("Patient/1", "today", time, glucose=100 + time / 150)
            >>> [ahead.minutes for ahead in GlucoseForecaster.shipped().predict(rising)]
            [30, 60]
        """
        return cls.load(Path(__file__).parent / "shanghai.npz")

    def _linear(self, rows: Rows) -> tuple[FloatArray, FloatArray]:
        """The personal part's columns (with a constant), and the population's forecast of the change."""
        z = np.clip(self.population.standardised(rows.features)[:, SIMPLE], -_CLIP, _CLIP)
        return np.column_stack([np.ones(len(rows)), z]), self.population.predict(rows.features)

    def _reference(self, rows: Rows) -> FloatArray:
        return self.reference.predict(rows.features[:, REFERENCE])

    def _left(
        self, group: list[Rows], linear: list[tuple[FloatArray, FloatArray]], j: int
    ) -> tuple[FloatArray, FloatArray]:
        """One patient's columns and what the population leaves over, where that is known."""
        x = np.concatenate([x for x, _ in linear])
        over = np.concatenate([rows.change[:, j] - lin[:, j] for rows, (_, lin) in zip(group, linear, strict=True)])
        known = np.isfinite(over)
        return x[known], over[known]


def _tree_inputs(rows: Rows, straight: FloatArray, own: FloatArray) -> FloatArray:
    return np.column_stack([rows.features, straight, own])
