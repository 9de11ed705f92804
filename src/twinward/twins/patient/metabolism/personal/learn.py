"""Learn a person with type 1 diabetes from a history; see `metabolism.learning`."""

from __future__ import annotations

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.observation import Observations
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.engines.ode import RungeKutta4
from twinward.twins.patient.metabolism.learning import Learnable, Learnt, learn_from
from twinward.twins.patient.metabolism.person import weight_of
from twinward.twins.patient.metabolism.personal.equations import FIXED, KABS, KMAX, NEED
from twinward.twins.patient.metabolism.personal.model import GlucoseModel, at_rest, inputs_of
from twinward.twins.patient.metabolism.personal.population import correlations, from_standard, medians, spread

__all__ = ["Learnt", "learn"]


def learn(subject: Subject, seen: Observations, members: int, streams: Streams) -> Learnt:
    """The posterior after a history.

    Args:
        seen: of `GlucoseModel.signals`, in order of time; at least 10 glucose values.
        members: of the belief.

    Raises:
        BadInput: too few glucose values to learn from.

    Example:
        >>> from twinward.twins.patient.metabolism.personal.synthetic import synthetic_weeks
        >>> week = synthetic_weeks(1, Streams(3), days=1, every=15)[0]
        >>> learnt = learn(week.subject, week.seen, 50, Streams(4))
        >>> learnt.belief.members, bool((learnt.posterior_sd < 1.5 * learnt.prior_sd).all())
        (50, True)
    """
    return learn_from(_TYPE_1, subject, seen, members, streams)


def _inputs(subject: Subject) -> FloatArray:
    return inputs_of(subject, medians()[NEED] * weight_of(subject))


def _mirrored(z: FloatArray) -> FloatArray:
    """The person whose gut absorbs as fast as the stomach of `z` empties, and the other way round.

    Of a chain of first-order steps only the end is seen, and their order does not show (flip-flop kinetics), so a
    second peak is looked for there.
    """
    root = np.linalg.cholesky(correlations())
    logs = np.log(medians()) + spread() * (root @ z[:-1])
    logs[[KABS, KMAX]] = logs[[KMAX, KABS]]
    return np.append(np.linalg.solve(root, (logs - np.log(medians())) / spread()), z[-1])


_TYPE_1 = Learnable(
    GlucoseModel(),
    RungeKutta4(2.0),  # min; within 0.3 mg/dL of steps of 1 min, against a sensor's error of 11 (tested)
    FIXED["Vg"],
    from_standard,
    _inputs,
    at_rest,
    spread,
    _mirrored,
)
