"""Participants over their visits, as numbers: read from a table, and written as one."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from twinward.core.arrays import FloatArray, IntArray
from twinward.core.subject import Subject
from twinward.errors import BadInput
from twinward.twins.trial.generator.declared import CohortFile, Column

_ABSENT = ("", "na", "nan", "none", ".")


@dataclass(frozen=True, eq=False)
class Coding:
    """How a column is a number: text by its place among `levels`, a positive one by its logarithm.

    Args:
        levels: of a nominal column, in the order of the alphabet; none of a number.
        log: the logarithm is meant.
        decimals: of a number, as the table writes it, 12 at most.
    """

    levels: tuple[str, ...] = ()
    log: bool = False
    decimals: int = 12

    @classmethod
    def of(cls, text: pd.Series, column: Column) -> "Coding":
        """As this column needs it.

        Raises:
            BadInput: a number that is none, or one that is not above 0 where that is said.
        """
        told = text[~_absent(text)]
        if column.scale == "nominal":
            return cls(levels=tuple(sorted(set(told))))
        numbers = pd.to_numeric(told, errors="coerce")
        positive = column.scale == "positive"
        wrong = ~np.isfinite(numbers) | ((numbers <= 0) & positive)
        if wrong.any():
            row = int(np.flatnonzero(wrong.to_numpy())[0])
            what = "a number above 0" if positive else "a number"
            raise BadInput(f"{text.name}, row {told.index[row] + 1}", told.iloc[row], f"{what}, or empty where missing")
        decimals = next((d for d in range(12) if np.allclose(numbers, numbers.round(d), rtol=0, atol=1e-9)), 12)
        return cls(log=positive, decimals=decimals)

    def number(self, text: pd.Series) -> FloatArray:
        """Of the column's text; NaN where it is missing."""
        if self.levels:
            return text.map({level: float(place) for place, level in enumerate(self.levels)}).to_numpy(float)
        numbers = pd.to_numeric(text.where(~_absent(text)), errors="coerce").to_numpy(float)
        return np.log(numbers) if self.log else numbers

    def told(self, numbers: FloatArray) -> pd.Series:
        """As the table would write them; empty where missing."""
        if self.levels:
            names = np.array([*self.levels, ""], dtype=object)
            return pd.Series(names[np.where(np.isfinite(numbers), numbers, -1).astype(np.int64)])
        return pd.Series(self.natural(numbers))

    def natural(self, numbers: FloatArray) -> FloatArray:
        """In the column's own unit, as finely as the table tells it (levels as they are)."""
        if self.levels:
            return numbers
        return np.round(np.exp(numbers) if self.log else numbers, self.decimals)

    def settled(self, numbers: FloatArray) -> FloatArray:
        """As finely as the table tells them, a positive one not below the finest it tells."""
        if self.levels:
            return numbers
        return self.coded(self.natural(numbers))

    def coded(self, natural: FloatArray) -> FloatArray:
        """Of numbers in the column's own unit, a positive one not below the finest that the table tells."""
        return np.log(np.maximum(natural, 10.0**-self.decimals)) if self.log else natural


@dataclass(frozen=True, eq=False)
class Cohort:
    """Participants and their visits.

    Args:
        file: what the columns mean; `codings`: column -> how it is a number.
        baseline: (participants, columns), NaN where missing.
        who: (visits,) index of the participant, rising; `time`: (visits,) since the first, which is 0.
        series: (visits, columns), NaN where missing.
        end: (participants,) when watching ended; `how`: (participants,) 0 end of watching, k the k-th of the kinds.
    """

    file: CohortFile
    codings: dict[str, Coding]
    baseline: FloatArray
    who: IntArray
    time: FloatArray
    series: FloatArray
    end: FloatArray
    how: IntArray

    def __len__(self) -> int:
        return len(self.baseline)

    @property
    def first(self) -> IntArray:
        """(participants,) row of each one's first visit."""
        return np.searchsorted(self.who, np.arange(len(self)))

    def take(self, people: IntArray) -> "Cohort":
        """Those participants alone, numbered anew, in that order."""
        rows = [np.flatnonzero(self.who == one) for one in people]
        kept = np.concatenate(rows) if len(rows) else np.zeros(0, dtype=np.int64)
        who = np.repeat(np.arange(len(people)), [len(one) for one in rows])
        return Cohort(self.file, self.codings, self.baseline[people], who, self.time[kept], self.series[kept],
                      self.end[people], self.how[people])  # fmt: skip

    def coded_as(self, codings: dict[str, Coding]) -> "Cohort":
        """The same with another's codes; a level that it has not is missing.

        Raises:
            BadInput: other columns, or a column that is a number here and text there.
        """
        if list(codings) != list(self.codings):
            raise BadInput("columns", ", ".join(self.codings), f"those of the other: {', '.join(codings)}")
        wide = len(self.file.baseline)
        baseline, series = self.baseline.copy(), self.series.copy()
        for place, (name, own) in enumerate(self.codings.items()):
            other = codings[name]
            values = baseline[:, place] if place < wide else series[:, place - wide]
            if (own.levels == other.levels and own.log == other.log) or not np.isfinite(values).any():
                continue
            if own.log != other.log or not (own.levels and other.levels):
                raise BadInput(name, "another scale", "a column on the scale of the other")
            code = {level: float(code) for code, level in enumerate(other.levels)}
            known = np.array([*(code.get(level, np.nan) for level in own.levels), np.nan])
            values[:] = known[np.where(np.isfinite(values), values, -1).astype(np.int64)]
        return replace(self, codings=codings, baseline=baseline, series=series)

    def subjects(self, prefix: str = "Patient/synthetic") -> list[Subject]:
        """Each with the baseline and the first visit as attributes, as `virtual.Trial` takes them, without the gaps."""
        rows = np.column_stack([self.baseline, self.series[self.first]])
        found = []
        for number, row in enumerate(rows):
            told: dict[str, float | str] = {}
            for (name, coding), value in zip(self.codings.items(), row, strict=True):
                if np.isfinite(value):
                    told[name] = coding.levels[int(value)] if coding.levels else float(coding.natural(value))
            found.append(Subject(f"{prefix}-{number + 1}", attributes=told))
        return found

    def table(self, prefix: str = "synthetic") -> pd.DataFrame:
        """A row a visit, with the columns of the file; identifiers are `prefix` and a number."""
        file = self.file
        columns: dict[str, object] = {}
        width = len(str(max(len(self), 1)))
        columns[file.participant or "participant"] = [f"{prefix}-{one + 1:0{width}d}" for one in self.who]
        if file.time:
            columns[file.time] = self.time
        for place, name in enumerate(file.baseline):
            columns[name] = self.codings[name].told(self.baseline[self.who, place])
        for place, name in enumerate(file.series):
            columns[name] = self.codings[name].told(self.series[:, place])
        if file.end is not None:
            columns[file.end.time] = self.end[self.who]
            columns[file.end.status] = np.array(["censored", *file.end.kinds.values()])[self.how[self.who]]
        return pd.DataFrame(columns)


def read(path: Path, file: CohortFile) -> Cohort:
    """Of a CSV file (also .gz).

    Raises:
        BadInput: the file or a column is absent, a number is none, a visit is told twice or before the first.
    """
    if not path.is_file():
        raise BadInput("history", str(path), "a CSV file (.csv or .csv.gz) with a row a visit")
    return from_table(pd.read_csv(path, dtype=str, keep_default_na=False), file)


def from_table(told: pd.DataFrame, file: CohortFile) -> Cohort:
    """Of a table; rows may come in any order.

    Raises:
        BadInput: as `read`.
    """
    needed = [*file.baseline, *file.series, *(name for name in (file.participant, file.time) if name)]
    needed += [] if file.end is None else [file.end.time, file.end.status]
    if absent := sorted(set(needed) - set(told.columns)):
        raise BadInput("columns", ", ".join(absent), f"columns of the data: {', '.join(map(str, told.columns))}")
    if told.empty:
        raise BadInput("history", "no row", "one row a visit")
    text = told.reset_index(drop=True).astype(str).apply(lambda column: column.str.strip())
    time = _times(text, file)
    names = text[file.participant].to_numpy() if file.participant else np.arange(len(text)).astype(str)
    order = np.lexsort((time, names))
    ids, who = np.unique(names[order], return_inverse=True)
    time = time[order]
    again = np.flatnonzero((np.diff(who) == 0) & (np.diff(time) == 0))
    if len(again):
        raise BadInput(file.time or file.participant, f"{ids[who[again[0]]]} twice", "one row a visit")
    text = text.iloc[order].reset_index(drop=True)
    codings = {name: Coding.of(text[name], column) for name, column in {**file.baseline, **file.series}.items()}
    numbers = {name: coding.number(text[name]) for name, coding in codings.items()}
    first = np.searchsorted(who, np.arange(len(ids)))
    last = np.append(first[1:], len(who)) - 1
    baseline = np.column_stack([numbers[name][first] for name in file.baseline]) if file.baseline else _none(ids)
    series = np.column_stack([numbers[name] for name in file.series]) if file.series else _none(who)
    start = time[first]
    if file.end is None:
        end, how = time[last] - start, np.zeros(len(ids), dtype=np.int64)
    else:
        end = pd.to_numeric(text[file.end.time], errors="coerce").to_numpy(float)[first] - start
        kinds = {value: place + 1 for place, value in enumerate(file.end.kinds)}
        how = text[file.end.status].map(kinds).fillna(0).to_numpy(np.int64)[first]
        if (wrong := ~(end >= time[last] - start)).any():
            one = int(np.flatnonzero(wrong)[0])
            raise BadInput(f"{file.end.time} of {ids[one]}", float(end[one]), "an end not before the last visit")
    return Cohort(file, codings, baseline, who, time - start[who], series, end, how)


def _times(text: pd.DataFrame, file: CohortFile) -> FloatArray:
    if not file.time:
        return np.zeros(len(text))
    time = pd.to_numeric(text[file.time], errors="coerce").to_numpy(float)
    if not np.isfinite(time).all():
        row = int(np.flatnonzero(~np.isfinite(time))[0])
        raise BadInput(f"{file.time}, row {row + 1}", text[file.time].iloc[row], "a number")
    return time


def _none(rows: np.ndarray) -> FloatArray:
    return np.zeros((len(rows), 0))


def _absent(text: pd.Series) -> pd.Series:
    return text.str.lower().isin(_ABSENT)
