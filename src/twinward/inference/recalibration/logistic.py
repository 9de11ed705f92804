"""Recalibration on the scale of log odds: level, slope, shape and group, each held back in proportion to its evidence.

logit(told) = eta + a + b (eta - c) + shape(eta) + u[group], where eta is the logit of the forecast. The coefficients
are the mode of a Bayesian logistic regression whose prior says that the forecast is right as it is: level and slope
after Cox 1958 (Biometrika 45:562), the shape a restricted cubic spline (Harrell, Regression Modeling Strategies,
2.4.5), the groups' levels partially pooled as random intercepts. Earlier forecasts whose labels are known may be given
a smaller weight (a power prior; Ibrahim & Chen 2000, Stat Sci 15:46). It is the updating of prediction models that
Steyerberg describes (Clinical Prediction Models, chapter 20), done anew with every label.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit, logit

from twinward.core.arrays import AnyArray, FloatArray
from twinward.errors import BadInput, CorruptSave

_FARTHEST = 12.0  # log odds; beyond, a forecast is taken to be this sure
_PLACES = (0.05, 0.275, 0.5, 0.725, 0.95)  # quantiles of knots: Harrell, table 2.3, five knots
_FEWEST = 100  # labels below which no shape is learnt (Harrell: five knots want at least a hundred)


@dataclass(frozen=True, slots=True)
class Prior:
    """Standard deviations of what may be wrong with a forecast, on the scale of log odds.

    Args:
        level: of a shift common to all. 0.45: odds wrong by half are usual, threefold ones are not.
        slope: of the slope about 1. 0.22: forecasts a fifth too bold or too timid are usual.
        shape: of the spline's coefficients; 0: no shape is learnt. It is weak: the spline has few terms.
        group: of the groups' levels about the common one; 0: groups are not told apart. 0.35 is what hospitals and
            countries usually differ by (Austin & Merlo 2017, Stat Med 36:3257: median odds ratios about 1.4).
    """

    level: float = 0.45
    slope: float = 0.22
    shape: float = 1.0
    group: float = 0.35

    def __post_init__(self) -> None:
        if not (self.level > 0 and self.slope > 0 and self.shape >= 0 and self.group >= 0):
            raise BadInput("prior", (self.level, self.slope, self.shape, self.group), "standard deviations >= 0")


@dataclass(frozen=True, eq=False)
class LogisticRecalibration:
    """What was learnt from labels; `apply` corrects later forecasts.

    Args:
        centre: eta at which the slope turns; `knots`: of the shape, empty where none was learnt.
        level, slope: corrections, 0 where the forecast is right; `shape`: (knots - 2,) coefficients.
        groups: group -> its own level; 0 for those never seen.

    Example:
        >>> rng = np.random.default_rng(1)
        >>> p = rng.uniform(0.1, 0.9, 4000)
        >>> y = (rng.random(4000) < expit(logit(p) - 0.5)).astype(float)
        >>> found = LogisticRecalibration.fit(p, y)
        >>> bool(abs(found.apply(np.array([0.5]))[0] - expit(-0.5)) < 0.03)
        True
    """

    centre: float
    knots: tuple[float, ...]
    level: float
    slope: float
    shape: tuple[float, ...]
    groups: Mapping[str, float]

    @classmethod
    def fit(
        cls,
        chance: FloatArray,
        label: FloatArray,
        group: AnyArray | None = None,
        *,
        weight: FloatArray | None = None,
        prior: Prior = Prior(),
    ) -> "LogisticRecalibration":
        """Learn from forecasts whose labels came; from none it learns that they are right.

        Args:
            chance, label: (labels,) forecast in [0, 1], and 0 or 1.
            group: (labels,) hospital, country, device ...; None: all alike.
            weight: (labels,) what each counts; 1 where None.

        Raises:
            BadInput: shapes that differ, a chance outside [0, 1], a label that is neither 0 nor 1.
        """
        p, y = np.asarray(chance, dtype=np.float64), np.asarray(label, dtype=np.float64)
        w = np.ones(len(p)) if weight is None else np.asarray(weight, dtype=np.float64)
        names = np.full(len(p), "") if group is None else np.asarray(group).astype(str)
        _checked(p, y, w, names)
        if not len(p):
            return cls(0.0, (), 0.0, 0.0, (), {})
        eta = _log_odds(p)
        knots = tuple(np.unique(np.quantile(eta, _PLACES)).tolist())
        if len(p) < _FEWEST or len(knots) < 5 or prior.shape == 0:
            knots = ()
        levels = np.unique(names) if group is not None and prior.group > 0 else np.array([], dtype=str)
        centre = float(np.average(eta, weights=w)) if w.sum() > 0 else 0.0
        columns = [np.ones(len(eta)), eta - centre, *_spline(eta, knots), *(names == one for one in levels)]
        spread = [prior.level, prior.slope, *[prior.shape] * max(len(knots) - 2, 0), *[prior.group] * len(levels)]
        found = _mode(np.column_stack(columns), y, w, eta, 1 / np.square(spread))
        shapes = max(len(knots) - 2, 0)
        shape, own = found[2 : 2 + shapes], found[2 + shapes :]
        return cls(
            centre, knots, float(found[0]), float(found[1]), tuple(shape.tolist()),
            dict(zip(levels.tolist(), own.tolist(), strict=True)),
        )  # fmt: skip

    def apply(self, chance: FloatArray, group: AnyArray | None = None) -> FloatArray:
        """(forecasts,) the chances to tell."""
        eta = _log_odds(np.asarray(chance, dtype=np.float64))
        told = eta + self.level + self.slope * (eta - self.centre)
        for coefficient, column in zip(self.shape, _spline(eta, self.knots), strict=True):
            told = told + coefficient * column
        if group is not None and self.groups:
            told = told + np.array([self.groups.get(one, 0.0) for one in np.asarray(group).astype(str)])
        return np.asarray(expit(told))

    def to_bytes(self) -> bytes:
        """As JSON: safe to load, the same bytes for the same correction."""
        return json.dumps({**asdict(self), "groups": dict(self.groups)}, sort_keys=True, allow_nan=False).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "LogisticRecalibration":
        """Of `to_bytes`.

        Raises:
            CorruptSave: it is no such data.
        """
        try:
            told = json.loads(data)
            knots, shape = (tuple(float(one) for one in told[name]) for name in ("knots", "shape"))
            groups = {str(name): float(value) for name, value in told["groups"].items()}
            found = cls(float(told["centre"]), knots, float(told["level"]), float(told["slope"]), shape, groups)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CorruptSave(f"a recalibration cannot be read: {error}") from None
        if len(shape) != max(len(knots) - 2, 0):
            raise CorruptSave(f"a recalibration cannot be read: {len(shape)} coefficients of {len(knots)} knots")
        return found


def _checked(p: FloatArray, y: FloatArray, w: FloatArray, names: AnyArray) -> None:
    if not (p.ndim == 1 and p.shape == y.shape == w.shape == names.shape):
        raise BadInput("chance, label, group", (p.shape, y.shape, names.shape), "as many of each")
    for name, values, right in (
        ("chance", p, (p >= 0) & (p <= 1)),
        ("label", y, (y == 0) | (y == 1)),
        ("weight", w, w >= 0),
    ):
        if not right.all():
            raise BadInput(name, float(values[~right][0]), "a chance in [0, 1], a label 0 or 1, a weight >= 0")


def _log_odds(chance: FloatArray) -> FloatArray:
    least = float(expit(-_FARTHEST))
    return np.asarray(logit(np.clip(chance, least, 1 - least)))


def _spline(eta: FloatArray, knots: tuple[float, ...]) -> list[FloatArray]:
    """Terms of a restricted cubic spline beyond the linear one, linear outside the outer knots."""
    if not knots:
        return []
    first, before, last = knots[0], knots[-2], knots[-1]
    scale = (last - first) ** 2

    def cube(at: float) -> FloatArray:
        return np.maximum(eta - at, 0.0) ** 3

    return [
        (cube(k) - cube(before) * (last - k) / (last - before) + cube(last) * (before - k) / (last - before)) / scale
        for k in knots[:-2]
    ]


def _mode(z: FloatArray, y: FloatArray, w: FloatArray, offset: FloatArray, precision: FloatArray) -> FloatArray:
    """Mode of the posterior by Newton's method; a step that makes things worse is halved."""
    beta = np.zeros(z.shape[1])

    def loss(at: FloatArray) -> float:
        eta = offset + z @ at
        return float(w @ (np.logaddexp(0.0, eta) - y * eta) + 0.5 * precision @ at**2)

    now = loss(beta)
    for _ in range(100):
        mean = expit(offset + z @ beta)
        slope = z.T @ (w * (y - mean)) - precision * beta
        curve = z.T @ (z * (w * mean * (1 - mean))[:, None])
        curve[np.diag_indices(len(beta))] += precision
        step = cho_solve(cho_factor(curve), slope)
        while (then := loss(beta + step)) > now + 1e-12 and np.abs(step).max() > 1e-10:
            step = step / 2
        beta, now = beta + step, then
        if np.abs(step).max() < 1e-9:
            break
    return beta
