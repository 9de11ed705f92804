"""The trial file: who takes part, what is known at randomisation, what is measured after, how arms were drawn."""

import itertools
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from twinward.core.declared import parse_toml
from twinward.core.times import seconds
from twinward.errors import BadInput


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Covariate(_Strict):
    """Something known of a participant before the arm was drawn.

    Args:
        scale: "continuous" (also counts and ordered scores read as numbers) or "nominal" (text; missing is a level).
        label: what a person reads; the column's name where empty.
        unit: UCUM unit of a continuous one.
    """

    scale: Literal["continuous", "nominal"] = "continuous"
    label: str = ""
    unit: str = "1"


class Arms(_Strict):
    """Which column tells the arm, which of its values is the control, and how a person reads each."""

    column: str
    control: str
    labels: dict[str, str] = {}


class Randomisation(_Strict):
    """How arms were drawn; the analysis must know it to get its variance right.

    Args:
        scheme: "simple" (a coin for each participant), "stratified" (permuted blocks within strata) or "minimised".
        strata: baseline covariates by which arms were balanced.
    """

    scheme: Literal["simple", "stratified", "minimised"] = "simple"
    strata: list[str] = []


class _Endpoint(_Strict):
    better: Literal["higher", "lower"] = "lower"


class Continuous(_Endpoint):
    """A number."""

    scale: Literal["continuous"]
    column: str
    unit: str = "1"


class Binary(_Endpoint):
    """It happened or not: the values of the column (as text) that count as yes; all others but missing are no."""

    scale: Literal["binary"]
    column: str
    event: Annotated[list[str], Field(min_length=1)]
    missing: list[str] = []


class Ordinal(_Endpoint):
    """One of several levels in order, the first the lowest; a value that is no level is missing."""

    scale: Literal["ordinal"]
    column: str
    levels: Annotated[list[str], Field(min_length=2)]


class Count(_Endpoint):
    """How often it happened, in how long a time (column of the exposure; 1 for everybody where empty)."""

    scale: Literal["count"]
    column: str
    exposure: str = ""


class Longitudinal(_Endpoint):
    """The same number at several visits: column -> time since randomisation ("20 wk"), in the order of time."""

    scale: Literal["longitudinal"]
    visits: Annotated[dict[str, str], Field(min_length=2)]
    unit: str = "1"

    @model_validator(mode="after")
    def _ordered(self) -> "Longitudinal":
        times = self.times
        if any(later <= earlier for earlier, later in itertools.pairwise(times)):
            raise ValueError("expected visits in the order of time")
        return self

    @property
    def times(self) -> list[float]:
        """Seconds since randomisation, one a visit."""
        return [seconds(time) for time in self.visits.values()]


class TimeToEvent(_Endpoint):
    """How long until it happened: time column (with its unit), and the column that tells how the time ended.

    Args:
        event: values that are the event; `competing`: values that make it impossible (death of another cause); all
            others are the end of watching.
        horizon: time up to which restricted means and risks are told, in `unit`.
    """

    scale: Literal["time_to_event"]
    time: str
    status: str
    event: Annotated[list[str], Field(min_length=1)]
    competing: list[str] = []
    unit: str = "d"
    horizon: Annotated[float, Field(gt=0)]


Endpoint = Annotated[Continuous | Binary | Ordinal | Count | Longitudinal | TimeToEvent, Field(discriminator="scale")]


class Protocol(_Strict):
    """A trial, or a history of patients told in the same words.

    Args:
        name: of the trial.
        participant: column of the participant's identifier; the row's number where empty.
        arms: None for a history in which nobody was randomised.
        baseline: column -> covariate. What is not named here can never be one.
        endpoints: name -> endpoint.
        after: further columns that were seen after randomisation, so that offering one is refused by its name.
        site, date: columns of the hospital and the day of randomisation, where known.
    """

    name: str
    participant: str = ""
    arms: Arms | None = None
    baseline: Annotated[dict[str, Covariate], Field(min_length=1)]
    endpoints: Annotated[dict[str, Endpoint], Field(min_length=1)]
    randomisation: Randomisation = Randomisation()
    after: list[str] = []
    site: str = ""
    date: str = ""

    @model_validator(mode="after")
    def _before_and_after(self) -> "Protocol":
        later = self.later
        for name in self.baseline:
            if name in later:
                raise ValueError(f"baseline.{name}: {later[name]}, it can be no covariate")
        for name in self.randomisation.strata:
            if name not in self.baseline and name != self.site:
                raise ValueError(f"randomisation.strata: {name!r} is neither a baseline covariate nor the site")
        return self

    @property
    def later(self) -> dict[str, str]:
        """Column -> why it is no covariate, for each that is known to be drawn or seen at or after randomisation."""
        told = dict.fromkeys(self.after, "seen after randomisation")
        for name, endpoint in self.endpoints.items():
            told |= dict.fromkeys(columns_of(endpoint), f"part of the endpoint {name!r}")
        if self.arms is not None:
            told[self.arms.column] = "the arm"
        return told

    def covariates(self, names: list[str] | None = None) -> list[str]:
        """The names, checked; all of the baseline where None.

        Raises:
            BadInput: one was seen after randomisation, or is not known as baseline.
        """
        for name in names or ():
            if name in self.later:
                raise BadInput("covariate", name, f"something known at randomisation: this is {self.later[name]}")
            if name not in self.baseline:
                raise BadInput("covariate", name, f"one of the baseline: {', '.join(self.baseline)}")
        return list(self.baseline) if names is None else list(names)

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of that name.

        Raises:
            BadInput: there is none; the message lists those there are.
        """
        if name not in self.endpoints:
            raise BadInput("endpoint", name, f"one of: {', '.join(self.endpoints)}")
        return self.endpoints[name]


def columns_of(endpoint: Endpoint) -> list[str]:
    """The columns of the data that tell an endpoint."""
    if isinstance(endpoint, Longitudinal):
        return list(endpoint.visits)
    if isinstance(endpoint, TimeToEvent):
        return [endpoint.time, endpoint.status]
    if isinstance(endpoint, Count):
        return [name for name in (endpoint.column, endpoint.exposure) if name]
    return [endpoint.column]


def parse(text: str) -> Protocol:
    """The protocol that a text of TOML tells.

    Raises:
        BadFile: one line a fault.
    """
    return parse_toml(text, Protocol, "trial file")


def load(path: Path) -> Protocol:
    """The protocol of a file.

    Raises:
        BadInput: there is no such file.
        BadFile: one line a fault.
    """
    if not path.is_file():
        raise BadInput("protocol", str(path), "a trial file (TOML)")
    return parse(path.read_text(encoding="utf-8"))
