"""Reading bedside records: what cannot be true is put aside with its reason, the rest is kept."""

from pathlib import Path

import pytest

from twinward.core.quarantine import Quarantine
from twinward.errors import BadInput
from twinward.twins.patient.icu import read_stay, read_stays
from twinward.twins.patient.icu.artefacts import heart_rate_fault, pressure_fault

FOLDER = "patient/icu_physionet2012"


@pytest.mark.parametrize(
    ("pressures", "reason"),
    [
        ({"mean": 93, "systolic": 120, "diastolic": 80}, ""),
        ({"mean": 70}, ""),
        ({"mean": 280, "systolic": 0, "diastolic": 0}, "mean 280 outside"),
        ({"mean": 48, "systolic": 0, "diastolic": 0}, "systolic 0 outside"),
        ({"mean": 60, "systolic": 58, "diastolic": 40}, "above systolic"),
        ({"mean": 60, "systolic": 90, "diastolic": 70}, "below diastolic"),
        ({"mean": 60, "systolic": 60, "diastolic": 60}, "no pulse"),
    ],
)
def test_pressures_that_contradict_each_other_are_named(pressures: dict[str, float], reason: str) -> None:
    found = pressure_fault(pressures)
    assert found.startswith(reason) if reason == "" else reason in found
    assert bool(found) == bool(reason)


def test_a_heart_rate_of_zero_is_a_lead_that_is_off() -> None:
    assert heart_rate_fault(0)
    assert not heart_rate_fault(32)
    assert heart_rate_fault(999)


def test_a_record_is_read_and_what_is_wrong_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "132539.txt"
    path.write_text(
        "Time,Parameter,Value\n00:00,Age,54\n00:07,HR,73\n01:07,HR,0\n02:07,HR,-1\n03:07,HR,80\n"
        "00:07,MAP,280\n00:07,SysABP,0\n01:07,MAP,90\n01:07,SysABP,120\n01:07,DiasABP,75\n00:37,NIMAP,75.67\nbroken\n",
        encoding="utf-8",
    )
    quarantine = Quarantine()
    stay = read_stay(path, quarantine)
    assert stay.patient == "Patient/132539"
    assert stay.series["heart_rate"].time.tolist() == [7 * 60.0, 187 * 60.0]
    assert stay.series["heart_rate"].value.tolist() == [73.0, 80.0]
    assert stay.series["arterial_pressure"].value.tolist() == [90.0]
    assert stay.series["cuff_pressure"].value.tolist() == [75.67]
    assert quarantine.counts() == {"unreadable line": 1, "artefact": 2}


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "1.txt"
    path.write_text("a,b,c\n", encoding="utf-8")
    with pytest.raises(BadInput, match="record"):
        read_stay(path)
    with pytest.raises(BadInput, match="folder"):
        read_stays(tmp_path / "absent")


@pytest.mark.data
def test_the_challenge_records_are_read_whole(data_dir: Path) -> None:
    quarantine = Quarantine()
    stays = read_stays(data_dir / FOLDER, quarantine)
    assert len(stays) == 134
    assert sum(len(stay.series["heart_rate"]) for stay in stays) == 7341
    assert 0 < quarantine.counts()["artefact"] < 100
