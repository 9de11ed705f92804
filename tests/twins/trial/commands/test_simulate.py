"""`twinward trial simulate` in the terminal."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from twinward.errors import BadInput
from twinward.twins.trial import KIND
from twinward.twins.trial.design import power_of


def run(*arguments: object) -> Result:
    assert KIND.commands is not None
    return CliRunner().invoke(KIND.commands(), ["simulate", *map(str, arguments)], env={"COLUMNS": "200"})


def test_trials_find_what_the_formula_says(tmp_path: Path) -> None:
    out = tmp_path / "played.json"
    done = run("--participants", 160, "--effect", 4, "--sd", 10, "--r2", 0.35, "--trials", 4000, "--json", out)
    assert done.exit_code == 0, done.output
    told = json.loads(out.read_text(encoding="utf-8"))
    assert told["ways"]["ANCOVA with twin"]["power"] == pytest.approx(power_of(65.0, 4.0, 160), abs=0.025)


def test_without_an_effect_the_error_rate_is_told() -> None:
    done = run(
        "--participants", 100, "--effect", 0, "--sd", 1, "--looks", "0.5,1", "--spending", "Pocock", "--trials", 2000
    )
    assert done.exit_code == 0 and "finds any" in done.output


def test_a_rule_tells_how_large_the_trials_became(tmp_path: Path) -> None:
    out = tmp_path / "played.json"
    done = run(
        "--participants", 120, "--effect", 0.5, "--sd", 1.4, "--adapt", "blinded", "--trials", 1500, "--json", out
    )
    assert done.exit_code == 0, done.output
    assert json.loads(out.read_text(encoding="utf-8"))["ways"]["unadjusted"]["high"] <= 240


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(("--adapt", "wish"), "blinded"), (("--adapt", "blinded", "--looks", "0.5,1"), "one look"),
     (("--looks", "half"), "numbers between commas"), (("--adapt", "blinded", "--at-most", 50), "at_most")],
)  # fmt: skip
def test_what_cannot_be_is_refused(arguments: tuple[object, ...], told: str) -> None:
    done = run("--participants", 120, "--effect", 0.5, "--sd", 1, "--trials", 10, *arguments)
    assert isinstance(done.exception, BadInput) and told in str(done.exception)
