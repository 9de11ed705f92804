"""The continuous benchmarks run, small, and both sides reach the same numbers."""

import pytest

from benchmarks import engines

TINY = engines.Size(runs=1, members=5, steps=100, ensemble=2, peer_ensemble=1, updates=2, twins=3)


@pytest.mark.parametrize(
    ("asked", "passed"),
    [
        ("ode-rk4-1000x10x10000", None),  # judged at full size only
        ("ode-drug-vs-rk45-0.0001", True),
        ("ode-van-der-pol-vs-dop853-1e-07", True),
        ("ode-lorenz96-vs-lsoda-1e-07", True),
        ("enkf-100x10x5", True),
        ("bank-3x100", True),
    ],
)
def test_each_runs_and_agrees_with_its_peer(asked, passed):
    (row,) = engines.rows(TINY, [asked])
    assert row.id == asked
    assert row.passed is passed
    assert row.value > 0
    assert row.ratio == pytest.approx(row.peer_value / row.value)
