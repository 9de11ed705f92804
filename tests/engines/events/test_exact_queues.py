"""Queues whose answer is known exactly: the engine must find it within four standard errors."""

import numpy as np
import pytest

from twinward.core import Streams
from twinward.engines.events import (
    STRICT,
    WAITING,
    Arrivals,
    Breakdown,
    Deterministic,
    Exponential,
    Gamma,
    Network,
    PatientClass,
    PhaseType,
    Resource,
    State,
    Step,
    simulate,
)

KEY = Streams(20240101).child("exact queues").key()


def agrees(values: np.ndarray, exact: float, worst: float = 0.03) -> None:
    """Within four standard errors, which are small enough to mean something."""
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert abs(values.mean() - exact) < 4 * error, (values.mean(), exact, error)
    assert error < worst * exact


def mean_wait(result, k=0, s=0):
    """Ratio of sums by replication; long runs, so that its bias is far below its error."""
    return result.by_step[:, k, s, 1] / result.by_step[:, k, s, 0]


def stationary(generator: np.ndarray) -> np.ndarray:
    """The distribution that a Markov chain with this generator settles in."""
    a = np.vstack([generator.T, np.ones(len(generator))])
    return np.linalg.lstsq(a, np.append(np.zeros(len(generator)), 1.0), rcond=None)[0]


def test_preemptive_priority_mm1(one_station):
    # Sojourn of class k: (1/mu) / ((1 - s_{k-1}) (1 - s_k)), s_k the load of classes 1..k (Jaiswal 1968).
    network = Network(
        (Resource("server", 1),),
        (Step("service", Exponential(1.0), needs={"server": 1}, preemptive=True),),
        tuple(
            PatientClass(name, "service", {}, Arrivals.constant(rate), offset=offset)
            for name, rate, offset in (("urgent", 0.3, 0.0), ("other", 0.4, STRICT))
        ),
    )
    result = simulate(network, 0, 6000, 400, KEY, warm_up=500)
    stay = result.by_class[:, :, 5] / result.by_class[:, :, 1]
    agrees(stay[:, 0], 1 / (1 - 0.3))
    agrees(stay[:, 1], 1 / ((1 - 0.3) * (1 - 0.7)))
    # the work done is the work brought: nobody's interrupted service is lost or begun anew
    agrees(result.by_step[:, 1, 0, 2] / result.by_class[:, 1, 1], 1.0)


def test_breakdowns_of_a_single_server(one_station):
    # White & Christie 1958: the server fails, idle or busy, at rate 0.1, is repaired at rate 0.5; preemptive resume.
    arrive, serve, fail, repair, most = 0.5, 1.0, 0.1, 0.5, 300
    generator = np.zeros((2 * most, 2 * most))  # state 2 n + (1 if down)
    for n in range(most):
        up, down = 2 * n, 2 * n + 1
        generator[up, down], generator[down, up] = fail, repair
        if n + 1 < most:
            generator[up, up + 2] = generator[down, down + 2] = arrive
        if n > 0:
            generator[up, up - 2] = serve
    np.fill_diagonal(generator, -generator.sum(axis=1))
    exact = stationary(generator) @ (np.arange(2 * most) // 2)
    network = one_station(1, arrive, resource={"breakdown": Breakdown(1 / fail, 1 / repair)})
    result = simulate(network, 0, 20000, 300, KEY, warm_up=1000)
    agrees(result.census_area[:, 0] / result.duration, exact)
    agrees(result.busy_area[:, 0] / result.duration, arrive / serve)


def test_breakdowns_of_several_servers(one_station):
    # Each of three servers fails by itself; exact by the chain of (patients, servers that are up).
    arrive, fail, repair, servers, most = 1.2, 0.05, 0.3, 3, 120
    states = [(n, up) for n in range(most) for up in range(servers + 1)]
    index = {state: i for i, state in enumerate(states)}
    generator = np.zeros((len(states), len(states)))
    for (n, up), i in index.items():
        for to, rate in (
            ((n + 1, up), arrive),
            ((n - 1, up), float(min(n, up))),
            ((n, up - 1), up * fail),
            ((n, up + 1), (servers - up) * repair),
        ):
            if to in index:
                generator[i, index[to]] += rate
    np.fill_diagonal(generator, -generator.sum(axis=1))
    exact = stationary(generator) @ np.array([n for n, _ in states])
    network = one_station(servers, arrive, resource={"breakdown": Breakdown(1 / fail, 1 / repair)})
    result = simulate(network, 0, 10000, 300, KEY, warm_up=500)
    agrees(result.census_area[:, 0] / result.duration, exact)


def test_reneging_is_erlang_a(one_station):
    # M/M/4 + M (Palm 1957): birth and death, in state n at rate min(n, 4) + (n - 4)+ / 2.
    arrive, servers, patience, most = 5.0, 4, 2.0, 80
    n = np.arange(most)
    death = np.minimum(n, servers) + np.maximum(n - servers, 0) / patience
    weights = np.cumprod(np.concatenate([[1.0], arrive / death[1:]]))
    p = weights / weights.sum()
    gave_up = p @ (np.maximum(n - servers, 0) / patience) / arrive
    result = simulate(one_station(servers, arrive, patience=Exponential(patience)), 0, 4000, 200, KEY, warm_up=200)
    agrees(result.by_class[:, 0, 4] / result.by_class[:, 0, 0], gave_up)
    agrees(result.queue_area[:, 0] / result.duration, p @ np.maximum(n - servers, 0))
    assert (result.exits[:, 0, 1] == result.by_class[:, 0, 4]).all()


def test_blocking_halves_what_two_stations_could_do():
    # Tandem without a buffer between, never starved: 2/3 (Hunt 1956). Three patients go round for ever.
    network = Network(
        (Resource("first", 1), Resource("second", 1)),
        (
            Step("a", Exponential(1.0), keeps={"first": 1}),
            Step("b", Exponential(1.0), needs={"second": 1}, frees=("first",)),
        ),
        (PatientClass("all", "a", {"a": {"b": 1.0}, "b": {"a": 1.0}}),),
    )
    three = np.zeros(3, np.int64)
    state = State(
        np.arange(3), three, three, three, three + WAITING, np.zeros(3), np.zeros(3), three, np.zeros((3, 2), np.int64)
    )
    result = simulate(network, 0, 3000, 200, KEY, state=state, warm_up=100)
    agrees(result.by_step[:, 0, 1, 0] / result.duration, 2 / 3)
    blocked = result.busy_area[:, 0] / result.duration - result.by_step[:, 0, 0, 2] / result.duration
    agrees(result.boarding_area[:, 1] / result.duration, blocked.mean())


@pytest.mark.parametrize(
    ("service", "second_moment"),
    [
        (Deterministic(0.8), 0.64),
        (Gamma.of(0.8, 0.5), 0.64 * 1.25),
        (PhaseType((0.3, 0.5), (1.0, 0.0), ((0.0, 1.0), (0.0, 0.0))), 0.64 + 0.09 + 0.25),
    ],
    ids=["deterministic", "gamma", "phases"],
)
def test_single_server_with_any_service(one_station, service, second_moment):
    # Pollaczek-Khinchine: Wq = rate E[S^2] / (2 (1 - load)).
    result = simulate(one_station(1, 1.0, service), 0, 5000, 300, KEY, warm_up=300)
    agrees(mean_wait(result), second_moment / (2 * (1 - 0.8)))


def test_cleaning_keeps_the_server_as_service_does(one_station):
    # The server's cycle is S + C with both exponential of mean 0.4: E[(S + C)^2] = 0.16 (1 + 1 + 4).
    network = one_station(1, 1.0, Exponential(0.4), resource={"cleaning": Exponential(0.4)})
    result = simulate(network, 0, 5000, 300, KEY, warm_up=300)
    agrees(mean_wait(result), 0.96 / (2 * (1 - 0.8)))


def test_nurse_and_cubicle_at_once():
    # Two things needed together, one of each scarce: the scarcer decides, and both are in use equally.
    network = Network(
        (Resource("nurse", 2), Resource("cubicle", 3)),
        (Step("see", Exponential(1.0), needs={"nurse": 1, "cubicle": 1}),),
        (PatientClass("all", "see", {}, Arrivals.constant(1.5)),),
    )
    result = simulate(network, 0, 4000, 300, KEY, warm_up=300)
    load = 0.75  # M/M/2: Wq = load^2 / (1 - load^2) for unit service
    agrees(mean_wait(result), load**2 / (1 - load**2))
    assert np.allclose(result.busy_area[:, 0], result.busy_area[:, 1], rtol=1e-12)


def test_loss_system_is_erlang_b(one_station):
    result = simulate(one_station(2, 1.0, balk_above=-1), 0, 4000, 300, KEY, warm_up=100)
    agrees(result.by_class[:, 0, 3] / result.by_class[:, 0, 0], 0.2)  # (1/2) / (1 + 1 + 1/2)
