"""The first row: five numbers that say how the hospital is, each with what is likely next."""

from twinward.twins.hospital.board import Board
from twinward.web.centre.look.icons import LEVELS
from twinward.web.centre.snapshot import Snapshot, quantile
from twinward.web.centre.words import between, clock, count, span
from twinward.web.report.html import Html, join, tag

# Display choices: the shares of beds from which a reader should look and act are those of the board's own pressure
# (85 %, BMJ 319:155); four hours in the emergency department is the NHS standard, half of it asks for a look.
_LOOK, _ACT = 0.85, 0.97
_LOOK_WAIT, _ACT_WAIT = 120.0, 240.0


def row(shown: Snapshot) -> Html:
    """The tiles; a dash where the model does not know."""
    board = shown.board
    if board is None:
        names = ("ED patients", "Longest wait", "Boarding for a bed", "Beds in use", "Leaving")
        return join(tile(name, "none", tag("span", "–"), "not known yet") for name in names)
    return join(
        (_emergency(shown, board), _longest(board), _boarding(board), _beds(shown, board), _leaving(shown, board))
    )


def tile(name: str, level: str, value: Html, *detail: object, href: str | None = None) -> Html:
    """One tile; its level ("fine", "watch", "act", "none") is a shape and a colour."""
    shape = f" {LEVELS[level]}" if level in LEVELS else ""
    said = {"watch": ", watch", "act": ", act now"}.get(level, "")
    marked = (tag("span", shape, class_=level, aria_hidden="true"), tag("span", said, class_="hidden"))
    return tag(
        "a" if href else "div",
        tag("div", name, *marked, class_="name"),
        tag("div", value, class_="value"),
        tag("div", *detail, class_="detail"),
        class_=f"tile {level}",
        href=href,
    )


def _small(text: str) -> Html:
    return tag("small", text)


def _emergency(shown: Snapshot, board: Board) -> Html:
    ed = board.emergency
    if ed is None:
        return tile("Patients", "none", tag("span", count(board.patients)), "no emergency unit in this model")
    later = shown.later
    middle, low, high = (quantile(ed.soon, level) for level in (0.5, 0.1, 0.9))
    expected = tag("span", tag("b", count(middle)), f" ({between(low, high)}) at {later}")
    if ed.cubicles is None:
        return tile("ED patients", "none", tag("span", count(ed.patients), _small("patients")), expected)
    level = "act" if ed.patients > ed.cubicles or middle > ed.cubicles else (
        "watch" if ed.patients > _LOOK * ed.cubicles or high > ed.cubicles else "fine")  # fmt: skip
    value = tag("span", count(ed.patients), _small(f"/ {ed.cubicles}"))
    return tile("ED patients", level, value, expected, href="/unit/ED" if "ED" in board.floor else None)


def _longest(board: Board) -> Html:
    ed = board.emergency
    if ed is None or ed.longest_wait is None:
        return tile(
            "Longest wait", "fine" if ed else "none", tag("span", "0" if ed else "–", _small("min")), "nobody waits"
        )
    minutes = round(ed.longest_wait)
    level = "act" if minutes >= _ACT_WAIT else "watch" if minutes >= _LOOK_WAIT else "fine"
    hours, rest = divmod(minutes, 60)
    value = (
        tag("span", str(hours), _small("h"), f"{rest:02d}", _small("min"))
        if hours
        else tag("span", str(rest), _small("min"))
    )
    waiting = sum(row.count for row in ed.waiting)
    return tile("Longest wait", level, value, f"{ed.longest_class.lower()} · ", tag("b", str(waiting)), " waiting")


def _boarding(board: Board) -> Html:
    ed = board.emergency
    if ed is None:
        return tile("Boarding for a bed", "none", tag("span", "–"), "not known to this model")
    level = (
        "act" if ed.boarding and ed.cubicles and ed.boarding >= ed.cubicles / 4 else "watch" if ed.boarding else "fine"
    )
    value = tag("span", str(ed.boarding), _small("patient" if ed.boarding == 1 else "patients"))
    if ed.boarding_since is None:
        return tile("Boarding for a bed", level, value, "nobody in the ED waits for a bed elsewhere")
    return tile("Boarding for a bed", level, value, "the first for ", tag("b", span(board.time - ed.boarding_since)))


def _beds(shown: Snapshot, board: Board) -> Html:
    stays = board.outlook.inpatients
    if board.beds is None or board.beds_taken is None or stays is None:
        return tile("Beds in use", "none", tag("span", "–"), "this model knows no beds")
    share = board.beds_taken / board.beds
    # tonight: midnight is when hospitals count
    ahead = next((i for i, at in enumerate(board.outlook.times) if clock(at, shown.zone)[:2] == "00"), -1)
    low, middle, high = (100 * stays.quantiles[i][ahead] / board.beds for i in (1, 3, 5))
    level = (
        "act" if share > _ACT or middle > 100 * _ACT else "watch" if share > _LOOK or middle > 100 * _LOOK else "fine"
    )
    return tile(
        "Beds in use", level, tag("span", f"{100 * share:.0f}", _small(f"% of {board.beds}")),
        tag("b", f"{middle:.0f} %"), f" ({between(low, high)}) at midnight",
    )  # fmt: skip


def _leaving(shown: Snapshot, board: Board) -> Html:
    leaving = board.leaving
    until = shown.later
    return tile(
        f"Leaving by {until}", "fine", tag("span", f"{leaving.mean:.0f}", _small("patients")),
        tag("b", between(leaving.low, leaving.high)), " expected",
    )  # fmt: skip
