"""The cohort file: what is known of each participant once, what is measured at visits, how watching ends."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from twinward.core.declared import parse_toml


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Strict):
    """One column.

    Args:
        scale: "number", "positive" (a number above 0 that is learned on the logarithm) or "nominal" (text).
        label: what a person reads; the column's name where empty.
        unit: UCUM unit of a number.
    """

    scale: Literal["number", "positive", "nominal"] = "number"
    label: str = ""
    unit: str = "1"


class End(_Strict):
    """How watching ends: column of the time, column that tells how, and what its values mean.

    Args:
        kinds: value -> what it is ("death"); every other value is the end of watching.
    """

    time: str
    status: str
    kinds: Annotated[dict[str, str], Field(min_length=1)]


class CohortFile(_Strict):
    """A table with a row a visit, or a row a participant where no `time` is named.

    Args:
        participant: column of the identifier; the row's number where empty.
        time: column of the visit's time since the first; `unit` of it.
        baseline: columns known once, at the first visit.
        series: columns that are measured at every visit.
        end: how watching ends; None where nothing is known of it.
    """

    name: str
    participant: str = ""
    time: str = ""
    unit: str = "d"
    baseline: dict[str, Column] = {}
    series: dict[str, Column] = {}
    end: End | None = None

    @model_validator(mode="after")
    def _whole(self) -> "CohortFile":
        if not self.baseline and not self.series:
            raise ValueError("baseline or series: expected one column at least")
        if both := sorted(set(self.baseline) & set(self.series)):
            raise ValueError(f"series.{both[0]}: is in the baseline, too")
        if self.time and not self.participant:
            raise ValueError("participant: expected the column that tells whose visits they are")
        if self.end is not None and not self.time:
            raise ValueError("end: expected visits (time) that it ends")
        late = {self.participant, self.time} | ({self.end.time, self.end.status} if self.end else set())
        for name in (*self.baseline, *self.series):
            if name in late:
                raise ValueError(f"{name}: tells who, when or how it ended, and can be no column of its own")
        return self


def parse(text: str) -> CohortFile:
    """The declaration that a text of TOML tells.

    Raises:
        BadFile: one line a fault.
    """
    return parse_toml(text, CohortFile, "cohort file")
