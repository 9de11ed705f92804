"""Reading the Shanghai files: both layouts, local times, free text, and what cannot be read."""

from pathlib import Path

import numpy as np
import pytest

from twinward.core.quarantine import Quarantine
from twinward.errors import BadInput
from twinward.twins.patient.cgm import KINDS, read_doses, read_meal, read_session, read_sessions

HEAD = (
    "Date,CGM (mg / dl),CBG (mg / dl),Blood Ketone (mmol / L),Dietary intake,{extra}Insulin dose - s.c.,"
    'Non-insulin hypoglycemic agents,"CSII - bolus insulin (Novolin R, IU)","CSII - basal insulin (Novolin R, IU / H)",'
    "Insulin dose - i.v.\n"
)
FOLDER = "patient/cgm_shanghai"


def written(tmp_path: Path, body: str, extra: str = "") -> Path:
    path = tmp_path / "9001_0_20210101.csv"
    path.write_text(HEAD.format(extra=extra) + body, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "short", "intermediate", "long"),
    [
        ("Novolin R, 6 IU", 6, 0, 0),
        ("insulin\xa0glargine, 19 IU", 0, 0, 19),
        ("Humulin 70/30  8 IU", 2.4, 5.6, 0),
        ("insulin aspart 70/30, 10 IU", 3, 7, 0),
        ("insulin aspart, 5 IU", 5, 0, 0),
        ("SciLin M30, 10 IU", 3, 7, 0),
        ("insulin glargine, 14 IU, Humulin 70/30, 12 IU", 3.6, 8.4, 14),
        ("Humulin R, 2 IU, insulin degludec, 12 IU", 2, 0, 12),
        ("500 ml 5% glucose and sodium chloride, 10 IU Novolin R,  10 ml 10% potassium chloride", 10, 0, 0),
    ],
)
def test_insulin_texts_become_units_by_action(text: str, short: float, intermediate: float, long: float) -> None:
    doses = read_doses(text)
    for action, units in (("short", short), ("intermediate", intermediate), ("long", long)):
        assert sum(dose.units for dose in doses if dose.action == action) == pytest.approx(units)


@pytest.mark.parametrize("text", ["Novolin R", "6 IU", "mystery insulin, 6 IU", "Novolin R, 6000 IU", ""])
def test_insulin_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_doses(text)


def test_meals_are_sorted_by_kind_of_food() -> None:
    meal = read_meal("Buckwheat bread 15 g\nBoiled egg 40 g\nMilk 110 ml\nApple 77 g\nGlucose 20 g\nCashew nuts")
    assert meal is not None
    assert dict(zip(KINDS, meal.grams, strict=True)) == {
        "sugar": 20,
        "starch": 15,
        "fruit": 77,
        "milk": 110,
        "other": 40,
    }
    assert meal.unread == ("Cashew nuts",)


def test_an_unrecorded_meal_is_a_meal_and_fasting_is_none() -> None:
    meal = read_meal("Data not available")
    assert meal is not None
    assert not meal.known
    assert read_meal("Fasting for medical examination") is None


def test_both_layouts_give_the_same_session(tmp_path: Path) -> None:
    plain = read_session(written(tmp_path, '2021-01-01 08:00:00,100.8,,,Rice 75 g,"Novolin R, 6 IU",,,0.5,\n'))
    other = read_session(
        written(tmp_path, '2021-01-01 08:00:00,100.8,,,Rice 75 g,米饭75g,"Novolin R, 6 IU",,,0.5,\n', "进食量,")
    )
    for field in ("time", "glucose", "meals", "boluses", "basal"):
        np.testing.assert_array_equal(getattr(plain, field), getattr(other, field))
    assert plain.boluses[0, 1] == 6


def test_times_are_china_time(tmp_path: Path) -> None:
    session = read_session(written(tmp_path, "2021-01-01 08:00:00,100.8,,,,,,,,\n"))
    assert session.time[0] == 1609459200.0  # 2021-01-01T00:00:00Z


def test_bad_cells_are_put_aside_with_line_and_reason_and_the_rest_is_kept(tmp_path: Path) -> None:
    body = (
        "2021-01-01 08:00:00,100.8,2044.8,,,,,,,\n"
        "2021-01-01 08:15:00,high,90.0,,,half a pen,,,,\n"
        "yesterday,99,,,,,,,,\n"
        "2021-01-01 07:00:00,99,,,,,,,,\n"
        "2021-01-01 08:45:00,104.4,,,,,,temporarily suspend insulin delivery,,\n"
    )
    quarantine = Quarantine()
    session = read_session(written(tmp_path, body), quarantine)
    assert session.glucose.tolist() == [100.8, 104.4]
    assert session.fingerprick[:, 1].tolist() == [90.0]
    assert session.basal[:, 1].tolist() == [0.0]
    assert quarantine.counts() == {
        "impossible fingerprick": 1, "unreadable glucose": 1, "unreadable insulin": 1, "unparsable time": 1,
        "time out of order": 1,
    }  # fmt: skip


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(BadInput, match="columns"):
        read_session(path)
    with pytest.raises(BadInput, match="folder"):
        read_sessions(tmp_path / "absent")


def test_until_keeps_what_was_known_then(tmp_path: Path) -> None:
    body = "2021-01-01 08:00:00,100,,,Rice 75 g,,,,,\n2021-01-01 08:15:00,110,,,Milk 200 ml,,,3,,\n"
    session = read_session(written(tmp_path, body))
    past = session.until(session.time[0])
    assert (len(past), len(past.meals), len(past.boluses)) == (1, 1, 0)


@pytest.mark.data
def test_the_shanghai_files_are_read_whole(data_dir: Path) -> None:
    for kind, patients in (("T1", 8), ("T2", 80)):
        quarantine = Quarantine()
        sessions = read_sessions(data_dir / FOLDER / kind, quarantine)
        assert len({session.patient for session in sessions}) == patients
        assert sum(quarantine.counts().values()) < 30
        assert all(len(session) > 250 for session in sessions)
