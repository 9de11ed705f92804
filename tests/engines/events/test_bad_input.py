"""What a caller may get wrong: each gives an error that names the field."""

import numpy as np
import pytest

from twinward.core import Streams
from twinward.engines.events import (
    Arrivals,
    Breakdown,
    Calendar,
    Deterministic,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Network,
    PatientClass,
    PhaseType,
    Resource,
    State,
    Step,
    Triangular,
    Uniform,
    Weibull,
    simulate,
)
from twinward.errors import BadInput

KEY = Streams(1).key()


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Exponential(0.0), "Exponential"),
        (lambda: Exponential(float("nan")), "Exponential"),
        (lambda: Deterministic(-1.0), "Deterministic"),
        (lambda: Gamma.of(0.0, 1.0), "Gamma mean"),
        (lambda: Lognormal.of(1.0, 0.0), "Lognormal cv"),
        (lambda: Weibull(1.0, -2.0), "Weibull.scale"),
        (lambda: Triangular(3.0, 2.0, 4.0), "Triangular"),
        (lambda: Uniform(-1.0, 1.0), "Uniform"),
        (lambda: Empirical((0.0, 0.0)), "Empirical"),
        (lambda: PhaseType((1.0,), (0.5,), ((0.0,),)), "PhaseType.start"),
        (lambda: Calendar((1.0, 0.0), (1, 1)), "Calendar"),
        (lambda: Calendar((0.0, 5.0), (1, 2), period=4.0), "Calendar.period"),
        (lambda: Arrivals.constant(-1.0), "Calendar"),
        (lambda: Breakdown(0.0, 1.0), "Breakdown"),
        (lambda: Step("a", Exponential(1.0), needs={"nurse": 0}), "step a: nurse"),
        (lambda: Step("a", Exponential(1.0), needs={"bed": 1}, keeps={"bed": 1}), "step a"),
        (lambda: Step("a", Exponential(1.0), clock=(1.0,)), "step a: clock"),
    ],
)
def test_a_declaration_that_cannot_be(make, field):
    with pytest.raises(BadInput, match=field):
        make()


def network(step: Step | None = None, klass: PatientClass | None = None, **more) -> Network:
    step = step or Step("a", Exponential(1.0), needs={"server": 1})
    klass = klass or PatientClass("all", "a", {}, Arrivals.constant(1.0))
    return Network((Resource("server", 1),), (step,), (klass,), **more)


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"step": Step("a", Exponential(1.0), needs={"nurse": 1})}, "step a"),
        ({"step": Step("a", Exponential(1.0), on_renege="b")}, "on_renege"),
        ({"step": Step("a", Exponential(1.0), place=1)}, "place"),
        ({"step": Step("a", {"some": Exponential(1.0)})}, "time"),
        ({"step": Step("a", Exponential(1.0), time_to={"b": Exponential(1.0)})}, "time_to"),
        ({"klass": PatientClass("all", "b", {})}, "first"),
        ({"klass": PatientClass("all", "a", {"a": {"a": 0.5}})}, "routes"),
        ({"klass": PatientClass("all", "a", {"a": {"b": 1.0}})}, "routes"),
        ({"klass": PatientClass("all", "a", {("a", 3): {"": 1.0}})}, "routes"),
        ({"klass": PatientClass("all", "a", {}, diverted=1.5)}, "diverted"),
        ({"klass": PatientClass("all", "a", {}, diverted=Calendar((0.0,), (2.0,)))}, "diverted"),
        ({"klass": PatientClass("all", "a", {}, divert_queue=("b", 1))}, "divert_queue"),
    ],
)
def test_a_network_that_does_not_fit_together(parts, field):
    with pytest.raises(BadInput, match=field):
        network(**parts)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"until": 0.0}, "until"),
        ({"replications": 0}, "replications"),
        ({"warm_up": 20.0}, "warm_up"),
        ({"warm_up": -1.0}, "warm_up"),
        ({"sample_times": [3.0, 2.0]}, "sample_times"),
        ({"sample_times": [11.0]}, "sample_times"),
        ({"arrival_scale": np.array([[-1.0]])}, "arrival_scale"),
        ({"arrival_scale": np.ones((3, 7))}, "arrival_scale"),
        ({"time_scale": np.array([[np.nan]])}, "time_scale"),
    ],
)
def test_a_run_that_cannot_be(more, field):
    arguments = {"start": 0.0, "until": 10.0, "replications": 2, **more}
    with pytest.raises(BadInput, match=field):
        simulate(network(), key=KEY, **arguments)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ids": np.array([3, 3])}, "state.ids"),
        ({"klass": np.array([0, 1])}, "state.klass"),
        ({"step": np.array([0, -1])}, "state.step"),
        ({"phase": np.array([0, 3])}, "state.phase"),
        ({"since": np.array([0.0, np.nan])}, "state.since"),
        ({"held": np.zeros((2, 3), np.int64)}, "state.held"),
        ({"held": np.array([[0], [-1]])}, "state.held"),
        ({"place": np.array([0])}, "state.place"),
        ({"absent": np.zeros((1, 2), bool)}, "state.absent"),
        ({"remaining": np.zeros((2, 1))}, "state.remaining"),
    ],
)
def test_a_state_that_cannot_be(change, field):
    zero = np.zeros(2, np.int64)
    columns = {
        "ids": np.arange(2),
        "klass": zero,
        "mode": zero,
        "step": zero,
        "phase": zero,
        "since": np.zeros(2),
        "arrived": np.zeros(2),
        "place": zero,
        "held": np.zeros((2, 1), np.int64),
    }
    with pytest.raises(BadInput, match=field):
        simulate(network(), 0, 10, 2, KEY, state=State(**{**columns, **change}))
