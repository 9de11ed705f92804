"""Plays the tables' experiments on the body and judges every row that names a direction."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from twinward.errors import TwinwardError
from twinward.twins.patient.body.body import Body
from twinward.twins.patient.body.couplings import COUPLINGS
from twinward.twins.patient.body.layout import STATES
from twinward.twins.patient.body.spirometry import spirometry
from twinward.twins.patient.body.vitals import WATCH, vitals
from twinward.twins.patient.evidence.scenarios.protocol import PROTOCOL, Experiment
from twinward.twins.patient.evidence.scenarios.quantities import quantity, spirometer, tolerances

FILE = "patient/physiology_scenarios_biogears.json"
# Seconds averaged: three breaths at rest; where the table leaves so much time, ten, in which the beats meet every phase
# of the breath, as they do once in 50 s at rest (what the heart moves in the airway is a tenth of a peak flow).
_LOOK, _ROUND, _LONG = 15.0, 50.0, 120.0
_TIMES = ("Action Occurrence Time (s)", "Occurrence Time (s)")
_SAMPLES = ("Sampled Scenario Time (s)", "Sample Scenario Time (s)")
_WATCHED = tuple({one.name for one in COUPLINGS} | {"left_ventricle", "right_ventricle", "fibrillation"} | set(WATCH))
_ZERO = 0.05  # share of the resting value below which something has gone to zero


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the tables.

    Args:
        number: its place in the file.
        sheet, section: where it stands.
        context: which of the section's contexts it belongs to, from 0.
        at, sample: seconds of the experiment, as far as the table says.
        direction: what is accepted: "up", "down", "none", "zero", "to_baseline".
        normal: the table compares with the resting value, not with the value before.
        engine: how the engine that published the table scored.
    """

    number: int
    sheet: str
    section: str
    context: int
    at: float | None
    sample: float | None
    quantity: str
    expected: str
    direction: tuple[str, ...]
    normal: bool
    engine: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the body did in one row."""

    row: Row
    rest: float
    before: float
    after: float
    agrees: bool
    reason: str

    def line(self) -> str:
        """One line of a listing."""
        told = "agrees" if self.agrees else "DISAGREES"
        row = self.row
        return (
            f"{row.number:5d} {told:9s} {row.sheet}/{row.section} [{row.context}] {row.quantity}: expected "
            f"{'/'.join(row.direction)} ({row.expected[:60]}); {self.before:.4g} -> {self.after:.4g} "
            f"(rest {self.rest:.4g}) {self.reason}"
        )


def rows(path: Path) -> list[Row]:
    """The rows that name a direction, in the file's order."""
    found: list[Row] = []
    last: object = None
    context, seen = -1, None
    for number, raw in enumerate(json.loads(path.read_text(encoding="utf-8"))["rows"]):
        place = (raw["source"].split("/")[-1].removesuffix("Methodology.md"), raw["section"])
        if place != last:
            last, context, seen = place, -1, None
        if raw["context"] != seen:
            seen, context = raw["context"], context + 1
        if raw["direction"] is None:
            continue
        expected = str(raw["expected"])
        lowered = expected.lower()
        # "156% of baseline" names a direction, from rest, though the parsed column says "none"
        percent = raw.get("percent_of_baseline")
        direction = tuple(raw["direction"])
        if percent is not None and direction == ("none",) and min(percent) > 100.0:
            direction = ("up",)
        elif percent is None:
            direction = either(direction, lowered)
        found.append(
            Row(
                number, place[0], place[1], context,
                _seconds(raw["context"], _TIMES), _seconds(raw["context"], _SAMPLES),
                raw["quantity"], expected, direction,
                percent is not None or lowered.startswith("normal") or "from normal" in lowered
                or "of normal" in lowered or "of healthy" in lowered or "baseline" in lowered or " base" in lowered,
                str(raw["engine_result"]),
            )
        )  # fmt: skip
    return found


_HELD = r"(no change|nc|stable|remain|normal(?= or))"
_MOVED = {"up": r"(increase|rise)", "down": r"(decrease|drop)"}


def either(direction: tuple[str, ...], expected: str) -> tuple[str, ...]:
    """Both outcomes where the text names two that it takes, of which the parsed column has one.

    Args:
        expected: the row's text in small letters.

    Example:
        >>> either(("none",), "normal or slight increase > 45 mm hg"), either(("down",), "may drop or remain at 16")
        (('none', 'up'), ('down', 'none'))
        >>> either(("none",), "no change"), either(("up",), "returning to normal")
        (('none',), ('up',))
    """
    between = r"[^;,]{0,60}(;|\bor\b|\bto\b|\buntil\b)[^,]{0,40}"
    for way, words in _MOVED.items():
        one_then_other = rf"\b{_HELD}\b{between}{words}|{words}{between}\b{_HELD}\b"
        if {*direction} <= {"none", way} and len(direction) == 1 and re.search(one_then_other, expected):
            return (*direction, way if direction == ("none",) else "none")
    return direction


def _seconds(context: Mapping[str, str], names: Sequence[str]) -> float | None:
    for name in names:
        text = str(context.get(name, "")).replace(" s", "").split("-")[-1]
        try:
            return float(text)
        except ValueError:
            continue
    return None


def play(experiment: Experiment, by_context: Mapping[int, Sequence[Row]], body: Body) -> Iterator[Verdict]:
    """Run one experiment and judge its rows."""
    told = {row.quantity for found in by_context.values() for row in found}
    if any(step.set.get("pulsatile") == 0.0 for step in experiment):
        body = Body.at_rest(body.person, pulsatile=False)  # like is held against like
    look = _Looker(body, told)
    rest = look.until(body, body.time + _LONG)[1]
    for step in experiment:
        judged = by_context.get(step.row, ()) if step.row is not None else ()
        at = step.at if step.at is not None else (judged[0].at if judged else None)
        sample = step.sample if step.sample is not None else (judged[0].sample if judged else None)
        at = 0.0 if at is None else at
        if at - body.time > _LOOK:
            body, before = look.until(body, at)
        else:
            before = rest if step is experiment[0] else look.now(body)
            body = body.run(at - body.time, every=1.0, watch=(), record=0.001)[0] if at > body.time + 0.05 else body
        try:
            body = body.set(**step.set).give(**step.give)
            end = max(sample if sample is not None else at + 60.0, body.time + 2.0)
            if step.until is not None and step.until < end:
                body = _pass(body, step.until).set(**step.after)
            body, after = look.until(body, end)
            if step.until is not None and step.until >= end:
                body = body.set(**step.after)
        except TwinwardError as error:
            yield from (Verdict(row, math.nan, math.nan, math.nan, False, f"not played: {error}") for row in judged)
            continue
        for row in judged:
            yield _judge(replace(row, normal=row.normal or step.from_rest), rest, before, after)


def _pass(body: Body, until: float) -> Body:
    return body.run(until - body.time, every=until - body.time, watch=())[0] if until > body.time else body


class _Looker:
    """Reads the body over a stretch of a few breaths."""

    def __init__(self, body: Body, quantities: set[str]) -> None:
        names = {one.name for one in STATES} | {one.name for one in COUPLINGS}
        extra = {"pericardial_pressure", "pericardial_volume", "pulse_oximetry", "carboxyhaemoglobin",
                 "inspired_oxygen", "sodium_excretion", "adrenaline_endogenous", "acetylcholinesterase",
                 "body_weight", "creatinine", "desflurane_concentration", "oxygen_breathed", "carbon_breathed",
                 "drug_airway_resistance"}  # fmt: skip
        self.watch = tuple(name for name in {*_WATCHED, *extra} if name in names)
        self.blows = any(spirometer(one) for one in quantities)

    def until(self, body: Body, end: float) -> tuple[Body, dict[str, float]]:
        """Let time pass to `end` and read the last few breaths before it."""
        record = _LOOK if end - body.time < _LONG else _ROUND
        after, recording = body.run(end - body.time, every=0.02, watch=self.watch, record=record)
        told = vitals(recording, body.value("pulsatile") > 0.5)
        if self.blows:
            blown = spirometry(after)
            told |= {name: getattr(blown, name) for name in ("vital_capacity", "one_second", "middle_flow")}
        return after, told

    def now(self, body: Body) -> dict[str, float]:
        """Read the next few breaths without letting time pass for the experiment."""
        return self.until(body, body.time + _LOOK)[1]


def _judge(row: Row, rest: Mapping[str, float], before: Mapping[str, float], after: Mapping[str, float]) -> Verdict:
    read = quantity(row.quantity, row.expected)
    if read is None:
        return Verdict(row, math.nan, math.nan, math.nan, False, "the body has nothing of the kind")
    try:
        values = read(rest), read(before), read(after)
    except KeyError as missing:
        return Verdict(row, math.nan, math.nan, math.nan, False, f"the body does not tell {missing}")
    at_rest, was, now = values
    reference = at_rest if row.normal else was
    agrees = any(_agrees(kind, row.quantity, at_rest, reference, was, now) for kind in row.direction)
    return Verdict(row, at_rest, was, now, agrees, "")


def _agrees(kind: str, column: str, rest: float, reference: float, was: float, now: float) -> bool:
    unchanged, moved, absolute = tolerances(column)
    change = now - reference
    scale = 1.0 if absolute else max(abs(reference), abs(rest) * 0.05, 1e-9)
    if kind == "none":
        return abs(change) <= unchanged * scale
    if kind == "up":
        return change >= moved * scale
    if kind == "down":
        return change <= -moved * scale
    if kind == "zero":
        return abs(now) <= _ZERO * abs(rest)
    if kind == "to_baseline":
        return abs(now - rest) <= max(abs(was - rest), unchanged * (1.0 if absolute else abs(rest)))
    raise ValueError(kind)


def verdicts(path: Path, body: Body, only: str = "") -> Iterator[Verdict]:
    """Every row of the tables that names a direction, with its verdict; rows that nothing plays are told so.

    Args:
        only: part of a section's name; empty: all.
    """
    by_section: dict[tuple[str, str], list[Row]] = {}
    for row in rows(path):
        if only.lower() in f"{row.sheet} {row.section}".lower():
            by_section.setdefault((row.sheet, row.section), []).append(row)
    for place, found in by_section.items():
        played: set[int] = set()
        for experiment in PROTOCOL.get(place, ()):
            contexts = {step.row for step in experiment if step.row is not None}
            mine = {context: [row for row in found if row.context == context] for context in contexts}
            played |= contexts
            yield from play(experiment, mine, body)
        for row in found:
            if row.context not in played:
                yield Verdict(row, math.nan, math.nan, math.nan, False, "not played: the body has no such setting")
