"""Evidence: what was not run never counts as passed, and forecasts cite what stands behind them."""

from dataclasses import replace

import pytest
from tests.core.conftest import make_twin, seen

from twinward.core import Check, Evidence
from twinward.core.evidence import cited, data_directory, run_checks, store
from twinward.errors import BadInput


def found(id, passed=True, value=1.0):
    return Evidence(id, "what", "verification", value, 1.0, "exact", "Kendall 1953", passed)


CHECKS = (
    Check(("a", "b"), "two", lambda data: [found("a"), found("b", False)]),
    Check(("c",), "needs data", lambda data: [found("c")], needs=("hospital/log.csv",), kind="validation"),
)


@pytest.mark.parametrize(
    ("passed", "value", "verdict"),
    [(True, 1.0, "passed"), (False, 1.0, "failed"), (None, 1.0, "reported"), (None, None, "not run")],
)
def test_verdicts(passed, value, verdict):
    assert found("a", passed, value).verdict == verdict


def test_a_check_without_its_data_is_not_run(tmp_path):
    for data in (None, tmp_path):
        rows = {row.id: row for row in run_checks(CHECKS, data)}
        assert [row.verdict for row in rows.values()] == ["passed", "failed", "not run"]
        assert rows["c"].passed is None and rows["c"].kind == "validation"
        assert "hospital/log.csv" in rows["c"].source
    (tmp_path / "hospital").mkdir()
    (tmp_path / "hospital" / "log.csv").write_text("x")
    assert [row.verdict for row in run_checks(CHECKS, tmp_path)] == ["passed", "failed", "passed"]


def test_single_checks_are_chosen_by_id():
    assert [row.id for row in run_checks(CHECKS, None, only=["c"])] == ["c"]
    with pytest.raises(BadInput, match="got 'z', expected one of: a, b, c"):
        list(run_checks(CHECKS, None, only=["z"]))


def test_evidence_is_cited_by_forecasts_of_the_same_version_only(tmp_path, monkeypatch):
    monkeypatch.setenv("TWINWARD_HOME", str(tmp_path))
    twin = make_twin(seen(60.0, 1.0))
    store("random_walk", twin.model.version, [found("a"), replace(found("b"), passed=False), found("c", None, None)])
    assert twin.forecast("1 h").evidence == ("a: passed", "b: failed", "c: not run")
    assert "b: failed" in twin.forecast("1 h").statement()
    store("random_walk", "another", [found("a")])
    assert twin.forecast("1 h").evidence == ()


def test_without_stored_evidence_nothing_is_cited(tmp_path):
    assert cited("heart", "1", tmp_path) == ()
    path = store("heart", "1", [found("a")], tmp_path)
    assert cited("heart", "1", tmp_path) == ("a: passed",) and path.is_relative_to(tmp_path)


def test_the_data_directory_is_what_is_given_or_what_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("TWINWARD_DATA", str(tmp_path))
    assert data_directory() == tmp_path
    monkeypatch.setenv("TWINWARD_DATA", str(tmp_path / "gone"))
    assert data_directory() is None
    assert data_directory(tmp_path) == tmp_path
    with pytest.raises(BadInput, match="an existing directory"):
        data_directory(tmp_path / "gone")


def test_numbers_of_numpy_become_plain_so_that_rows_can_be_written_as_json() -> None:
    import json
    from dataclasses import asdict

    import numpy as np

    def run(data: object) -> list[Evidence]:
        value = np.float64(1.5)
        return [Evidence("a", "what", "verification", value, np.int64(2), "any", "here", np.bool_(True))]  # type: ignore[arg-type]

    (row,) = run_checks([Check(("a",), "what", run)], None)
    assert json.loads(json.dumps(asdict(row)))["passed"] is True
