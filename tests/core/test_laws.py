"""The laws of a model catch models that break them."""

import itertools

import numpy as np
import pytest
import xarray as xr
from tests.core.conftest import seen

from twinward.core import Model, Observations, Streams
from twinward.core.laws import LawBroken, check_laws
from twinward.errors import BadInput
from twinward.models.random_walk import RandomWalk

SEEN = Observations.of([seen(600.0 * t, v) for t, v in [(1, 1.0), (2, 3.0), (2, 2.0), (3, 0.5), (5, 1.0)]])


def shifted(belief, by):
    return belief.evolve(mean=belief["mean"] + by)


class CountsCalls(RandomWalk):
    def assimilate(self, belief, seen):
        return shifted(super().assimilate(belief, seen), 1.0)


class DrawsByRow(RandomWalk):
    """Random numbers keyed by the place in the batch instead of by time."""

    def assimilate(self, belief, seen):
        for i in range(len(seen)):
            noise = Streams(belief.seed).child("update", i).generator().normal()
            belief = shifted(super().assimilate(belief, seen[i : i + 1]), noise)
        return belief


class ChangesWhatItWasHanded(RandomWalk):
    def assimilate(self, belief, seen):
        belief["mean"].flags.writeable = True
        belief["mean"][0] += 1.0
        return super().assimilate(belief, seen)


class RemembersBesides(RandomWalk):
    """State outside the belief: once it has seen six batches, something else."""

    calls = itertools.count()

    def prior(self, subject, members, streams):
        return shifted(super().prior(subject, members, streams), float(next(self.calls)))


class NeverTheSame(RandomWalk):
    draws = itertools.count()

    def simulate(self, belief, scenario, times, streams):
        return super().simulate(belief, scenario, times, streams.child(next(self.draws)))


class WrongSize(RandomWalk):
    def estimate(self, belief, time):
        return xr.Dataset({"level": ("member", np.zeros(3))})


class SimulateMovesTheBelief(RandomWalk):
    def simulate(self, belief, scenario, times, streams):
        belief["mean"].flags.writeable = True
        found = super().simulate(belief, scenario, times, streams)
        belief["mean"][:] = 5.0
        return found


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (CountsCalls(), "is no fold"),
        (DrawsByRow(), "is no fold"),
        (ChangesWhatItWasHanded(), "changed the belief it was handed"),
        (RemembersBesides(), "order or repetition of arrival"),
        (NeverTheSame(), "different futures for the same seed"),
        (WrongSize(), "estimate must have a dimension 'member' of size 20"),
        (SimulateMovesTheBelief(), "different futures|changed the belief"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_model_that_breaks_a_law_is_caught(model, message):
    with pytest.raises(LawBroken, match=message):
        check_laws(model, "Thing/1", SEEN)


def test_a_lawful_model_passes_and_is_a_model():
    check_laws(RandomWalk(), "Thing/1", SEEN)
    assert isinstance(RandomWalk(), Model)


def test_one_instant_proves_nothing():
    with pytest.raises(BadInput, match="two distinct times"):
        check_laws(RandomWalk(), "Thing/1", SEEN[:1])
