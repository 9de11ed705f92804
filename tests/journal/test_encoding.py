"""Observations as bytes: exact to the bit, small, and never silently something else."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from twinward.core import Observation, Observations
from twinward.errors import BadInput
from twinward.journal import decode, encode

COLUMNS = ("subject", "signal", "time", "value", "text", "unit", "error_sd", "received", "source", "id", "retracted")
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


@st.composite
def batches(draw: st.DrawFn) -> Observations:
    count = draw(st.integers(0, 40))

    def texts() -> list[str]:
        pool = draw(st.lists(words, min_size=1, max_size=5))
        return draw(st.lists(st.sampled_from(pool) | words, min_size=count, max_size=count))

    def numbers() -> np.ndarray:
        if draw(st.booleans()):
            return np.full(count, draw(st.floats()))
        bits = draw(hnp.arrays(np.uint64, count))  # every float64 there is: each NaN, both zeros, subnormals
        return bits.view(np.float64)

    given_time = numbers()
    seen = Observations.columns(
        subject=texts(),
        signal=texts(),
        time=given_time,
        value=numbers(),
        text=texts(),
        unit=texts(),
        error_sd=numbers(),
        source=texts(),
        id=texts(),
        retracted=draw(hnp.arrays(np.bool_, count)),
    )
    return seen if draw(st.booleans()) else seen.replace(received=numbers())


def same(left: Observations, right: Observations) -> bool:
    for column in COLUMNS:
        a, b = getattr(left, column), getattr(right, column)
        if a.dtype != b.dtype or (a.tolist() != b.tolist() if a.dtype == object else a.tobytes() != b.tobytes()):
            return False
    return True


@given(batches())
def test_what_goes_in_comes_out_to_the_bit(seen: Observations) -> None:
    assert same(decode(encode(seen)), seen)


@given(batches(), st.integers(0, 40), st.integers(1, 3))
def test_a_view_of_a_batch_is_as_good_as_the_batch(seen: Observations, start: int, step: int) -> None:
    part = seen[slice(start, None, step)]
    assert same(decode(encode(part)), part)


@pytest.mark.parametrize("distinct", [1, 2, 255, 256, 257, 65_536, 65_537])
def test_dictionaries_of_every_width(distinct: int) -> None:
    count = 2 * distinct + 3
    seen = Observations.columns(
        subject=[f"Patient/{i % distinct}" for i in range(count)],
        signal=["x"] * count,
        time=np.arange(count, dtype=np.float64),
    )
    assert same(decode(encode(seen)), seen)


def test_what_comes_out_may_be_written_to() -> None:
    seen = decode(encode(Observations.of([Observation("Patient/1", "x", float(i), i) for i in range(3)])))
    for column in COLUMNS:
        getattr(seen, column)[0] = getattr(seen, column)[1]


def test_a_regular_batch_takes_few_bytes_and_well_under_a_millisecond() -> None:
    count = 1000
    seen = Observations.columns(
        subject=[f"Patient/{i % 50}" for i in range(count)],
        signal=["heart_rate", "oxygen_saturation"] * (count // 2),
        time=np.arange(count, dtype=np.float64),
        value=np.linspace(50, 100, count),
        unit=["/min", "%"] * (count // 2),
        source=["mqtt/bedside"] * count,
    )
    blob = encode(seen)
    assert len(blob) < 21 * count  # 16 for time and value, 3 for codes, and the words
    spent = []
    for _ in range(20):
        began = time.thread_time()
        decode(encode(seen))
        spent.append(time.thread_time() - began)
    assert min(spent) < 0.002  # 0.0005 on an idle machine


@pytest.mark.parametrize("wrong", [None, 5.0, "lone \ud800", b"bytes"])
def test_what_is_no_text_is_refused(wrong: object) -> None:
    seen = Observations.columns(subject=["a", wrong, "c"], signal=["x"] * 3, time=[1.0, 2.0, 3.0])
    with pytest.raises(BadInput, match="text"):
        encode(seen)


@given(st.binary(min_size=1, max_size=60))
def test_other_bytes_are_an_error_not_a_crash(blob: bytes) -> None:
    with pytest.raises(ValueError):
        decode(blob)


@given(batches(), st.data())
def test_a_cut_blob_is_an_error(seen: Observations, data: st.DataObject) -> None:
    blob = encode(seen)
    if len(blob) > 1:
        with pytest.raises(ValueError):
            decode(blob[: data.draw(st.integers(1, len(blob) - 1))])
