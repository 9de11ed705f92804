"""A small made-up trial whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from twinward.twins.trial.participants import Participants, from_table
from twinward.twins.trial.protocol import parse

PROTOCOL = """
name = "made up"
participant = "id"
site = "hospital"
after = ["icu"]
[arms]
column = "arm"
control = "placebo"
[randomisation]
scheme = "SCHEME"
strata = ["sex"]
[baseline]
age = { unit = "a", label = "Age" }
sex = { scale = "nominal", label = "Sex" }
[endpoints.score]
scale = "continuous"
column = "score"
better = "higher"
[endpoints.died]
scale = "binary"
column = "died"
event = ["1"]
[endpoints.grade]
scale = "ordinal"
column = "grade"
levels = ["0", "1", "2"]
[endpoints.falls]
scale = "count"
column = "falls"
exposure = "years"
[endpoints.survival]
scale = "time_to_event"
time = "days"
status = "ended"
event = ["1"]
horizon = 200.0
[endpoints.relapse]
scale = "time_to_event"
time = "days"
status = "ended"
event = ["1"]
competing = ["2"]
horizon = 200.0
"""


def made_up(n: int = 600, effect: float = 2.0, seed: int = 0, scheme: str = "simple", who: str = "p") -> Participants:
    """Age tells half of the score's variance; the arm adds `effect` to it and acts on everything else likewise."""
    rng = np.random.default_rng(seed)
    age, sex = rng.normal(60.0, 10.0, n), rng.integers(0, 2, n)
    arm = rng.permutation(np.arange(n) % 2)
    latent = 0.3 * (age - 60.0) + sex + rng.normal(0.0, 3.0, n)
    risk = 1.0 / (1.0 + np.exp(-(latent - 1.0) / 3.0 + 0.2 * effect * arm))
    days = rng.exponential(250.0 * np.exp(-latent / 6.0 + 0.1 * effect * arm))
    cut = rng.uniform(100.0, 600.0, n)
    years = rng.uniform(0.5, 2.0, n)
    how = np.where(days < cut, rng.choice(["1", "2"], n, p=[0.7, 0.3]), "0")
    told = pd.DataFrame({
        "id": [f"{who}{i}" for i in range(n)], "hospital": rng.integers(0, 25, n).astype(str),
        "arm": np.where(arm == 1, "active", "placebo"), "age": age.round(6).astype(str),
        "sex": np.where(sex == 1, "M", "F"), "score": (latent + effect * arm).round(6).astype(str),
        "died": (rng.random(n) < risk).astype(int).astype(str),
        "grade": np.digitize(latent, [-1.0, 2.0]).astype(str),
        "falls": rng.poisson(years * np.exp(0.1 * latent - 0.1 * effect * arm)).astype(str),
        "years": years.round(6).astype(str), "days": np.minimum(days, cut).round(3).astype(str), "ended": how,
        "icu": "0",
    })  # fmt: skip
    return from_table(told, parse(PROTOCOL.replace("SCHEME", scheme)))


@pytest.fixture(scope="session")
def small() -> Participants:
    """600 participants, an effect of 2."""
    return made_up()


@pytest.fixture(scope="session")
def history() -> Participants:
    """Others, of whom the controls teach."""
    return made_up(1200, seed=9, who="h")
