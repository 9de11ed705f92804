"""`twinward trial design` in the terminal."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from twinward.errors import BadInput
from twinward.twins.trial import KIND


def run(*arguments: object) -> Result:
    assert KIND.commands is not None
    return CliRunner().invoke(KIND.commands(), ["design", *map(str, arguments)], env={"COLUMNS": "200"})


def test_played_trials_find_what_was_computed(tmp_path: Path) -> None:
    out = tmp_path / "design.json"
    done = run("--effect", 2, "--sd", 5, "--r2", 0.4, "--covariate-r2", 0.2, "--looks", "0.5,1", "--dropout", 0.1,
               "--simulate", 4000, "--json", out)  # fmt: skip
    assert done.exit_code == 0, done.output
    told = json.loads(out.read_text(encoding="utf-8"))
    wanted = next(one for one in told["sized"] if one["analysis"] == "ANCOVA with twin")
    assert told["simulated"]["n"] == wanted["n"]
    assert told["simulated"]["ways"]["ANCOVA with twin"]["power"] == pytest.approx(wanted["power"], abs=0.025)
    assert "4000 trials" in done.output


def test_of_a_given_size_the_power_is_told() -> None:
    done = run("--risks", "0.3,0.25", "--participants", 1000, "--r2", 0.2)
    assert done.exit_code == 0 and "0.426" in done.output and "spares" not in done.output


def test_months_are_told_where_the_centres_are() -> None:
    done = run("--effect", 2, "--sd", 5, "--r2", 0.4, "--centres", 10, "--rate", 0.5, "--opening", 6)
    assert done.exit_code == 0 and "months (" in done.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--hazards", "0.1,0.7,12,12", "--simulate", 10), "means"),
        (("--effect", 2, "--sd", 5, "--looks", "0.5"), "the last 1"),
        (("--effect", 2, "--sd", 5, "--ratio", 0), "allocation"),
        (("--effect", 2, "--sd", 5, "--spending", "Haybittle"), "Pocock"),
        (("--risks", "0.3"), "2 numbers"),
    ],
)
def test_what_cannot_be_is_refused(arguments: tuple[object, ...], told: str) -> None:
    done = run(*arguments)
    assert isinstance(done.exception, BadInput) and told in str(done.exception)
