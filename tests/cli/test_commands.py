"""The commands as a person types them: what they print, what they write, how they fail."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from twinward.cli import app
from twinward.demo.feed import write_log
from twinward.errors import BadInput, TwinwardError

HOSPITAL = Path(__file__).parents[2] / "src" / "twinward" / "demo" / "hospital.toml"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_log(tmp_path_factory.mktemp("log") / "log.csv", days=3, seed=3, warm_up_days=6)


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_demo_ends_with_a_report(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    told = _run("demo", "--days", "0.5", "--every", "3h", "--horizon", "12h", "--members", "40", "--out", report)
    assert "CRPS" in told and "CT out" in told
    page = report.read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>") and "Reference Hospital" in page


def test_a_log_is_replayed_with_a_hospital_file(log: Path, tmp_path: Path) -> None:
    report, scores, quarantine = tmp_path / "r.html", tmp_path / "s.json", tmp_path / "q.jsonl"
    broken = tmp_path / "broken.csv"
    lines = log.read_text(encoding="utf-8").splitlines()
    broken.write_text("\n".join([*lines[:50], "V9,Triage,start,yesterday,ED,,", *lines[50:]]), encoding="utf-8")
    told = _run(
        "replay", broken, "--hospital", HOSPITAL, "--lifecycle", "phase", "--class", "triage", "--every", "12h",
        "--learn-until", "0.8", "--members", "40", "--what-if", "surge: arrivals=1.3; staff[doctor]=1@08:00-16:00",
        "--out", report, "--json", scores, "--quarantine", quarantine,
        "--note", "Dates were randomised by the publisher.",
    )  # fmt: skip
    assert "surge" in told and "quarantined: 1" in " ".join(told.split())
    found = json.loads(scores.read_text(encoding="utf-8"))
    assert {row["method"] for row in found["census"]} == {"twin", "empty start", "climatology", "persistence"}
    assert json.loads(quarantine.read_text(encoding="utf-8"))["line"] == 51
    assert "Dates were randomised by the publisher." in report.read_text(encoding="utf-8")


def test_decisions_are_rehearsed_on_the_present(log: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    told = _run(
        "compare", log, "--hospital", HOSPITAL, "--lifecycle", "phase", "--class", "triage", "--members", "40",
        "--what-if", "four more: beds[Ward A]=4", "--what-if", "surge: arrivals=1.5", "--csv", table,
    )  # fmt: skip
    assert "four more" in told and "surge" in told
    header, *rows = table.read_text(encoding="utf-8").splitlines()
    assert header.startswith("scenario,outcome") and any(row.startswith("surge,mean_census") for row in rows)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--learn-until", "1.5"], "between 0 and 1"),
        (["--learn-until", "soon"], "a date such as"),
        (["--learn-until", "1999-01-01"], "the span of the log"),
        (["--case", "patient_id"], "patient_id"),
        (["--every", "often"], "positive duration"),
        (["--zone", "Mars/Olympus"], "Mars/Olympus"),
        (["--what-if", "no colon"], "NAME: control"),
        (["--hospital", "nowhere.toml"], "an existing TOML or YAML file"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(log: Path, arguments: list[str], message: str, tmp_path: Path) -> None:
    hospital = [] if "--hospital" in arguments else ["--hospital", str(HOSPITAL)]
    every = [] if "--every" in arguments else ["--every", "48h"]
    command = ["replay", str(log), "--lifecycle", "phase", "--class", "triage", "--members", "10"]
    with pytest.raises(TwinwardError) as raised:
        CliRunner().invoke(
            app, [*command, *hospital, *every, "--out", str(tmp_path / "r.html"), *arguments], catch_exceptions=False
        )
    assert message in str(raised.value) and "\n" not in str(raised.value)


def test_a_log_that_is_empty_or_not_there_is_said(tmp_path: Path) -> None:
    for name, text in (("empty.csv", ""), ("header.csv", "case,activity,time\n"), ("log.docx", "x")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(BadInput):
            CliRunner().invoke(app, ["replay", str(tmp_path / name)], catch_exceptions=False)
    with pytest.raises(BadInput, match="existing file"):
        CliRunner().invoke(app, ["replay", str(tmp_path / "none.csv")], catch_exceptions=False)


def test_kinds_are_listed() -> None:
    assert "hospital" in _run("kinds")


def test_evidence_prints_stores_and_exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWINWARD_HOME", str(tmp_path))
    told = _run("evidence", "hospital", "--only", "residual-stay", "--json", tmp_path / "e.json")
    (row,) = json.loads((tmp_path / "e.json").read_text(encoding="utf-8"))
    assert row["id"] == "residual-stay" and row["passed"] is True and "1 passed" in " ".join(told.split())
    with pytest.raises(BadInput, match=r"mm1-0\.8"):
        CliRunner().invoke(app, ["evidence", "hospital", "--only", "nothing"], catch_exceptions=False)
