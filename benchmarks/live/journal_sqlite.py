"""`sqlite`: the journal in a file under the same load as PostgreSQL's.

Run alone: `python -m benchmarks.live.journal_sqlite`.
"""

import sys
import tempfile
from pathlib import Path

from benchmarks.live.journal_load import rows
from benchmarks.report import Row, show
from twinward.journal import SqliteJournal


def run(runs: int = 3, singles: int = 60_000, batches: int = 50) -> list[Row]:
    """Singles and batches."""
    with tempfile.TemporaryDirectory() as folder:
        return rows(
            "sqlite",
            lambda name: SqliteJournal(Path(folder) / f"{name}.db"),
            wanted=20_000,
            runs=runs,
            count=singles,
            batches=batches,
        )


if __name__ == "__main__":
    found = run()
    show(found)
    sys.exit(int(not all(row.passed for row in found)))
