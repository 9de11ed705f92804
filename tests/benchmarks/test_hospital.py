"""The benchmarks run, small; that both sides mean the same system; that a number not reached is told."""

import json

import numpy as np
import pytest

pytest.importorskip("ciw")
pytest.importorskip("treat_sim")

from benchmarks.emergency import MEASURES, measures_of_visits
from benchmarks.report import Row, agreement, write

from benchmarks import hospital

TINY = hospital.Size(runs=1, ours=2, batch=1, simpy=2, ciw=2, treat_sim=2, days=3.0, patients=2e4)


@pytest.mark.parametrize("id", ["lean-events", "what-if", "ed-vs-simpy", "ed-vs-ciw", "treat-sim"])
def test_each_runs_and_says_what_it_did(id, tmp_path):
    (row,) = hospital.rows(TINY, [id])
    assert row.id == id
    assert row.value > 0
    if row.peer:
        assert row.ratio == pytest.approx(row.peer_value / row.value)
    write([row], tmp_path / "rows.json")
    (told,) = json.loads((tmp_path / "rows.json").read_text())
    assert {"id", "passed", "value", "unit", "reference", "tolerance", "source", "peer", "peer_value", "ratio"} <= set(
        told
    )
    assert {"machine", "runs"} <= set(told)


def test_means_that_differ_are_found():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(400, 2)), rng.normal(size=(300, 2))
    assert agreement(a, b, ["x", "y"])[0]
    equal, told = agreement(a, b + np.array([0.0, 0.6]), ["x", "y"])
    assert not equal
    assert "(y)" in told


def test_measures_of_a_peer():
    visits = [(0, 3, 1.0, 2.0, False), (2, 3, 5.0, 9.0, False), (2, 4, 5.0, 6.0, True), (3, 3, 20.0, 25.0, False)]
    found = dict(zip(MEASURES, measures_of_visits(visits, 2), strict=True))
    assert found["wait for triage"] == 1.0
    assert found["wait for a cubicle, priority 4"] == 4.0
    assert found["wait for a bed, holding the cubicle"] == 5.0
    assert found["share who gave up"] == 0.5


def test_a_number_not_reached_is_an_exit_code(monkeypatch, capsys):
    failed = Row("slow", False, 1.0, "s", 0.1, "<= 0.1 CPU s", "")
    monkeypatch.setattr(hospital, "rows", lambda size, only: iter([failed]))
    assert hospital.main([]) == 1
    assert "FAILED" in capsys.readouterr().out
