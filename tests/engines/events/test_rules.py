"""Rules of the flow, one by one, on cases small enough to follow by hand."""

import math

import numpy as np
import pytest

from twinward.core import Streams
from twinward.engines.events import (
    DONE,
    EXIT,
    SERVING,
    STRICT,
    WAITING,
    Arrivals,
    Calendar,
    Deterministic,
    Exponential,
    Gamma,
    Lognormal,
    Network,
    PatientClass,
    PhaseType,
    Resource,
    State,
    Step,
    Weibull,
    simulate,
)

KEY = Streams(7).child("rules").key()


def patients(resources: int, *rows: dict) -> State:
    """A state from (step, phase, since, ...) by patient."""
    n = len(rows)

    def column(name, default, kind):
        return np.array([row.get(name, default) for row in rows], dtype=kind)

    held = np.array([row.get("held", [0] * resources) for row in rows], dtype=np.int64).reshape(n, resources)
    return State(
        column("id", 0, np.int64) + np.arange(n),
        column("klass", 0, np.int64),
        column("mode", 0, np.int64),
        column("step", 0, np.int64),
        column("phase", WAITING, np.int64),
        column("since", 0.0, np.float64),
        column("arrived", 0.0, np.float64),
        column("place", 0, np.int64),
        held,
    )


def records_of(network: Network, state: State, until: float = 1000.0, **more):
    result = simulate(network, 0, until, 1, KEY, state=state, records=True, **more)
    return {(int(r["patient"]), int(r["step"])): r for r in result.records}, result


def line(service=None, classes=1, **more) -> Network:
    return Network(
        (Resource("server", more.pop("servers", 1)),),
        (Step("service", service or Deterministic(2.0), needs={"server": 1}, **more),),
        tuple(PatientClass(str(k), "service", {}, offset=k * STRICT) for k in range(classes)),
    )


def test_first_come_first_served():
    rows, _ = records_of(line(), patients(1, {"since": -1.0}, {"since": -3.0}, {"since": -2.0}))
    assert [rows[i, 0]["started"] for i in range(3)] == [4.0, 0.0, 2.0]


def test_strict_priority_goes_before_any_wait():
    rows, _ = records_of(line(classes=2), patients(1, {"klass": 1, "since": -500.0}, {"klass": 0}))
    assert (rows[1, 0]["started"], rows[0, 0]["started"]) == (0.0, 2.0)


def test_a_head_start_is_made_up_by_waiting():
    network = Network(
        (Resource("server", 1),),
        (Step("service", Deterministic(2.0), needs={"server": 1}),),
        (PatientClass("a", "service", {}), PatientClass("b", "service", {}, offset=10.0)),
    )
    rows, _ = records_of(network, patients(1, {"klass": 1, "since": -11.0}, {"klass": 0}))
    assert (rows[0, 0]["started"], rows[1, 0]["started"]) == (0.0, 2.0)


def _two_steps(preemptive: bool) -> Network:
    """Somebody urgent comes after 3 units of preparation, while the server is busy for 10 units."""
    return Network(
        (Resource("server", 1),),
        (
            Step("prepare", Deterministic(3.0)),
            Step("service", Deterministic(10.0), needs={"server": 1}, preemptive=preemptive),
        ),
        (
            PatientClass("urgent", "prepare", {"prepare": {"service": 1.0}}),
            PatientClass("other", "service", {}, offset=STRICT),
        ),
    )


def test_an_interrupted_patient_keeps_what_is_left():
    state = patients(1, {"klass": 0, "step": 0}, {"klass": 1, "step": 1})
    rows, result = records_of(_two_steps(True), state)
    assert (rows[0, 1]["started"], rows[0, 1]["ended"]) == (3.0, 13.0)
    assert (rows[1, 1]["started"], rows[1, 1]["ended"]) == (0.0, 20.0)  # 3 before, 7 after
    assert result.by_step[0, :, 1, 2].tolist() == [10.0, 10.0]
    rows, _ = records_of(_two_steps(False), state)
    assert (rows[0, 1]["started"], rows[1, 1]["ended"]) == (10.0, 10.0)


def test_nobody_is_interrupted_in_vain():
    # The urgent patient needs two servers, and one of them is with somebody as urgent: the other is left in peace.
    network = Network(
        (Resource("server", 2),),
        (
            Step("prepare", Deterministic(3.0)),
            Step("both", Deterministic(1.0), needs={"server": 2}, preemptive=True),
            Step("one", Deterministic(10.0), needs={"server": 1}),
        ),
        (
            PatientClass("urgent", "prepare", {"prepare": {"both": 1.0}}),
            PatientClass("equal", "one", {}),
            PatientClass("other", "one", {}, offset=STRICT),
        ),
    )
    state = patients(1, {"klass": 0, "step": 0}, {"klass": 1, "step": 2}, {"klass": 2, "step": 2})
    rows, _ = records_of(network, state)
    assert rows[2, 2]["ended"] == 10.0
    assert rows[0, 1]["started"] == 10.0


def test_shifts_open_and_close():
    network = Network(
        (Resource("server", Calendar((0.0, 5.0, 9.0), (0, 1, 0), period=24.0)),),
        (Step("service", Deterministic(3.0), needs={"server": 1}),),
        (PatientClass("all", "service", {}),),
    )
    rows, _ = records_of(network, patients(1, {}, {}, {}))
    # opens at 5; what is under way at 9 is finished first; the third waits for the next day
    assert [rows[i, 0]["started"] for i in range(3)] == [5.0, 8.0, 29.0]


def test_an_outage_takes_units_away():
    network = Network(
        (Resource("scanner", 2, outages=((0.5, 10.0, 2), (3.0, 4.0, 1))),),
        (Step("prepare", Deterministic(1.0)), Step("scan", Deterministic(3.0), needs={"scanner": 1})),
        (PatientClass("all", "prepare", {"prepare": {"scan": 1.0}}),),
    )
    rows, _ = records_of(network, patients(1, {}))
    assert rows[0, 1]["started"] == 10.0


def test_cleaning_comes_between():
    network = Network(
        (Resource("room", 1, cleaning=Deterministic(0.5)),),
        (Step("service", Deterministic(2.0), needs={"room": 1}),),
        (PatientClass("all", "service", {}),),
    )
    rows, _ = records_of(network, patients(1, {}, {}))
    assert rows[1, 0]["started"] == 2.5


def test_a_cubicle_is_kept_until_the_bed_is_there():
    network = Network(
        (Resource("cubicle", 1), Resource("bed", 1)),
        (
            Step("treat", Deterministic(1.0), keeps={"cubicle": 1}),
            Step("ward", Deterministic(10.0), keeps={"bed": 1}, frees=("cubicle",), place=1),
        ),
        (PatientClass("all", "treat", {"treat": {"ward": 1.0}}),),
        places=2,
    )
    rows, result = records_of(network, patients(2, {}, {}, {}), sample_times=[0.0, 5.0, 12.0])
    assert [rows[i, 0]["started"] for i in range(3)] == [0.0, 1.0, 11.0]
    assert [rows[i, 1]["started"] for i in range(3)] == [1.0, 11.0, 21.0]
    assert result.boarding_area[0].tolist() == [0.0, 9.0 + 9.0]
    assert result.busy[0].tolist() == [[1, 0], [1, 1], [1, 1]]
    assert result.census[0].tolist() == [[3, 0], [2, 1], [1, 1]]


def test_giving_up_leads_where_it_is_said_to():
    network = Network(
        (Resource("server", 1),),
        (
            Step("service", Deterministic(10.0), needs={"server": 1}, patience=Deterministic(4.0), on_renege="home"),
            Step("home", Deterministic(1.0)),
        ),
        (PatientClass("all", "service", {}),),
    )
    rows, result = records_of(network, patients(1, {}, {}))
    assert (rows[1, 0]["outcome"], rows[1, 0]["ended"]) == (1, 4.0)
    assert rows[1, 1]["ended"] == 5.0
    assert result.moved_to[0].tolist() == [-1, 1]
    assert result.moved_at[0].tolist() == [10.0, 4.0]
    assert result.exits[0, 0].tolist() == [2.0, 0.0, 0.0]


def test_patience_counts_from_when_waiting_began():
    network = line(Deterministic(10.0), patience=Deterministic(4.0))
    rows, _ = records_of(network, patients(1, {"phase": SERVING}, {"since": -3.0}))
    assert (rows[1, 0]["outcome"], rows[1, 0]["ended"]) == (1, 1.0)


def test_who_sees_too_many_waiting_does_not_join():
    network = Network(
        (Resource("server", 1),),
        (Step("prepare", Deterministic(1.0)), Step("service", Deterministic(9.0), needs={"server": 1}, balk_above=0)),
        (PatientClass("all", "prepare", {"prepare": {"service": 1.0}}),),
    )
    rows, result = records_of(network, patients(1, {}, {}, {}))
    assert [int(rows[i, 1]["outcome"]) for i in range(3)] == [0, 0, 2]
    assert result.by_class[0, 0, 3] == 1
    assert result.exits[0, 0].tolist() == [2.0, 0.0, 1.0]


def test_history_decides_the_route():
    network = Network(
        (),
        (Step("visit", Deterministic(1.0)), Step("test", Deterministic(1.0))),
        (
            PatientClass(
                "all", "visit", {("visit", 0): {"test": 1.0}, ("visit", 1): {EXIT: 1.0}, "test": {"visit": 1.0}}
            ),
        ),
        advance={(0, "test"): 1},
        modes=2,
    )
    _, result = records_of(network, patients(0, {}))
    assert result.records["step"].tolist() == [0, 1, 0]


def test_diversion_by_share_and_by_queue():
    def network(**more) -> Network:
        return Network(
            (Resource("server", 1),),
            (Step("service", Deterministic(1e9), needs={"server": 1}),),
            (PatientClass("all", "service", {}, Arrivals.constant(1.0), **more),),
        )

    full = simulate(network(divert_queue=("service", 4)), 0, 100, 5, KEY)
    assert (full.by_class[:, 0, 0] - full.by_class[:, 0, 2] == 6).all()  # one served, five waiting
    night = Calendar((0.0, 50.0), (0.0, 1.0))
    by_time = simulate(network(diverted=night), 0, 100, 50, KEY, records=True)
    sent = by_time.records[by_time.records["outcome"] == 3]
    assert (sent["queued"] >= 50).all()
    assert (by_time.records["queued"][by_time.records["outcome"] != 3] < 50).all()
    half = simulate(network(diverted=0.5), 0, 100, 50, KEY)
    share = half.by_class[:, 0, 2].sum() / half.by_class[:, 0, 0].sum()
    assert abs(share - 0.5) < 4 * 0.5 / math.sqrt(5000)


def test_an_end_waits_for_the_clock():
    clock = tuple(1.0 if hour == 10 else 0.0 for hour in range(24))
    network = Network((), (Step("stay", Deterministic(3600.0), clock=clock),), (PatientClass("all", "stay", {}),))
    _, result = records_of(network, patients(0, {"phase": SERVING, "since": 0.0}), until=200000.0)
    assert 10 * 3600 <= result.departed[0, 0] <= 11 * 3600


def test_warm_up_is_left_out(one_station):
    whole = simulate(one_station(1, 0.5), 0, 1000, 3, KEY, sample_times=[500, 1000])
    after = simulate(one_station(1, 0.5), 0, 1000, 3, KEY, warm_up=500.0)
    first = simulate(one_station(1, 0.5), 0, 500, 3, KEY)
    assert np.allclose(whole.busy_area - first.busy_area, after.busy_area)
    assert np.allclose(whole.queue_area - first.queue_area, after.queue_area)
    assert np.allclose(whole.flow[:, 1, 0] - whole.flow[:, 0, 0], after.by_class[:, 0, 0])


def test_patients_already_here():
    # A deterministic stay that has lasted 4 of 10 units ends after 6; done: goes on at once; absent: is not here.
    network = Network(
        (Resource("bed", 3),),
        (Step("ward", Deterministic(10.0), keeps={"bed": 1}), Step("bath", Deterministic(1.0))),
        (PatientClass("all", "ward", {"ward": {"bath": 1.0}}),),
    )
    state = patients(
        1,
        {"phase": SERVING, "since": -4.0, "held": [1]},
        {"phase": DONE, "since": -1.0, "held": [1]},
        {"phase": SERVING, "since": 0.0, "held": [1]},
    )
    gone = np.array([[False, False, True], [False, False, False]])
    state = State(**{**state.__dict__, "absent": gone})
    result = simulate(network, 0, 8, 2, KEY, state=state, sample_times=[0.0])
    assert result.departed.tolist()[0][:2] == [7.0, 1.0]
    assert result.moved_at[0].tolist() == [6.0, 0.0, 0.0]
    assert result.moved_to.tolist() == [[1, 1, -1], [1, 1, -2]]
    assert math.isnan(result.moved_at[1, 2])
    assert result.census[:, 0, 0].tolist() == [2, 3]


@pytest.mark.parametrize(
    "law",
    [
        Exponential(5.0),
        Gamma.of(5.0, 0.5),
        Gamma.of(5.0, 2.0),
        Lognormal.of(5.0, 1.0),
        Weibull.of(5.0, 0.6),
        PhaseType((2.0, 3.0), (0.5, 0.5), ((0.0, 1.0), (0.0, 0.0))),
    ],
    ids=lambda law: type(law).__name__,
)
def test_a_stay_goes_on_as_its_law_says(law):
    # Those who have stayed 7 units leave as those do who were followed from their arrival and stayed at least 7.
    network = Network((), (Step("stay", law),), (PatientClass("all", "stay", {}),))
    n = 300
    started = patients(0, *({} for _ in range(n)))
    fresh = simulate(network, 0, 1e4, 40, KEY, state=started)
    long = fresh.departed[fresh.departed > 7] - 7
    state = patients(0, *({"phase": SERVING, "since": -7.0} for _ in range(n)))
    left = simulate(network, 0, 1e4, 40, KEY, state=state).departed.ravel()
    error = math.hypot(long.std() / math.sqrt(len(long)), left.std() / math.sqrt(len(left)))
    assert abs(long.mean() - left.mean()) < 4.5 * error


def test_time_by_next_step():
    # Short before going home, long before the ward; who is still here after 2 units goes to the ward.
    network = Network(
        (),
        (
            Step("treat", Deterministic(1.0), time_to={EXIT: Deterministic(1.0), "ward": Deterministic(3.0)}),
            Step("ward", Deterministic(5.0)),
        ),
        (PatientClass("all", "treat", {"treat": {EXIT: 0.6, "ward": 0.4}}, Arrivals.constant(1.0)),),
    )
    result = simulate(network, 0, 500, 20, KEY, records=True)
    treat = result.records[(result.records["step"] == 0) & (result.records["outcome"] == 0)]
    assert set(np.round(treat["ended"] - treat["started"], 9)) == {1.0, 3.0}
    wards = (result.records["step"] == 1).sum()
    assert wards == (np.round(treat["ended"] - treat["started"]) == 3).sum()
    assert abs(wards / len(treat) - 0.4) < 4 * math.sqrt(0.24 / len(treat))
    here = patients(0, *({"phase": SERVING, "since": -2.0} for _ in range(20)))
    later = simulate(network, 0, 50, 5, KEY, state=here)
    assert (later.moved_to == 1).all()
    assert np.allclose(later.moved_at, 1.0)


def test_next_step_given_the_time_elapsed():
    # Weights p_j S_j(t): exponentials of mean 1 (home, 0.9) and 10 (ward, 0.1), 5 units elapsed.
    network = Network(
        (),
        (
            Step("treat", Exponential(1.0), time_to={EXIT: Exponential(1.0), "ward": Exponential(10.0)}),
            Step("ward", Exponential(5.0)),
        ),
        (PatientClass("all", "treat", {"treat": {EXIT: 0.9, "ward": 0.1}}),),
    )
    here = patients(0, *({"phase": SERVING, "since": -5.0} for _ in range(200)))
    result = simulate(network, 0, 1000, 100, KEY, state=here)
    home, ward = 0.9 * math.exp(-5.0), 0.1 * math.exp(-0.5)
    share = (result.moved_to == 1).mean()
    exact = ward / (home + ward)
    assert abs(share - exact) < 4 * math.sqrt(exact * (1 - exact) / result.moved_to.size)


def test_a_patient_leaves_home_with_a_bed_elsewhere_or_for_good_and_not_for_a_scan():
    network = Network(
        (Resource("cubicle", 3), Resource("bed", 3)),
        (
            Step("treat", Deterministic(5.0), keeps={"cubicle": 1}, frees=("bed",)),
            Step("scan", Deterministic(2.0), place=1),
            Step("review", Deterministic(1.0)),
            Step("ward", Deterministic(9.0), keeps={"bed": 1}, frees=("cubicle",), place=2),
        ),
        (
            PatientClass("admitted", "treat", {"treat": {"scan": 1}, "scan": {"review": 1}, "review": {"ward": 1}}),
            PatientClass("home", "treat", {"treat": {"scan": 1}, "scan": {"review": 1}}),
        ),
        places=3,
    )
    whole = np.zeros(3, np.int64)
    state = State(
        ids=np.arange(3),
        klass=np.array([0, 1, 0]),
        mode=whole,
        step=np.array([0, 0, 1]),
        phase=np.full(3, SERVING),
        since=np.zeros(3),
        arrived=np.zeros(3),
        place=np.array([0, 0, 1]),
        home=whole,
        held=np.array([[1, 0]] * 3),
    )
    result = simulate(network, 1.0, 50.0, 1, KEY, state=state, sample_times=[6.0])
    assert result.left_home[0].tolist() == [8.0, 8.0, 3.0]
    assert result.moved_at[0].tolist() == [5.0, 5.0, 2.0]
    assert result.free[0, 0].tolist() == [1, 2]  # the third patient is on the ward, two keep their cubicles
