"""The report: self-contained, escaped, readable, drawn from a real replay."""

import importlib.util
from collections.abc import Iterable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from twinward.core import Action, Scenario
from twinward.core.kinds import view
from twinward.core.scoreboard import Scoreboard
from twinward.core.times import DAY, HOUR
from twinward.errors import BadInput
from twinward.twins.hospital.file import load
from twinward.twins.hospital.model import HospitalModel
from twinward.twins.hospital.replay import Plan, Replay
from twinward.twins.hospital.result import FlowMap, ReplayResult
from twinward.web.report import render
from twinward.web.report.calibration import binomial_band
from twinward.web.report.flow import drawn
from twinward.web.report.html import tag
from twinward.web.report.layers import layers
from twinward.web.report.tokens import DARK, LIGHT

HOSPITAL = Path(__file__).parents[2] / "twins" / "hospital"
SECTIONS = {
    "tiles", "census", "calibration", "rests", "scores", "whatif", "flow", "next-step", "remaining", "present",
    "quarantine",
}  # fmt: skip
EVIL = "<script>alert('x')</script>\"&"
VOID = {"meta", "br", "hr"}


class Parsed(HTMLParser):
    """Elements with their attributes, and whether every one is closed where it should be."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: Iterable[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.words.append(data)

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for element, attributes in self.elements if element == name]


@pytest.fixture(scope="module")
def result() -> ReplayResult:
    """A replay of a simulated small hospital."""
    spec = importlib.util.spec_from_file_location("_world", HOSPITAL / "test_replay.py")
    assert spec is not None and spec.loader is not None
    world = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(world)
    small = load(HOSPITAL / "small.toml")
    plan = Plan(world.START + 8 * DAY, every=6 * HOUR, horizon=24 * HOUR, members=40, seed=2)
    going = Replay(HospitalModel(small), world.world(small, 14, 5), world.observed, plan)
    going.run()
    scenarios = {name: Scenario(name, (Action("arrivals", value),)) for name, value in (("surge", 1.5), (EVIL, 0.5))}
    return going.result("world", scenarios=scenarios, notes=("a note",), quarantine={"no time": 3})


@pytest.fixture(scope="module")
def page(result: ReplayResult) -> str:
    return render(result)


@pytest.fixture(scope="module")
def nothing(result: ReplayResult) -> ReplayResult:
    frames = {
        name: getattr(result, name).iloc[:0] for name in ("learned", "census", "next_step", "remaining", "present")
    }
    flow = FlowMap(result.flow.nodes.iloc[:0], result.flow.edges.iloc[:0])
    return replace(result, board=Scoreboard(), comparison=None, notes=(), quarantine={}, flow=flow, **frames)


def test_every_section_stands_in_well_formed_html(page: str) -> None:
    parsed = Parsed(page)
    assert not parsed.open
    ids = [attributes["id"] for _, attributes in parsed.elements if "id" in attributes]
    assert set(ids) >= SECTIONS and len(ids) == len(set(ids))
    assert "Research and education only, not a cleared medical device." in " ".join(parsed.words)


def test_it_fetches_nothing(page: str) -> None:
    for element, attributes in Parsed(page).elements:
        assert element not in ("link", "img", "iframe", "object")
        for name in ("src", "href", "xlink:href", "action", "srcset"):
            assert (attributes.get(name) or "#").startswith("#")
    assert "url(" not in page and "@import" not in page and "http" not in page


def test_a_name_is_never_markup(result: ReplayResult) -> None:
    nodes, edges = result.flow.nodes.copy(), result.flow.edges.copy()
    old = nodes.loc[0, "name"]
    nodes.loc[0, "name"] = EVIL
    present = result.present.assign(case=EVIL, unit=EVIL, next=EVIL)
    flow = FlowMap(nodes, edges.replace({"source": {old: EVIL}, "target": {old: EVIL}}))
    parsed = Parsed(
        render(
            replace(result, title=EVIL, subject=EVIL, notes=(EVIL,), present=present, flow=flow, quarantine={EVIL: 1})
        )
    )
    assert len(parsed.named("script")) == 1 and not parsed.open
    assert parsed.words.count(EVIL) >= len(present)


def test_empty_tables_leave_a_report_that_says_so(nothing: ReplayResult) -> None:
    parsed = Parsed(render(nothing))
    assert {attributes.get("id") for _, attributes in parsed.elements} >= SECTIONS
    words = " ".join(parsed.words)
    for said in ("No scenario was rehearsed.", "No patient has moved yet.", "Every row was used.", "Nothing to show"):
        assert said in words
    assert "nan" not in words.lower().split()


def test_without_a_comparison_the_scored_forecast_is_drawn(result: ReplayResult) -> None:
    alone = render(replace(result, comparison=None))
    assert "next b95" in alone and 'class="now"' in alone


def test_every_picture_tells_what_it_shows_and_every_table_has_heads(page: str) -> None:
    parsed = Parsed(page)
    pictures, tables = parsed.named("svg"), parsed.named("table")
    assert len(pictures) > 5 and len(tables) >= 6
    assert all(picture["role"] == "img" and picture["aria-label"] for picture in pictures)
    assert len([1 for element, _ in parsed.elements if element == "desc"]) == len(pictures)
    assert len(parsed.named("caption")) == len(tables)
    assert all("scope" in head for head in parsed.named("th"))


def test_a_chooser_offers_every_unit(page: str, result: ReplayResult) -> None:
    parsed = Parsed(page)
    assert len(parsed.named("option")) == len(result.units) + 1 == len(parsed.named("figure"))


def test_at_most_sixty_patients_are_listed(result: ReplayResult) -> None:
    many = pd.concat([result.present] * 20, ignore_index=True).head(75)
    assert "and 15 more" in render(replace(result, present=many))


def test_best_method_is_ticked(page: str, result: ReplayResult) -> None:
    summary = result.board.summary()
    groups = summary.groupby(["variable", "lead"])["crps"]
    ties = sum(int((rows == rows.min()).sum()) for _, rows in groups)
    scores = page[page.index('id="scores"') : page.index('id="whatif"')]
    assert scores.count("<strong>✓ ") == ties


def test_worse_is_told_by_shape(page: str) -> None:
    table = page[page.index('id="whatif"') : page.index('id="flow"')]
    assert 'aria-label="worse">▲' in table and 'aria-label="better">●' in table


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("surface", ["bg", "surface", "surface-2"])
@pytest.mark.parametrize("role", ["text", "muted", "accent", "past", "fine", "watch", "act", "measured"])
def test_contrast_meets_wcag_aa(theme: dict[str, str], surface: str, role: str) -> None:
    light, dark = sorted((_luminance(theme[role]), _luminance(theme[surface])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_the_chance_range_holds_its_level() -> None:
    rng = np.random.default_rng(3)
    low, high = binomial_band(200, 0.1)
    hits = rng.binomial(200, 0.1, 20_000) / 200
    assert 0.93 < ((hits >= low) & (hits <= high)).mean() < 0.98
    assert binomial_band(1, 0.1) == (0.0, 1.0)


def test_layers_follow_the_flow_whatever_circles_there_are() -> None:
    edges = [("in", "see"), ("see", "out"), ("see", "test"), ("test", "see"), ("test", "out"), ("in", "in")]
    assert [set(column) for column in layers(["out", "test", "see", "in"], edges)] == [
        {"in"},
        {"see"},
        {"test", ("see", "out", 2)},
        {"out"},
    ]
    assert layers([], []) == []


def test_every_activity_that_follows_another_is_drawn_so() -> None:
    moves = pd.DataFrame({"source": ["in", "see", "see"], "target": ["see", "out", "died"], "count": [1000, 990, 1]})
    assert set(drawn(moves, 1000.0)["target"]) == {"see", "out", "died"}


def test_text_is_escaped_but_elements_are_not() -> None:
    assert tag("a", "<", tag("b", "&"), href='"') == '<a href="&quot;">&lt;<b>&amp;</b></a>'


def test_the_hospital_has_a_view_and_an_unknown_kind_has_none() -> None:
    assert view("hospital").report is render
    with pytest.raises(BadInput, match=r"one of: .*hospital"):
        view("teapot")
