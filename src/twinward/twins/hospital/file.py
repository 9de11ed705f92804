"""The hospital file: units, beds, staff, shifts, patient classes and pathways, checked before anything is built."""

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from twinward.core.times import seconds
from twinward.errors import BadInput, TwinwardError


class BadHospitalFile(TwinwardError, ValueError):
    """A hospital file is wrong; the message has one line a fault, each with the path of its field."""


def _duration(value: object) -> object:
    if isinstance(value, str):
        try:
            return seconds(value)
        except BadInput as error:
            raise ValueError(f"expected {error.expected}") from None
    raise ValueError("expected a positive duration with its unit, such as '35 min' or '4 d'")


def _share(value: dict[str, float]) -> dict[str, float]:
    if any(share < 0 for share in value.values()) or abs(sum(value.values()) - 1) > 1e-6:
        raise ValueError(f"expected shares >= 0 that sum to 1, they sum to {sum(value.values()):g}")
    return value


Seconds = Annotated[float, BeforeValidator(_duration)]
Shares = Annotated[dict[str, float], AfterValidator(_share)]
Positive = Annotated[float, Field(gt=0)]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Exponential(_Strict):
    """Memoryless."""

    distribution: Literal["exponential"]
    mean: Seconds


class MeanAndCv(_Strict):
    """Gamma, lognormal or Weibull by mean and coefficient of variation."""

    distribution: Literal["gamma", "lognormal", "weibull"]
    mean: Seconds
    cv: Positive


class Fixed(_Strict):
    """Always the same."""

    distribution: Literal["deterministic"]
    mean: Seconds


class Triangular(_Strict):
    """An expert's guess."""

    distribution: Literal["triangular"]
    low: Seconds
    mode: Seconds
    high: Seconds

    @model_validator(mode="after")
    def _ordered(self) -> "Triangular":
        if not self.low <= self.mode <= self.high or self.low == self.high:
            raise ValueError("expected low <= mode <= high, and low < high")
        return self


class Sampled(_Strict):
    """Measured durations; drawn from their (interpolated) quantiles."""

    distribution: Literal["empirical"]
    values: Annotated[list[Seconds], Field(min_length=2)]


class Phases(_Strict):
    """Phase-type: exponential phases; `start` shares, `exit` and `to` rates as shares of leaving each phase."""

    distribution: Literal["phase_type"]
    means: Annotated[list[Seconds], Field(min_length=1)]
    start: list[float]
    to: list[list[float]]

    @model_validator(mode="after")
    def _square(self) -> "Phases":
        n = len(self.means)
        if len(self.start) != n or abs(sum(self.start) - 1) > 1e-9 or len(self.to) != n:
            raise ValueError(f"expected start and to with {n} entries, start summing to 1")
        if any(len(row) != n or min(row) < 0 or sum(row) > 1 + 1e-9 for row in self.to):
            raise ValueError(f"expected each row of to with {n} shares >= 0 that sum to at most 1")
        return self


Duration = Annotated[
    Exponential | MeanAndCv | Fixed | Triangular | Sampled | Phases, Field(discriminator="distribution")
]


class Shift(_Strict):
    """So many on duty on these days between these hours (over midnight where `until` is before `since`)."""

    days: Annotated[list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]], Field(min_length=1)] = list(DAYS)
    since: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    until: Annotated[str, Field(pattern=r"^([01]\d|2[0-4]):[0-5]\d$")]
    count: Annotated[int, Field(ge=0)]


class Breakdown(_Strict):
    """How often one of it fails, and for how long."""

    every: Seconds
    lasts: Seconds


class Pool(_Strict):
    """Staff or equipment that steps need."""

    label: str = ""
    kind: Literal["staff", "equipment"] = "staff"
    count: Annotated[int, Field(ge=0)] | None = None
    shifts: list[Shift] = []
    breakdown: Breakdown | None = None

    @model_validator(mode="after")
    def _one_of(self) -> "Pool":
        if (self.count is None) == (not self.shifts):
            raise ValueError("expected either count or shifts")
        return self


class Unit(_Strict):
    """A place with beds (or cubicles, or none that limit)."""

    label: str = ""
    kind: Literal["emergency", "assessment", "ward", "intensive", "diagnostic", "theatre", "clinic", "other"] = "ward"
    beds: Annotated[int, Field(ge=0)] | None = None
    cleaning: Duration | None = None


class Step(_Strict):
    """One thing that happens to a patient.

    Attributes:
        unit: where the patient is counted while waiting for it and during it.
        needs: staff and equipment it takes while it lasts.
        takes_bed: it needs a bed of its unit, which the patient keeps until a step elsewhere takes another one.
        discharge_hours: 24 weights: where given, the step ends on the day its duration runs out, at an hour drawn
            from these (ward rounds, transport).
        next, next_by_class, next_after: shares of what follows; `next_after` holds for patients who have already
            been through the step it names, `next_by_class` for patients of a class; the most specific one counts.
        patience: how long a patient waits for it before leaving.
        delay_to: time that passes after it before the next step is asked for, by next step (transport, waiting for a
            result); where it is declared nobody is needed for it.
        ends_stay: its end is the end of the stay: the feed has no event of its own for that.
    """

    unit: str
    label: str = ""
    duration: Duration
    duration_by_class: dict[str, Duration] = {}
    needs: dict[str, Annotated[int, Field(gt=0)]] = {}
    takes_bed: bool = False
    discharge_hours: Annotated[list[float], Field(min_length=24, max_length=24)] | None = None
    patience: Duration | None = None
    leaves_to: str = "left"
    preemptive: bool = False
    ends_stay: bool = False
    delay_to: dict[str, Duration] = {}
    next: Shares
    next_by_class: dict[str, Shares] = {}
    next_after: dict[str, Shares] = {}


class Arrivals(_Strict):
    """How many come, and when."""

    per_day: Positive
    by_hour: Annotated[list[float], Field(min_length=24, max_length=24)] = [1.0] * 24
    by_weekday: Annotated[list[float], Field(min_length=7, max_length=7)] = [1.0] * 7

    @model_validator(mode="after")
    def _weights(self) -> "Arrivals":
        for name, weights in (("by_hour", self.by_hour), ("by_weekday", self.by_weekday)):
            if min(weights) < 0 or sum(weights) <= 0:
                raise ValueError(f"expected {name} as weights >= 0, not all zero")
        return self


class PatientClass(_Strict):
    """Patients who are alike: where they enter, how many, how urgent (1 is the most urgent)."""

    label: str = ""
    priority: Annotated[int, Field(ge=1, le=9)] = 3
    first: str
    arrivals: Arrivals
    fast_track: bool = False


class ClassSignal(_Strict):
    """The observation that tells a patient's class (a triage level), and which of its values mean which class."""

    signal: str = "class"
    codes: dict[str, str] = {}


class HospitalFile(_Strict):
    """A whole hospital.

    Attributes:
        timezone: the local time in which shifts and hours of day are meant.
        exits: how a stay ends.
        events: the feed's name of an activity -> the step or exit it stands for, where they differ. A plain ADT feed
            needs none: "A01 ICU", "A02 ICU" and "A04 ICU" are the first step with a bed in the unit ICU, or its first
            step, and "A03" is the first exit, unless this says otherwise.
        class_signal: what tells a patient's class; by default the signal "class" with the class's name.

    Example:
        >>> from twinward.twins.hospital.file import parse
        >>> parse("name = 'Empty'")
        Traceback (most recent call last):
        twinward.twins.hospital.file.BadHospitalFile: 3 faults in the hospital file:
          units: got nothing, expected this field
          steps: got nothing, expected this field
          classes: got nothing, expected this field
    """

    name: str
    timezone: str = "UTC"
    units: Annotated[dict[str, Unit], Field(min_length=1)]
    pools: dict[str, Pool] = {}
    steps: Annotated[dict[str, Step], Field(min_length=1)]
    classes: Annotated[dict[str, PatientClass], Field(min_length=1)]
    exits: Annotated[list[str], Field(min_length=1)] = ["home", "left"]
    events: dict[str, str] = {}
    class_signal: ClassSignal = ClassSignal()

    @property
    def zone(self) -> ZoneInfo:
        """The hospital's local time, in which shifts and hours of day are meant."""
        return ZoneInfo(self.timezone)

    @cached_property
    def stands_for(self) -> dict[str, str]:
        """Every name by which a feed may call a step or an exit -> that step or exit."""
        found = {name: name for name in (*self.steps, *self.exits)}
        for unit in self.units:
            there = [name for name, step in self.steps.items() if step.unit == unit]
            first = next((name for name in there if self.steps[name].takes_bed), there[0] if there else None)
            if first is not None:
                found |= {f"{event} {unit}": first for event in ("A01", "A02", "A04")}
        return {"A03": self.exits[0]} | found | self.events


def load(path: Path | str) -> HospitalFile:
    """Read and check a hospital file (TOML, or YAML by its ending).

    Raises:
        BadHospitalFile: all the faults found, each with the path of its field.
    """
    path = Path(path)
    if not path.is_file():
        raise BadInput("hospital file", str(path), "an existing TOML or YAML file")
    return parse(path.read_text(encoding="utf-8"), yaml_syntax=path.suffix.lower() in (".yaml", ".yml"))


def parse(text: str, *, yaml_syntax: bool = False) -> HospitalFile:
    """Check the text of a hospital file."""
    try:
        tree = yaml.safe_load(text) if yaml_syntax else tomllib.loads(text)
    except (tomllib.TOMLDecodeError, yaml.YAMLError) as error:
        raise BadHospitalFile(f"the hospital file cannot be read: {error}") from error
    if not isinstance(tree, dict):
        raise BadHospitalFile("the hospital file is empty")
    try:
        hospital = HospitalFile.model_validate(tree)
    except ValidationError as error:
        raise _bad([_fault(e) for e in error.errors()]) from None
    faults = [*_references(hospital), *_reach(hospital)]
    if faults:
        raise _bad(faults)
    return hospital


def _bad(faults: list[str]) -> BadHospitalFile:
    count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
    return BadHospitalFile("\n  ".join([f"{count} in the hospital file:", *faults]))


def _fault(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "file"
    if error["type"] == "missing":
        return f"{where}: got nothing, expected this field"
    if error["type"] == "extra_forbidden":
        return f"{where}: this field is not known here"
    return f"{where}: got {error['input']!r}, {error['msg'].removeprefix('Value error, ')}"


def _references(hospital: HospitalFile) -> list[str]:
    """Names that point to nothing."""
    faults = []

    def known(path: str, name: str, among: set[str], what: str) -> None:
        if name not in among:
            faults.append(f"{path}: got {name!r}, expected {what}: {', '.join(sorted(among))}")

    try:
        _ = hospital.zone
    except (KeyError, ValueError, OSError):
        faults.append(f"timezone: got {hospital.timezone!r}, expected an IANA name such as 'Europe/Amsterdam'")
    steps, classes, exits = set(hospital.steps), set(hospital.classes), set(hospital.exits)
    for name, step in hospital.steps.items():
        known(f"steps.{name}.unit", step.unit, set(hospital.units), "a unit")
        if step.takes_bed and step.unit in hospital.units and hospital.units[step.unit].beds is None:
            faults.append(f"steps.{name}.takes_bed: unit {step.unit!r} has no beds, expected units.{step.unit}.beds")
        if name in exits:
            faults.append(f"steps.{name}: the name is also an exit")
        if step.ends_stay and not set(step.next) <= exits:
            faults.append(f"steps.{name}.ends_stay: it goes on to a step, expected next to hold exits only")
        for pool in step.needs:
            known(f"steps.{name}.needs", pool, set(hospital.pools), "a pool")
        for label in (*step.next_by_class, *step.duration_by_class):
            known(f"steps.{name}", label, classes, "a class")
        for label in step.next_after:
            known(f"steps.{name}.next_after", label, steps, "a step")
        for path, shares in (
            (f"steps.{name}.next", step.next),
            (f"steps.{name}.delay_to", dict.fromkeys(step.delay_to, 0.0)),
            *((f"steps.{name}.next_by_class.{c}", s) for c, s in step.next_by_class.items()),
            *((f"steps.{name}.next_after.{c}", s) for c, s in step.next_after.items()),
        ):
            for target in shares:
                known(path, target, steps | exits, "a step or an exit")
        if step.patience is not None:
            known(f"steps.{name}.leaves_to", step.leaves_to, steps | exits, "a step or an exit")
    for event, target in hospital.events.items():
        known(f"events.{event}", target, steps | exits, "a step or an exit")
    for code, target in hospital.class_signal.codes.items():
        known(f"class_signal.codes.{code}", target, classes, "a class")
    for name, patients in hospital.classes.items():
        known(f"classes.{name}.first", patients.first, steps, "a step")
    return faults


def _reach(hospital: HospitalFile) -> list[str]:
    """Steps that no pathway reaches, and pathways that never end."""
    follows = {
        name: {
            *step.next,
            *(t for shares in (*step.next_by_class.values(), *step.next_after.values()) for t in shares),
            *([step.leaves_to] if step.patience else []),
        }
        for name, step in hospital.steps.items()
    }
    reached = {patients.first for patients in hospital.classes.values()}
    front = list(reached)
    while front:
        for target in follows.get(front.pop(), set()) - reached:
            reached.add(target)
            front.append(target)
    faults = [f"steps.{name}: no pathway reaches it" for name in hospital.steps if name not in reached]
    ends = set(hospital.exits)
    while True:
        more = {name for name, targets in follows.items() if targets & ends} - ends
        if not more:
            break
        ends |= more
    faults += [f"steps.{name}: no way leads from it to an exit" for name in hospital.steps if name not in ends]
    unused = set(hospital.pools) - {pool for step in hospital.steps.values() for pool in step.needs}
    return faults + [f"pools.{name}: no step needs it" for name in sorted(unused)]
