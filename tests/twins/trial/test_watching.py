"""A locked twin watched: calibrated where nothing changed, an alarm where it did, nobody told."""

from dataclasses import replace

import numpy as np
import pytest
from tests.twins.trial.conftest import PROTOCOL, made_up

from twinward.errors import BadInput, CorruptSave
from twinward.twins.trial.locked import lock
from twinward.twins.trial.protocol import parse
from twinward.twins.trial.watching import Watched, watch


@pytest.fixture(scope="module")
def twins(history, tmp_path_factory):
    folder = tmp_path_factory.mktemp("watched")
    return {
        endpoint: lock(history, endpoint, ["age", "sex"], folder / f"{endpoint}.twin")
        for endpoint in ("score", "died", "grade", "falls", "survival", "relapse")
    }


@pytest.fixture(scope="module")
def trial():
    """As the history was, with days in the order of the rows turned round."""
    told = made_up(2400, seed=21, who="t")
    days = np.array([f"2026-{1 + i // 200:02d}-{1 + i // 8 % 25:02d}" for i in range(len(told))])[::-1]
    return replace(told, date=days)


@pytest.mark.parametrize("endpoint", ["score", "died", "grade", "falls"])
def test_where_nothing_changed_it_is_calibrated_on_every_scale(twins, trial, endpoint):
    found = watch(twins[endpoint], trial)
    chance, seen = (np.average([one[of] for one in found.parts], weights=[one["labels"] for one in found.parts])
                    for of in ("chance", "seen"))  # fmt: skip
    assert chance == pytest.approx(seen, abs=0.06)
    assert not found.alarms and found.error < 0.08
    assert found.labels + found.without == 1200
    assert found.ordered and found.first == "2026-01-01" and found.last > found.first
    assert [one["last"] for one in found.parts] == sorted(one["last"] for one in found.parts)


def test_a_change_is_found_with_its_direction(twins, trial):
    shifted = replace(trial, outcomes=dict(trial.outcomes) | {"score": trial.outcome("score") - 3.0})
    found = watch(twins["score"], shifted, every=1000.0)
    assert found.alarms and found.alarms[0]["direction"] == "less" and found.alarms[0]["label"] < 150
    assert found.alarms[0]["day"].startswith("2026-")
    assert max(level for _, level in found.evidence) == 1000.0


def test_who_taught_the_twin_is_left_out(twins, history, trial):
    found = watch(twins["score"], replace(trial, date=None))
    assert not found.ordered and found.taught == 0 and found.first == ""
    with pytest.raises(BadInput, match="taught nothing"):
        watch(twins["score"], history)


def test_the_order_of_rows_does_not_matter_where_days_are_told(twins, trial):
    turned = trial.take(np.random.default_rng(0).permutation(len(trial)))
    one, other = watch(twins["died"], trial), watch(twins["died"], turned)
    assert one.error == pytest.approx(other.error, abs=1e-12) and one.labels == other.labels


def test_what_is_kept_is_read_again_and_holds_nobody(twins, trial, tmp_path):
    found, path = watch(twins["died"], trial), tmp_path / "died.watched.json"
    found.save(path)
    assert Watched.load(path) == found
    text = path.read_text(encoding="utf-8")
    assert not any(f'"{one}"' in text for one in trial.ids) and min(one["labels"] for one in found.parts) >= 20
    for wrong in ("{}", "", "[1]", '{"parts": 3}', text.replace('"error"', '"mistake"')):
        path.write_text(wrong, encoding="utf-8")
        with pytest.raises(CorruptSave):
            Watched.load(path)


@pytest.mark.parametrize("endpoint", ["survival", "relapse"])
def test_a_time_to_an_event_is_watched_where_nobody_was_lost_before_the_horizon(twins, trial, endpoint):
    with pytest.raises(BadInput, match="everybody watched"):
        watch(twins[endpoint], trial)
    whole = trial.outcome(endpoint).copy()
    lost = (whole[:, 1] == 0) & (whole[:, 0] < 200.0)
    found = watch(twins[endpoint], replace(trial, outcomes=dict(trial.outcomes) | {endpoint: whole}).take(~lost))
    assert found.question == "it happens" and 0.0 < found.parts[0]["chance"] < 1.0


def test_another_scale_is_refused(twins, trial):
    other = parse(
        PROTOCOL.replace("SCHEME", "simple").replace(
            '[endpoints.died]\nscale = "binary"\ncolumn = "died"\nevent = ["1"]',
            '[endpoints.died]\nscale = "continuous"\ncolumn = "died"',
        )
    )
    with pytest.raises(BadInput, match="the scale that the twin learned: binary"):
        watch(twins["died"], replace(trial, protocol=other))
