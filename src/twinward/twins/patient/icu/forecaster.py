"""Heart rate and mean arterial pressure one hour ahead, with intervals, from irregular bedside values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput
from twinward.twins.patient.cgm import store
from twinward.twins.patient.cgm.bands import Band
from twinward.twins.patient.cgm.trees import Trees
from twinward.twins.patient.icu import correction
from twinward.twins.patient.icu.process import Processes
from twinward.twins.patient.icu.stay import Series, Stay
from twinward.twins.patient.icu.task import AHEAD, an_hour_later

SIGNALS = {"heart_rate": "/min", "arterial_pressure": "mm[Hg]", "cuff_pressure": "mm[Hg]"}
FORMAT = "twinward vital sign forecaster 2"
# Step by which intervals follow a patient: a stay has some fifty values, so they must follow faster than a sensor's.
# Chosen on the design stays: 0.05 to 0.25 hold 90 % alike; at 0.15 fewer stays fall below 80 %, for 4 % more width.
_RATE = 0.15
# Measurements looked back upon: the work grows with the cube of their number, and 400 hold days of hourly values.
_MOST = 400


@dataclass(frozen=True, slots=True)
class VitalForecast:
    """What will be measured in an hour.

    Args:
        signal: name.
        time: when, on the clock of the series, seconds.
        mean, low, high: in `unit`.
        unit: UCUM.
        level: share of such intervals that hold what comes.
    """

    signal: str
    time: float
    mean: float
    low: float
    high: float
    unit: str
    level: float


@dataclass(frozen=True, eq=False)
class Foretold:
    """Forecasts made at every measurement of one series, arrays (measurements,).

    Args:
        mean, low, high: for an hour later.
        seen: the measurement nearest to then, NaN where there is none within the window.
    """

    mean: FloatArray
    low: FloatArray
    high: FloatArray
    seen: FloatArray


class VitalForecaster:
    """Forecasts of vital signs; learned from stays of several patients.

    Args:
        processes: by signal; trees: what `correction` adds to them.
        bands: reach of the intervals at a stay's start, by signal.
        level: of the intervals.
    """

    def __init__(
        self, processes: Mapping[str, Processes], trees: Mapping[str, Trees], bands: Mapping[str, Band], level: float
    ) -> None:
        self.processes, self.trees, self.bands, self.level = dict(processes), dict(trees), dict(bands), level

    @classmethod
    def fit(cls, stays: Sequence[Stay], level: float = 0.9) -> "VitalForecaster":
        """Learn from stays; none of their values are kept.

        Raises:
            BadInput: where no two stays have values of a signal.
        """
        if not 0 < level < 1:
            raise BadInput("level", level, "a number in (0, 1)")
        processes, trees, bands = {}, {}, {}
        for signal in SIGNALS:
            series = [stay.series[signal] for stay in stays if len(stay.series.get(signal, ())) > 1]
            if len(series) < 2:
                raise BadInput("stays", f"{len(series)} with {signal}", f"at least two stays with values of {signal}")
            process = Processes.fit(series)
            processes[signal] = process
            parts = [_errors(process, one) for one in series]
            stay = np.repeat(np.arange(len(parts)), [len(part[1]) for part in parts])
            tables, errors, spreads = (np.concatenate(part) for part in zip(*parts, strict=True))
            trees[signal], added = correction.fit(tables, errors, stay)
            bands[signal] = Band.fit((errors - added) / spreads, level)
        return cls(processes, trees, bands, level)

    def replay(self, signal: str, series: Series) -> Foretold:
        """What would have been said at every measurement, each from it and those before.

        Raises:
            BadInput: where the signal is not one of `SIGNALS`.
        """
        process = self._process(signal)
        if not len(series):
            return Foretold(*(np.zeros(0) for _ in range(4)))
        mean, sd = process.ahead(series, AHEAD)
        mean = mean + self.trees[signal].predict(correction.columns(series, mean, sd))
        later = an_hour_later(series)
        seen = np.where(later >= 0, series.value[later], np.nan)
        known = np.where(later >= 0, series.time[later], series.time + AHEAD)
        reach, _ = self.bands[signal].follow((seen - mean) / sd, series.time, known, _RATE)
        return Foretold(mean, mean - reach[:, 0] * sd, mean + reach[:, 1] * sd, seen)

    def predict(self, signal: str, history: Series) -> VitalForecast:
        """What will be measured an hour after the last value of `history` (artefacts put aside before).

        Raises:
            BadInput: where the history is empty or the signal unknown.
        """
        if not len(history):
            raise BadInput("history", "no measurement", "at least one")
        told = self.replay(signal, Series(history.time[-_MOST:], history.value[-_MOST:]))
        mean, low, high = (float(part[-1]) for part in (told.mean, told.low, told.high))
        return VitalForecast(signal, float(history.time[-1]) + AHEAD, mean, low, high, SIGNALS[signal], self.level)

    def save(self, path: Path) -> None:
        """Write to `path` (NPZ, numbers alone: no code, no patient's values)."""
        parts: dict[str, Any] = {f"{signal}.process": process for signal, process in self.processes.items()}
        parts |= {f"{signal}.trees": trees for signal, trees in self.trees.items()}
        parts |= {f"{signal}.band": band for signal, band in self.bands.items()}
        store.write(path, FORMAT, parts, {"level": np.array(self.level)})

    @classmethod
    def load(cls, path: Path) -> "VitalForecaster":
        """Read what `save` wrote.

        Raises:
            CorruptSave: where the file is damaged or of another kind.
        """
        kinds: dict[str, Any] = {f"{signal}.process": Processes for signal in SIGNALS}
        kinds |= {f"{signal}.trees": Trees for signal in SIGNALS}
        kinds |= {f"{signal}.band": Band for signal in SIGNALS}
        parts, arrays = store.read(path, FORMAT, kinds, ("level",))
        processes = {signal: parts[f"{signal}.process"] for signal in SIGNALS}
        trees, bands = ({signal: parts[f"{signal}.{what}"] for signal in SIGNALS} for what in ("trees", "band"))
        return cls(processes, trees, bands, float(arrays["level"]))

    def _process(self, signal: str) -> Processes:
        if signal not in self.processes:
            raise BadInput("signal", signal, f"one of: {', '.join(SIGNALS)}")
        return self.processes[signal]


def _errors(process: Processes, series: Series) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Columns for the trees, the process's errors and their standard deviations, where an outcome is known."""
    mean, sd = process.ahead(series, AHEAD)
    later = an_hour_later(series)
    due = later >= 0
    return correction.columns(series, mean, sd)[due], (series.value[later] - mean)[due], sd[due]
