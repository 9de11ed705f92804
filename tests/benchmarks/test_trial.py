"""The benchmark of the trial twin runs, and agrees with its peer; small sizes say nothing of speed."""

import pytest
from benchmarks.trial import trials


@pytest.mark.slow
def test_played_trials_have_the_peers_power():
    row = trials.measure(runs=1)
    assert row.id == "trials" and row.passed is not None and row.ratio > 1.0
