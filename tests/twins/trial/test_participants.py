"""Reading a trial: what is covariate, arm and endpoint, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from twinward.errors import BadFile, BadInput
from twinward.twins.trial.participants import from_table
from twinward.twins.trial.protocol import parse

TRIAL = """
name = "small"
participant = "id"
after = ["icu"]
[arms]
column = "arm"
control = "placebo"
[baseline]
age = { unit = "a" }
sex = { scale = "nominal" }
[endpoints.died]
scale = "binary"
column = "dead"
event = ["1"]
[endpoints.falls]
scale = "count"
column = "falls"
exposure = "years"
[endpoints.survival]
scale = "time_to_event"
time = "days"
status = "end"
event = ["died"]
competing = ["transplant"]
horizon = 365.0
"""


def table(**changes: list[object]) -> pd.DataFrame:
    rows = {
        "id": ["a", "b", "c"], "arm": ["active", "placebo", "active"], "age": ["70", "", "81.5"],
        "sex": ["F", "NA", "M"], "dead": ["1", "0", ""], "falls": ["2", "0", "1"], "years": ["1", "0.5", "2"],
        "days": ["12", "365", "40"], "end": ["died", "alive", "transplant"], "icu": ["1", "0", "0"],
    }  # fmt: skip
    return pd.DataFrame(rows | changes)


def test_a_table_is_read_as_the_trial_file_says() -> None:
    found = from_table(table(), parse(TRIAL))
    assert found.arms == ("placebo", "active")
    assert found.arm is not None and found.arm.tolist() == [1, 0, 1]
    np.testing.assert_array_equal(found.baseline["age"], [70.0, np.nan, 81.5])
    assert found.baseline["sex"].tolist() == ["F", "missing", "M"]
    np.testing.assert_array_equal(found.outcome("died"), [1.0, 0.0, np.nan])
    np.testing.assert_array_equal(found.outcome("falls"), [[2.0, 1.0], [0.0, 0.5], [1.0, 2.0]])
    np.testing.assert_array_equal(found.outcome("survival"), [[12.0, 1.0], [365.0, 0.0], [40.0, 2.0]])
    assert found.controls().ids.tolist() == ["b"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"id": ["a", "a", "c"]}, "told twice"),
        ({"arm": ["active", "", "active"]}, "the arm of every participant"),
        ({"arm": ["active", "active", "active"]}, "arms.control"),
        ({"age": ["70", "old", "81"]}, "age, row 2"),
        ({"age": ["70", "inf", "81"]}, "a finite number"),
        ({"falls": ["2", "-1", "1"]}, "a count"),
        ({"falls": ["2", "0.5", "1"]}, "a count"),
        ({"years": ["1", "0", "1"]}, "a positive exposure"),
        ({"days": ["1", "-3", "1"]}, "a time after randomisation"),
    ],
)
def test_bad_values_are_refused_with_their_place(changes: dict[str, list[object]], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        from_table(table(**changes), parse(TRIAL))


def test_absent_columns_are_named() -> None:
    with pytest.raises(BadInput, match="age, sex"):
        from_table(table().drop(columns=["age", "sex"]), parse(TRIAL))


def test_what_was_seen_after_randomisation_is_no_covariate() -> None:
    protocol = parse(TRIAL)
    for name in ("icu", "dead", "arm", "days"):
        with pytest.raises(BadInput, match="known at randomisation"):
            protocol.covariates([name])
    with pytest.raises(BadInput, match="one of the baseline"):
        protocol.covariates(["shoe size"])
    with pytest.raises(BadFile, match="it can be no covariate"):
        parse(TRIAL.replace("age = {", "icu = {"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('scale = "binary"', 'scale = "bin"', "endpoints.died"),
        ("horizon = 365.0", "horizon = -1", "horizon"),
        ('name = "small"', "", "name"),
        ("[baseline]", "[baselines]", "baselines"),
        ('name = "small"', 'name = "small', "not TOML"),
    ],
)
def test_a_wrong_trial_file_names_its_fields(old: str, new: str, told: str) -> None:
    with pytest.raises(BadFile, match=told):
        parse(TRIAL.replace(old, new))
