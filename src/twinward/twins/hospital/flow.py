"""The flow map: which activity followed which, how often and how fast."""

from collections.abc import Sequence

import pandas as pd

from twinward.core.times import HOUR
from twinward.twins.hospital.result import FlowMap
from twinward.twins.hospital.truth import Stay


def flow_map(found: Sequence[Stay]) -> FlowMap:
    """Directly-follows graph of the stays (van der Aalst 2016, "Process Mining", ch. 5), with times between events."""
    rows = [
        (stay.case, activity, later, (then - time) / HOUR)
        for stay in found
        for (time, activity), (then, later) in zip(stay.events, (*stay.events[1:], (stay.end, "")), strict=True)
    ]
    table = pd.DataFrame(rows, columns=["case", "source", "target", "hours"])
    by_node = table.groupby("source", sort=False)
    moves = table[table["target"] != ""]
    nodes = pd.DataFrame({"cases": by_node["case"].nunique(), "events": by_node.size()})
    nodes["median_hours"] = moves.groupby("source")["hours"].median()
    nodes = nodes.rename_axis("name").reset_index().sort_values("events", ascending=False, ignore_index=True)
    by_edge = moves.groupby(["source", "target"])["hours"]
    edges = pd.DataFrame(
        {"count": by_edge.size(), "median_hours": by_edge.median(), "p90_hours": by_edge.quantile(0.9)}
    )
    return FlowMap(nodes, edges.reset_index().sort_values("count", ascending=False, ignore_index=True))
