"""The laws that every model must keep, as checks that the author of a kind calls from a test."""

import numpy as np
import xarray as xr

from twinward.core.model import Model, Times
from twinward.core.observation import Observations
from twinward.core.scenario import Scenario
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.core.times import grid
from twinward.core.twin import Twin
from twinward.errors import BadInput, TwinwardError


class LawBroken(TwinwardError, AssertionError):
    """A model does not keep one of the laws of `twinward.core.Model`."""


def check_laws(model: Model, subject: Subject | str, seen: Observations, *, members: int = 20, seed: int = 1) -> None:
    """Check a model on a batch of its observations (at least two distinct times).

    Raises:
        LawBroken: which law, and how it showed.

    Example:
        >>> from twinward.core import Observation
        >>> from twinward.models.random_walk import RandomWalk
        >>> seen = Observations.of([Observation("Thing/1", "level", t, t / 60) for t in (60.0, 120.0, 180.0)])
        >>> check_laws(RandomWalk(), "Thing/1", seen)
    """
    if len(np.unique(seen.time)) < 2:
        raise BadInput("seen", f"{len(seen)} observations", "observations at two distinct times or more")
    ordered = seen[np.argsort(seen.time, kind="stable")]
    whole = Twin(model, subject, members=members, seed=seed)
    whole.observe(ordered)
    _check_fold(model, whole.subject, ordered, members, seed)
    _check_arrival(model, whole.subject, ordered, whole)
    _check_no_future(model, whole.subject, ordered, whole)
    _check_rehearsal(whole)


def _check_fold(model: Model, subject: Subject, seen: Observations, members: int, seed: int) -> None:
    prior = model.prior(subject, members, Streams(seed))
    before = prior.digest()
    at_once = model.assimilate(prior, seen)
    _demand(prior.digest() == before, "assimilate changed the belief it was handed")
    for cut in np.flatnonzero(np.diff(seen.time) > 0) + 1:
        in_two = model.assimilate(model.assimilate(prior, seen[:cut]), seen[cut:])
        _demand(at_once.digest() == in_two.digest(), f"assimilate is no fold: a split at row {cut} changes the belief")


def _check_arrival(model: Model, subject: Subject, seen: Observations, whole: Twin) -> None:
    for order in (np.arange(len(seen))[::-1], np.random.default_rng(0).permutation(len(seen))):
        twin = Twin(model, subject, members=whole.members, seed=whole.seed)
        for i in order:
            twin.observe(seen[i : i + 1])
        twin.observe(seen)
        _demand(twin.digest() == whole.digest(), "the order or repetition of arrival changes the belief")


def _check_no_future(model: Model, subject: Subject, seen: Observations, whole: Twin) -> None:
    for time in np.unique(seen.time)[:-1]:
        short = Twin(model, subject, members=whole.members, seed=whole.seed)
        short.observe(seen[seen.time <= time])
        same = short.digest() == whole.belief_at(float(time)).digest()
        _demand(same, f"the belief at {time} depends on something later")


def _check_rehearsal(twin: Twin) -> None:
    before = twin.digest()
    when = Times(twin.time, grid(twin.time, 3600.0, 900.0))
    streams = Streams(twin.seed).child("laws")
    first, second = (twin.model.simulate(twin.belief, Scenario.baseline(), when, streams) for _ in range(2))
    _demand(_equal(first, second), "simulate gives different futures for the same seed")
    _demand(twin.digest() == before, "simulate changed the belief")
    for name, sizes in (("simulate", first.sizes), ("estimate", twin.model.estimate(twin.belief, twin.time).sizes)):
        _demand(sizes.get("member") == twin.members, f"{name} must have a dimension 'member' of size {twin.members}")


def _equal(a: xr.Dataset, b: xr.Dataset) -> bool:
    return bool(a.equals(b))


def _demand(kept: bool, what: str) -> None:
    if not kept:
        raise LawBroken(what)
