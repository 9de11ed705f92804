"""Mirror: any order and repetition of arrival gives the same belief, and the future never changes the past."""

import time
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.conftest import SUBJECT, make_twin, observations, seen

from twinward.core import Observation, Observations, Quarantine, Twin
from twinward.errors import BadInput
from twinward.models.random_walk import RandomWalk


def test_the_filter_is_the_exact_kalman_filter():
    twin = make_twin(seen(3600.0, 4.0))
    # prior N(0, 10^2), error sd 1: gain 100/101; no drift before the first observation (Kalman 1960)
    assert float(twin.belief["mean"][0]) == pytest.approx(4.0 * 100 / 101)
    assert float(twin.belief["variance"][0]) == pytest.approx(100 / 101)
    twin.observe(seen(7200.0, 4.0, error_sd=2.0))
    variance = 100 / 101 + 1.0  # an hour's drift
    assert float(twin.belief["variance"][0]) == pytest.approx(variance * 4 / (variance + 4))


@settings(max_examples=80, deadline=None)
@given(st.lists(observations, max_size=12), st.integers(1, 4), st.data())
def test_any_order_and_any_repetition_gives_the_same_belief(rows, batch, data):
    shuffled = data.draw(st.permutations(rows + rows[: len(rows) // 2]))
    straight, mixed = make_twin(*rows), make_twin()
    for i in range(0, len(shuffled), batch):
        mixed.observe(shuffled[i : i + batch])
    assert mixed.digest() == straight.digest()
    assert len(mixed) == len(straight)
    assert mixed.time == straight.time


@settings(max_examples=60, deadline=None)
@given(st.lists(observations, min_size=1, max_size=12), st.integers(0, 4200))
def test_nothing_later_than_an_instant_changes_the_belief_at_it(rows, instant):
    # corrections that move an observation in time rewrite the past by intent, so each row stands for itself here
    alone = [seen(row.time, row.value, error_sd=row.error_sd) for row in rows]
    whole = make_twin(*alone)
    until = make_twin(*[row for row in alone if row.time <= instant])
    assert whole.belief_at(float(instant)).digest() == until.digest()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(observations, max_size=6), max_size=5))
def test_every_row_is_accepted_a_duplicate_a_correction_or_quarantined(batches):
    twin = make_twin()
    for batch in batches:
        bad = [Observation("Thing/2", "level", 1.0, 1.0), Observation(SUBJECT, "nothing", 1.0, 1.0)]
        found = twin.observe([*batch, *bad])
        assert found.accepted + found.duplicates + found.corrected + found.quarantined == len(batch) + 2
        assert found.quarantined == 2


def test_a_correction_replaces_and_a_retraction_takes_back():
    plain = make_twin(seen(600.0, 1.0), seen(1200.0, 5.0))
    twin = make_twin(seen(600.0, 9.0, id="m1", source="lab"), seen(1200.0, 5.0))
    found = twin.observe(seen(600.0, 1.0, id="m1", source="lab", received=700.0))
    assert (found.corrected, found.accepted) == (1, 0)
    assert twin.digest() == plain.digest()
    twin.observe(seen(600.0, 1.0, id="m1", source="lab", received=800.0, retracted=True))
    assert twin.digest() == make_twin(seen(1200.0, 5.0)).digest()
    assert len(twin) == 1


def test_a_correction_may_move_an_observation_in_time():
    twin = make_twin(seen(1200.0, 3.0, id="m1"), seen(900.0, 1.0))
    twin.observe(seen(300.0, 3.0, id="m1", received=2000.0))
    assert twin.digest() == make_twin(seen(300.0, 3.0), seen(900.0, 1.0)).digest()
    assert twin.time == 900.0


def test_a_retraction_that_comes_first_holds():
    twin = make_twin()
    twin.observe(seen(600.0, 1.0, id="m1", received=700.0, retracted=True))
    assert twin.observe(seen(600.0, 1.0, id="m1", received=650.0)).duplicates == 1
    assert twin.digest() == make_twin().digest()


def test_a_message_said_again_later_outlives_an_older_correction():
    first, again = (seen(600.0, 1.0, id="m", received=r) for r in (600.0, 900.0))
    between = seen(600.0, 2.0, id="m", received=750.0)
    digests = {make_twin(*order).digest() for order in permutations((first, between, again))}
    assert digests == {make_twin(first).digest()}


def test_which_source_sent_a_copy_first_does_not_matter():
    copies = [seen(600.0, 1.0, source="b", error_sd=0.5), seen(600.0, 1.0, source="a", error_sd=0.5)]
    named = seen(600.0, 1.0, source="a", id="x", error_sd=2.0)
    assert len({make_twin(*order).digest() for order in permutations([*copies, named])}) == 1
    assert len(make_twin(*copies, named)) == 2


def test_the_same_identity_of_another_source_is_another_observation():
    twin = make_twin(seen(600.0, 1.0, id="m", source="a"), seen(600.0, 1.0, id="m", source="b"))
    assert len(twin) == 2


def test_many_rows_at_one_instant_are_folded_once_each():
    rows = [seen(60.0, float(i), id=str(i)) for i in range(5000)] + [seen(120.0, 1.0)]
    forward, backward = make_twin(*rows), make_twin(*reversed(rows))
    assert len(forward) == 5001
    assert forward.digest() == backward.digest()


def test_a_long_record_rewinds_to_the_right_place():
    rng = np.random.default_rng(3)
    times = np.unique(rng.integers(0, 10**6, 12_000)).astype(float)
    values = rng.normal(size=len(times))
    batch = Observations.columns(
        subject=[SUBJECT] * len(times), signal=["level"] * len(times), time=times, value=values
    )
    twin, direct = make_twin(), make_twin()
    direct.observe(batch)
    order = rng.permutation(len(times))
    for part in np.array_split(order, 7):
        twin.observe(batch[part])
    assert twin.digest() == direct.digest()
    middle = float(times[len(times) // 2])
    assert twin.belief_at(middle).digest() == make_twin_of(batch[times <= middle]).digest()


def make_twin_of(batch):
    twin = make_twin()
    twin.observe(batch)
    return twin


def test_a_feed_of_single_observations_costs_the_same_each():
    def spent(count):
        twin = make_twin()
        began = time.process_time()
        for i in range(count):
            twin.observe(seen(60.0 * i + 60, 1.0))
        return time.process_time() - began

    spent(50)
    short, long = (min(spent(n) for _ in range(2)) for n in (300, 2400))
    assert long < 8 * short * 3  # eight times the rows; it was sixty times the time when each row walked the record


def test_what_becomes_of_the_callers_arrays_later_changes_nothing():
    batch = Observations.of([seen(60.0, 1.0), seen(120.0, 2.0)])
    twin = make_twin()
    twin.observe(batch)
    batch.value[:], batch.time[:] = 7.0, 0.0
    assert twin.history().value.tolist() == [1.0, 2.0]
    assert twin.history().time.tolist() == [60.0, 120.0]


def test_rows_that_cannot_be_used_are_quarantined_with_a_reason():
    quarantine = Quarantine()
    twin = make_twin(quarantine=quarantine)
    twin.observe(
        [
            Observation("Thing/2", "level", 60.0, 1.0),
            Observation(SUBJECT, "pulse", 60.0, 1.0),
            seen(60.0, "high"),
            seen(60.0, 1e9),
            seen(60.0, float("nan")),
            seen(60.0, 1.0, unit="kg"),
            seen(60.0, 1.0, unit="bogus"),
        ]
    )
    assert quarantine.counts() == {
        "unknown unit": 2, "impossible value": 2, "unknown subject": 1, "unknown signal": 1, "not a number": 1,
    }  # fmt: skip
    assert len(twin) == 0
    assert "'kg'" in " ".join(entry.reason for entry in quarantine)


def test_units_become_the_signals_own_with_their_errors():
    twin = make_twin(seen(60.0, 300.0, unit="%", error_sd=200.0))
    assert twin.digest() == make_twin(seen(60.0, 3.0, error_sd=2.0)).digest()


def test_what_comes_too_late_for_the_window_is_quarantined_and_memory_stays_bounded():
    quarantine = Quarantine()
    twin = make_twin(window="1 h", quarantine=quarantine)
    for i in range(1, 2001):
        twin.observe(seen(60.0 * i, 1.0))
    assert len(twin) < 200
    found = twin.observe([seen(60.0, 5.0), seen(60.0 * 1999 + 30, 2.0)])
    assert (found.quarantined, found.accepted) == (1, 1)
    (late,) = quarantine
    assert late.kind == "too late" and "1 h" in late.reason
    with pytest.raises(BadInput, match="left the window"):
        twin.belief_at(60.0)


def test_within_a_window_a_late_row_is_either_in_or_told_never_half():
    rows = [seen(60.0 * i, float(i % 7)) for i in range(1, 121)]
    twin = make_twin(window="20 min")
    for i, row in enumerate(rows):
        twin.observe(row)
        for before in (60.0, 90.0, 600.0, 1170.0, 1200.0, 1230.0, 1290.0, 1380.0, 1500.0, 1800.0):
            late, branch = seen(twin.time - before, 3.5), twin.branch()
            found = branch.observe(late)
            expected = make_twin(*rows[: i + 1], late) if found.accepted else twin
            assert found.accepted + found.quarantined == 1
            assert found.accepted or before > 1200.0
            assert branch.digest() == expected.digest()


def test_a_window_does_not_change_what_is_believed():
    rows = [seen(600.0 * i, float(i % 5)) for i in range(1, 200)]
    kept, bounded = make_twin(*rows), make_twin(window="2 h")
    for row in rows:
        bounded.observe(row)
    assert bounded.digest() == kept.digest()


def test_branch_goes_its_own_way(twin):
    before = twin.digest()
    other = twin.branch()
    assert other.digest() == before
    other.observe([seen(2400.0, 100.0), Observation("Thing/2", "level", 1.0, 1.0)])
    assert twin.digest() == before and len(twin) == 3 and len(twin.quarantine) == 0
    twin.observe(seen(2400.0, -100.0))
    assert other.digest() != twin.digest()


def test_seeds_and_subjects_do_not_share_random_numbers():
    def drawn(subject, seed):
        twin = Twin(RandomWalk(), subject, members=5, seed=seed)
        twin.observe(Observation(subject, "level", 60.0, 1.0))
        return tuple(twin.forecast("1 h")["level"].to_numpy().ravel())

    assert drawn("Thing/1", 1) == drawn("Thing/1", 1)
    assert len({drawn("Thing/1", 1), drawn("Thing/2", 1), drawn("Thing/1", 2)}) == 3


@pytest.mark.parametrize(("options", "field"), [({"members": 0}, "members"), ({"window": "-1 h"}, "window")])
def test_bad_options_are_refused(options, field):
    with pytest.raises(BadInput, match=field):
        make_twin(**options)


def test_a_twin_that_has_seen_nothing_has_no_now():
    with pytest.raises(BadInput, match="seen nothing yet"):
        make_twin().forecast("1 h")
    assert make_twin().forecast("1 h", at=0.0).as_of == 0.0


def test_times_may_come_as_numpy_numbers():
    assert make_twin(seen(np.int64(600), 1.0)).digest() == make_twin(seen(np.float64(600), 1.0)).digest()
