"""What a record holds: plain facts, each with its provenance."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from twinward.core.observation import Observations
from twinward.core.times import utc
from twinward.twins.patient.record.coding import names

# Signals that tell it: LOINC 72166-2 "Tobacco smoking status", and our own name in tables.
SMOKING = ("loinc:72166-2", "smoking_status")
# SNOMED CT codes of HL7's US Core value set "observation-smokingstatus" (STU 3.1.1), and plain words of tables.
# "Unknown if ever smoked" (266927001) says nothing; 77176002 is a smoker of whom more is not known.
_SMOKES = {
    "449868002": "current", "428041000124106": "current", "428071000124103": "current", "428061000124105": "current",
    "77176002": "current", "8517006": "former", "266919005": "never",
    "current": "current", "former": "former", "never": "never",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """One value that was measured or stated.

    Args:
        name: signal's name.
        value: number in `unit`, or a word.
        time: POSIX seconds at which it was so.
        source: reference of the resource, or file and line.
    """

    name: str
    value: float | str
    unit: str
    time: float
    source: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A condition.

    Args:
        condition: our name of it ("systolic_heart_failure", "type_2_diabetes", ...); "" where we have none.
        label: as the record words it.
        code: "<system>|<code>".
        since, until: POSIX seconds; NaN where the record does not say.
        active: whether the record holds it for active.
    """

    condition: str
    label: str
    code: str
    since: float
    until: float
    active: bool
    source: str

    def holds(self, at: float) -> bool:
        """Whether it is there at an instant."""
        return self._begun(at) and (self.active if math.isnan(self.until) else at < self.until)

    def called(self, at: float) -> str:
        """Our name of what is left of it at an instant: an infarction of years ago is an old one; "" where nothing is.

        One that is held for active and of which no onset is known is taken for acute.
        """
        lasts, later = names().acute.get(self.condition, (math.inf, ""))
        if self.holds(at) and not at - self.since > lasts:
            return self.condition
        return later if self._begun(at) else ""

    def _begun(self, at: float) -> bool:
        return math.isnan(self.since) or self.since <= at


@dataclass(frozen=True, slots=True)
class Medication:
    """A drug asked for or given.

    Args:
        drug: our name of its active ingredient ("noradrenaline", "furosemide", "statin", ...); "" where we have none.
        dose, unit: of one dose, or the rate where `unit` is per time; NaN where it is not said.
        given: it was administered; otherwise it was ordered or is taken.
        since, until: POSIX seconds; NaN where the record does not say.
    """

    drug: str
    label: str
    code: str
    dose: float
    unit: str
    since: float
    until: float
    active: bool
    given: bool
    source: str

    def holds(self, at: float) -> bool:
        """Whether it is taken at an instant, as far as the record says."""
        begun = math.isnan(self.since) or self.since <= at
        return begun and (self.active if math.isnan(self.until) else at < self.until)


@dataclass(frozen=True, slots=True)
class Procedure:
    """Something that was done."""

    label: str
    code: str
    time: float
    source: str


@dataclass(frozen=True, slots=True)
class Report:
    """A diagnostic report or an imaging study; what it measured is among the observations.

    Args:
        conclusion: in its own words.
        results: references of the observations that it names.
    """

    label: str
    code: str
    time: float
    conclusion: str
    results: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A part of the record that could not be used, and why."""

    what: str
    reason: str
    source: str


@dataclass(frozen=True, eq=False)
class PatientRecord:
    """Everything a record says of one patient.

    Args:
        id: reference, "Patient/<id>".
        sex: "male", "female", or "" where it is not said.
        born: POSIX seconds of the birth date; NaN where it is not said.
        died: POSIX seconds of death; NaN where the record says of none, or not when.
        observations: everything measured, in the signals' units, by time.
        refused: what could not be used; nothing is dropped without being here.
        resources: how many of each kind there are, used or not.
    """

    id: str
    sex: str = ""
    born: float = math.nan
    observations: Observations = field(default_factory=lambda: Observations.of([]))
    diagnoses: tuple[Diagnosis, ...] = ()
    medications: tuple[Medication, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    refused: tuple[Refused, ...] = ()
    resources: Mapping[str, int] = field(default_factory=dict)
    died: float = math.nan
    reports: tuple[Report, ...] = ()

    def age(self, at: float) -> float:
        """Years at an instant; NaN where the birth date is not said."""
        if math.isnan(self.born):
            return math.nan
        birth, day = utc(self.born).date(), utc(at).date()
        whole = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
        last = _anniversary(birth, birth.year + whole)
        return whole + (day - last).days / 365.25

    @property
    def last(self) -> float:
        """POSIX seconds of the last thing measured; -inf where nothing was."""
        return float(self.observations.time.max()) if len(self.observations) else -math.inf

    def newest(self, at: float = math.inf) -> dict[str, Fact]:
        """The newest value of each signal not after `at`."""
        seen = self.observations
        found: dict[str, Fact] = {}
        for i in np.flatnonzero(seen.time <= at) if len(seen) else ():
            value = seen.text[i] if seen.text[i] else float(seen.value[i])
            found[seen.signal[i]] = Fact(seen.signal[i], value, seen.unit[i], float(seen.time[i]), seen.id[i])
        return found

    def series(self, signal: str) -> tuple[np.ndarray, np.ndarray]:
        """(times, values) of one signal."""
        rows = self.observations.signal == signal
        return self.observations.time[rows], self.observations.value[rows]

    def smokes(self, at: float = math.inf) -> Fact | None:
        """Whether the patient smokes: "current", "former" or "never"; None where the record does not say."""
        found = [fact for name, fact in self.newest(at).items() if name in SMOKING]
        told = [(fact, _SMOKES.get(str(fact.value).strip().lower(), "")) for fact in found]
        known = [(fact, word) for fact, word in told if word]
        if not known:
            return None
        fact, word = max(known, key=lambda one: one[0].time)
        return Fact("smoking_status", word, "", fact.time, fact.source)

    def conditions(self, at: float) -> dict[str, Diagnosis]:
        """Those we have a name for that hold at an instant, by the name they have then."""
        called = ((one.called(at), one) for one in self.diagnoses)
        return {name: one for name, one in called if name}

    def takes(self, drug: str, at: float) -> bool:
        """Whether a drug or a class of drugs is taken at an instant."""
        return any(one.drug == drug and one.holds(at) for one in self.medications)


def _anniversary(birth: datetime.date, year: int) -> datetime.date:
    try:
        return birth.replace(year=year)
    except ValueError:  # 29 February
        return birth.replace(year=year, day=28)
