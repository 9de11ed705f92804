"""A rehearsal as a PDF of one page: differences with their intervals, and the census under each scenario."""

from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from twinward.live.facts import Rehearsed
from twinward.web.centre.parts.results import BASELINE, best, between, good, outcomes
from twinward.web.centre.words import date_clock, local, span, with_unit

_COLOURS = ("#64748b", "#0369a1", "#6d28d9", "#92400e", "#046c4e")  # the light theme's
_LINES = ("--", "-", "-", "-.", ":")
_JUDGED = {True: "#046c4e", False: "#be123c", None: "#0f1b2d"}


def written(done: Rehearsed, hospital: str, zone: ZoneInfo) -> bytes:
    """The bytes of the file; drawn without a window system, in any thread.

    Args:
        done: the rehearsal.
        hospital: its name.
        zone: in which times are written.
    """
    from matplotlib.backends.backend_pdf import FigureCanvasPdf
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(row["scenario"] for row in done.rows))
    figure = Figure(figsize=(11.69, 8.27), layout="constrained")  # A4, landscape
    FigureCanvasPdf(figure)
    figure.suptitle(
        f"{hospital}: rehearsal of {date_clock(done.at, zone)}, {span(done.horizon)} ahead",
        fontsize=13,
        x=0.02,
        ha="left",
    )
    above, below = figure.subplots(2, 1, height_ratios=(1.1, 1))
    _table(above, done, names)
    _curves(below, done, names, zone)
    figure.text(
        0.02, 0.005, f"{done.members} futures each, common random numbers; below each difference its 95 % interval. "
        "Research and education only, not a cleared medical device.", fontsize=7, color="#44566f",
    )  # fmt: skip
    out = BytesIO()
    figure.savefig(out, format="pdf", metadata={"Title": f"Rehearsal {done.id}", "CreationDate": None})
    return out.getvalue()


def _table(axes: Any, done: Rehearsed, names: list[str]) -> None:
    axes.axis("off")
    rows = {(row["scenario"], row["outcome"]): row for row in done.rows}
    shown = outcomes(done)
    proposed = best(done)
    cells, colours = [], []
    for scenario in sorted(names, key=lambda name: name != BASELINE):
        line = [_wrapped(("✓ " if scenario == proposed else "") + scenario)]
        for name in shown:
            line.append(_cell(rows[scenario, name], scenario == BASELINE))
        cells.append(line)
        colours.append(
            ["#0f1b2d", *(_JUDGED[None if scenario == BASELINE else good(rows[scenario, n])] for n in shown)]
        )
    head = ["Scenario", *(_wrapped(rows[names[0], name]["label"], 14) for name in shown)]
    table = axes.table(cellText=cells, colLabels=head, loc="upper left", cellLoc="right", edges="horizontal")
    table.auto_set_font_size(False)
    table.set_fontsize(7.5)
    table.scale(1, 2.6)
    for (row, column), cell in table.get_celld().items():
        cell.set_edgecolor("#d3dcea")
        if row:
            cell.get_text().set_color(colours[row - 1][column])


def _cell(row: dict[str, Any], is_baseline: bool) -> str:
    if is_baseline:
        return with_unit(row.get("level"), row["unit"])
    said = with_unit(row.get("difference"), row["unit"], True)
    if row.get("low") is not None and row.get("high") is not None:
        said += f"\n{between(row['low'], row['high'], row['unit'])}"
    return said


def _curves(axes: Any, done: Rehearsed, names: list[str], zone: ZoneInfo) -> None:
    for name, colour, line in zip(names, _COLOURS, _LINES, strict=False):
        band = done.bands.get(name, {}).get("census")
        if band is None:
            continue
        at = [local(time, zone).replace(tzinfo=None) for time in band.times]
        axes.fill_between(
            at, [row[1] for row in band.quantiles], [row[5] for row in band.quantiles], color=colour, alpha=0.12, lw=0
        )
        axes.plot(at, [row[3] for row in band.quantiles], color=colour, ls=line, lw=1.6, label=name)
    axes.set_ylabel("patients here")
    axes.set_title("Census: median and 80 % band", fontsize=9, loc="left")
    axes.legend(fontsize=8, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)


def _wrapped(text: str, width: int = 26) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, width))
