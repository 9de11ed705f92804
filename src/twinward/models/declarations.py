"""What a continuous model declares: its variables, what is measured, what is given. Data, no behaviour."""

import math
from dataclasses import dataclass
from enum import IntEnum

from twinward.engines import scales
from twinward.errors import BadInput


class Scale(IntEnum):
    """The scale on which a variable is uncertain, drifts and is updated."""

    LINE = scales.LINE
    LOG = scales.LOG
    LOGIT = scales.LOGIT


@dataclass(frozen=True, slots=True)
class Variable:
    """One state or parameter of a continuous model.

    Args:
        name: identifier, `snake_case`.
        unit: UCUM string.
        label: what a person reads.
        median: before anything was seen, in `unit`.
        sd: standard deviation before anything was seen, on the scale (LOG: about the coefficient of variation).
        scale: LINE; LOG for what is positive; LOGIT for what lies between `low` and `high`.
        drift_sd: standard deviation, on the scale, of the change by chance in one of the model's time units.
        low, high: bounds, for LOGIT.
        valid: the range of medians for which the model is stated to be valid.

    Example:
        >>> Variable("clearance", "L/h", "Clearance", 4.5, 0.4, Scale.LOG).scale.name
        'LOG'
    """

    name: str
    unit: str
    label: str
    median: float
    sd: float = 0.0
    scale: Scale = Scale.LINE
    drift_sd: float = 0.0
    low: float = 0.0
    high: float = 1.0
    valid: tuple[float, float] = (-math.inf, math.inf)

    def __post_init__(self) -> None:
        for field in ("median", "sd", "drift_sd"):
            if not math.isfinite(getattr(self, field)):
                raise BadInput(f"{self.name}: {field}", getattr(self, field), "a finite number")
        if self.sd < 0 or self.drift_sd < 0:
            raise BadInput(f"{self.name}: sd, drift_sd", (self.sd, self.drift_sd), "numbers >= 0")
        if self.scale == Scale.LOG and self.median < 0:
            raise BadInput(f"{self.name}: median", self.median, "a number >= 0 on a LOG scale")
        if self.scale == Scale.LOGIT and not self.low <= self.median <= self.high:
            raise BadInput(f"{self.name}: median", self.median, f"a number in {self.low:g}..{self.high:g}")


@dataclass(frozen=True, slots=True)
class Measured:
    """A signal that the measurement function predicts.

    Args:
        signal: its name; its `error_sd` is the constant part of the measurement error.
        proportional_sd: part of the error that grows with the value, as a share of it; both parts add in variance (the
            combined error model of pharmacometrics). An observation's own `error_sd` replaces both.
    """

    signal: str
    proportional_sd: float = 0.0


@dataclass(frozen=True, slots=True)
class Adds:
    """A signal or control that adds its value to a state at an instant: a bolus dose."""

    state: str


@dataclass(frozen=True, slots=True)
class Sets:
    """A signal or control that sets an input from an instant on: an infusion's rate, a ventilator's pressure."""

    input: str


@dataclass(frozen=True, slots=True)
class Scales:
    """A control that multiplies a parameter while it holds: an inhibited enzyme, a dialysed kidney."""

    parameter: str


Effect = Adds | Sets | Scales
