"""Does the learned twin tell what happens? The replay of a real hospital's log, beside what anybody could say.

Data: Sepsis cases of a Dutch hospital (Mannhardt & Blinde 2017, doi 10.4121/uuid:915d2bfb-7e84-49ad-a286-dc35f063a460).
The publisher randomised the start dates: stays are real, arrival rates and hours of day are not.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from twinward.core import scoring
from twinward.core.evidence import Check, Evidence
from twinward.core.model import Times
from twinward.core.quarantine import Quarantine
from twinward.core.scenario import Scenario
from twinward.core.streams import Streams
from twinward.core.times import HOUR
from twinward.twins.hospital.replay import PREFIX, Plan, Replay
from twinward.twins.hospital.source import Columns, prepare
from twinward.twins.hospital.truth import census

LOG = "hospital/sepsis_log_train.csv.gz"
_SOURCE = "Mannhardt & Blinde 2017, 787 of 1,050 cases; learned from the first 60 % of case starts"
_IDS = ("sepsis-census-24h", "sepsis-coverage", "sepsis-remaining", "sepsis-next")
_HORIZON = 24 * HOUR


def checks() -> tuple[Check, ...]:
    """The checks on the Sepsis log."""
    return (Check(_IDS, "a real log, replayed", _run, needs=(LOG,), kind="validation"),)


def replayed(data: Path) -> Replay:
    """The replay that the evidence rests on, ready to run: a forecast every 6 h, 24 h ahead, seed fixed beforehand."""
    prepared = prepare(data / LOG, Columns(), "0.6", None, Quarantine())
    plan = Plan(prepared.learn_until, every=6 * HOUR, horizon=_HORIZON, members=1000, seed=1)
    return Replay(prepared.model, prepared.events, prepared.observations, plan)


def _run(data: Path | None) -> Iterable[Evidence]:
    assert data is not None, "run_checks does not call a check whose data is absent"
    going = replayed(data)
    told = []
    for now in going.instants:
        going.step(float(now))
        if now + _HORIZON <= going.events[-1].time:
            told.append(_told_who_is_here(going, float(now)))
    result = going.result("Sepsis")
    yield from _judged(result.board.summary(), result.remaining, result.next_step, float(np.mean(told)))


def _told_who_is_here(going: Replay, now: float) -> float:
    """CRPS of the same forecast, had the feed told who has left without a release (a quarter of the cases do)."""
    belief = going.twin.belief_at(now)
    cases = [case.removeprefix(PREFIX) for case in going.model.cases(belief, now)]
    here = {stay.case for stay in going.here(now)}
    hours = going.model.remaining(belief, now, Streams(going.plan.seed).child("patients", now))
    stay = hours[:, [case in here for case in cases]] > _HORIZON / HOUR
    when = Times(now, np.array([now + _HORIZON]))
    streams = Streams(going.plan.seed).child("replay", now)
    others = going.model.simulate(going.model.emptied(belief), Scenario.baseline(), when, streams)
    members = stay.sum(axis=1) + others["census"].to_numpy()[:, 0]
    truth = census(going.stays, going.units, when.at).sum()
    return float(scoring.crps(members.astype(np.float64), np.asarray(truth, dtype=np.float64)))


def _judged(summary: pd.DataFrame, remaining: pd.DataFrame, following: pd.DataFrame, told: float) -> Iterator[Evidence]:
    rows = summary[(summary["variable"] == "census") & (summary["lead"] == _HORIZON)].set_index("method")
    twin = rows.loc["twin"]
    note = (
        f"baselines: {_listed(rows.index.drop('twin'), rows['crps'])}; n = {twin['n']:.0f}. A quarter of the cases "
        "leave without a release: the twin must guess that, persistence is told here; told who is here, the twin "
        f"reaches {told:.3f}"
    )
    yield Evidence(
        "sepsis-census-24h", "CRPS of the census 24 h ahead, a forecast every 6 h", "validation", float(twin["crps"]),
        1.147, "<= 1.10 (the reference is a plain residual-stay + Poisson forecast)", _SOURCE,
        bool(twin["crps"] <= 1.10), "{patients}", note,
    )  # fmt: skip
    yield Evidence(
        "sepsis-coverage", "what the 80 % band of the census 24 h ahead held (randomised PIT)", "validation",
        float(twin["covered"]), 0.8, "77-83 %", _SOURCE, bool(0.77 <= twin["covered"] <= 0.83), "1",
        f"closed band: {twin['covered_closed']:.3f}",
    )  # fmt: skip
    stays = remaining.set_index("method")
    given = "climatology, given time elapsed"
    mine = stays.loc["twin", "crps_hours"]
    yield Evidence(
        "sepsis-remaining", "CRPS of each present patient's remaining stay", "validation", float(mine),
        float(stays.loc[given, "crps_hours"]), "better than climatology given elapsed time", _SOURCE,
        bool(mine < stays.loc[given, "crps_hours"]), "h",
        f"a fresh stay: {stays.loc['climatology, a fresh stay', 'crps_hours']:.2f}; "
        f"80 % band held {stays.loc['twin', 'coverage']:.3f}",
    )  # fmt: skip
    steps = following.set_index("method")
    yield Evidence(
        "sepsis-next", "log loss of each present patient's next step", "validation",
        float(steps.loc["twin", "log_loss"]), float(steps.loc["climatology", "log_loss"]),
        "better than climatology", _SOURCE, bool(steps.loc["twin", "log_loss"] < steps.loc["climatology", "log_loss"]),
        "1", f"likeliest step came in {steps.loc['twin', 'hit']:.1%}",
    )  # fmt: skip


def _listed(methods: Sequence[str] | pd.Index, values: pd.Series) -> str:
    return ", ".join(f"{method} {values[method]:.3f}" for method in methods)
