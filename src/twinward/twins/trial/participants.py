"""The participants of a trial or a history: baseline, arm and endpoints, read and checked against the protocol."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from twinward.core.arrays import FloatArray, IntArray
from twinward.errors import BadInput
from twinward.twins.trial.protocol import (
    Binary,
    Continuous,
    Count,
    Endpoint,
    Longitudinal,
    Ordinal,
    Protocol,
    TimeToEvent,
    columns_of,
)

MISSING = "missing"  # the level of a nominal covariate that was not told


@dataclass(frozen=True, eq=False)
class Participants:
    """One row a participant.

    Args:
        protocol: what the columns mean.
        ids: text, unique.
        baseline: a column each covariate: float64 (NaN: missing) or categories (missing is a level of its own).
        arm: index into `arms`; None in a history without arms.
        arms: values of the arm's column, the control first.
        outcomes: endpoint -> (participants,) numbers, NaN where missing (ordinal: the level's index); longitudinal
            (participants, visits); time to event (participants, 2): time, and 0 end of watching, 1 the event, 2 a
            competing one; count (participants, 2): count and exposure.
        site, date: as told; None where the protocol names no column.
    """

    protocol: Protocol
    ids: np.ndarray
    baseline: pd.DataFrame
    arm: IntArray | None
    arms: tuple[str, ...]
    outcomes: dict[str, FloatArray]
    site: np.ndarray | None = None
    date: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: np.ndarray) -> "Participants":
        """Those of a mask or of indices, in that order."""
        return Participants(
            self.protocol, self.ids[rows], self.baseline.iloc[np.flatnonzero(rows) if rows.dtype == bool else rows],
            None if self.arm is None else self.arm[rows], self.arms,
            {name: values[rows] for name, values in self.outcomes.items()},
            None if self.site is None else self.site[rows], None if self.date is None else self.date[rows],
        )  # fmt: skip

    def outcome(self, endpoint: str) -> FloatArray:
        """What came of each, by the endpoint's name."""
        self.protocol.endpoint(endpoint)
        return self.outcomes[endpoint]

    def digests(self) -> list[str]:
        """SHA-256 of each one's trial and identifier: who taught a twin can be told without telling who they are.

        Where the protocol names no identifier, of the whole baseline, site and date: the same person has the same.
        """
        if self.protocol.participant:
            keys = [f"{self.protocol.name}\0{one}" for one in self.ids]
        else:
            rows = zip(*(self.baseline[name].astype(str) for name in sorted(self.baseline)), strict=True)
            untold = np.full(len(self), "")
            where, when = (untold if one is None else one for one in (self.site, self.date))
            keys = ["\0".join((self.protocol.name, str(site), str(date), *row))
                    for row, site, date in zip(rows, where, when, strict=True)]  # fmt: skip
        return [hashlib.sha256(key.encode()).hexdigest() for key in keys]

    def controls(self) -> "Participants":
        """Those of the control arm; everybody in a history without arms."""
        return self if self.arm is None else self.take(self.arm == 0)


def read(path: Path, protocol: Protocol) -> Participants:
    """Participants of a CSV file (also .gz), as the protocol reads it.

    Raises:
        BadInput: the file or a column is absent, a number is none, an identifier is told twice.
    """
    if not path.is_file():
        raise BadInput("data", str(path), "a CSV file (.csv or .csv.gz) with a row a participant")
    return from_table(pd.read_csv(path, dtype=str, keep_default_na=False), protocol)


def from_table(told: pd.DataFrame, protocol: Protocol, endpoints: Sequence[str] | None = None) -> Participants:
    """The same of a table of text (or of anything that prints as the file would).

    Args:
        endpoints: those to read; all of the protocol where None. Baseline alone: an empty list.
    """
    told = told.reset_index(drop=True)
    wanted = list(protocol.endpoints) if endpoints is None else list(endpoints)
    needed = [*protocol.baseline, *(column for name in wanted for column in columns_of(protocol.endpoint(name)))]
    needed += [name for name in (protocol.participant, protocol.site, protocol.date) if name]
    if protocol.arms is not None:
        needed.append(protocol.arms.column)
    if absent := sorted(set(needed) - set(told.columns)):
        raise BadInput("columns", ", ".join(absent), f"columns of the data: {', '.join(map(str, told.columns))}")
    if told.empty:
        raise BadInput("data", "no row", "one row a participant")
    text = told.astype(str).apply(lambda column: column.str.strip())
    ids = text[protocol.participant].to_numpy() if protocol.participant else np.arange(len(told)).astype(str)
    repeated = pd.Series(ids)[pd.Series(ids).duplicated()]
    if len(repeated):
        raise BadInput(protocol.participant, repeated.iloc[0], "one row a participant; this one is told twice")
    baseline = pd.DataFrame({name: _covariate(text[name], what.scale) for name, what in protocol.baseline.items()})
    arms, arm = _arms(text, protocol)
    outcomes = {name: _outcome(text, protocol.endpoints[name]) for name in wanted}
    site = text[protocol.site].to_numpy() if protocol.site else None
    date = text[protocol.date].to_numpy() if protocol.date else None
    return Participants(protocol, ids, baseline, arm, arms, outcomes, site, date)


def _absent(text: pd.Series) -> pd.Series:
    return text.str.lower().isin(["", "na", "nan", "none", "."])


def _numbers(text: pd.Series) -> pd.Series:
    absent = _absent(text)
    numbers = pd.to_numeric(text.where(~absent), errors="coerce")
    if (wrong := numbers.isna() & ~absent).any():
        row = int(np.flatnonzero(wrong)[0])
        raise BadInput(f"{text.name}, row {row + 1}", text.iloc[row], "a number, or empty where missing")
    if np.isinf(numbers).any():
        raise BadInput(str(text.name), "infinity", "a finite number")
    return numbers.astype(float)


def _covariate(text: pd.Series, scale: str) -> pd.Series:
    if scale == "continuous":
        return _numbers(text)
    levels = sorted(set(text[~_absent(text)]))
    return pd.Series(pd.Categorical(text.where(~_absent(text), MISSING), [*levels, MISSING]), name=text.name)


def _arms(text: pd.DataFrame, protocol: Protocol) -> tuple[tuple[str, ...], IntArray | None]:
    if protocol.arms is None:
        return (), None
    column = text[protocol.arms.column]
    if _absent(column).any():
        row = int(np.flatnonzero(_absent(column))[0])
        raise BadInput(f"{column.name}, row {row + 1}", "", "the arm of every participant")
    values = sorted(set(column))
    if protocol.arms.control not in values:
        raise BadInput("arms.control", protocol.arms.control, f"a value of {column.name}: {', '.join(values)}")
    arms = (protocol.arms.control, *(value for value in values if value != protocol.arms.control))
    return arms, column.map({value: index for index, value in enumerate(arms)}).to_numpy(np.int64)


def _outcome(text: pd.DataFrame, endpoint: Endpoint) -> FloatArray:
    match endpoint:
        case Continuous():
            return _numbers(text[endpoint.column]).to_numpy()
        case Binary():
            column = text[endpoint.column]
            gone = _absent(column) | column.isin(endpoint.missing)
            return np.where(gone, np.nan, column.isin(endpoint.event).astype(float))
        case Ordinal():
            places = {level: float(index) for index, level in enumerate(endpoint.levels)}
            return text[endpoint.column].map(places).to_numpy(float)
        case Count():
            counts = _numbers(text[endpoint.column])
            if ((counts < 0) | (counts % 1 != 0)).any():
                raise BadInput(endpoint.column, float(counts[(counts < 0) | (counts % 1 != 0)].iloc[0]), "a count")
            exposure = _numbers(text[endpoint.exposure]) if endpoint.exposure else pd.Series(1.0, counts.index)
            if (exposure <= 0).any():
                raise BadInput(endpoint.exposure, float(exposure[exposure <= 0].iloc[0]), "a positive exposure")
            return np.column_stack([counts, exposure])
        case Longitudinal():
            return np.column_stack([_numbers(text[column]) for column in endpoint.visits])
        case TimeToEvent():
            times = _numbers(text[endpoint.time])
            if (times < 0).any():
                raise BadInput(endpoint.time, float(times[times < 0].iloc[0]), "a time after randomisation")
            status = text[endpoint.status]
            how = np.where(status.isin(endpoint.event), 1.0, np.where(status.isin(endpoint.competing), 2.0, 0.0))
            how[_absent(status) | times.isna().to_numpy()] = np.nan
            return np.column_stack([times, how])
