"""A live state of about 300 patients: an emergency department and the wards behind it, as they are after two months."""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.emergency import DAY, HOUR, WARD, Department
from twinward.core import Streams
from twinward.engines.events import SERVING, WAITING, Network, State, simulate

_CUBICLE, _BED = 2, 3  # resources


@dataclass(frozen=True)
class Live:
    """A network, who is in it, and when."""

    network: Network
    state: State
    now: float


def live(seed: int = 5) -> Live:
    """292 beds with stays of 6.4 days on average, and who is there on day 60 of one simulated past."""
    department = replace(Department(), beds=292, stay=(6.4 * 24 * HOUR, 1.0))
    network, now = department.network(), 60 * DAY + 10 * HOUR
    past = simulate(network, 0.0, now, 1, Streams(seed).key(), records=True)
    rows = past.records
    here = rows[rows["outcome"] == 4]
    first = dict(zip(rows["patient"][::-1], rows["queued"][::-1], strict=True))
    serving = ~np.isnan(here["started"])
    n = len(here)
    held = np.zeros((n, len(network.resources)), np.int64)
    held[serving & (here["step"] == _CUBICLE), _CUBICLE] = 1
    held[serving & (here["step"] == WARD), _BED] = 1
    held[~serving & (here["step"] == WARD), _CUBICLE] = 1  # waits for a bed, holding the cubicle
    return Live(
        network,
        State(
            ids=np.arange(n),
            klass=here["klass"].astype(np.int64),
            mode=np.zeros(n, np.int64),
            step=here["step"].astype(np.int64),
            phase=np.where(serving, SERVING, WAITING),
            since=np.where(serving, here["started"], here["queued"]),
            arrived=np.array([first[patient] for patient in here["patient"]]),
            place=(serving & (here["step"] == WARD)).astype(np.int64),
            held=held,
        ),
        now,
    )
