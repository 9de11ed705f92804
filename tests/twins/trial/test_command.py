"""`twinward trial`: learned, specified, analysed, designed, in the terminal."""

import json

import pandas as pd
import pytest
from tests.twins.trial.conftest import PROTOCOL, made_up
from typer.testing import CliRunner

from twinward.errors import BadInput, CorruptSave
from twinward.twins.trial import KIND, shelf
from twinward.twins.trial.sap import NotAsPlanned

SAP = 'endpoint = "score"\nestimator = "score and covariates"\ncovariates = ["age"]\ntwins = ["TWIN"]\n'


def run(*arguments):
    return CliRunner().invoke(KIND.commands(), [str(a) for a in arguments], env={"COLUMNS": "200"})


def table(told):
    return pd.DataFrame({
        "id": told.ids, "hospital": told.site, "arm": [told.arms[a] for a in told.arm],
        "age": told.baseline["age"], "sex": told.baseline["sex"].astype(str), "score": told.outcome("score"),
        "died": told.outcome("died").astype(int), "grade": told.outcome("grade").astype(int),
        "falls": told.outcome("falls")[:, 0].astype(int), "years": told.outcome("falls")[:, 1],
        "days": told.outcome("survival")[:, 0], "ended": told.outcome("survival")[:, 1].astype(int), "icu": 0,
    })  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "trial.toml").write_text(PROTOCOL.replace("SCHEME", "simple"), encoding="utf-8")
    table(made_up(500, seed=5, who="h")).to_csv(tmp_path / "history.csv", index=False)
    table(made_up(300, seed=6)).to_csv(tmp_path / "trial.csv", index=False)
    return tmp_path


def test_from_a_history_to_an_analysis(folder):
    protocol, twin = ("--protocol", folder / "trial.toml"), folder / "score.twin"
    done = run("learn", folder / "history.csv", *protocol, "--endpoint", "score", "-o", twin)
    assert done.exit_code == 0, done.output
    assert "250 participants under control" in done.output and (folder / "score.md").exists()
    digest = json.loads(twin.read_text(encoding="utf-8").split("\n")[0])["sha256"]
    plan = folder / "sap.toml"
    plan.write_text(SAP.replace("TWIN", digest), encoding="utf-8")
    done = run("analyse", folder / "trial.csv", *protocol, "--plan", plan, "--twin", twin)
    assert isinstance(done.exception, NotAsPlanned)
    assert run("prespecify", plan, *protocol, "--twin", twin).exit_code == 0
    out = folder / "out.json"
    done = run("analyse", folder / "trial.csv", *protocol, "--plan", plan, "--twin", twin, "--json", out,
               "--plot", folder / "forest.png")  # fmt: skip
    assert done.exit_code == 0, done.output
    for told in (
        "● score and covariates",
        "PROCOVA",
        "150 analysed, 0 without an outcome",
        "not a cleared medical device",
    ):
        assert told in done.output
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["plan"]["twins"] == [digest] and len(found["estimates"]) == 5
    assert (folder / "forest.png").stat().st_size > 5000

    done = run("design", "--sd", 5, "--effect", 2, "--twin", twin)
    assert done.exit_code == 0 and "ANCOVA with twin" in done.output, done.output
    assert "left out" in str(run("design", "--sd", 5, "--effect", 2, "--twin", twin, "--r2", 0.3).exception)

    done = run("analyse", folder / "history.csv", *protocol, "--plan", plan, "--twin", twin)
    assert isinstance(done.exception, NotAsPlanned) and "learned from 250 participants" in str(done.exception)
    done = run("analyse", folder / "trial.csv", *protocol, "--plan", plan)
    assert isinstance(done.exception, NotAsPlanned) and "given are none" in str(done.exception)
    other = folder / "other.twin"
    run("learn", folder / "history.csv", *protocol, "--endpoint", "score", "-o", other, "--seed", 2)
    done = run("analyse", folder / "trial.csv", *protocol, "--plan", plan, "--twin", other)
    assert isinstance(done.exception, NotAsPlanned) and "the plan names" in str(done.exception)
    twin.write_text(twin.read_text(encoding="utf-8").replace("score", "Score", 1), encoding="utf-8")
    done = run("analyse", folder / "trial.csv", *protocol, "--plan", plan, "--twin", twin)
    assert isinstance(done.exception, CorruptSave)


def test_without_a_place_a_twin_is_kept_where_pages_find_it(folder, monkeypatch):
    monkeypatch.setenv("TWINWARD_HOME", str(folder / "home"))
    for _ in range(2):
        done = run("learn", folder / "history.csv", "--protocol", folder / "trial.toml", "--endpoint", "score")
        assert done.exit_code == 0, done.output
    (folder / "home" / "trial" / "torn.twin").write_text("{}", encoding="utf-8")
    found = dict(shelf.kept())
    assert list(found) == ["score", "score-2", "torn"]
    assert found["score"].card["participants"] == 250 and "is no locked twin" in found["torn"]


def test_a_design_is_told_with_its_risk(tmp_path):
    out = tmp_path / "design.json"
    done = run("design", "--sd", 10, "--effect", 5, "--r2", 0.35, "--looks", "0.5,1", "--centres", 20, "--json", out,
               "--plot", tmp_path / "power.png")  # fmt: skip
    assert done.exit_code == 0, done.output
    found = json.loads(out.read_text(encoding="utf-8"))
    sizes = {one["analysis"]: one["n"] for one in found["sized"]}
    assert sizes["unadjusted"] > sizes["ANCOVA with twin, cautious"] > sizes["ANCOVA with twin"]
    for told in (*map(str, sizes.values()), "months", "more than 0.05 short", "0.5: 2.963", "not a cleared"):
        assert told in done.output
    assert (tmp_path / "power.png").stat().st_size > 5000


@pytest.mark.parametrize(
    "endpoint",
    [("--risks", "0.3,0.2"), ("--rates", "1.2,0.9"), ("--hazards", "0.1,0.7,12,12"), ("--sd", "3", "--effect", "1")],
)
def test_every_endpoint_has_a_size(endpoint):
    done = run("design", *endpoint, "--r2", 0.2)
    assert done.exit_code == 0 and "spares" in done.output, done.output


@pytest.mark.parametrize(
    "wrong",
    [("--sd", 10, "--effect", 5, "--looks", "half"), ("--sd", 10), (), ("--risks", "0.3"),
     ("--sd", 1, "--risks", "0.3,0.2"),
     ("--sd", 10, "--effect", 5, "--spending", "greedy"), ("--sd", 10, "--effect", 5, "--power", 2)],
)  # fmt: skip
def test_designs_that_cannot_be_are_refused(wrong):
    assert isinstance(run("design", "--r2", 0.1, *wrong).exception, BadInput)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(("learn", "nothing.csv"), "a CSV file"), (("prespecify", "nothing.toml"), "a statistical analysis plan")],
)
def test_files_that_are_not_there_are_named(folder, arguments, told):
    more = ("--endpoint", "score", "-o", folder / "x.twin") if arguments[0] == "learn" else ()
    done = run(arguments[0], folder / arguments[1], "--protocol", folder / "trial.toml", *more)
    assert isinstance(done.exception, BadInput) and told in str(done.exception)


@pytest.mark.parametrize(
    ("more", "refused", "told"),
    [('estimator = "PROCOVA"', NotAsPlanned, "PROCOVA was planned"), ("bias_sd = 0.1", NotAsPlanned, "bias_sd"),
     ('bias_sd = 0.1\nestimand = "odds ratio"', BadInput, "bias_sd")],
)  # fmt: skip
def test_plans_that_could_never_be_carried_out_are_not_locked(folder, more, refused, told):
    plan = folder / "sap.toml"
    plan.write_text(f'endpoint = "died"\n{more}\n', encoding="utf-8")
    done = run("prespecify", plan, "--protocol", folder / "trial.toml")
    assert isinstance(done.exception, refused) and told in str(done.exception)
    assert not list(folder.glob("*.lock.json"))
