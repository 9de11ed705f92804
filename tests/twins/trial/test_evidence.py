"""The checks that are quick enough to run with every test; the others run with `twinward evidence trial`."""

import pytest

from twinward.core.evidence import data_directory, run_checks
from twinward.twins.trial.evidence import checks


@pytest.mark.data
@pytest.mark.parametrize("id", ["guenther-schouten", "boundaries", "power-sim", "gcomp", "leak", "actg175"])
def test_what_is_claimed_holds(id):
    (found,) = run_checks(checks(), data_directory(), [id])
    assert found.passed, f"{found.value}: {found.note}"


def test_ids_are_unique_and_absent_data_is_not_passed(tmp_path):
    found = list(run_checks([check for check in checks() if check.needs], tmp_path))
    assert found and all(row.passed is None and row.verdict == "not run" for row in found)
    ids = [id for check in checks() for id in check.ids]
    assert len(ids) == len(set(ids))
