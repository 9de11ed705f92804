"""A rehearsal as CSV: one row a scenario and outcome."""

import csv
from io import StringIO

from twinward.live.facts import Rehearsed

COLUMNS = ("scenario", "outcome", "label", "unit", "level", "difference", "low", "high", "p_better", "better", "clear")


def written(done: Rehearsed) -> str:
    """The text of the file.

    Cells that a spreadsheet would run as a formula are quoted with an apostrophe (OWASP, "CSV injection"): the name of
    a scenario is whatever somebody typed.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_safe(row.get(name)) for name in COLUMNS] for row in done.rows)
    return out.getvalue()


def _safe(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
