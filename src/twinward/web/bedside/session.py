"""One patient at the bedside: the twin fitted to what came, refitted as more comes, rehearsed when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twinward.core.comparison import Comparison
from twinward.core.observation import Observations
from twinward.core.scenario import Action
from twinward.core.subject import Subject
from twinward.core.twin import Twin
from twinward.live.facts import LEVELS, Band
from twinward.twins.patient.bedside import Monitor, typical
from twinward.twins.patient.model import PatientModel
from twinward.twins.patient.present import EARLY_WARNING
from twinward.twins.patient.signals import SIGNS
from twinward.twins.patient.study import TOLD, learned
from twinward.twins.patient.unexplained import SAME_PRESENT, Unexplained, newest, unexplained

if TYPE_CHECKING:  # the pages of the centre import this module
    from twinward.web.centre.ports import Centre

MEMBERS = 32
HORIZON, STEP = "6 h", "10 min"
LOOK_BACK = 24 * 3600.0  # seconds of observations the body is fitted to
_VITALS = ("heart_rate", "systolic_blood_pressure", "diastolic_blood_pressure", "mean_arterial_pressure",
           "oxygen_saturation", "end_tidal_carbon_dioxide", "respiratory_rate", "body_temperature")  # fmt: skip

# What stands ready to be rehearsed: control, value, how long from now. Of usual first steps (Surviving Sepsis Campaign
# 2021; BTS 2017); noradrenaline, ug/min, is about 0.1 ug/kg/min.
PLANS: Mapping[str, tuple[str, float, str]] = {
    "500 mL crystalloid in 30 min": ("crystalloid_rate", 500.0 / 30.0, "30 min"),
    "Oxygen 4 L/min": ("oxygen_flow", 4.0, HORIZON),
    "Noradrenaline 8 ug/min": ("noradrenaline_rate", 8.0, HORIZON),
}


@dataclass(frozen=True, slots=True)
class Sure:
    """A parameter of the body, before and now (5, 50, 95 %)."""

    label: str
    before: tuple[float, float, float]
    now: tuple[float, float, float]
    inferred: bool


@dataclass(frozen=True, eq=False)
class Bedside:
    """What the page shows besides the traces.

    Args:
        at: POSIX seconds of the last observation the body knows.
        vitals: signal -> (median, 5 %, 95 %) now; `ahead`: the same in an hour.
        bands: of the forecast, by signal.
        fitted: observations.
        signs: signal -> newest value of the last hours, as NEWS2 takes them.
        unexplained: signs that the body does not follow.
        age: years; None where it is not known.
    """

    at: float
    vitals: Mapping[str, tuple[float, float, float]]
    ahead: Mapping[str, tuple[float, float, float]]
    bands: Mapping[str, Band]
    parameters: Sequence[Sure]
    fitted: int
    outside: tuple[str, ...]
    signs: Mapping[str, float]
    unexplained: Sequence[Unexplained]
    age: float | None


class Session:
    """A twin of one patient for as long as a page shows it. Its methods take seconds: call them in a thread."""

    def __init__(self, centre: Centre, reference: str, attributes: Mapping[str, float | str]) -> None:
        self._centre, self._reference = centre, reference
        self.model = PatientModel()
        self.subject = Subject(reference, attributes=dict(attributes))
        self.twin = Twin(self.model, self.subject, members=MEMBERS, seed=1, window="30 d")
        self._prior = self.twin.belief
        self._seen = 0
        self.monitor: Monitor | None = None

    def refresh(self) -> Bedside | None:
        """Take in what came since; None where nothing ever came."""
        seen = self._came()
        if len(seen):
            self.twin.observe(seen)
            self._seen = len(seen)
        if not self._seen:
            return None
        body = typical(self.model, self.twin.belief, self.subject)
        if self.monitor is None:
            self.monitor = Monitor(body)
        else:
            self.monitor.become(body)
        return self._told()

    def compare(self) -> Comparison:
        """Rehearse the ready plans on the fitted body; the live twin is not touched.

        Raises:
            OutsideValidity: this patient lies outside what the body is stated to be valid for.
        """
        plans = {name: Action.during(control, value, self.twin.time, lasting)
                 for name, (control, value, lasting) in PLANS.items()}  # fmt: skip
        return self.twin.compare(plans, HORIZON, step=STEP)

    def _came(self) -> Observations:
        now = self._centre.now()
        seen = self._centre.seen(self._reference, now - LOOK_BACK, now)
        names = {sign.signal for sign in SIGNS}
        rows = np.array([signal in names for signal in seen.signal], dtype=np.bool_)
        return seen[rows & np.isfinite(seen.value)] if len(seen) else seen

    def _told(self) -> Bedside:
        estimate, age, now = self.twin.estimate(), self.subject.attributes.get("age"), self._centre.now()
        signs = newest(self._centre.seen(self._reference, now - EARLY_WARNING, now))
        present = newest(self._centre.seen(self._reference, self.twin.time - SAME_PRESENT, now))
        forecast = self.twin.forecast(HORIZON, step=STEP, extrapolate=True)
        hour = int(np.abs(forecast.times - forecast.as_of - 3600.0).argmin())
        vitals, ahead, bands = {}, {}, {}
        for sign in SIGNS:
            name = sign.signal
            q = np.quantile(estimate[name].to_numpy(), (0.5, 0.05, 0.95))
            vitals[name] = (float(q[0]), float(q[1]), float(q[2]))
            paths = forecast[name].transpose("member", "time").to_numpy()
            q = np.quantile(paths[:, hour], (0.5, 0.05, 0.95))
            ahead[name] = (float(q[0]), float(q[1]), float(q[2]))
            rows = np.quantile(paths, LEVELS, axis=0).T
            label, unit = forecast[name].attrs["label"], forecast[name].attrs["unit"]
            bands[name] = Band(name, label, unit, tuple(forecast.times.tolist()), tuple(map(tuple, rows.tolist())))
        return Bedside(
            self.twin.time, {name: vitals[name] for name in _VITALS}, {name: ahead[name] for name in _VITALS}, bands,
            self._parameters(), self._seen, forecast.outside, signs, unexplained(estimate, present),
            None if age is None else float(age),
        )  # fmt: skip

    def _parameters(self) -> list[Sure]:
        found = []
        for i, variable in enumerate(self.model.parameters_of(self.subject)):
            if variable.sd == 0:
                continue
            members = self._prior["parameters"][:, i], self.twin.belief["parameters"][:, i]
            before, now = (np.quantile(values, (0.05, 0.5, 0.95)) for values in members)
            inferred = learned(*members) > TOLD
            found.append(Sure(variable.label, tuple(before.tolist()), tuple(now.tolist()), inferred))
        return found
