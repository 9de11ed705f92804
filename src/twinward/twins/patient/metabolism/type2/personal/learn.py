"""Learn a person with type 2 diabetes from a history; see `metabolism.learning`."""

from __future__ import annotations

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.observation import Observations
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.engines.ode import RungeKutta4
from twinward.twins.patient.metabolism.learning import Learnable, Learnt, learn_from
from twinward.twins.patient.metabolism.type2.personal.equations import KABS, KMAX, VOLUME
from twinward.twins.patient.metabolism.type2.personal.model import GlucoseType2Model, at_rest, inputs_of
from twinward.twins.patient.metabolism.type2.personal.population import correlations, from_standard, medians, spread


def learn(subject: Subject, seen: Observations, members: int, streams: Streams) -> Learnt:
    """The posterior after a history.

    Args:
        seen: of `GlucoseType2Model.signals`, in order of time; at least 10 glucose values.
        members: of the belief.

    Raises:
        BadInput: too few glucose values to learn from.

    Example:
        >>> from twinward.twins.patient.metabolism.type2.personal.synthetic import synthetic_weeks
        >>> week = synthetic_weeks(1, Streams(3), days=1, every=15)[0]
        >>> learn(week.subject, week.seen, 50, Streams(4)).belief.members
        50
    """
    return learn_from(_TYPE_2, subject, seen, members, streams)


def _mirrored(z: FloatArray) -> FloatArray:
    """Gut and stomach changed about (flip-flop kinetics), as in the type 1 twin."""
    root = np.linalg.cholesky(correlations())
    logs = np.log(medians()) + spread() * (root @ z[:-1])
    logs[[KABS, KMAX]] = logs[[KMAX, KABS]]
    return np.append(np.linalg.solve(root, (logs - np.log(medians())) / spread()), z[-1])


_TYPE_2 = Learnable(
    GlucoseType2Model(),
    RungeKutta4(1.0),  # min; the liver clears insulin at up to 2 /min, where steps of 2 min would not be stable
    VOLUME,
    from_standard,
    inputs_of,
    at_rest,
    spread,
    _mirrored,
)
