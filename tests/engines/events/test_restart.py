"""A run that is stopped, written down as a state and taken up again goes on as if nothing had happened."""

import numpy as np

from twinward.core import Streams
from twinward.engines.events import (
    EXIT,
    SERVING,
    STRICT,
    WAITING,
    Arrivals,
    Exponential,
    Gamma,
    Lognormal,
    Network,
    PatientClass,
    Resource,
    State,
    Step,
    Weibull,
    simulate,
)

STOP, END, REPLICATIONS = 60.0, 90.0, 400
NETWORK = Network(
    (Resource("nurse", 2), Resource("cubicle", 5), Resource("bed", 9)),
    (
        Step("triage", Lognormal.of(0.3, 0.6), needs={"nurse": 1}),
        Step("treat", Gamma.of(1.6, 0.7), keeps={"cubicle": 1}, patience=Exponential(3.0)),
        Step("ward", Weibull.of(14.0, 1.3), keeps={"bed": 1}, frees=("cubicle",), place=1),
    ),
    tuple(
        PatientClass(
            str(k),
            "triage",
            {"triage": {"treat": 1.0}, "treat": {"ward": 0.25, EXIT: 0.75}},
            Arrivals.constant(1.3),
            offset=k * STRICT,
        )
        for k in range(2)
    ),
    places=2,
)


def state_of(rows: np.ndarray) -> State:
    """Who is under way in the records of one replication."""
    here = rows[rows["outcome"] == 4]
    came = {}
    for patient, queued in zip(rows["patient"], rows["queued"], strict=True):
        came[patient] = min(came.get(patient, np.inf), queued)
    serving = ~np.isnan(here["started"])
    held = np.zeros((len(here), 3), np.int64)
    held[serving & (here["step"] == 1), 1] = 1
    held[~serving & (here["step"] == 2), 1] = 1
    held[serving & (here["step"] == 2), 2] = 1
    return State(
        ids=np.arange(len(here)),
        klass=here["klass"].astype(np.int64),
        mode=np.zeros(len(here), np.int64),
        step=here["step"].astype(np.int64),
        phase=np.where(serving, SERVING, WAITING),
        since=np.where(serving, here["started"], here["queued"]),
        arrived=np.array([came[patient] for patient in here["patient"]]),
        place=(serving & (here["step"] == 2)).astype(np.int64),
        held=held,
    )


def test_a_run_taken_up_again_goes_on_as_before():
    key, other = Streams(21).key(), Streams(22).key()
    times = [STOP, STOP + 2, STOP + 8, END]
    whole = simulate(NETWORK, 0, END, REPLICATIONS, key, sample_times=times)
    first = simulate(NETWORK, 0, STOP, REPLICATIONS, key, records=True)
    again_census, again_queue, again_busy = [], [], []
    for r in range(REPLICATIONS):
        state = state_of(first.records[first.records["replication"] == r])
        result = simulate(NETWORK, STOP, END, 1, other, state=state, sample_times=times, first_replication=r)
        again_census.append(result.census[0])
        again_queue.append(result.queue[0])
        again_busy.append(result.busy[0])
    for before, after in ((whole.census, again_census), (whole.queue, again_queue), (whole.busy, again_busy)):
        after = np.array(after)
        assert np.array_equal(before[:, 0], after[:, 0])  # at the stop they are the same
        difference = (after - before).astype(float)
        error = difference.std(axis=0, ddof=1) / np.sqrt(REPLICATIONS)
        assert (np.abs(difference.mean(axis=0))[1:] < 4 * error[1:]).all()
