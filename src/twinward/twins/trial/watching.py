"""A locked twin watched while outcomes come: calibration over time, and whether it has drifted.

Each participant under control who has an outcome is a label: whether it happened, or whether the number lay above the
middle of what was forecast. The chance of that was told beforehand, so that `inference.drift` may look after every one
of them. What is kept are sums over parts of the stream, and no participant.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twinward.core import durable
from twinward.core.arrays import FloatArray, IntArray
from twinward.core.streams import Streams
from twinward.errors import BadInput, CorruptSave
from twinward.inference.drift import DriftDetector
from twinward.inference.recalibration import expected_calibration_error
from twinward.twins.trial.learn.counts import Rates
from twinward.twins.trial.learn.visits import Paths
from twinward.twins.trial.locked import LockedTwin
from twinward.twins.trial.participants import Participants
from twinward.twins.trial.protocol import TimeToEvent

_MEMBERS = 400  # draws of each forecast, where its chance has no closed form
_PARTS, _FEWEST = 24, 20  # of the stream that are told one by one; participants of each at least
_POINTS = 300  # of the evidence over time that are kept
_BLOCK = 500  # participants forecast at once, so that memory stays small


@dataclass(frozen=True)
class Watched:
    """How a twin has fared.

    Args:
        twin: its digest; `data`: name of the trial.
        question: what the chance is of, in words.
        labels: participants with an outcome; `without`: others; `taught`: left out, for the twin learned from them.
        ordered: by the day of randomisation; else in the order of the rows.
        first, last: of the days, as told; empty where none are.
        parts: along the stream, each with "chance", "seen" (means), "labels", "last" (the day).
        evidence: (labels so far, evidence of drift) along the stream; an alarm is due at `every`.
        alarms: each with "label" (how many had come), "day", "direction" ("more" or "less" than forecast).
        error: expected calibration error (10 bins of equal count).
    """

    twin: str
    data: str
    question: str
    labels: int
    without: int
    taught: int
    ordered: bool
    first: str
    last: str
    parts: tuple[Mapping[str, Any], ...]
    evidence: tuple[tuple[int, float], ...]
    alarms: tuple[Mapping[str, Any], ...]
    every: float
    error: float

    def save(self, path: Path) -> None:
        """Write beside the twin (`place`)."""
        durable.write(path, (json.dumps(self.__dict__, indent=1) + "\n").encode())

    @classmethod
    def load(cls, path: Path) -> "Watched":
        """What `save` wrote.

        Raises:
            CorruptSave: it is something else.
        """
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            listed = {name: tuple(told.pop(name)) for name in ("parts", "alarms")}
            evidence = tuple((int(label), float(level)) for label, level in told.pop("evidence"))
            return cls(**told, **listed, evidence=evidence)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise CorruptSave(f"{path.name}: is not how a twin fared ({type(error).__name__})") from None


def place(twin: Path) -> Path:
    """The file of what was watched, beside the twin's."""
    return twin.with_suffix(".watched.json")


def watch(
    locked: LockedTwin,
    trial: Participants,
    *,
    every: float = 50_000.0,
    seed: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Watched:
    """How it fared with participants under control, in the order of their days (ISO 8601), else of rows.

    Args:
        every: labels between two false alarms, at least this many on average.
        progress: told how many participants of how many are forecast.

    Raises:
        BadInput: nobody has an outcome; the endpoint is unknown, or of another scale than the twin's; somebody was not
            watched up to the horizon of a time to an event (whom to leave out would depend on what came).
    """
    told = trial.controls()
    endpoint = told.protocol.endpoint(locked.twin.endpoint)
    if endpoint.scale != locked.twin.scale:
        raise BadInput("endpoint", endpoint.scale, f"the scale that the twin learned: {locked.twin.scale}")
    fresh = np.array([one not in locked.trained_on for one in told.digests()])
    taught, told = int((~fresh).sum()), told.take(fresh)
    order, ordered = _order(told)
    told = told.take(order)
    parts = [np.arange(at, min(at + _BLOCK, len(told))) for at in range(0, len(told), _BLOCK)]
    both = []
    for rows in parts:
        both.append(_labels(locked, told.take(rows), seed, int(rows[0])))
        progress(int(rows[-1]) + 1, len(told))
    chance, label = np.concatenate(both, axis=1) if both else np.zeros((2, 0))
    known = np.isfinite(label)
    if not known.any():
        got = f"{taught} under control who taught the twin and {len(told)} without an outcome"
        raise BadInput("data", got, "some with an outcome who taught nothing")
    days = told.date[known] if told.date is not None and ordered else np.full(int(known.sum()), "")
    chance, label = chance[known], label[known]
    evidence, alarms = _drift(chance, label, days, every)
    question = "it happens" if endpoint.scale in ("binary", "time_to_event") else "it is above the forecast's middle"
    return Watched(
        locked.digest, told.protocol.name, question, len(label), int((~known).sum()), taught, ordered,
        str(days[0]), str(days[-1]), _told(chance, label, days), evidence, alarms,
        every, expected_calibration_error(chance, label),
    )  # fmt: skip


def _order(told: Participants) -> tuple[IntArray, bool]:
    """Rows by their days, if all are told as ISO 8601 tells them; else as they are."""
    if told.date is not None and all(re.fullmatch(r"\d{4}-\d{2}(-\d{2}([T ].*)?)?", one) for one in told.date):
        return np.argsort(told.date.astype(str), kind="stable"), True
    return np.arange(len(told)), False


def _labels(locked: LockedTwin, told: Participants, seed: int, first: int) -> FloatArray:
    """(2, participants): a chance, and 1 or 0 whether it came so; NaN where it is not known."""
    endpoint, seen = told.protocol.endpoint(locked.twin.endpoint), told.outcome(locked.twin.endpoint)
    forecast = locked.twin.forecast(told.baseline)
    if endpoint.scale == "binary":
        return np.array([forecast.mean, seen])
    rng = Streams(seed).child("watch", first).generator()
    if isinstance(forecast, Rates):
        exposure = np.where(np.isfinite(seen[:, 1]), seen[:, 1], 1.0)
        drawn, seen = forecast.draw(_MEMBERS, rng, exposure), np.where(np.isfinite(seen[:, 1]), seen[:, 0], np.nan)
    else:
        drawn = forecast.draw(_MEMBERS, rng)
    if isinstance(endpoint, TimeToEvent):
        time, how = seen.T
        within = (how == 1) & (time <= endpoint.horizon)
        if short := int(((how == 0) & (time < endpoint.horizon)).sum()):
            raise BadInput("data", f"{short} not watched up to {endpoint.horizon:g}", "everybody watched that long")
        known = np.isfinite(seen).all(axis=1)
        return np.array([(drawn[..., 1] == 1).mean(axis=0), np.where(known, within, np.nan)])
    if isinstance(forecast, Paths):
        drawn, seen = drawn[..., -1], seen[:, -1]
    middle = np.median(drawn, axis=0)
    return np.array([(drawn > middle).mean(axis=0), np.where(np.isfinite(seen), seen > middle, np.nan)])


def _drift(
    chance: FloatArray, label: FloatArray, days: np.ndarray, every: float
) -> tuple[tuple[tuple[int, float], ...], tuple[dict[str, Any], ...]]:
    detector, levels, alarms = DriftDetector(every), [], []
    for i, (one, came) in enumerate(zip(chance, label, strict=True)):
        detector, alarm = detector.after(float(one), float(came))
        levels.append(every if alarm else detector.level)
        if alarm:
            alarms.append({"label": i + 1, "day": str(days[i]), "direction": detector.direction})
    kept = np.unique(np.linspace(0, len(levels) - 1, min(_POINTS, len(levels))).round().astype(int))
    kept = np.union1d(kept, [one["label"] - 1 for one in alarms]).astype(int)
    return tuple((int(i) + 1, float(levels[i])) for i in kept), tuple(alarms)


def _told(chance: FloatArray, label: FloatArray, days: np.ndarray) -> tuple[dict[str, Any], ...]:
    parts = np.array_split(np.arange(len(label)), max(1, min(_PARTS, len(label) // _FEWEST)))
    return tuple(
        {"chance": float(chance[rows].mean()), "seen": float(label[rows].mean()), "labels": len(rows),
         "last": str(days[rows[-1]])}
        for rows in parts
    )  # fmt: skip
