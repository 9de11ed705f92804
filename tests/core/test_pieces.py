"""The loop's small parts: beliefs, streams, signals, controls, observations, quarantine, kinds."""

import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from twinward.core import (
    Belief,
    Control,
    Kind,
    Observation,
    Observations,
    Quarantine,
    Quarantined,
    Signal,
    Streams,
    kind,
    kinds,
)
from twinward.errors import BadInput, CorruptSave

arrays = hnp.arrays(
    dtype=st.sampled_from(["f8", "i8", "?", "U3", "f4"]), shape=hnp.array_shapes(min_side=0, max_dims=3, max_side=4)
)


@given(
    st.dictionaries(st.text("abc_ é/", min_size=1, max_size=5), arrays, max_size=3),
    st.floats(allow_nan=False),
    st.integers(-(2**70), 2**70),
)
def test_a_belief_goes_through_bytes_bit_equal(content, time, seed):
    belief = Belief(time, 3, seed, content)
    back = Belief.from_bytes(belief.to_bytes())
    assert back.digest() == belief.digest()
    assert back.time == time and back.seed == seed and set(back.arrays) == set(content)


def test_the_digest_sees_every_bit_and_no_order_of_names():
    base = Belief(1.0, 2, 3, {"a": np.zeros(2), "b": np.ones(2)})
    assert base.digest() == Belief(np.float64(1.0), 2, 3, {"b": np.ones(2), "a": np.zeros(2)}).digest()
    others = [
        Belief(2.0, 2, 3, base.arrays),
        Belief(1.0, 3, 3, base.arrays),
        Belief(1.0, 2, 4, base.arrays),
        base.evolve(a=np.array([0.0, -0.0])),
        base.evolve(a=np.zeros((2, 1))),
        base.evolve(a=np.zeros(2, dtype=np.int64)),
        base.evolve(c=np.zeros(0)),
    ]
    assert len({belief.digest() for belief in [base, *others]}) == len(others) + 1


def test_a_belief_cannot_be_changed_nor_hold_objects():
    belief = Belief(0.0, 1, 1, {"a": np.zeros(2)})
    with pytest.raises(ValueError, match="read-only"):
        belief["a"][0] = 1.0
    with pytest.raises(TypeError, match="'a' holds Python objects"):
        Belief(0.0, 1, 1, {"a": np.array([None])})


@pytest.mark.parametrize("data", [b"", b"PK", Belief(0.0, 1, 1, {"a": np.zeros(9)}).to_bytes()[:-30]])
def test_bytes_that_are_no_belief_are_told(data):
    with pytest.raises(CorruptSave):
        Belief.from_bytes(data)


names = st.lists(st.one_of(st.text(max_size=4), st.integers(-5, 5), st.floats(0, 5)), max_size=3)


@given(st.integers(), names, names)
def test_a_stream_is_a_function_of_its_path_alone(seed, first, second):
    a, b = Streams(seed).child(*first), Streams(seed).child(*second)
    assert a.child(1).generator().random() == Streams(seed).child(*first, 1).generator().random()
    same = repr(first) == repr(second)
    assert (a.generator().random() == b.generator().random()) == same


def test_streams_do_not_depend_on_who_drew_before_and_differ_by_seed():
    first = Streams(1).child("x")
    first.generator().random(100)
    assert first.generator().random() == Streams(1).child("x").generator().random()
    assert Streams(1).child("x").generator().random() != Streams(2).child("x").generator().random()
    assert Streams(1).child(np.float64(2.5)).key().tolist() == Streams(1).child(2.5).key().tolist()


def test_streams_are_uniform_and_uncorrelated_between_neighbours():
    draws = np.array([Streams(5).child("arrivals", i).generator().random(64) for i in range(400)])
    assert abs(draws.mean() - 0.5) < 4 * math.sqrt(1 / 12 / draws.size)
    neighbours = np.corrcoef(draws[:-1].ravel(), draws[1:].ravel())[0, 1]
    assert abs(neighbours) < 4 / math.sqrt(draws[1:].size)


@pytest.mark.parametrize("wrong", [{"possible": (2, 1)}, {"possible": (math.nan, 1)}, {"error_sd": -1.0},
                                    {"error_sd": math.inf}])  # fmt: skip
def test_signals_that_make_no_sense_are_refused(wrong):
    with pytest.raises(BadInput, match="Signal pulse"):
        Signal("pulse", "/min", "Pulse", **wrong)


def test_what_a_signal_holds():
    signal = Signal("pulse", "/min", "Pulse", possible=(0, 400))
    assert [signal.holds(x) for x in (0, 400, -1, 401, math.nan, math.inf)] == [True, True, False, False, False, False]
    assert not Signal("x", "1", "X").holds(math.inf)


def test_what_a_control_takes():
    staff = Control("staff", "{persons}", "Staff", (-5, 5))
    rule = Control("rule", "1", "Rule", choices=("a", "b"), neutral="a")
    staff.check(-5)
    rule.check("b")
    for control, value in [(staff, 6), (staff, "a"), (staff, math.nan), (rule, "c"), (rule, 1.0)]:
        with pytest.raises(BadInput, match=control.name):
            control.check(value)


def test_observations_by_row_and_by_column_are_the_same():
    rows = [
        Observation("P/1", "pulse", "2026-01-01T00:00:00Z", 70.0, "/min", 2.0, id="x"),
        Observation("P/2", "code", 5.0, "A", received=7.0, source="s", retracted=True),
    ]
    batch = Observations.of(rows)
    again = Observations.of(list(batch))
    assert batch.identities() == again.identities()
    assert [row.value for row in batch] == [70.0, "A"]
    assert batch.received.tolist() == [batch.time[0], 7.0]
    assert batch[1:].to_records()[0]["retracted"] is True
    assert len(Observations.concatenate([])) == 0
    assert Observations.concatenate([batch[:1], batch[1:]]).identities() == batch.identities()


def test_columns_of_unequal_length_and_times_without_a_zone_are_refused():
    with pytest.raises(BadInput, match="equal length"):
        Observations.of([]).replace(time=np.zeros(1))
    for time in ("2026-01-01T00:00:00", "soon", math.nan, math.inf):
        with pytest.raises(BadInput, match="time"):
            Observations.of([Observation("P/1", "pulse", time, 1.0)])


def test_received_is_the_time_itself_where_it_is_not_known():
    columns = {"subject": ["a", "a"], "signal": ["s", "s"], "time": [1.0, 2.0]}
    assert Observations.columns(**columns).received.tolist() == [1.0, 2.0]
    assert Observations.columns(**columns, received=[math.nan, 9.0]).received.tolist() == [1.0, 9.0]


def test_a_quarantine_on_file_keeps_what_one_in_memory_keeps(tmp_path):
    entries = [Quarantined('a\n"é"', "why", "f", 3, "kind"), Quarantined("b", "why not")]
    in_memory, on_file = Quarantine(), Quarantine(tmp_path / "q.jsonl")
    for entry in entries:
        in_memory.add(entry)
        on_file.add(entry)
    assert list(in_memory) == list(on_file) == list(Quarantine(tmp_path / "q.jsonl")) == entries
    assert in_memory.counts() == on_file.counts() == {"kind": 1, "why not": 1}
    assert list(Quarantine(tmp_path / "none.jsonl")) == []


class _Entry:
    def __init__(self, name):
        self.name = name

    def load(self):
        return Kind(self.name, "one line", lambda: None, lambda: ())


def test_kinds_are_found_through_their_entry_points(monkeypatch):
    installed = [_Entry("zebra"), _Entry("ant")]

    def entry_points(group, name=None):
        assert group == "twinward.twins"
        return [entry for entry in installed if name in (None, entry.name)]

    monkeypatch.setattr(sys.modules[kind.__module__], "entry_points", entry_points)
    assert list(kinds()) == ["ant", "zebra"]
    assert kind("ant").name == "ant"
    with pytest.raises(BadInput, match="got 'bee', expected one of: ant, zebra"):
        kind("bee")
