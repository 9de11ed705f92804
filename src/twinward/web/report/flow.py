"""The flow map: where patients went, how many, how long it took."""

from dataclasses import dataclass

import pandas as pd

from twinward.twins.hospital.result import FlowMap
from twinward.web.report import svg
from twinward.web.report.html import Html, join, tag
from twinward.web.report.layers import layers
from twinward.web.report.numbers import hours

SHARE = 0.02  # of all cases; edges taken by fewer are not drawn
MOST = 36  # edges drawn
_NODE_W, _NODE_H, _GAP_X, _GAP_Y, _PAD, _BACK = 132, 46, 92, 26, 12, 26


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
    shown = moves[moves["count"] >= SHARE * cases].head(MOST)
    hidden = moves.drop(index=shown.index)
    words = (
        f"{len(hidden):,} rarer moves ({int(hidden['count'].sum()):,} of {int(moves['count'].sum()):,}) are not drawn; "
        "width: how many; below: the median time; dashed: back to an earlier step; ↻: repeated at once."
    )
    picture = tag("div", _map(flow, shown), class_="wide map", tabindex=0, role="region", aria_label="Flow map")
    return join([picture, tag("p", words, class_="sub")])


def _map(flow: FlowMap, shown: pd.DataFrame) -> Html:
    names = list(flow.nodes["name"])
    columns = layers(names, list(zip(shown["source"], shown["target"], strict=True)))
    tallest = max(len(column) for column in columns)
    boxes, layer = {}, {}
    for i, column in enumerate(columns):
        top = _PAD + (tallest - len(column)) / 2 * (_NODE_H + _GAP_Y)
        for j, name in enumerate(column):
            boxes[name] = _Box(_PAD + i * (_NODE_W + _GAP_X), top + j * (_NODE_H + _GAP_Y))
            layer[name] = i
    width = 2 * _PAD + len(columns) * (_NODE_W + _GAP_X) - _GAP_X
    bottom = _PAD + tallest * (_NODE_H + _GAP_Y) - _GAP_Y
    most = float(shown["count"].max()) if len(shown) else 1.0
    taken = [(b.x, b.y, b.x + _NODE_W, b.y + _NODE_H) for b in boxes.values()]
    lines, labels, back = [], [], 0
    for r in shown.itertuples():
        source, target = boxes[r.source], boxes[r.target]
        forward = layer[r.target] > layer[r.source]
        curve = _forward(source, target) if forward else _backward(source, target, bottom + 14 + _BACK * (back % 4))
        back += not forward
        told = tag("title", f"{r.source} → {r.target}: {r.count:,}, median {hours(r.median_hours)}, 90 % within "
                   f"{hours(r.p90_hours)}")  # fmt: skip
        wide = 1 + 9 * r.count / most
        d = "M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}".format(*(v for point in curve for v in point))
        lines.append(tag("path", told, d=d, stroke_width=f"{wide:.1f}", class_="edge" if forward else "edge back"))
        labels += _label(curve, f"{r.count:,}", hours(r.median_hours), taken)
    height = bottom + _PAD + (10 + _BACK * min(back, 4) if back else 0)
    again = flow.edges[flow.edges["source"] == flow.edges["target"]].set_index("source")["count"]
    nodes = [_node(boxes[r.name], r, int(again.get(r.name, 0))) for r in _named(flow.nodes)]
    first = flow.nodes.iloc[0]
    told = f"{len(names)} activities, {len(shown)} moves drawn; most frequent: {first['name']} ({first['events']:,})"
    picture = svg.picture(width, height, "Flow map", told, *lines, *nodes, *labels)
    return tag("div", picture, style=f"min-width:{min(width, 0.8 * width):.0f}px;max-width:{1.35 * width:.0f}px")


@dataclass(frozen=True)
class _Activity:
    name: str
    events: int
    median_hours: float


def _named(nodes: pd.DataFrame) -> list[_Activity]:
    return [_Activity(str(r["name"]), int(r["events"]), float(r["median_hours"])) for _, r in nodes.iterrows()]


Point = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]


def _forward(a: _Box, b: _Box) -> Curve:
    start, end = (a.x + _NODE_W, a.y + _NODE_H / 2), (b.x, b.y + _NODE_H / 2)
    pull = 0.5 * (end[0] - start[0])
    return start, (start[0] + pull, start[1]), (end[0] - pull, end[1]), end


def _backward(a: _Box, b: _Box, depth: float) -> Curve:
    """Below everything, from foot to foot; a little aside so that there and back differ."""
    start, end = (a.x + 0.6 * _NODE_W, a.y + _NODE_H), (b.x + 0.4 * _NODE_W, b.y + _NODE_H)
    low = depth + (depth - max(start[1], end[1])) / 3  # a cubic reaches three quarters of its handles
    return start, (start[0], low), (end[0], low), end


def _at(curve: Curve, t: float) -> Point:
    s = 1 - t
    weights = (s**3, 3 * s * s * t, 3 * s * t * t, t**3)
    x, y = (sum(w * point[i] for w, point in zip(weights, curve, strict=True)) for i in (0, 1))
    return x, y


def _label(curve: Curve, count: str, time: str, taken: list[tuple[float, float, float, float]]) -> list[Html]:
    """Count and time on the line where there is room; where there is none the line's title tells."""
    words = f"{count} · {time}"
    half = 3.0 * len(words) + 3
    for t in (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82):
        x, y = _at(curve, t)
        box = (x - half, y - 8, x + half, y + 8)
        if all(box[2] < o[0] or box[0] > o[2] or box[3] < o[1] or box[1] > o[3] for o in taken):
            taken.append(box)
            return [svg.text(x, y + 4, words, "middle", "halo")]
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
