"""`twinward patient`: a record told in the terminal, as a page, as JSON and as FHIR."""

import json
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from typer.testing import CliRunner

from twinward.connect.fhir import issues
from twinward.core.times import posix
from twinward.errors import BadInput
from twinward.twins.patient import KIND
from twinward.twins.patient.fhir_out import bundle
from twinward.twins.patient.present import assessed, shown
from twinward.twins.patient.record import read
from twinward.twins.patient.study import Study, subject_of

EVIL = "<script>alert(1)</script>"
OBSERVATIONS = """time,signal,value,unit
2026-03-01T11:00:00Z,cholesterol,213,mg/dL
2026-03-01T11:00:00Z,cholesterol_hdl,50,mg/dL
2026-03-01T11:00:00Z,hba1c,6.0,%
2026-02-01T11:00:00Z,hba1c,5.5,%
2026-03-01T11:00:00Z,body_weight,70,kg
2026-03-01T11:00:00Z,body_height,175,cm
2026-03-01T11:00:00Z,heart_rate,9000,/min
"""
SIGNS = """2026-03-01T11:00:00Z,creatinine,0.9,mg/dL
2026-03-01T11:00:00Z,systolic_blood_pressure,105,mm[Hg]
2026-03-01T11:00:00Z,heart_rate,112,/min
2026-03-01T11:00:00Z,respiratory_rate,22,/min
2026-03-01T11:00:00Z,oxygen_saturation,94,%
2026-03-01T11:00:00Z,body_temperature,38.3,Cel
2026-03-01T11:00:00Z,oxygen_flow,2,L/min
2026-03-01T11:00:00Z,smoking_status,never,
"""


@pytest.fixture
def folder(tmp_path):
    """A record without a sign that the body could be fitted to: what it says needs no body, and no compiling."""
    into = tmp_path / "record"
    into.mkdir()
    (into / "patient.csv").write_text("id,sex,birth_date\n7,male,1971-03-01\n", encoding="utf-8")
    (into / "observations.csv").write_text(OBSERVATIONS, encoding="utf-8")
    (into / "conditions.csv").write_text(f"start,condition\n2019-01-01T00:00:00Z,{EVIL}\n", encoding="utf-8")
    return into


def run(*arguments):
    return CliRunner().invoke(KIND.commands(), [str(a) for a in arguments], env={"COLUMNS": "200"})


def test_the_terminal_says_what_is_known_what_is_not_and_what_this_is_not(folder, tmp_path):
    done = run(folder, "--html", tmp_path / "p.html")
    assert done.exit_code == 0, done.output
    told = ["Patient/7", "male, 55 years", "213 mg/dL", "not known (of the last 12 h): Respiration rate"]
    told += ["No personal body", "not a cleared medical device", "1 parts of the record could not be used"]
    for words in (*told, "observations.csv:8"):
        assert words in done.output
    assert "Traceback" not in done.output


def test_marks_of_the_terminal_in_a_record_are_words_like_others(folder, tmp_path):
    (folder / "patient.csv").write_text("id,sex,birth_date\n[/b]x,male,1971-03-01\n", encoding="utf-8")
    (folder / "conditions.csv").write_text("start,condition\n2019-01-01T00:00:00Z,[/red]gout\n", encoding="utf-8")
    done = run(folder, "--html", tmp_path / "[p].html")
    assert done.exit_code == 0, done.exception
    assert "Patient/[/b]x" in done.output and "[/red]gout" in done.output and "[p].html" in done.output


def test_json_has_origins_sources_and_what_was_refused(folder, tmp_path):
    assert run(folder, "--html", tmp_path / "p.html", "--json", tmp_path / "p.json").exit_code == 0
    told = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))
    by_name = {one["name"]: one for one in told["parameters"]}
    assert by_name["weight"]["origin"] == "measured"
    assert by_name["weight"]["source"] == "observations.csv:6"
    assert by_name["body_surface_area"]["value"] == pytest.approx((70 * 175 / 3600) ** 0.5)
    assert by_name["ideal_body_weight"]["value"] == pytest.approx(70.46, abs=0.01)
    sugar = next(one for one in told["values"] if one["name"] == "hba1c")
    assert (sugar["value"], sugar["change"]) == (6.0, pytest.approx(0.5))
    assert [one["what"] for one in told["refused"]] == ["observations.csv:8"]
    assert "observations.csv:2" in next(one for one in told["risks"] if "Framingham" in one["label"])["basis"]


def test_what_is_not_stated_is_the_populations_and_says_so(tmp_path):
    (tmp_path / "observations.csv").write_text(OBSERVATIONS.split("2026-03-01T11:00:00Z,body")[0], encoding="utf-8")
    assert run(tmp_path, "--html", tmp_path / "p.html", "--json", tmp_path / "p.json").exit_code == 0
    told = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))
    assert {one["name"]: one["origin"] for one in told["parameters"]} == dict.fromkeys(
        ("age", "weight", "height"), "prior"
    )


def test_fhir_out_is_valid_and_rests_on_what_was_measured(folder):
    (folder / "observations.csv").write_text(OBSERVATIONS + SIGNS, encoding="utf-8")
    record = read(folder)
    ids = np.array([f"Observation/{i}" for i in range(len(record.observations))], dtype=object)
    record = replace(record, observations=record.observations.replace(id=ids))
    at = record.last
    told = bundle(Study(record, at, subject_of(record, at), shown(record, at), list(assessed(record, at)), (), 0))
    assert issues(json.dumps(told).encode()) == []
    kinds = set()
    for one in (entry["resource"] for entry in told["entry"]):
        assert issues(json.dumps(one).encode()) == []
        assert one["subject"] == {"reference": "Patient/7"}
        assert one["method"]["text"].startswith("published score: ")
        rests = {part["reference"] for part in one.get("basis") or one["derivedFrom"]}
        assert rests <= set(ids)
        kinds.add(one["resourceType"])
    assert kinds == {"Observation", "RiskAssessment"}


def test_lines_of_tables_are_no_references_of_fhir(folder):
    (folder / "observations.csv").write_text(OBSERVATIONS + SIGNS, encoding="utf-8")
    record = read(folder)
    study = Study(record, record.last, subject_of(record, record.last), (), list(assessed(record, record.last)), (), 0)
    assert "observations.csv" not in json.dumps(bundle(study))


def test_the_page_is_whole_escaped_and_fetches_nothing(folder, tmp_path):
    assert run(folder, "--html", tmp_path / "p.html").exit_code == 0
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert EVIL not in page and "&lt;script&gt;" in page
    assert "not a cleared medical device" in page and "prefers-color-scheme" in page
    found = Elements(page)
    assert not found.open
    assert not [a for _, attributes in found.seen for a in attributes if a in ("src", "onclick", "onload")]
    assert all(v.startswith("#") for _, attributes in found.seen for a, v in attributes.items() if a == "href")
    ids = [attributes["id"] for _, attributes in found.seen if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {"risks", "body", "values", "drugs", "refused"} <= set(ids)
    labelled = [attributes["aria-labelledby"] for _, attributes in found.seen if "aria-labelledby" in attributes]
    assert labelled and set(labelled) <= set(ids)


class Elements(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.seen, self.open = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag not in ("meta", "br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    "arguments", [("none.json",), ("record", "--at", "yesterday"), ("record", "--patient", "9"), ("empty",)]
)
def test_what_cannot_be_done_is_one_plain_error(folder, tmp_path, arguments):
    (tmp_path / "empty").mkdir()
    done = run(tmp_path / arguments[0], *arguments[1:])
    assert isinstance(done.exception, BadInput)
    assert "\n" not in str(done.exception)


def test_early_warning_rests_on_the_signs_of_the_last_hours_alone(folder):
    (folder / "observations.csv").write_text(OBSERVATIONS + SIGNS, encoding="utf-8")
    record = read(folder)

    def news(at):
        return next(one for one in assessed(record, posix(at)) if "NEWS2" in one.label)

    # RCP 2017, chart 1: 22/min 2, 94 % 1, oxygen 2, 105 mmHg 1, 112/min 2, 38.3 C 1, alert 0
    assert news("2026-03-01T12:00:00Z").risk.value == 9
    later = news("2026-03-02T12:00:00Z")
    assert later.risk is None and "Pulse" in later.why_not


@pytest.mark.parametrize(
    ("patient", "condition", "why"),
    [("7,male,2012-03-01", "asthma", "16 years"), ("7,female,1991-03-01", "pregnancy", "pregnant")],
)
def test_early_warning_is_not_for_children_and_pregnant_women(folder, patient, condition, why):
    # RCP 2017: not for people under 16 nor in pregnancy
    (folder / "observations.csv").write_text(OBSERVATIONS + SIGNS, encoding="utf-8")
    (folder / "patient.csv").write_text(f"id,sex,birth_date\n{patient}\n", encoding="utf-8")
    (folder / "conditions.csv").write_text(f"start,condition\n2026-01-01T00:00:00Z,{condition}\n", encoding="utf-8")
    news = next(one for one in assessed(read(folder), posix("2026-03-01T12:00:00Z")) if "NEWS2" in one.label)
    assert news.risk is None and why in news.why_not


def test_a_child_is_not_measured_by_the_ranges_of_adults(folder):
    at = posix("2026-03-01T12:00:00Z")
    assert any(one.normal for one in shown(read(folder), at))
    (folder / "patient.csv").write_text("id,sex,birth_date\n7,male,2019-03-01\n", encoding="utf-8")
    child = read(folder)
    assert not any(one.normal or one.outside for one in shown(child, at))
    # that a score is not for children comes before what is missing for it
    told = {one.label: one.why_not for one in assessed(child, at)}
    assert all("age" in why for label, why in told.items() if "PREVENT" in label or "SCORE2" in label), told


def test_an_unknown_outcome_is_refused_before_the_work(folder, tmp_path):
    done = run(folder, "--rank", "nonsense", "--html", tmp_path / "p.html")
    assert isinstance(done.exception, BadInput) and "hypotension" in str(done.exception)
    assert not (tmp_path / "p.html").exists()
