"""The flow map: where patients went, how many, how long it took."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from twinward.twins.hospital.result import FlowMap
from twinward.web.report import svg
from twinward.web.report.html import Html, join, tag
from twinward.web.report.layers import Seat, layers
from twinward.web.report.numbers import hours

SHARE = 0.02  # of all cases; edges taken by fewer are not drawn
MOST = 36  # edges drawn
_NODE_W, _NODE_H, _PASS_H, _GAP_X, _GAP_Y, _PAD, _BACK = 132, 46, 16, 108, 22, 12, 24


@dataclass(frozen=True)
class _Box:
    x: float
    y: float


def card(flow: FlowMap) -> Html:
    """The map, and in words what is not drawn."""
    if not len(flow.nodes):
        return tag("p", "No patient has moved yet.", class_="empty")
    cases = float(flow.nodes["cases"].max())
    moves = flow.edges[flow.edges["source"] != flow.edges["target"]]
    shown = drawn(moves, cases)
    hidden = moves.drop(index=shown.index)
    words = (
        f"{len(hidden):,} rarer moves ({int(hidden['count'].sum()):,} of {int(moves['count'].sum()):,}) are not drawn; "
        "on a line: how many, median time; in a box: how often, median time until what follows; dashed: back to an "
        "earlier step; ↻: repeated at once."
    )
    picture = tag("div", _map(flow, shown), class_="wide map", tabindex=0, role="region", aria_label="Flow map")
    return join([picture, tag("p", words, class_="sub")])


def drawn(moves: pd.DataFrame, cases: float) -> pd.DataFrame:
    """The frequent moves, and the most frequent one into each activity, so that none stands as if it came first.

    Args:
        moves: as `FlowMap.edges`, the most frequent first, none from an activity to itself.
        cases: how many there are.
    """
    frequent = (moves["count"] >= SHARE * cases) & (pd.Series(range(len(moves)), index=moves.index) < MOST)
    return moves[frequent | ~moves.duplicated("target")]


def _map(flow: FlowMap, shown: pd.DataFrame) -> Html:
    names = list(flow.nodes["name"])
    columns = layers(names, list(zip(shown["source"], shown["target"], strict=True)))
    boxes, bottom = _seated(columns)
    width = 2 * _PAD + len(columns) * (_NODE_W + _GAP_X) - _GAP_X
    most = float(shown["count"].max()) if len(shown) else 1.0
    taken = [(b.x, b.y, b.x + _NODE_W, b.y + _NODE_H) for seat, b in boxes.items() if isinstance(seat, str)]
    lines, labels, back = [], [], 0
    for r in shown.sort_values("count").itertuples():
        source, target = boxes[r.source], boxes[r.target]
        forward = target.x > source.x
        passed = [box for seat, box in boxes.items() if not isinstance(seat, str) and seat[:2] == (r.source, r.target)]
        route = (
            _forward(source, passed, target) if forward else [_backward(source, target, bottom + _BACK * (back % 4))]
        )
        back += not forward
        told = f"{r.source} → {r.target}: {r.count:,}, median {hours(r.median_hours)}, 90 % within {hours(r.p90_hours)}"
        wide = 1 + 8 * r.count / most
        style = "edge" if forward else "edge back"
        lines.append(tag("path", tag("title", told), d=_path(route), stroke_width=f"{wide:.1f}", class_=style))
        labels += _label(route, wide, f"{r.count:,} · {hours(r.median_hours)}", taken)
    height = bottom + _PAD + (_BACK * (min(back, 4) - 1) + 10 if back else 0)
    again = flow.edges[flow.edges["source"] == flow.edges["target"]].set_index("source")["count"]
    nodes = [_node(boxes[r.name], r, int(again.get(r.name, 0))) for r in _named(flow.nodes)]
    first = flow.nodes.iloc[0]
    told = f"{len(names)} activities, {len(shown)} moves drawn; most frequent: {first['name']} ({first['events']:,})"
    picture = svg.picture(width, height, "Flow map", told, *lines, *nodes, *labels)
    return tag("div", picture, style=f"min-width:{0.8 * width:.0f}px;max-width:{1.2 * width:.0f}px")


def _seated(columns: Sequence[Sequence[Seat]]) -> tuple[dict[Seat, _Box], float]:
    """Where everything stands, and the lowest height used."""
    sizes = [[_NODE_H if isinstance(seat, str) else _PASS_H for seat in column] for column in columns]
    totals = [sum(size) + _GAP_Y * (len(size) - 1) for size in sizes]
    boxes: dict[Seat, _Box] = {}
    for i, (column, size, total) in enumerate(zip(columns, sizes, totals, strict=True)):
        y = _PAD + (max(totals) - total) / 2
        for seat, high in zip(column, size, strict=True):
            boxes[seat] = _Box(_PAD + i * (_NODE_W + _GAP_X), y)
            y += high + _GAP_Y
    return boxes, _PAD + max(totals) + 16


@dataclass(frozen=True)
class _Activity:
    name: str
    events: int
    median_hours: float


def _named(nodes: pd.DataFrame) -> list[_Activity]:
    return [_Activity(str(r["name"]), int(r["events"]), float(r["median_hours"])) for _, r in nodes.iterrows()]


Point = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]
Area = tuple[float, float, float, float]


def _forward(a: _Box, passed: Sequence[_Box], b: _Box) -> list[Curve]:
    """From side to side, level where it passes a layer."""
    here: Point = (a.x + _NODE_W, a.y + _NODE_H / 2)
    route: list[Curve] = []
    for box in sorted(passed, key=lambda box: box.x):
        begin, end = (box.x, box.y + _PASS_H / 2), (box.x + _NODE_W, box.y + _PASS_H / 2)
        route += [_bend(here, begin), _bend(begin, end)]
        here = end
    return [*route, _bend(here, (b.x, b.y + _NODE_H / 2))]


def _bend(start: Point, end: Point) -> Curve:
    pull = 0.5 * (end[0] - start[0])
    return start, (start[0] + pull, start[1]), (end[0] - pull, end[1]), end


def _backward(a: _Box, b: _Box, depth: float) -> Curve:
    """Below everything, from foot to foot; a little aside so that there and back differ."""
    start, end = (a.x + 0.6 * _NODE_W, a.y + _NODE_H), (b.x + 0.4 * _NODE_W, b.y + _NODE_H)
    low = depth + (depth - max(start[1], end[1])) / 3  # a cubic reaches three quarters of its handles
    return start, (start[0], low), (end[0], low), end


def _path(route: Sequence[Curve]) -> str:
    first = f"M{route[0][0][0]:.1f} {route[0][0][1]:.1f}"
    return first + "".join("C" + " ".join(f"{x:.1f} {y:.1f}" for x, y in curve[1:]) for curve in route)


def _at(curve: Curve, t: float) -> Point:
    s = 1 - t
    weights = (s**3, 3 * s * s * t, 3 * s * t * t, t**3)
    x, y = (sum(w * point[i] for w, point in zip(weights, curve, strict=True)) for i in (0, 1))
    return x, y


def _label(route: Sequence[Curve], wide: float, words: str, taken: list[Area]) -> list[Html]:
    """Count and time above the line where there is room; where there is none the line's title tells."""
    half = 2.9 * len(words) + 2
    level_first = sorted(route, key=lambda curve: curve[0][1] != curve[3][1])
    for curve in level_first:
        for t in (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8):
            x, y = _at(curve, t)
            y -= wide / 2 + 4
            box = (x - half, y - 10, x + half, y + 3)
            if all(box[2] < o[0] or box[0] > o[2] or box[3] < o[1] or box[1] > o[3] for o in taken):
                taken.append(box)
                return [svg.text(x, y, words, "middle", "halo")]
    return []


def _node(box: _Box, what: _Activity, again: int) -> Html:
    short = what.name if len(what.name) <= 19 else what.name[:18] + "…"
    told = f"{what.events:,}" + (f" · {hours(what.median_hours)}" if what.median_hours == what.median_hours else "")
    told += f" · ↻{again:,}" if again else ""
    return tag(
        "g", tag("title", f"{what.name}: {told}"), svg.rect(box.x, box.y, _NODE_W, _NODE_H, "node", round_=9),
        svg.text(box.x + _NODE_W / 2, box.y + 19, short, "middle", "label"),
        svg.text(box.x + _NODE_W / 2, box.y + 35, told, "middle"),
    )  # fmt: skip
