"""Reader of the Shanghai diabetes files (Zhao et al. 2023, Scientific Data 10:35): sensor, meals, insulin.

Two column layouts occur (with and without the Chinese duplicate of the meals), so columns are found by name. Times are
local (China, UTC+8 all year). What cannot be read goes to the quarantine with its line and reason.
"""

import csv
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.quarantine import Quarantine, Quarantined
from twinward.errors import BadInput
from twinward.twins.patient.cgm.insulin import read_doses
from twinward.twins.patient.cgm.meals import KINDS, read_meal
from twinward.twins.patient.cgm.session import Session

UTC_OFFSET = 8 * 3600.0  # China Standard Time, without daylight saving since 1991 (IANA tz, Asia/Shanghai)
_ZONE = timezone(timedelta(seconds=UTC_OFFSET))
# Column -> our name. Only the first two must be there.
_COLUMNS = {
    "date": "time",
    "cgm (mg / dl)": "glucose",
    "cbg (mg / dl)": "fingerprick",
    "blood ketone (mmol / l)": "ketone",
    "dietary intake": "meal",
    "insulin dose - s.c.": "subcutaneous",
    "csii - bolus insulin (novolin r, iu)": "bolus",
    "csii - basal insulin (novolin r, iu / h)": "basal",
    "insulin dose - i.v.": "intravenous",
}
# What a value may be. Sensor: FreeStyle Libre reads 40-500 mg/dL; meters stop at 600 mg/dL; the rest are our bounds.
_POSSIBLE = {
    "glucose": (20.0, 600.0),
    "fingerprick": (10.0, 600.0),
    "ketone": (0.0, 20.0),
    "bolus": (0.0, 60.0),
    "basal": (0.0, 10.0),
}
_SUSPENDED = "temporarily suspend insulin delivery"
Tables = dict[str, list[tuple[float, ...]]]


def read_sessions(folder: Path, quarantine: Quarantine | None = None) -> list[Session]:
    """Every session (one file each) of a folder, by name.

    Args:
        folder: with files PATIENT_SESSION_STARTDATE.csv.
        quarantine: where unreadable cells go.

    Raises:
        BadInput: where there are none, or a file is not of this kind.
    """
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise BadInput("folder", str(folder), "a folder with files PATIENT_SESSION_STARTDATE.csv")
    return [read_session(file, quarantine) for file in files]


def read_session(path: Path, quarantine: Quarantine | None = None) -> Session:
    """One session.

    Args:
        path: PATIENT_SESSION_STARTDATE.csv.
        quarantine: where unreadable cells go.

    Raises:
        BadInput: where the file has no columns "Date" and "CGM (mg / dl)".
    """
    kept: Quarantine = Quarantine() if quarantine is None else quarantine
    tables: Tables = defaultdict(list)
    last = -np.inf
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        names = {
            column: _COLUMNS[column.strip().lower()]
            for column in reader.fieldnames or ()
            if column.strip().lower() in _COLUMNS
        }
        if not {"time", "glucose"} <= set(names.values()):
            raise BadInput("columns", list(reader.fieldnames or ()), "columns 'Date' and 'CGM (mg / dl)'")
        for row in reader:
            cells = {
                names[column]: text.strip() for column, text in row.items() if column in names and text and text.strip()
            }
            line = _Line(path.name, reader.line_num, kept)
            time = line.time(cells.pop("time", ""), after=last)
            if time is not None:
                last = time
                line.read(time, cells, tables)
    return _session(path.stem, tables)


class _Line:
    """Reads the cells of one line; what it cannot read it puts aside."""

    def __init__(self, source: str, number: int, quarantine: Quarantine) -> None:
        self._source, self._number, self._quarantine = source, number, quarantine

    def time(self, text: str, after: float) -> float | None:
        try:
            time = datetime.fromisoformat(text).replace(tzinfo=_ZONE).timestamp()
        except ValueError:
            self._aside(text, "a local time such as 2021-07-30 16:43:00", "unparsable time")
            return None
        if time <= after:
            self._aside(text, "a time later than the line before", "time out of order")
            return None
        return time

    def read(self, time: float, cells: dict[str, str], tables: Tables) -> None:
        for name, text in cells.items():
            if name == "meal":
                self._meal(time, text, tables)
            elif name in ("subcutaneous", "intravenous"):
                self._doses(time, text, tables)
            elif name in ("bolus", "basal") and text.lower() == _SUSPENDED:
                tables["basal"].append((time, 0.0))
            else:
                value = self._number_of(name, text)
                if value is not None and not (name == "bolus" and value == 0):
                    tables[name].append((time, value))

    def _number_of(self, name: str, text: str) -> float | None:
        low, high = _POSSIBLE[name]
        try:
            value = float(text)
        except ValueError:
            self._aside(text, f"a number for {name}", f"unreadable {name}")
            return None
        if not low <= value <= high:
            self._aside(text, f"{name} within {low:g} to {high:g}", f"impossible {name}")
            return None
        return value

    def _meal(self, time: float, text: str, tables: Tables) -> None:
        meal = read_meal(text)
        if meal is None:
            return
        tables["meals"].append((time, *meal.grams))
        for item in meal.unread:
            self._aside(
                item, "a food with grams or millilitres (that something was eaten is kept)", "meal without grams"
            )

    def _doses(self, time: float, text: str, tables: Tables) -> None:
        if text.lower() == "data not available":
            self._aside(text, "a name and units such as 'Novolin R, 6 IU'", "insulin not recorded")
            return
        try:
            doses = read_doses(text)
        except BadInput as error:
            self._aside(text, error.expected, "unreadable insulin")
            return
        for dose in doses:
            tables["boluses" if dose.action == "short" else "retarded"].append((time, dose.units))

    def _aside(self, raw: str, expected: str, kind: str) -> None:
        self._quarantine.add(Quarantined(raw, f"expected {expected}", self._source, self._number, kind))


def _session(stem: str, tables: Tables) -> Session:
    sensor = _table(tables["glucose"], 2)
    boluses = _table(tables["boluses"] + tables["bolus"], 2)
    return Session(
        patient=f"Patient/{stem.split('_')[0]}",
        name=stem,
        time=sensor[:, 0],
        glucose=sensor[:, 1],
        utc_offset=UTC_OFFSET,
        meals=_table(tables["meals"], 1 + len(KINDS)),
        boluses=boluses[np.argsort(boluses[:, 0], kind="stable")],
        retarded=_table(tables["retarded"], 2),
        basal=_table(tables["basal"], 2),
        fingerprick=_table(tables["fingerprick"], 2),
        ketone=_table(tables["ketone"], 2),
    )


def _table(rows: list[tuple[float, ...]], width: int) -> FloatArray:
    return np.array(rows, dtype=np.float64).reshape(-1, width)
