"""The evidence on labels that come late."""

from pathlib import Path

import numpy as np
import pytest

from twinward.core.evidence import run_checks
from twinward.twins.trial.evidence import learning_layer


def test_polish_months_are_read_as_the_file_has_them() -> None:
    told = [learning_layer.month(f"{name}-92") for name in learning_layer._MONTHS]
    assert told == list(range(1992 * 12, 1992 * 12 + 12))
    assert learning_layer.month("paź-92") == learning_layer.month("pa?-92")


def test_the_version_before_is_back_within_a_second() -> None:
    (found,) = run_checks(learning_layer.checks(), None, ["rollback"])
    assert found.passed, found.note


@pytest.mark.data
@pytest.mark.slow
def test_a_model_in_another_world_is_kept_calibrated(data_dir: Path) -> None:
    found = {one.id: one for one in run_checks(learning_layer.checks()[:1], data_dir)}
    assert found["late-labels"].passed, found["late-labels"].note
    assert found["drift-false-alarms"].passed and found["drift-delay"].passed


@pytest.mark.data
def test_nothing_is_told_with_labels_that_were_not_known(data_dir: Path) -> None:
    told = learning_layer.stream(data_dir).told
    assert (np.diff(told.issued) >= 0).all()
    assert (told.known - told.issued == 6).all()
    now = float(told.issued[3000])
    assert not told.usable(now)[told.issued >= now - 6].any()
