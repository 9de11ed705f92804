"""What an ensemble update is: how a belief moves when something is seen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import float64, int64, njit, types

from twinward.core.arrays import FloatArray
from twinward.core.streams import Streams
from twinward.errors import BadInput, TwinwardError

_VECTOR, _MATRIX = float64[::1], float64[:, ::1]
_UPDATE = int64(_MATRIX, _MATRIX, _VECTOR, _VECTOR, _MATRIX, _VECTOR, _MATRIX)

# A first-class function type, so that a compiled loop takes any update (DESIGN section 4).
UPDATE = types.FunctionType(_UPDATE)

OK, SINGULAR = 0, 1

# How many random numbers an update takes for each member: none, one an observation, one a variable besides.
NO_CHANCE, CHANCE_BY_OBSERVATION, CHANCE_BY_VARIABLE = 0, 1, 2

Compiled = Any


class UpdateFailed(TwinwardError, ArithmeticError):
    """An update could not be computed: neither the ensemble nor the observation has any variance."""


def update(function: Callable[..., int]) -> Compiled:
    """Compile an update; see `Update` for its arguments."""
    return njit(_UPDATE, cache=True, error_model="numpy", nogil=True)(function)


@dataclass(frozen=True)
class Update:
    """A way to move an ensemble towards what was seen. A leaf file gives one.

    `compiled(z, predicted, seen, variance, taper, settings, noise) -> status` changes `z` (members, variables) in
    place, given what each member says would be seen, `predicted` (members, observations), the values `seen` and the
    variances of their errors. `taper` (variables + observations, observations) multiplies covariances with the
    observations (localisation); it has no rows where nothing is tapered. `noise` holds standard normal numbers, shape
    (members, `draws(...)`).
    """

    @property
    def compiled(self) -> Compiled:
        """The compiled update."""
        raise NotImplementedError

    @property
    def settings(self) -> FloatArray:
        """The numbers the compiled update reads."""
        raise NotImplementedError

    @property
    def chance(self) -> int:
        """NO_CHANCE, CHANCE_BY_OBSERVATION or CHANCE_BY_VARIABLE."""
        raise NotImplementedError

    def update(
        self,
        ensemble: FloatArray,
        predicted: FloatArray,
        seen: FloatArray,
        error_sd: FloatArray,
        streams: Streams,
        taper: FloatArray | None = None,
    ) -> FloatArray:
        """The ensemble after `seen`.

        Args:
            ensemble: shape (members, variables); at least two members.
            predicted: what each member says would be seen, shape (members, observations).
            seen: shape (observations,).
            error_sd: standard deviations of the measurement errors, shape (observations,).
            streams: random numbers.
            taper: shape (variables + observations, observations), see `localisation`.

        Raises:
            UpdateFailed: there is no variance anywhere.
        """
        z = np.array(ensemble, dtype=np.float64, order="C")
        says = np.ascontiguousarray(predicted, dtype=np.float64)
        values, sd = np.atleast_1d(np.asarray(seen, np.float64)), np.atleast_1d(np.asarray(error_sd, np.float64))
        if z.ndim != 2 or len(z) < 2:
            raise BadInput("ensemble", z.shape, "shape (members, variables) with at least two members")
        if says.shape != (len(z), len(values)) or sd.shape != values.shape:
            raise BadInput(
                "predicted", says.shape, f"shape ({len(z)}, {len(values)}), as many columns as seen, error_sd"
            )
        if not (np.isfinite(values).all() and np.isfinite(sd).all() and (sd >= 0).all()):
            raise BadInput("seen", values, "finite values with finite error_sd >= 0")
        weights = np.zeros((0, 0)) if taper is None else np.ascontiguousarray(taper, dtype=np.float64)
        if taper is not None and weights.shape != (z.shape[1] + len(values), len(values)):
            raise BadInput("taper", weights.shape, f"shape ({z.shape[1] + len(values)}, {len(values)})")
        columns = draws(self.chance, z.shape[1], len(values))
        noise = streams.generator().standard_normal((len(z), columns))
        status = self.compiled(z, says, values, sd**2, weights, self.settings, noise)
        if status != OK:
            raise UpdateFailed("neither the ensemble nor the observation has any variance")
        return z


@njit(cache=True)
def draws(chance: int, variables: int, observations: int) -> int:
    """Columns of `noise` that an update takes."""
    if chance == NO_CHANCE:
        return 0
    return observations if chance == CHANCE_BY_OBSERVATION else observations + variables


def check(name: str, value: float, low: float, high: float) -> None:
    """Refuse a setting outside [low, high]."""
    if not (np.isfinite(value) and low <= value <= high):
        raise BadInput(name, value, f"a number in {low:g}..{high:g}")


@njit(cache=True, error_model="numpy")
def centre(values: Any, mean: Any) -> None:
    """Take the columns' means out of `values` (members, columns) and write them to `mean`."""
    members = values.shape[0]
    mean[:] = 0.0
    for m in range(members):
        for i in range(values.shape[1]):
            mean[i] += values[m, i]
    for i in range(values.shape[1]):
        mean[i] /= members
    for m in range(members):
        for i in range(values.shape[1]):
            values[m, i] -= mean[i]


@njit(cache=True, error_model="numpy")
def spread(anomalies: Any, sd: Any) -> None:
    """Standard deviation of each column of `anomalies` (members, columns), divisor members - 1."""
    sd[:] = 0.0
    for m in range(anomalies.shape[0]):
        for i in range(anomalies.shape[1]):
            sd[i] += anomalies[m, i] ** 2
    for i in range(anomalies.shape[1]):
        sd[i] = np.sqrt(sd[i] / (anomalies.shape[0] - 1))


@njit(cache=True, error_model="numpy")
def relax(anomalies: Any, before: Any, relaxation: float) -> None:
    """Give back a share of the spread an update took (relaxation to prior spread; Whitaker & Hamill 2012, eq. 2)."""
    after = np.empty_like(before)
    spread(anomalies, after)
    for i in range(before.shape[0]):
        if after[i] > 0.0:
            factor = 1.0 + relaxation * (before[i] - after[i]) / after[i]
            for m in range(anomalies.shape[0]):
                anomalies[m, i] *= factor


@njit(cache=True, error_model="numpy")
def tempered(variance: float, spread_variance: float, innovation: float, huber: float) -> Any:
    """The error variance to use, so that an innovation beyond `huber` standard deviations pulls no more than one at it.

    Huber's psi (Huber 1964) of the scaled innovation, as in the robust filter of Roh et al. 2013 (Mon. Wea. Rev. 141,
    4414), but put as a larger error variance, so that an outlier does not narrow the belief either.
    """
    if huber <= 0.0:
        return variance
    scaled = abs(innovation) / np.sqrt(spread_variance + variance)
    if scaled <= huber:
        return variance
    return (spread_variance + variance) * scaled / huber - spread_variance
