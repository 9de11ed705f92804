"""Observations as bytes and back: columnar, compact, exact to the bit."""

from array import array
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from twinward.core.arrays import AnyArray, BoolArray, FloatArray, TextArray
from twinward.core.observation import Observations
from twinward.errors import BadInput

_VERSION = 1
_WIDTHS = ((1 << 8, "B", np.uint8), (1 << 16, "H", np.uint16), (1 << 32, "I", np.uint32))
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder()


def encode(seen: Observations) -> bytes:
    """A batch as one blob: a msgpack array of version, number of rows and the columns.

    A number column is its float64 bytes, little-endian, eight of them where all rows are the same, and nil for a
    `received` that equals `time`. A text column is one word where all rows are the same, the words themselves where
    most differ, or else codes (1, 2 or 4 bytes a row) and the words they stand for.

    Raises:
        BadInput: a text column holds something that is no text, or no Unicode.

    Example:
        >>> from twinward.core import Observation
        >>> blob = encode(Observations.of([Observation("Patient/1", "heart_rate", 60.0, 72, "/min")]))
        >>> decode(blob).value.tolist()
        [72.0]
    """
    count = len(seen)
    if not count:
        return b""
    time, received = _floats(seen.time), _floats(seen.received)
    columns = (
        _VERSION,
        count,
        _words(seen.subject),
        _words(seen.signal),
        time,
        _floats(seen.value),
        _words(seen.text),
        _words(seen.unit),
        _floats(seen.error_sd),
        None if received == time else received,
        _words(seen.source),
        _words(seen.id),
        _flags(seen.retracted),
    )
    try:
        return _encoder.encode(columns)
    except (TypeError, UnicodeEncodeError) as error:
        raise BadInput("observations", str(error), "text that UTF-8 can hold, in every text column") from error


def decode(blob: bytes) -> Observations:
    """What `encode` was given.

    Raises:
        ValueError: the bytes are not of `encode`'s making.
    """
    if not blob:
        return Observations.of([])
    try:
        version, count, *columns = _decoder.decode(blob)
        if version != _VERSION:
            raise BadInput("observations", version, f"encoding version {_VERSION}; a newer Twinward wrote this")
        subject, signal, time, value, text, unit, error_sd, received, source, id, retracted = columns
    except (msgspec.DecodeError, TypeError) as error:
        raise ValueError(f"not an encoded batch of observations: {error}") from error
    times = _numbers(time, count)
    return Observations(
        _texts(subject, count),
        _texts(signal, count),
        times,
        _numbers(value, count),
        _texts(text, count),
        _texts(unit, count),
        _numbers(error_sd, count),
        times.copy() if received is None else _numbers(received, count),
        _texts(source, count),
        _texts(id, count),
        _booleans(retracted, count),
    )


def _floats(column: FloatArray) -> bytes:
    if column.dtype != np.float64:
        column = column.astype(np.float64)
    if len(column) > 1:
        bits = column.view(np.uint64)
        if bits[0] == bits[-1] and (bits == bits[0]).all():
            return column[:1].tobytes()
    return column.tobytes()


def _numbers(blob: bytes, count: int) -> FloatArray:
    found = np.frombuffer(blob, dtype="<f8").astype(np.float64)
    return found if len(found) == count else np.repeat(found, count)


def _words(column: TextArray) -> str | Sequence[object]:
    words: list[str] = column.tolist()
    if len(words) == 1:
        return words[0] if type(words[0]) is str else _checked(words)[0]
    numbers = dict.fromkeys(words)
    if set(map(type, numbers)) != {str}:
        words = _checked(words)
        numbers = dict.fromkeys(words)
    if len(numbers) == 1:
        return words[0]
    if 2 * len(numbers) > len(words):
        return words
    code = next(letter for size, letter, _ in _WIDTHS if len(numbers) <= size)
    index = {word: i for i, word in enumerate(numbers)}
    return [array(code, map(index.__getitem__, words)).tobytes(), *index]


def _checked(words: list[str]) -> list[str]:
    """The words as plain `str` (NumPy has a kind of its own)."""
    for word in words:
        if not isinstance(word, str):
            raise BadInput("observations", word, "text, in every text column")
    return [str(word) for word in words]


def _texts(found: str | list[Any], count: int) -> TextArray:
    words = np.empty(count, dtype=np.object_)
    if isinstance(found, str):
        words.fill(found)
        return words
    if isinstance(found[0], str):
        words[:] = found
        return words
    kind = next(kind for _, _, kind in _WIDTHS if np.dtype(kind).itemsize * count == len(found[0]))
    known = np.empty(len(found) - 1, dtype=np.object_)
    known[:] = found[1:]
    texts: TextArray = known[np.frombuffer(found[0], dtype=kind)]
    return texts


def _flags(column: BoolArray) -> bool | bytes:
    if len(column) == 1:
        return bool(column[0])
    if not column.any():
        return False
    return bool(column.all()) or np.asarray(column, dtype=np.bool_).tobytes()


def _booleans(found: bool | bytes, count: int) -> BoolArray:
    flags: AnyArray
    if isinstance(found, bool):
        flags = np.full(count, found, dtype=np.bool_)
    else:
        flags = np.frombuffer(found, dtype=np.bool_).copy()
    return flags
