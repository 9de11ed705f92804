"""Bedside and clinic of one patient: who may open them, what they say, that reading is written in the trail."""

import asyncio
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from twinward.core.observation import Observation, Observations
from twinward.errors import BadInput
from twinward.journal.base import Access
from twinward.twins.patient.risk import Prevent
from twinward.twins.patient.risk.prevention import prevention_plan
from twinward.twins.patient.unexplained import Unexplained
from twinward.web.bedside.session import PLANS, Bedside, Session, Sure
from twinward.web.bedside.waves import Waves
from twinward.web.centre import bedside, clinic, install, site
from twinward.web.centre.glucose import GlucosePlans
from twinward.web.centre.tumour import TumourPlans
from twinward.web.clinic.tumour import Size
from twinward.web.security import Role, Security, routes

TRAIL: list[Access] = []
PATIENT = "Patient/P000001"
SIGNS = {"heart_rate": (118.0, "/min"), "systolic_blood_pressure": (88.0, "mm[Hg]"),
         "diastolic_blood_pressure": (62.0, "mm[Hg]"), "oxygen_saturation": (95.0, "%")}  # fmt: skip
LONG_AGO = {"systolic_blood_pressure": (151.0, "mm[Hg]"), "cholesterol": (232.0, "mg/dL"),
            "hba1c": (6.1, "%"), "smoking_status": (np.nan, "")}  # fmt: skip
NAMES = ("heart_rate", "systolic_blood_pressure", "diastolic_blood_pressure", "mean_arterial_pressure",
         "oxygen_saturation", "end_tidal_carbon_dioxide", "respiratory_rate", "body_temperature")  # fmt: skip


def measured(now: float) -> Observations:
    """A year ago a check-up, and three hours of vital signs."""
    rows = [Observation(PATIENT, name, now - 365 * 86400.0, *told) for name, told in LONG_AGO.items()]
    rows += [Observation(PATIENT, n, now - 3600.0 * h, *told) for n, told in SIGNS.items() for h in (3, 2, 1)]
    return Observations.of(rows)


@pytest.fixture(scope="module")
def centre(fake: Any) -> Any:
    """The fake centre, which knows one patient of 61 years with measurements."""

    class Knows(fake.FakeCentre):
        def seen(self, twin: str, since: float, until: float) -> Observations:
            found = measured(self.now())
            rows = (found.subject == twin) & (found.time > since) & (found.time <= until)
            return found[rows]

        def graph(self, reference: str) -> dict[str, Any]:
            told = super().graph(reference)
            return told | {"attributes": {"sex": "male", "age": 61.0}} if reference == PATIENT else told

    return Knows()


async def _record(accesses: Sequence[Access]) -> None:
    TRAIL.extend(accesses)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, centre: Any) -> Iterator[tuple[TestClient, Security, FastAPI]]:
    """The pages with security in front of them; bodies are fitted elsewhere, not once a page that is opened."""

    def unfitted(*_: Any) -> None:
        raise BadInput("body", "none", "a test that fits one")

    app = FastAPI()
    security = Security(tmp_path_factory.mktemp("home"), _record)
    install(app, centre, security)
    security.install(app)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bedside, "Session", unfitted)
        with TestClient(app, base_url="http://localhost") as client:
            yield client, security, app
    security.close()


def ask(door: tuple[TestClient, Security, FastAPI], role: Role | None, path: str, names: bool | None = None) -> Any:
    client, security, _ = door
    headers = {"accept": "text/html"}
    if role is not None:
        names = role >= Role.CLINICIAN if names is None else names
        name = f"{role.label}-{names}"
        if not security.users.exists(name):
            security.users.add(name, role, names=names)
        headers["authorization"] = f"Bearer {security.users.add_token(name, 'test')[0]}"
    return client.get(path, headers=headers, follow_redirects=False)


@pytest.mark.parametrize("page", ["bedside", "clinic"])
def test_without_a_login_a_patients_page_leads_to_the_login(door: Any, page: str) -> None:
    answer = ask(door, None, f"/{page}/{PATIENT}")
    assert answer.status_code in (303, 401)
    assert "/login" in answer.headers.get("location", "") + answer.text
    assert "118" not in answer.text


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.OPERATOR, Role.ADMIN])
@pytest.mark.parametrize(("page", "words"), [("bedside", "Compare treatments"), ("clinic", "What would prevention")])
def test_who_may_see_patients_by_name_gets_the_page_and_the_trail_a_line(
    door: Any, page: str, words: str, role: Role
) -> None:
    TRAIL.clear()
    answer = ask(door, role, f"/{page}/{PATIENT}")
    assert answer.status_code == 200 and words in answer.text
    assert {(one.action, one.patient, one.outcome) for one in TRAIL} == {("read", PATIENT, 200)}


@pytest.mark.parametrize(("page", "words"), [("bedside", "Compare treatments"), ("clinic", "What would prevention")])
def test_who_may_not_gets_a_refusal_that_is_written(door: Any, page: str, words: str) -> None:
    TRAIL.clear()
    answer = ask(door, Role.VIEWER, f"/{page}/{PATIENT}")
    assert "Not yours to see" in answer.text and words not in answer.text
    assert {one.patient for one in TRAIL} == {PATIENT} and 403 in {one.outcome for one in TRAIL}


def test_both_routes_are_guarded(door: Any) -> None:
    _, security, app = door
    security.check(app)
    assert {"/bedside/{reference:path}", "/clinic/{reference:path}"} <= {route.path for route in routes(app)}


def test_the_page_of_a_twin_leads_to_bedside_and_clinic(door: Any) -> None:
    text = ask(door, Role.CLINICIAN, f"/twin/{PATIENT}").text
    for page in ("bedside", "clinic"):
        assert f"/{page}/{PATIENT}" in text


def test_the_clinic_begins_with_what_was_measured_and_says_so(door: Any, centre: Any) -> None:
    text = unescape(ask(door, Role.CLINICIAN, f"/clinic/{PATIENT}").text)
    told, begun = clinic._start(SimpleNamespace(centre=centre), PATIENT)  # type: ignore[arg-type]
    assert {name for name, words in begun.items() if words == "measured"} == {"age", "total_cholesterol"}
    assert begun["systolic_blood_pressure"].startswith("measured 88") and "beyond" in begun["systolic_blood_pressure"]
    assert told["age"] == 61.0 and told["sex"] == "male"
    assert told["systolic_blood_pressure"] == 90.0  # the lower end of PREVENT's range
    assert told["total_cholesterol"] == pytest.approx(232 * 0.02586)
    for words in (
        "Total cholesterol [mmol/L], measured",
        "HDL cholesterol [mmol/L], assumed",
        "HbA1c [%]",
        "Systolic pressure [mmHg], measured 88, which is beyond the score: its nearest: 90",
    ):
        assert words in text
    risk = Prevent(10).risk(**told).value
    assert f"{100 * risk:.1f} %" in text
    assert "not a cleared medical device" in text


def test_another_way_of_life_is_told_together_and_what_changes_nothing_with_why(door: Any, centre: Any) -> None:
    text = unescape(ask(door, Role.CLINICIAN, f"/clinic/{PATIENT}").text)
    told, _ = clinic._start(SimpleNamespace(centre=centre), PATIENT)  # type: ignore[arg-type]
    life = ("lose_weight", "be_active", "mediterranean_diet")
    plan = prevention_plan(told | {"active": False, "mediterranean_diet": False}, only=life)
    assert plan.together.reduction > 0
    low, high = (100 * end for end in plan.together.interval)
    for words in (
        f"{100 * plan.together.risk_after:.1f} %",
        f"{low:.1f} to {high:.1f} points less",
        "Stop smoking: does not smoke",
        "150 minutes of moderate activity a week",
    ):
        assert words in text


def test_insulin_is_planned_for_who_wears_a_sensor(door: Any, centre: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "What would glucose do?" not in ask(door, Role.CLINICIAN, f"/clinic/{PATIENT}").text

    def seen(twin: str, since: float, until: float) -> Observations:
        times = centre.now() - 300.0 * np.arange(40, 0, -1)
        return Observations.of([Observation(twin, "interstitial_glucose", t, 150.0, "mg/dL") for t in times])

    monkeypatch.setattr(centre, "seen", seen)
    text = unescape(ask(door, Role.CLINICIAN, f"/clinic/{PATIENT}").text)
    for words in (
        "What would glucose do?",
        "40 readings",
        "meals and doses told: 0",
        "type 2",
        "Bolus [U]: 4.50",
    ):
        assert words in text


def test_the_card_of_insulin_tells_plans_or_why_not(centre: Any) -> None:
    now = centre.now()
    rows = [Observation(PATIENT, "interstitial_glucose", now - 300.0 * k, 150.0, "mg/dL") for k in range(40, 0, -1)]
    card = GlucosePlans.__new__(GlucosePlans)  # without its sliders, which need a browser
    card.screen, card.twins = SimpleNamespace(centre=centre), {}  # type: ignore[assignment]
    card.kind = "type 1"
    card._made = (PATIENT, {"weight": 80.0}, Observations.of(rows))
    card.asked = {"carbohydrate": 45.0, "bolus": 4.5, "basal": 80.0}
    text = card.compare()
    for words in (
        "no bolus",
        "bolus 15 min before",
        "bolus with the meal, basal 80 %",
        "mg/dL",
        "not a cleared medical",
    ):
        assert words in text
    card.asked["bolus"] = 1e6
    assert "could not be rehearsed" in card.compare()
    card.kind = "type 2"
    card.asked = {"carbohydrate": 45.0, "walk": 40.0, "minutes": 30.0, "basal": 0.5, "metformin": 100.0}
    text = card.compare()
    assert "a walk after it" in text and "Holds for diabetes of type 2 alone" in text
    card.asked["walk"] = 900.0
    assert "could not be rehearsed" in card.compare()


def test_a_tumour_is_asked_for_where_none_was_measured_and_told_where_one_was(
    door: Any, centre: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = unescape(ask(door, Role.CLINICIAN, f"/clinic/{PATIENT}").text)
    assert "A tumour is treated" in text and "Now [mm], assumed: 90" in text

    def seen(twin: str, since: float, until: float) -> Observations:
        sizes = ((12, 80.0), (6, 61.0), (0.5, 55.0))
        return Observations.of([Observation(twin, "tumour_size", centre.now() - w * 7 * 86400, mm) for w, mm in sizes])

    monkeypatch.setattr(centre, "seen", seen)
    text = unescape(ask(door, Role.CLINICIAN, f"/clinic/{PATIENT}").text)
    assert "before treatment [mm], measured: 80" in text and "Weeks treated, measured: 11.5" in text


def test_the_card_of_a_tumour_tells_courses_or_why_not() -> None:
    card = TumourPlans.__new__(TumourPlans)  # without its sliders, which need a browser
    card.person, card.neutrophils = {"sex": "male"}, 4.1
    card.sizes = [Size(0.0, 80.0), Size(6.0, 61.0), Size(12.0, 55.0)]
    card.asked = {"before": 80.0, "now": 55.0, "weeks": 12.0, "dose": 60.0, "interval": 3.0, "surface": 1.8,
                  "fractions": 20.0, "gray": 2.75, "tumour_alpha_beta": 10.0, "late_alpha_beta": 3.0}  # fmt: skip
    text = card.compare()
    for words in ("Told from 3 sizes", "stopped", "Neutrophils: lowest count", "20 x 2.75 Gy", "58.4", "not a cleared"):
        assert words in text
    card.asked["dose"] = 900.0
    assert "could not be rehearsed: chemotherapy: dose" in card.compare()


def test_of_somebody_unknown_the_clinic_assumes_everything_and_says_so(centre: Any) -> None:
    told, begun = clinic._start(SimpleNamespace(centre=centre), "Patient/unknown")  # type: ignore[arg-type]
    assert set(begun.values()) == {"assumed"} and len(begun) == 6
    assert 0.0 < Prevent(10).risk(**told).value < 0.2


def bands() -> Bedside:
    """A present as the session tells it."""
    signs = {name: (value, value - 4.0, value + 4.0) for name, value in zip(
        NAMES, (118.0, 88.0, 62.0, 71.0, 95.0, 31.0, 24.0, 38.6), strict=True)}  # fmt: skip
    told = [Sure("Vascular resistance", (0.7, 1.0, 1.4), (0.6, 0.65, 0.7), True),
            Sure("<b>Shunt</b>", (0.3, 1.0, 2.7), (0.3, 1.0, 2.7), False)]  # fmt: skip
    measured = {"respiratory_rate": 24.0, "oxygen_saturation": 95.0, "systolic_blood_pressure": 88.0,
                "heart_rate": 118.0, "body_temperature": 38.6}  # fmt: skip
    odd = [Unexplained("lactate", "<u>Lactate</u>", 4.2, 0.8, 1.3, "mmol/L")]
    return Bedside(1.0e9, signs, signs, {}, told, 12, ("<i>heart rate</i> is 250 /min",), measured, odd, 61.0)


def test_the_monitor_tells_numbers_with_units_and_where_they_are_likely(centre: Any) -> None:
    text = bedside._numbers(SimpleNamespace(centre=centre), bands())  # type: ignore[arg-type]
    for words in ("118", "/min", "in 1 h 114–122", "88/62", "MAP 71", "12 observations", "38.6"):
        assert words in text
    assert "<i>heart" not in text and "&lt;i&gt;heart" in text  # what is outside is shown, and escaped
    assert "not explained by this body" in text and "4.20 mmol/L" in text and "0.80 to 1.30" in text
    assert "<u>" not in text


def test_the_early_warning_is_the_published_score_and_not_told_by_colour_alone() -> None:
    # RCP 2017, chart 1: 24/min 2, 95 % 1, air 0, 88 mmHg 3, 118/min 2, alert 0, 38.6 C 1
    text = bedside._warning(bands())
    assert "▲ 9" in text and "Royal College of Physicians 2017" in text
    # oxygen that is given counts 2; what is not measured is not taken from the twin; it is not for children
    assert "▲ 11" in bedside._warning(replace(bands(), signs=bands().signs | {"oxygen_flow": 2.0}))
    silent = bedside._warning(replace(bands(), signs={"heart_rate": 118.0}))
    assert "not measured in 12 h" in silent and "respiration rate" in silent and "▲" not in silent
    assert "not for people under 16" in bedside._warning(replace(bands(), age=9.0))


def test_parameters_say_what_was_inferred_and_are_read_without_seeing() -> None:
    text = bedside._parameters(bands())
    assert "inferred" in text and "prior" in text and "<b>Shunt" not in text
    assert re.search(r'aria-label="before 0\.70 to 1\.40, now 0\.60 to 0\.70"', text)
    assert "not a cleared medical device" in text


@pytest.fixture(scope="module")
def session(centre: Any) -> Iterator[Session]:
    """One body fitted as the page does it, of fewer members and for a shorter time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twinward.web.bedside.session.MEMBERS", 10)
        patch.setattr("twinward.web.bedside.session.HORIZON", "1 h")
        yield Session(centre, PATIENT, {"sex": "male", "age": 61.0})


def test_the_session_fits_what_came_and_draws_it(session: Session) -> None:
    told = session.refresh()
    assert told is not None and told.fitted == 12
    assert told.vitals["heart_rate"][0] > 90.0  # 118 was measured, 72 is usual
    assert told.signs["heart_rate"] == 118.0 and told.age == 61.0
    assert all(low <= middle <= high for middle, low, high in told.vitals.values())
    assert set(told.bands) >= set(NAMES)
    assert any(one.inferred for one in told.parameters)
    assert session.monitor is not None
    chunk = session.monitor.next(1.0)
    assert {len(trace) for trace in chunk.traces.values()} == {100}


def test_what_came_twice_is_seen_once(session: Session) -> None:
    first, again = session.refresh(), session.refresh()
    assert first is not None and again is not None
    assert first.vitals == again.vitals


def test_ready_plans_are_compared_with_going_on_and_shown_with_intervals(session: Session) -> None:
    session.refresh()
    compared = session.compare()
    names = {"as it is", *PLANS}
    rows = compared.table(0.9)
    assert set(rows["scenario"]) == names
    given = rows[rows["outcome"] == "fluid_given"].set_index("scenario")["level"]
    assert given["500 mL crystalloid in 30 min"] - given["as it is"] == pytest.approx(500.0, rel=1e-3)
    text = bedside._compared(compared)
    assert all(name in text for name in names) and " to " in text
    assert "not a cleared medical device" in text


def test_of_whom_nothing_was_measured_nothing_is_drawn(centre: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twinward.web.bedside.session.MEMBERS", 8)
        nobody = Session(centre, "Patient/unknown", {})
    assert nobody.refresh() is None and nobody.monitor is None


def test_waves_are_sent_rounded_and_of_one_length(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    waves = SimpleNamespace(run_method=lambda *told: sent.append(told))
    Waves.push(waves, 2.0, 0.01, {"ecg": np.array([0.12345, 1.0]), "capnogram": np.array([1.0, 2.0, 3.0])})  # type: ignore[arg-type]
    assert sent == [("push", {"start": 2.0, "step": 0.01, "count": 2,
                              "data": {"ecg": [0.123, 1.0], "capnogram": [1.0, 2.0]}})]  # fmt: skip


def test_the_script_of_the_waves_lies_beside_them_and_fetches_nothing() -> None:
    import twinward.web.bedside as home

    script = (Path(home.__file__).parent / "waves.js").read_text(encoding="utf-8")
    assert "http" not in script and "prefers-reduced-motion" in script


def test_while_a_body_is_compiled_the_page_says_so_and_comes_later(monkeypatch: pytest.MonkeyPatch) -> None:
    said, built, done, asked = [], [], threading.Event(), []
    nobody: Any = None  # what is built here looks at neither centre nor screen

    async def build(screen: Any, reference: str) -> None:
        built.append(reference)

    def compiling(name: str) -> Any:
        asked.append(name)
        done.wait(20.0)
        return SimpleNamespace(build=build)

    monkeypatch.setattr(site, "_COMPILING", 0.05)
    monkeypatch.setattr(site, "import_module", compiling)
    monkeypatch.setattr(site, "_nothing", lambda strong, words: said.append(strong))

    async def opened() -> None:
        pages = site.Site(nobody, nobody)
        await pages._patient("bedside", nobody, PATIENT)
        assert (said, built) == (["Not ready yet"], [])
        done.set()
        await asyncio.wait(pages._loading.values())
        await pages._patient("bedside", nobody, PATIENT)

    asyncio.run(opened())
    assert (said, built, asked) == (["Not ready yet"], [PATIENT], ["twinward.web.centre.bedside"])
