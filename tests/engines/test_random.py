"""Random numbers: NumPy's Philox is the oracle, SciPy's normal quantile the other."""

import numpy as np
import pytest
from numba import njit
from scipy import special, stats

from twinward.core import Streams
from twinward.engines.random import normal_quantile, philox, to_uniform, uniform, uniforms


@njit
def block(counter, key):
    return philox(counter[0], counter[1], counter[2], counter[3], key[0], key[1])


@pytest.mark.parametrize("seed", range(5))
def test_words_are_numpys(seed):
    rng = np.random.default_rng(seed)
    key = rng.integers(0, 2**64, 2, dtype=np.uint64)
    counter = rng.integers(0, 2**63, 4, dtype=np.uint64)
    # NumPy counts up before it draws
    before = counter.copy()
    before[0] -= np.uint64(1)
    state = np.random.Philox(key=key, counter=before)
    assert [int(word) for word in block(counter, key)] == [int(word) for word in state.random_raw(4)]


def test_uniforms_are_inside_the_open_interval():
    assert 0 < to_uniform(np.uint64(0)) < 1e-15
    assert 1 - 1e-15 < to_uniform(np.uint64(2**64 - 1)) < 1


def test_normal_quantile():
    p = np.concatenate([np.logspace(-300, -1, 400), np.linspace(0.001, 0.999, 999), 1 - np.logspace(-15, -1, 100)])
    found = np.array([normal_quantile(x) for x in p])
    exact = special.ndtri(p)
    assert np.allclose(found, exact, rtol=1e-13, atol=1e-15)


def test_an_address_decides_and_every_part_of_it_counts():
    key = Streams(3).key()
    here = uniform(key, 1, 2, 3, 4)
    assert here == uniform(key, 1, 2, 3, 4)
    others = [uniform(key, *address) for address in ((0, 2, 3, 4), (1, 0, 3, 4), (1, 2, 0, 4), (1, 2, 3, 0))]
    assert here not in others
    assert uniform(Streams(4).key(), 1, 2, 3, 4) != here


def test_neighbouring_addresses_are_independent():
    out = np.empty((2, 200, 300))
    uniforms(Streams(5).key(), 0, 200, np.arange(300), 2, out)
    assert stats.kstest(out.ravel(), "uniform").pvalue > 1e-4
    bound = 4.5 / np.sqrt(out[0].size)
    for a, b in ((out[0], out[1]), (out[0][1:], out[0][:-1]), (out[0][:, 1:], out[0][:, :-1])):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < bound * 1.05
    assert not np.array_equal(out[0], out[1])
