"""Does it tell heart rate and blood pressure an hour ahead? Adults in intensive care, each by a model of other stays.

Data: PhysioNet / Computing in Cardiology Challenge 2012, set-a (Silva et al. 2012). A forecast is made at every
measurement that is no artefact; it is held against the measurement by the same method nearest to an hour later, within
15 minutes. Mean arterial pressure pools arterial line and cuff. Settings were chosen on the design stays (`design`).
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twinward.core import Check, Evidence
from twinward.core.arrays import FloatArray
from twinward.core.quarantine import Quarantine
from twinward.twins.patient.icu import SIGNALS, Stay, VitalForecaster, read_stays
from twinward.twins.patient.icu.autoregression import Autoregression

FOLDER = "patient/icu_physionet2012"
_SOURCE = "PhysioNet/CinC Challenge 2012, set-a, every 30th stay"
_FOLDS = 5
_DESIGN_SHARE = 55  # percent of the stays, fixed before the first look
# Orders of the reference: one hour, and four, beyond which it no longer gets better on the design stays.
_ORDERS = (4, 1)
_QUANTITIES = {"heart rate": ("heart_rate",), "mean arterial pressure": ("arterial_pressure", "cuff_pressure")}
_BETTER = 0.05
_MANY = 20  # forecasts from which on one series' coverage says something


@dataclass(frozen=True, eq=False)
class Judged:
    """Forecasts of one stay's series beside what came, arrays (forecasts,).

    Args:
        patient, signal: whose, and of what.
        error, last_error: what came minus forecast, minus the last value.
        reference_error: minus the autoregression of each order, shape (forecasts, orders).
        inside: whether the interval held what came.
    """

    patient: str
    signal: str
    error: FloatArray
    last_error: FloatArray
    reference_error: FloatArray
    inside: FloatArray


def checks() -> tuple[Check, ...]:
    """The check on bedside forecasts."""
    what = "heart rate and mean arterial pressure one hour ahead"
    return (Check(("icu",), what, _run, needs=(FOLDER,), kind="validation"),)


def design(patient: str) -> bool:
    """Whether the model's settings may have been chosen on this stay."""
    return int(hashlib.sha256(patient.encode()).hexdigest(), 16) % 100 < _DESIGN_SHARE


def judge(stays: Sequence[Stay], folds: int = _FOLDS) -> list[Judged]:
    """Every stay forecast by models of the others."""
    found = []
    for held_out in range(folds):
        train = [stay for number, stay in enumerate(stays) if number % folds != held_out]
        model = VitalForecaster.fit(train)
        for signal in SIGNALS:
            references = [
                Autoregression.fit([s.series[signal] for s in train if len(s.series[signal])], o) for o in _ORDERS
            ]
            for stay in stays[held_out::folds]:
                if len(stay.series[signal]):
                    found.append(_judged(model, references, signal, stay))
    return found


def _judged(model: VitalForecaster, references: Sequence[Autoregression], signal: str, stay: Stay) -> Judged:
    series = stay.series[signal]
    told = model.replay(signal, series)
    due = np.isfinite(told.seen)
    against = np.column_stack([told.seen - reference.predict(series) for reference in references])
    inside = (told.seen >= told.low) & (told.seen <= told.high)
    return Judged(
        stay.patient,
        signal,
        (told.seen - told.mean)[due],
        (told.seen - series.value)[due],
        against[due],
        inside[due].astype(np.float64),
    )


def _run(data: Path | None) -> Iterator[Evidence]:
    assert data is not None, "run_checks does not call a check whose data is absent"
    quarantine = Quarantine()
    judged = judge(read_stays(data / FOLDER, quarantine))
    lines, values, passed = [], [], True
    for name, signals in _QUANTITIES.items():
        own = [one for one in judged if one.signal in signals]
        error, last, (strong, plain) = _errors(own)
        share = float(np.concatenate([one.inside for one in own]).mean())
        worst = min(one.inside.mean() for one in own if len(one.inside) >= _MANY)
        unseen_error, unseen_last, (unseen_strong, _) = _errors([one for one in own if not design(one.patient)])
        passed &= 1 - error / last >= _BETTER and 1 - error / strong >= _BETTER and abs(share - 0.9) <= 0.02
        values.append(f"{error:.2f}")
        lines.append(
            f"{name}: {sum(len(one.error) for one in own)} forecasts, {len({one.patient for one in own})} stays; last "
            f"value {last:.2f} ({1 - error / last:.1%} better), autoregression of order {_ORDERS[0]} {strong:.2f} "
            f"({1 - error / strong:.1%}), of order {_ORDERS[1]} {plain:.2f} ({1 - error / plain:.1%}); 90 % interval "
            f"holds {share:.3f} (worst series of {_MANY} forecasts or more {worst:.2f}); "
            f"on the stays on whom nothing was chosen {unseen_error:.2f}, last value "
            f"{unseen_last:.2f}, order {_ORDERS[0]} {unseen_strong:.2f}"
        )
    lines.append(f"{quarantine.counts().get('artefact', 0)} values put aside as artefacts")
    yield Evidence(
        "icu",
        "root mean square error of heart rate (/min) / mean arterial pressure (mm[Hg]) one hour ahead",
        "validation",
        " / ".join(values),
        "persistence, autoregression",
        f"{_BETTER:.0%} below the last value and autoregression; 0.88 to 0.92 inside the 90 % interval",
        _SOURCE,
        passed,
        note=". ".join(lines),
    )


def _errors(judged: Sequence[Judged]) -> tuple[float, float, FloatArray]:
    """Root mean square error of the forecast, of the last value, and of the autoregressions."""
    parts = [
        np.concatenate([getattr(one, name) for one in judged]) for name in ("error", "last_error", "reference_error")
    ]
    ours, last, reference = (np.sqrt(np.mean(part**2, axis=0)) for part in parts)
    return float(ours), float(last), np.asarray(reference)
