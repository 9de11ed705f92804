"""Plans against each other as a table: paired differences from one of them, better and worse marked by shape."""

from collections.abc import Sequence

import numpy as np

from twinward.core.comparison import Comparison
from twinward.core.outcome import Outcome
from twinward.web.centre.parts.table import table
from twinward.web.report.html import Html, join, tag
from twinward.web.report.numbers import number, unit


def differences(compared: Comparison, judged: Sequence[str], ranked_by: str, label: str) -> Html:
    """One row a plan, the best first.

    Args:
        judged: outcomes to show, one a column.
        ranked_by: the outcome by which plans are ordered.
        label: what a screen reader calls the table.
    """
    rows = compared.table(0.9)
    order = list(compared.ranking(ranked_by, 0.9)["scenario"])
    heads = ["Plan"] + [_head(compared.outcomes[name]) for name in judged]
    made = []
    for plan in order:
        cells: list[object] = [plan]
        for name in judged:
            row = rows[(rows["outcome"] == name) & (rows["scenario"] == plan)].iloc[0]
            if plan == compared.baseline:
                cells.append(number(float(row["level"])))
                continue
            gain = {"lower": -1, "higher": 1, "neither": 0}[row["better"]] * np.sign(row["difference"])
            state = "fine" if row["clear"] and gain > 0 else "act" if row["clear"] and gain < 0 else None
            mark = {"fine": "● ", "act": "▲ ", None: ""}[state]
            difference, low, high = (number(float(row[of]), signed=True) for of in ("difference", "low", "high"))
            cells.append(join([tag("span", mark + difference, class_=state), tag("small", f"{low} to {high}")]))
        made.append(tuple(cells))
    return table(tuple(heads), made, label)


def _head(outcome: Outcome) -> str:
    written = unit(outcome.unit)
    return f"{outcome.label} [{written}]" if written else outcome.label
