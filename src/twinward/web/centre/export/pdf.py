"""A rehearsal as a PDF of one page: differences with their intervals, and the census under each scenario."""

from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from twinward.live.facts import Rehearsed
from twinward.web.centre.parts.results import BASELINE, DIRECTIONS, best, between, good, outcomes
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
    out = BytesIO()
    metadata = {"Title": f"Rehearsal {done.id}", "CreationDate": None}
    drawn(done, hospital, zone).savefig(out, format="pdf", metadata=metadata)
    return out.getvalue()


def drawn(done: Rehearsed, hospital: str, zone: ZoneInfo) -> Any:
    """The page as a matplotlib figure."""
    from matplotlib.backends.backend_pdf import FigureCanvasPdf
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(row["scenario"] for row in done.rows))
    names.sort(key=lambda name: name != BASELINE)
    figure = Figure(figsize=(11.69, 8.27), layout="constrained")  # A4, landscape
    FigureCanvasPdf(figure)
    title = f"{hospital}: rehearsal of {date_clock(done.at, zone)}, {span(done.horizon)} ahead"
    figure.suptitle(title, fontsize=13, x=0.02, ha="left")
    above, below = figure.subplots(2, 1, height_ratios=(1.35, 1))
    _table(above, done, names)
    _curves(below, done, names, zone)
    told = (
        f"{done.members} futures each, common random numbers; below each difference its 95 % interval. "
        "Research and education only, not a cleared medical device."
    )
    figure.supxlabel(told, fontsize=7, color="#44566f", x=0.02, ha="left")
    return figure


def _table(axes: Any, done: Rehearsed, names: list[str]) -> None:
    """One row an outcome, one column a scenario."""
    axes.axis("off")
    rows = {(row["scenario"], row["outcome"]): row for row in done.rows}
    proposed = best(done)
    head = ["", *(_wrapped(("✓ " if name == proposed else "") + name) for name in names)]
    cells, colours = [], []
    for outcome in outcomes(done):
        row = [rows[name, outcome] for name in names]
        cells.append(
            [
                f"{row[0]['label']}\n{DIRECTIONS.get(row[0]['better'], '')}",
                *(_cell(each, each["scenario"] == BASELINE) for each in row),
            ]
        )
        colours.append([_JUDGED[None], *(_JUDGED[good(each)] for each in row)])
    widths = [0.3, *[0.7 / len(names)] * len(names)]
    table = axes.table(cellText=cells, colLabels=head, loc="upper left", edges="horizontal", colWidths=widths)
    table.auto_set_font_size(False)
    table.set_fontsize(8)
    table.scale(1, 2.1)
    for (row, column), cell in table.get_celld().items():
        cell.set_edgecolor("#d3dcea")
        cell.get_text().set_horizontalalignment("right" if column else "left")
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
    from matplotlib.dates import DateFormatter

    for name, colour, line in zip(names, _COLOURS, _LINES, strict=False):
        band = done.bands.get(name, {}).get("census")
        if band is None:
            continue
        at = [local(time, zone).replace(tzinfo=None) for time in band.times]
        axes.fill_between(
            at, [row[1] for row in band.quantiles], [row[5] for row in band.quantiles], color=colour, alpha=0.12, lw=0
        )
        axes.plot(at, [row[3] for row in band.quantiles], color=colour, ls=line, lw=1.6, label=name)
    axes.xaxis.set_major_formatter(DateFormatter("%a %H:%M"))
    axes.set_ylabel("patients here")
    axes.set_title("Census: median and 80 % band", fontsize=9, loc="left")
    axes.legend(fontsize=8, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)


def _wrapped(text: str, width: int = 26) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, width))
