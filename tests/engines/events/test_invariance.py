"""What must not change, and what must add up: threads, parts, common random numbers, conservation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twinward.core import Streams
from twinward.engines.events import (
    EXIT,
    STRICT,
    Arrivals,
    Breakdown,
    Calendar,
    Deterministic,
    Exponential,
    Gamma,
    Lognormal,
    Network,
    PatientClass,
    Resource,
    Step,
    Weibull,
    simulate,
)

KEY = Streams(11).child("invariance").key()


def hospital(
    beds: int = 6, cubicles: int = 4, surge: Calendar | None = None, patience: float = 2.0, preemptive: bool = True
) -> Network:
    """A small hospital with everything switched on; hours."""
    day = Calendar((0.0, 8.0, 20.0), (0.4, 1.6, 0.8), period=24.0)
    shifts = Calendar((0.0, 8.0, 20.0), (1, 3, 2), period=24.0)
    return Network(
        (
            Resource("nurse", shifts),
            Resource("cubicle", cubicles, cleaning=Deterministic(0.1)),
            Resource("scanner", 2, breakdown=Breakdown(10.0, 1.0), outages=((30.0, 34.0, 1),)),
            Resource("bed", beds, cleaning=Exponential(0.5)),
        ),
        (
            Step("triage", Lognormal.of(0.15, 0.5), needs={"nurse": 1}, patience=Exponential(patience)),
            Step("treat", Gamma.of(1.0, 0.8), needs={"nurse": 1}, keeps={"cubicle": 1}, preemptive=preemptive),
            Step("scan", Weibull.of(0.4, 0.7), needs={"scanner": 1}, balk_above=6),
            Step("ward", Lognormal.of(20.0, 1.0), keeps={"bed": 1}, frees=("cubicle",), place=1),
        ),
        tuple(
            PatientClass(
                str(k),
                "triage",
                {
                    "triage": {"treat": 1.0},
                    ("treat", 0): {"scan": 0.5, "ward": 0.2, EXIT: 0.3},
                    ("treat", 1): {"ward": 0.4, EXIT: 0.6},
                    "scan": {"treat": 1.0},
                },
                Arrivals(day),
                offset=k * STRICT,
                surge=surge,
                diverted=0.05 * k,
            )
            for k in range(2)
        ),
        advance={(0, "scan"): 1},
        modes=2,
        places=2,
        long_stay=4.0,
    )


def everything(result) -> list[np.ndarray]:
    arrays = [np.asarray(getattr(result, name)) for name in result.__dataclass_fields__]
    return [np.frombuffer(a.tobytes(), np.uint8) for a in arrays]


def test_one_thread_or_more_give_the_same_bits():
    results = [
        everything(simulate(hospital(), 0, 96, 9, KEY, records=True, sample_times=[24, 48], threads=threads))
        for threads in (1, 2, 5)
    ]
    for other in results[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(results[0], other, strict=True))


def test_a_run_in_parts_is_the_same_run():
    whole = simulate(hospital(), 0, 96, 6, KEY)
    parts = [simulate(hospital(), 0, 96, 3, KEY, first_replication=first) for first in (0, 3)]
    assert np.array_equal(whole.by_step, np.concatenate([part.by_step for part in parts]))


def test_too_little_memory_at_first_changes_nothing(one_station):
    # An overloaded queue outgrows any first guess of how many wait.
    result = simulate(one_station(1, 40.0), 0, 2000, 1, KEY, records=True)
    assert result.by_class[0, 0, 0] > 70_000
    assert len(result.records) == result.by_class[0, 0, 0]


def test_same_patients_whatever_is_decided():
    few, many = (simulate(hospital(cubicles=n, preemptive=False), 0, 240, 20, KEY, records=True) for n in (3, 8))
    assert (few.by_class[:, :, 0] == many.by_class[:, :, 0]).all()

    def triages(result):
        rows = result.records[(result.records["step"] == 0) & (result.records["outcome"] == 0)]
        durations = rows["ended"] - rows["started"]
        return {(r, p): d for r, p, d in zip(rows["replication"], rows["patient"], durations, strict=True)}

    a, b = triages(few), triages(many)
    both = a.keys() & b.keys()
    assert len(both) > 100
    assert max(abs(a[who] - b[who]) for who in both) < 1e-9


def test_common_random_numbers_sharpen_a_difference(one_station):
    other = Streams(12).key()

    def wait(servers, key):
        result = simulate(one_station(servers, 1.8), 0, 500, 200, key)
        return result.queue_area[:, 0] / result.by_class[:, 0, 0]

    paired = wait(2, KEY) - wait(3, KEY)
    unpaired = wait(2, KEY) - wait(3, other)
    many_servers = wait(3, KEY)
    assert paired.var() < unpaired.var()
    assert (paired >= -1e-9).all()  # one more server never makes the same patients wait longer
    assert many_servers.mean() < wait(2, KEY).mean()


def test_surge_adds_and_removes_but_never_exchanges_patients():
    def come(factor):
        result = simulate(hospital(surge=Calendar((0.0,), (factor,))), 0, 240, 10, KEY, records=True)
        first = result.records[result.records["step"] == 0]
        return {
            (r, p): q for r, p, q in zip(first["replication"], first["patient"], first["queued"], strict=True)
        }, result.by_class[:, :, 0].sum()

    counts = []
    before: dict = {}
    for factor in (0.0, 0.5, 1.0, 1.3, 2.0, 2.5):
        who, count = come(factor)
        assert all(who.get(key) == queued for key, queued in before.items())
        before = who
        counts.append(count)
    base = counts[2]
    for factor, count in zip((0.0, 0.5, 1.0, 1.3, 2.0, 2.5), counts, strict=True):
        assert abs(count - factor * base) < 5 * np.sqrt(3 * base)
    assert counts[0] == 0


def test_surge_holds_while_it_lasts(one_station):
    network = one_station(5, 2.0)
    surged = Network(
        network.resources,
        network.steps,
        (PatientClass("all", "service", {}, Arrivals.constant(2.0), surge=Calendar((0.0, 50.0, 60.0), (1, 3, 1))),),
    )
    plain, more = (simulate(n, 0, 100, 100, KEY, sample_times=[50, 60, 100]) for n in (network, surged))
    plain_flow, more_flow = plain.flow[:, :, 0].sum(axis=0), more.flow[:, :, 0].sum(axis=0)
    assert plain_flow[0] == more_flow[0]
    assert plain_flow[2] - plain_flow[1] == more_flow[2] - more_flow[1]
    added = more_flow[1] - plain_flow[1]
    assert abs(added - 100 * 10 * 2 * 2) < 5 * np.sqrt(4000)


def test_arrival_scale_multiplies_the_rate(one_station):
    scale = np.array([[0.5], [1.0], [2.0]])
    counts = simulate(one_station(1, 5.0), 0, 2000, 3, KEY, arrival_scale=scale).by_class[:, 0, 0]
    assert np.allclose(counts, scale[:, 0] * 10_000, atol=5 * np.sqrt(20_000))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    beds=st.integers(0, 8),
    cubicles=st.integers(1, 5),
    factor=st.floats(0.2, 2.5),
    patience=st.floats(0.05, 20.0),
    preemptive=st.booleans(),
    until=st.floats(5.0, 200.0),
)
def test_nobody_is_lost(seed, beds, cubicles, factor, patience, preemptive, until):
    network = hospital(beds, cubicles, Calendar((0.0,), (factor,)), patience, preemptive)
    result = simulate(network, 0, until, 4, Streams(seed).key(), records=True, sample_times=[until])
    arrived, exited, diverted = (result.by_class[:, :, i].sum(axis=1) for i in (0, 1, 2))
    assert (arrived == exited + diverted + result.census[:, 0].sum(axis=1)).all()
    assert (result.exits.sum(axis=2) == result.by_class[:, :, 1]).all()
    assert np.allclose(result.stays.sum(axis=2), result.by_class[:, :, 5])
    assert (result.busy >= 0).all()
    assert (result.busy[:, 0, 2] <= 2).all()
    assert (result.busy[:, 0, 3] <= beds).all()
    assert np.allclose(result.spent.sum(axis=(1, 2)), result.census_area)  # all time is waiting or service, somewhere
    assert np.allclose(result.spent[:, 0].sum(axis=2), result.queue_area)
    done = result.records[result.records["outcome"] == 0]
    assert (done["started"] >= done["queued"]).all()
    assert (done["ended"] >= done["started"]).all()


@pytest.mark.parametrize("seed", range(3))
def test_areas_are_the_time_spent(seed):
    # From empty, the integral of the census is the summed stay of those gone plus what those here have spent.
    result = simulate(hospital(), 0, 200, 5, Streams(seed).key(), records=True)
    for r in range(5):
        rows = result.records[(result.records["replication"] == r) & (result.records["outcome"] != 3)]
        came = {}
        for patient, queued in zip(rows["patient"], rows["queued"], strict=True):
            came[patient] = min(came.get(patient, np.inf), queued)
        last = {}
        for patient, ended in zip(rows["patient"], rows["ended"], strict=True):
            here = 200.0 if np.isnan(ended) else ended
            last[patient] = max(last.get(patient, 0.0), here)
        spent = sum(last[p] - came[p] for p in came)
        assert np.isclose(result.census_area[r].sum(), spent)
