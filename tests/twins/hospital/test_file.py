"""The hospital file: every fault is found before anything is built, and named with the path of its field."""

import tomllib
from pathlib import Path

import pytest
import yaml

from twinward.errors import BadInput
from twinward.twins.hospital.file import BadHospitalFile, load, parse

SMALL = Path(__file__).with_name("small.toml").read_text(encoding="utf-8")
FAULTS = [
    ("beds = 6", "beds = -1", "units.ED.beds: got -1"),
    ("beds = 6", "bedz = 6", "units.ED.bedz: this field is not known here"),
    ('mean = "8 min"', 'mean = "0 min"', "mean: got '0 min', expected a positive duration"),
    ('mean = "8 min"', 'mean = "-8 min"', "mean: got '-8 min'"),
    ('mean = "8 min"', "mean = 8", "mean: got 8, expected a positive duration with its unit"),
    ('distribution = "gamma"', 'distribution = "gama"', "steps.triage.duration"),
    ("cv = 0.6", "cv = 0", "cv: got 0"),
    ("needs = { ct = 1 }", "needs = { mri = 1 }", "steps.scan.needs: got 'mri', expected a pool: ct, doctors, nurses"),
    ("next = { treat = 1.0 }\n[steps.treat]", "next = { treat = 0.9 }\n[steps.treat]", "they sum to 0.9"),
    ("scan = 0.3, home = 0.5, ward = 0.2", "home = 0.8, ward = 0.2", "steps.scan: no pathway reaches it"),
    ("home = 0.97, died = 0.03", "ward = 1.0", "steps.ward: no way leads from it to an exit"),
    ("home = 0.97, died = 0.03", "nowhere = 1.0", "steps.ward.next: got 'nowhere', expected a step or an exit"),
    ('timezone = "Europe/Amsterdam"', 'timezone = "Europe/Atlantis"', "expected an IANA name"),
    ('first = "triage"\narrivals = { per_day = 12', 'first = "x"\narrivals = { per_day = 12', "classes.urgent.first"),
    ("per_day = 12", "per_day = 0", "classes.urgent.arrivals.per_day"),
    ("priority = 2", "priority = 0", "classes.urgent.priority"),
    ('since = "07:00"', 'since = "7"', "pools.nurses.shifts.0.since"),
    ("count = 3\n[pools.ct]", "[pools.ct]", "pools.doctors: got"),
    ("low = \"10 min\", mode", "low = \"90 min\", mode", "expected low <= mode <= high"),
    ("[steps.ward]\nunit = \"Ward\"", "[steps.ward]\nunit = \"Attic\"", "steps.ward.unit: got 'Attic'"),
    ("discharge_hours = [0, 0", "discharge_hours = [0", "steps.ward.discharge_hours"),
    ("beds = 20", "", "steps.ward.takes_bed: unit 'Ward' has no beds"),
]  # fmt: skip


def test_the_small_hospital_is_right_in_toml_and_in_yaml() -> None:
    as_yaml = yaml.safe_dump(tomllib.loads(SMALL))
    assert parse(as_yaml, yaml_syntax=True) == parse(SMALL)


@pytest.mark.parametrize(("right", "wrong", "message"), FAULTS, ids=[f[2][:40] for f in FAULTS])
def test_a_fault_is_named_with_its_path(right: str, wrong: str, message: str) -> None:
    assert right in SMALL
    with pytest.raises(BadHospitalFile) as raised:
        parse(SMALL.replace(right, wrong, 1))
    assert message in str(raised.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(BadHospitalFile, match="2 faults"):
        parse(SMALL.replace("beds = 6", "beds = -1").replace("per_day = 12", "per_day = 0"))


def test_what_is_no_file_or_no_toml_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="existing"):
        load(tmp_path / "none.toml")
    with pytest.raises(BadHospitalFile, match="cannot be read"):
        parse("name = ")
    with pytest.raises(BadHospitalFile, match="empty"):
        parse("", yaml_syntax=True)
