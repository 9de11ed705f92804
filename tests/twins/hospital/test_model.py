"""The twin of a hospital file: the loop's laws, the exact present, and what decisions change."""

import numpy as np
import pytest

from twinward.core import Action, Observation, Observations, Twin
from twinward.core.laws import check_laws
from twinward.core.times import HOUR, posix
from twinward.errors import BadInput, OutsideValidity
from twinward.twins.hospital.file import HospitalFile
from twinward.twins.hospital.model import HospitalModel

SUBJECT = "Organization/small"
NINE = posix("2026-03-02T09:00:00+01:00")


def _case(number: int, arrived: float, *, until: str, klass: str = "minor") -> list[Observation]:
    case = f"Encounter/{number}"
    rows = [Observation(case, "class", arrived, klass), Observation(case, "activity_start", arrived, "triage")]
    rows.append(Observation(case, "activity", arrived + 480, "triage"))
    if until != "triage":
        rows.append(Observation(case, "activity_start", arrived + 900, "treat"))
    if until in ("ward", "home"):
        rows.append(Observation(case, "activity", arrived + 3000, "treat"))
    if until == "ward":
        rows.append(Observation(case, "activity_start", arrived + 3600, "ward"))
    if until == "home":
        rows.append(Observation(case, "activity", arrived + 3000, "home"))
    return rows


def _morning() -> Observations:
    stages = ("triage", "treat", "ward", "home")
    return Observations.of(
        [
            row
            for i in range(16)
            for row in _case(i, NINE + 300.0 * i, until=stages[i % 4], klass=("minor", "urgent")[i % 2])
        ]
    )


@pytest.fixture(scope="module")
def model(small: HospitalFile) -> HospitalModel:
    return HospitalModel(small)


@pytest.fixture
def twin(model: HospitalModel) -> Twin:
    found = Twin(model, SUBJECT, members=200, seed=3)
    found.observe(_morning())
    return found


def test_it_keeps_the_laws_of_models(model: HospitalModel) -> None:
    check_laws(model, SUBJECT, _morning()[:30], members=10)


def test_the_present_is_exact(twin: Twin) -> None:
    counts = twin.estimate()["unit_census"].to_numpy()
    assert (counts == counts[0]).all()
    assert counts[0].tolist() == [8, 4]  # four in triage, four treated; four on the ward; four went home


def test_patients_are_conserved(twin: Twin) -> None:
    data = twin.forecast("24 h").data
    here = float(twin.estimate()["census"][0])
    balance = here + data["arrivals"] - data["departures"] - data["census"]
    assert (balance.to_numpy() == 0).all()


def test_units_sum_to_the_whole_and_beds_are_never_overfull(twin: Twin) -> None:
    data = twin.forecast("48 h").data
    assert (data["unit_census"].sum("unit") == data["census"]).all()
    assert int(data["unit_census"].sel(unit="Ward").max()) <= 20


def test_a_forecast_does_not_depend_on_the_order_of_patients_in_the_feed(model: HospitalModel, twin: Twin) -> None:
    other = Twin(model, SUBJECT, members=200, seed=3)
    rows = _morning()
    other.observe(rows[np.random.default_rng(1).permutation(len(rows))])
    assert other.forecast("6 h").data.equals(twin.forecast("6 h").data)


def test_somebody_who_is_not_concerned_keeps_their_luck(twin: Twin) -> None:
    """Closing the scanner leaves those on the ward exactly as they were."""
    comparison = twin.compare({"down": Action("out_of_order", 1, "ct")}, "24 h")
    ward = [f"Encounter/{i}" for i in range(2, 16, 4)]
    as_it_is, down = (comparison[name].data["leaves_at"].sel(patient=ward) for name in (comparison.baseline, "down"))
    assert as_it_is.equals(down)


@pytest.mark.parametrize(
    ("scenario", "outcome", "sign"),
    [
        ({"arrivals": 1.5}, "mean_census", 1),
        ({"arrivals": 0.5}, "mean_census", -1),
        ({"diversion": 0.3}, "diverted", 1),
        (Action("out_of_order", 1, "ct"), "mean_wait_minutes", 1),
        (Action("staff", -2, "doctors"), "mean_wait_minutes", 1),
        (Action("beds", -17, "Ward"), "boarding_hours", 1),
        (Action("stay", 2.0, "Ward"), "departures", -1),
        ({"discharge_before_noon": 1.0}, "mean_census", -1),
        ([Action("staff", -2, "doctors"), Action("arrivals", 1.5)], "left_unseen", 1),
    ],
)
def test_a_decision_moves_its_outcome_the_right_way(twin: Twin, scenario: object, outcome: str, sign: int) -> None:
    rows = twin.compare({"changed": scenario}, "36 h").table()  # type: ignore[dict-item]
    row = rows[(rows["scenario"] == "changed") & (rows["outcome"] == outcome)].iloc[0]
    assert row["clear"] and np.sign(row["difference"]) == sign


def test_the_neutral_values_change_nothing(twin: Twin) -> None:
    neutral = {
        "arrivals": {"arrivals": 1.0},
        "diversion": {"diversion": 0.0},
        "fast track": {"fast_track": 0.0},
        "noon": {"discharge_before_noon": 0.0},
        "rule": {"triage_rule": "by class"},
        "staff": Action("staff", 0, "doctors"),
        "beds": Action("beds", 0, "Ward"),
        "stay": Action("stay", 1.0, "Ward"),
    }
    comparison = twin.compare(neutral, "12 h")
    base = comparison[comparison.baseline].data
    for name in neutral:
        assert comparison[name].data.equals(base), name


def test_a_window_in_the_past_changes_nothing_and_a_later_one_only_what_comes_after(twin: Twin) -> None:
    past = Action("arrivals", 3.0, start=NINE - 10 * HOUR, end=NINE - HOUR)
    later = Action("arrivals", 3.0, start=twin.time + 6 * HOUR, end=twin.time + 9 * HOUR)
    comparison = twin.compare({"past": past, "later": later}, "12 h", step="1 h")
    base = comparison[comparison.baseline].data["arrivals"]
    assert comparison["past"].data["arrivals"].equals(base)
    difference = (comparison["later"].data["arrivals"] - base).mean("member").to_numpy()
    assert (difference[:6] == 0).all() and difference[8] > 0
    assert difference[-1] == difference[8]


def test_what_an_action_names_must_exist(twin: Twin) -> None:
    with pytest.raises(BadInput, match="doctors"):
        twin.forecast("4 h", scenario=Action("staff", 1, "surgeons"))
    with pytest.raises(BadInput, match="no window"):
        twin.forecast("4 h", scenario=Action("stay", 2.0, "Ward", twin.time + HOUR, twin.time + 2 * HOUR))


def test_arrival_rates_learn_from_the_feed(small: HospitalFile, model: HospitalModel) -> None:
    """Two days with a third of the arrivals that the file foretells move the forecast well below the file's."""
    fresh, quiet = (Twin(model, SUBJECT, members=400, seed=1) for _ in range(2))
    fresh.observe(_case(0, NINE, until="home"))
    gap = 3 * 86400.0 / 30
    quiet.observe([row for i in range(20) for row in _case(i, NINE - 20 * gap + gap * i, until="home")])
    expected, learnt = (twin.forecast("24 h").data["arrivals"].isel(time=-1).mean() for twin in (fresh, quiet))
    assert float(learnt) < 0.75 * float(expected)


def test_durations_learn_from_the_feed(model: HospitalModel) -> None:
    slow = Twin(model, SUBJECT, members=100, seed=1)
    rows = []
    for i in range(40):
        case, begin = f"Encounter/{i}", NINE + 7200.0 * i
        rows += [Observation(case, "class", begin, "minor"), Observation(case, "activity_start", begin, "treat")]
        rows += [
            Observation(case, "activity", begin + 6000, "treat"),
            Observation(case, "activity", begin + 6000, "home"),
        ]
    slow.observe(rows)
    scale = model.learner.time_scale(model.ledger(slow.belief), 2000, slow._streams("test"))
    treat = list(model.hospital.steps).index("treat")
    assert 2.0 < scale[:, treat].mean() < 2.6  # declared 40 min, seen 100 min, ten services' worth of prior
    assert abs(scale[:, 0].mean() - 1) < 0.05  # nothing was seen of triage


def _waits_after_treatment(model: HospitalModel, others: list[Observation]) -> np.ndarray:
    """Steps that a patient goes on to who was treated an hour ago and has neither left nor begun anything since."""
    twin = Twin(model, SUBJECT, members=400, seed=2)
    begun = _case(99, NINE - 2 * HOUR, until="treat")
    twin.observe([*others, *begun, Observation("Encounter/99", "activity", NINE - HOUR, "treat")])
    return twin.forecast("12 h", at=NINE).data["moves_to"].sel(patient="Encounter/99").to_numpy()


def test_who_waits_waits_for_what_is_full_and_does_not_leave(model: HospitalModel) -> None:
    steps = list(model.hospital.steps)
    ward = [row for i in range(20) for row in _case(i, NINE - 9 * HOUR + i, until="ward")]
    begun, scan = NINE - 30 * 60, "scan"
    scanner = [
        Observation("Encounter/50", "class", begun, "minor"),
        Observation("Encounter/50", "activity_start", begun, scan),
    ]
    for others, expected in ((ward, "ward"), (scanner, "scan")):
        moves = _waits_after_treatment(model, others)
        assert not (moves == -1).any()  # the file's exits follow at once: who is still here is not on the way home
        assert (moves == steps.index(expected)).mean() > 0.85


def test_a_hospital_full_beyond_reason_is_outside_validity(model: HospitalModel) -> None:
    crowd = Twin(model, SUBJECT, members=5, seed=1)
    crowd.observe([row for i in range(90) for row in _case(i, NINE + i, until="triage")])
    with pytest.raises(OutsideValidity, match="three times the beds"):
        crowd.forecast("4 h")
    assert crowd.forecast("4 h", extrapolate=True).outside


def test_an_exit_of_nobody_and_an_unknown_activity_are_counted(model: HospitalModel) -> None:
    twin = Twin(model, SUBJECT, members=5, seed=1)
    twin.observe(_case(1, NINE, until="treat"))
    twin.observe(
        [Observation("Encounter/9", "activity", NINE, "home"), Observation("Encounter/1", "activity", NINE, "?")]
    )
    assert model.ledger(twin.belief).odd == 2
    assert len(twin.belief["case"]) == 1


def test_a_plain_adt_feed_moves_patients_by_unit_alone(model: HospitalModel) -> None:
    twin = Twin(model, SUBJECT, members=10)
    case = "Encounter/plain"
    twin.observe(Observation(case, "activity_start", NINE, "A04 ED"))
    assert twin.estimate(NINE)["unit_census"].sel(unit="ED").to_numpy().max() == 1
    twin.observe(Observation(case, "activity_start", NINE + HOUR, "A02 Ward"))
    there = twin.estimate(NINE + HOUR)["unit_census"]
    assert (there.sel(unit="ED") == 0).all()
    assert (there.sel(unit="Ward") == 1).all()
    twin.observe(Observation(case, "activity", NINE + 50 * HOUR, "A03"))
    assert (twin.estimate(NINE + 50 * HOUR)["census"] == 0).all()
