"""What was seen: columnar batches of observations, the only thing that ever changes a twin."""

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter

import numpy as np

from twinward.core.arrays import AnyArray, BoolArray, FloatArray, TextArray
from twinward.core.times import Instant, posix
from twinward.errors import BadInput


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that was seen.

    Args:
        subject: reference of whom or what it is about ("Patient/42", "Encounter/C").
        signal: name of the quantity.
        time: when it was so: an aware `datetime`, ISO 8601 text with an offset, or POSIX seconds.
        value: a number in `unit`, or a code.
        unit: UCUM unit of the number; "" means the signal's own unit.
        error_sd: standard deviation of the measurement error in `unit`; NaN: the signal's default.
        received: when we learnt it; NaN: at `time`.
        source: the feed it came from.
        id: the message's own identifier; with it, a later message of the same source, id, subject and signal
            corrects this one. Without it an observation is known by its content.
        retracted: this message takes the earlier one of the same identity back (FHIR entered-in-error, HL7 A11).
    """

    subject: str
    signal: str
    time: Instant
    value: float | str
    unit: str = ""
    error_sd: float = math.nan
    received: Instant | None = None
    source: str = ""
    id: str = ""
    retracted: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Observations:
    """A batch of observations, one array a column, all of equal length.

    Args:
        subject, signal, unit, source, id: object arrays of `str`.
        time, received: POSIX seconds (received NaN: at `time`).
        value: the number, NaN where the value is a code.
        text: the code, "" where the value is a number.
        error_sd: NaN where the signal's default holds.
        retracted: bool.

    Example:
        >>> seen = Observations.of([Observation("Patient/1", "heart_rate", 60.0, 72, "/min")])
        >>> len(seen), seen.value.tolist(), seen.subject.tolist()
        (1, [72.0], ['Patient/1'])
    """

    subject: TextArray
    signal: TextArray
    time: FloatArray
    value: FloatArray
    text: TextArray
    unit: TextArray
    error_sd: FloatArray
    received: FloatArray
    source: TextArray
    id: TextArray
    retracted: BoolArray

    def __post_init__(self) -> None:
        lengths = [len(column) for column in _columns(self)]
        if lengths.count(lengths[0]) != len(lengths):
            raise BadInput("observations", dict(zip(COLUMNS, lengths, strict=True)), "columns of equal length")

    @classmethod
    def of(cls, rows: Iterable[Observation]) -> "Observations":
        """A batch from single observations."""
        rows = list(rows)
        times = np.array([posix(row.time) for row in rows], dtype=np.float64)
        return cls.columns(
            subject=[row.subject for row in rows],
            signal=[row.signal for row in rows],
            time=times,
            value=[math.nan if isinstance(row.value, str) else float(row.value) for row in rows],
            text=[row.value if isinstance(row.value, str) else "" for row in rows],
            unit=[row.unit for row in rows],
            error_sd=[row.error_sd for row in rows],
            received=[
                time if row.received is None else posix(row.received, "received")
                for row, time in zip(rows, times, strict=True)
            ],
            source=[row.source for row in rows],
            id=[row.id for row in rows],
            retracted=[row.retracted for row in rows],
        )

    @classmethod
    def columns(
        cls,
        *,
        subject: Sequence[str] | AnyArray,
        signal: Sequence[str] | AnyArray,
        time: Sequence[float] | AnyArray,
        value: Sequence[float] | AnyArray | None = None,
        text: Sequence[str] | AnyArray | None = None,
        unit: Sequence[str] | AnyArray | None = None,
        error_sd: Sequence[float] | AnyArray | None = None,
        received: Sequence[float] | AnyArray | None = None,
        source: Sequence[str] | AnyArray | None = None,
        id: Sequence[str] | AnyArray | None = None,
        retracted: Sequence[bool] | AnyArray | None = None,
    ) -> "Observations":
        """A batch from columns; what is left out takes the defaults of `Observation`."""
        count = len(time)
        times = np.asarray(time, dtype=np.float64)
        return cls(
            subject=_words(subject, count),
            signal=_words(signal, count),
            time=times,
            value=_numbers(value, count),
            text=_words(text, count),
            unit=_words(unit, count),
            error_sd=_numbers(error_sd, count),
            received=times if received is None else _known_from(received, times),
            source=_words(source, count),
            id=_words(id, count),
            retracted=np.zeros(count, dtype=np.bool_) if retracted is None else np.asarray(retracted, dtype=np.bool_),
        )

    @classmethod
    def concatenate(cls, batches: Sequence["Observations"]) -> "Observations":
        """Several batches as one, in the order given."""
        if not batches:
            return cls.of([])
        if len(batches) == 1:
            return batches[0]
        return cls(*[np.concatenate(parts) for parts in zip(*map(_columns, batches), strict=True)])

    def __len__(self) -> int:
        return len(self.time)

    def __getitem__(self, rows: slice | AnyArray | list[int]) -> "Observations":
        return Observations(*[column[rows] for column in _columns(self)])

    def __iter__(self) -> Iterator[Observation]:
        for i in range(len(self)):
            yield Observation(
                self.subject[i],
                self.signal[i],
                float(self.time[i]),
                self.text[i] if self.text[i] else float(self.value[i]),
                self.unit[i],
                float(self.error_sd[i]),
                float(self.received[i]),
                self.source[i],
                self.id[i],
                bool(self.retracted[i]),
            )

    def copy(self) -> "Observations":
        """The same rows in arrays of their own."""
        return Observations(*[column.copy() for column in _columns(self)])

    def replace(self, **columns: AnyArray) -> "Observations":
        """A copy with some columns exchanged."""
        return Observations(*[columns[name] if name in columns else getattr(self, name) for name in COLUMNS])

    def identities(self) -> list[bytes]:
        """What makes two observations the same one: source + id + subject + signal, or else the whole content."""
        keys = []
        for i in range(len(self)):
            if self.id[i]:
                parts: tuple[object, ...] = (self.source[i], self.id[i], self.subject[i], self.signal[i])
            else:
                parts = (self.subject[i], self.signal[i], float(self.time[i]), float(self.value[i]), self.text[i])
            keys.append(hashlib.blake2b(repr(parts).encode(), digest_size=16).digest())
        return keys

    def to_records(self) -> list[Mapping[str, object]]:
        """One plain mapping a row, for tables and exports."""
        return [{column.name: getattr(row, column.name) for column in fields(row)} for row in self]


COLUMNS = tuple(column.name for column in fields(Observations))
_columns = attrgetter(*COLUMNS)


def _words(given: Sequence[str] | AnyArray | None, count: int) -> TextArray:
    words = np.empty(count, dtype=np.object_)
    words[:] = "" if given is None else list(given)
    return words


def _numbers(given: Sequence[float] | AnyArray | None, count: int) -> FloatArray:
    return np.full(count, np.nan) if given is None else np.asarray(given, dtype=np.float64)


def _known_from(received: Sequence[float] | AnyArray, times: FloatArray) -> FloatArray:
    given = np.asarray(received, dtype=np.float64)
    return np.where(np.isnan(given), times, given)
