"""A small twin and its observations, for every test of the loop."""

import math

import pytest
from hypothesis import strategies as st

from twinward.core import Observation, Twin
from twinward.models.random_walk import RandomWalk

SUBJECT = "Thing/1"


def seen(time, value, **more):
    return Observation(SUBJECT, "level", time, value, **more)


def make_twin(*observations, members=20, seed=7, **options):
    twin = Twin(RandomWalk(), SUBJECT, members=members, seed=seed, **options)
    if observations:
        twin.observe(list(observations))
    return twin


# Few distinct times and values, so that ties, repeats and corrections are common.
observations = st.builds(
    lambda time, value, id, received, retracted, source, sd: seen(
        float(time * 600), float(value), id=id, source=source, error_sd=sd, retracted=retracted,
        received=float(time * 600 + received),
    ),
    time=st.integers(1, 6), value=st.integers(-3, 3), id=st.sampled_from(["", "", "a", "b"]),
    received=st.integers(0, 2), retracted=st.sampled_from([False, False, False, True]),
    source=st.sampled_from(["", "feed"]), sd=st.sampled_from([math.nan, 0.5]),
)  # fmt: skip


@pytest.fixture
def twin():
    return make_twin(seen(600.0, 1.0), seen(1200.0, 2.0), seen(1800.0, 1.5))
