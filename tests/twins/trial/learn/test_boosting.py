"""Boosted trees are read back as they were grown, and nothing that a file says makes a walk leave its tree."""

import json
from dataclasses import replace

import numpy as np
import pytest

from twinward.errors import CorruptSave
from twinward.twins.trial.learn.boosting import Trees, grow


def table(rows: int, seed: int, gaps: float = 0.1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.standard_normal((rows, 3)), rng.integers(0, 2, rows), np.zeros(rows)])
    return np.where(rng.random(x.shape) < gaps, np.nan, x)


@pytest.fixture(scope="module", params=["gaussian", "binomial", "poisson"])
def grown(request):
    x = table(800, 0)
    rng = np.random.default_rng(1)
    eta = np.nan_to_num(x[:, 0]) * np.nan_to_num(x[:, 3]) + np.isnan(x[:, 1])
    y = {"gaussian": eta + rng.standard_normal(800), "binomial": (rng.random(800) < 1 / (1 + np.exp(-eta))) * 1.0,
         "poisson": rng.poisson(np.exp(0.5 * eta)) * 1.0}[request.param]  # fmt: skip
    return grow(x, y, request.param, 40, 3, np.zeros(800))


def test_they_say_what_the_grown_ones_say_with_gaps_zeros_and_the_boundless(grown):
    trees = Trees.of(grown)
    new = table(500, 5, gaps=0.3)
    new[:5, 0], new[5:10, 0], new[10:15] = np.inf, -np.inf, 0.0
    np.testing.assert_allclose(trees.linear(new), grown.predict(new, raw_score=True), rtol=0, atol=1e-12)


def test_gaps_where_the_history_had_none_are_read_as_they_were_grown():
    x = table(300, 2, gaps=0.0)
    booster = grow(x, x[:, 0], "gaussian", 20, 1, np.zeros(300))
    new = table(200, 3, gaps=0.5)
    np.testing.assert_allclose(Trees.of(booster).linear(new), booster.predict(new), rtol=0, atol=1e-12)


def test_written_and_read_they_are_the_same(grown):
    trees, new = Trees.of(grown), table(100, 7)
    again = Trees.from_dict(json.loads(json.dumps(trees.to_dict())), 5)
    np.testing.assert_array_equal(again.linear(new), trees.linear(new))


def test_an_outcome_that_no_column_tells_grows_single_leaves():
    booster = grow(np.zeros((100, 1)), np.arange(100.0), "gaussian", 3, 1, np.zeros(100))
    np.testing.assert_allclose(Trees.of(booster).linear(np.ones((2, 1))), booster.predict(np.ones((2, 1))))


@pytest.fixture(scope="module")
def told():
    x = table(200, 4)
    return Trees.of(grow(x, np.nan_to_num(x[:, 0]), "gaussian", 5, 1, np.zeros(200))).to_dict()


@pytest.mark.parametrize(
    ("column", "value"),
    [("feature", 5), ("feature", -2), ("feature", 2**40), ("left", 0), ("left", -1), ("right", 10**9), ("gap", 3),
     ("threshold", float("nan")), ("threshold", float("inf")), ("roots", 1)],
)  # fmt: skip
def test_a_node_that_would_lead_astray_is_refused(told, column, value):
    changed = told | {column: [value, *told[column][1:]]}
    with pytest.raises(CorruptSave, match="no sound trees"):
        Trees.from_dict(changed, 5)


@pytest.mark.parametrize("column", ["roots", "feature", "threshold", "left", "right", "gap"])
def test_arrays_that_do_not_fit_each_other_are_refused(told, column):
    for changed in ([], told[column][:-1] + [told[column][-1]] * 2, [told[column]]):
        with pytest.raises(CorruptSave):
            Trees.from_dict(told | {column: changed}, 5)


def test_a_child_of_another_tree_is_refused(told):
    second = told["roots"][1]
    with pytest.raises(CorruptSave):
        Trees.from_dict(told | {"right": [second, *told["right"][1:]]}, 5)


def test_a_column_too_few_is_refused(grown):
    trees = Trees.of(grown)
    with pytest.raises(CorruptSave):
        Trees.from_dict(trees.to_dict(), int(trees.feature.max()))


def test_more_nodes_than_any_twin_has_are_not_read(told, monkeypatch):
    monkeypatch.setattr("twinward.twins.trial.learn.boosting._MOST_NODES", 10)
    with pytest.raises(CorruptSave, match="at most 10"):
        Trees.from_dict(told, 5)


def test_trees_of_a_gap_say_what_is_written_by_hand():
    stump = Trees(*(np.array(one) for one in ([0], [0, -1, -1])), np.array([0.5, 1.0, 2.0]),
                  *(np.array(one) for one in ([1, 0, 0], [2, 0, 0], [2, 0, 0])))  # fmt: skip
    x = np.array([[0.5], [0.6], [np.nan]])
    np.testing.assert_array_equal(stump.linear(x), [1.0, 2.0, 2.0])
    left, zero = replace(stump, gap=np.array([1, 0, 0])), replace(stump, gap=np.array([0, 0, 0]))
    assert left.linear(x)[2] == 1.0 and zero.linear(x)[2] == 1.0
