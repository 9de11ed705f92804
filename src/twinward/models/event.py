"""What carries the kinds that are networks of events: a network and a state in, labelled futures out."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from twinward.core.arrays import AnyArray, FloatArray
from twinward.core.belief import Belief
from twinward.core.model import Times
from twinward.core.observation import Observations
from twinward.core.outcome import Outcome
from twinward.core.scenario import Scenario
from twinward.core.signal import Control, Signal
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.core.times import HOUR, MINUTE, datetime64
from twinward.engines.events import Network, Result, State
from twinward.engines.events import simulate as run

_PATIENTS = {"unit": "{patients}"}


@dataclass(frozen=True, eq=False)
class Start:
    """From where and with what a belief's futures begin.

    Args:
        network: what patients flow through; its time is POSIX seconds.
        state: who is where at the start.
        cases: reference of each patient of the state, in its order.
        arrival_scale: (members, classes) factor on arrivals: what is not known about the rates.
        time_scale: (members, steps) factor on service times.
        watched: indices of the places whose stays are held against the network's `long_stay`.
    """

    network: Network
    state: State
    cases: Sequence[str]
    arrival_scale: FloatArray
    time_scale: FloatArray
    watched: tuple[int, ...] = ()


class EventModel(ABC):
    """Base of models whose subject is a network that things flow through.

    A subclass says what is known (`prior`, `assimilate`, `estimate`) and how a belief becomes a start (`start`);
    simulation, labels and outcomes come from here. The futures have the variables

    - `census` (member, time): who is in, all units; `unit_census` (member, time, unit);
    - `waiting` (member, time, step): who waits for a step's resources;
    - `busy`, `free` (member, time, resource): in use, and what could be taken; left out where there is no resource;
    - `arrivals`, `departures` (member, time): counted from the start; `diverted`, `left_unseen` (member);
    - `boarding_hours` (member): patient-hours spent waiting for one bed while keeping another;
    - `mean_wait_minutes` (member): time spent waiting within the horizon, boarding apart, per patient who was there
      (not per service begun: waits that are not over would be left out, and the fuller the queue the more so);
    - `over_four_hours` (member): share of the stays ended in a watched place that were longer than its limit;
    - `spent_hours` (member, doing, step, unit): patient-hours "waiting" for a step and "in" it, by the unit where the
      patient is counted; they sum to the hours spent in the unit;
    - `leaves_at`, `moves_at` (member, patient): POSIX seconds; NaN: not within the horizon; `moves_to` (member,
      patient): index of the step, -1 the exit, -2 none within the horizon; `leaves_unit_at` (member, patient): when a
      bed in another unit was taken or the hospital left (a way to the scanner and back is not leaving).
    """

    @property
    @abstractmethod
    def kind(self) -> str:
        """Name of the kind."""

    @property
    @abstractmethod
    def version(self) -> str:
        """Changes whenever a forecast could change."""

    @property
    @abstractmethod
    def parts(self) -> frozenset[str]:
        """Resource types whose observations belong to the twin."""

    @property
    @abstractmethod
    def signals(self) -> Mapping[str, Signal]:
        """What can be observed."""

    @property
    @abstractmethod
    def controls(self) -> Mapping[str, Control]:
        """What can be changed."""

    @property
    @abstractmethod
    def outcomes(self) -> Mapping[str, Outcome]:
        """What decisions are judged by."""

    @property
    @abstractmethod
    def places(self) -> tuple[str, ...]:
        """Names of the places where patients are counted, in the network's order."""

    @abstractmethod
    def prior(self, subject: Subject, members: int, streams: Streams) -> Belief:
        """What is known before anything was seen."""

    @abstractmethod
    def assimilate(self, belief: Belief, seen: Observations) -> Belief:
        """What is known after `seen`."""

    @abstractmethod
    def estimate(self, belief: Belief, time: float) -> xr.Dataset:
        """Who is where at `time`."""

    @abstractmethod
    def start(self, belief: Belief, scenario: Scenario, times: Times, streams: Streams) -> Start:
        """From where the futures begin under the scenario; draws that differ between members use `streams`."""

    @abstractmethod
    def outside_validity(self, belief: Belief, time: float) -> tuple[str, ...]:
        """Why the subject lies outside the stated validity."""

    def simulate(self, belief: Belief, scenario: Scenario, times: Times, streams: Streams) -> xr.Dataset:
        """Futures of the network from the belief's state, one a member."""
        begin = self.start(belief, scenario, times, streams)
        result = run(
            begin.network,
            times.start,
            times.end,
            belief.members,
            streams.key(),
            state=begin.state,
            sample_times=times.at,
            arrival_scale=begin.arrival_scale,
            time_scale=begin.time_scale,
        )
        return labelled(result, begin, self.places)


def labelled(result: Result, begin: Start, places: Sequence[str]) -> xr.Dataset:
    """An engine's result with names, units and coordinates."""
    steps = [step.name for step in begin.network.steps]
    member_time = ("member", "time")
    by_time = {
        "census": (member_time, result.census.sum(axis=2), _label("Census")),
        "unit_census": ((*member_time, "unit"), result.census, _label("Census")),
        "waiting": ((*member_time, "step"), result.queue, _label("Waiting")),
        "arrivals": (member_time, result.flow[..., 0] - result.flow[..., 3], _label("Arrivals since the start")),
        "departures": (member_time, result.flow[..., 1], _label("Departures since the start")),
    }
    if begin.network.resources:
        member_time_resource = (*member_time, "resource")
        by_time["busy"] = (member_time_resource, result.busy, {"unit": "1", "label": "In use"})
        by_time["free"] = (member_time_resource, result.free, {"unit": "1", "label": "Free"})
    spent = ("member", "doing", "step", "unit"), result.spent / HOUR, {"unit": "h", "label": "Patient-hours"}
    by_patient = {
        "leaves_at": (("member", "patient"), result.departed, {"unit": "s", "label": "Leaves at"}),
        "moves_at": (("member", "patient"), result.moved_at, {"unit": "s", "label": "Goes on at"}),
        "leaves_unit_at": (("member", "patient"), result.left_home, {"unit": "s", "label": "Leaves the unit at"}),
        "moves_to": (("member", "patient"), result.moved_to, {"unit": "1", "label": "Goes on to"}),
    }
    scalars = {
        name: ("member", values, {"unit": unit, "label": label})
        for name, values, unit, label in _scalars(result, begin)
    }
    coordinates: dict[str, AnyArray | list[str]] = {
        "time": datetime64(result.times),
        "unit": list(places),
        "step": steps,
        "doing": ["waiting", "in"],
        "patient": np.asarray(begin.cases, dtype=np.str_),
    }
    if begin.network.resources:
        coordinates["resource"] = [resource.name for resource in begin.network.resources]
    return xr.Dataset({**by_time, "spent_hours": spent, **by_patient, **scalars}, coordinates)


def _label(text: str) -> dict[str, str]:
    return _PATIENTS | {"label": text}


def _scalars(result: Result, begin: Start) -> list[tuple[str, FloatArray, str, str]]:
    takes_bed = np.array([bool(step.keeps) for step in begin.network.steps])
    boarding = result.boarding_area[:, takes_bed].sum(axis=1)
    waiting = result.queue_area.sum(axis=1) - boarding
    patients = len(begin.cases) + result.flow[:, -1, 0] - result.flow[:, -1, 3]
    watched = list(begin.watched)
    visits = result.by_place[:, watched, 0].sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_wait = np.where(patients > 0, waiting / patients / MINUTE, np.nan)
        over = np.where(visits > 0, result.by_place[:, watched, 2].sum(axis=1) / visits, np.nan)
    gave_up = result.by_class[..., 3].sum(axis=1) + result.by_class[..., 4].sum(axis=1)
    return [
        ("mean_wait_minutes", mean_wait, "min", "Mean time waiting, per patient"),
        ("over_four_hours", over, "1", "Share in a watched unit longer than its limit"),
        ("boarding_hours", boarding / HOUR, "h", "Hours waiting for a bed elsewhere"),
        ("left_unseen", gave_up, "{patients}", "Left without being seen"),
        ("diverted", result.by_class[..., 2].sum(axis=1), "{patients}", "Sent elsewhere"),
    ]
