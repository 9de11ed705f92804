"""`postgres`: the journal on PostgreSQL, single messages of 64 callers and batches of 10,000 observations.

The server is our own, on this machine, over a Unix socket, with fsync and page checksums on. Run alone:
`python -m benchmarks.live.journal_postgres`.
"""

import sys

from benchmarks.live.journal_load import rows
from benchmarks.live.journal_server import Server
from benchmarks.report import Row, show
from twinward.journal.postgres import PostgresJournal


def run(runs: int = 3, singles: int = 60_000, batches: int = 50) -> list[Row]:
    """Singles and batches."""
    with Server() as server:
        return rows(
            "postgres",
            lambda name: PostgresJournal(server.location, schema=name),
            wanted=10_000,
            runs=runs,
            count=singles,
            batches=batches,
        )


if __name__ == "__main__":
    found = run()
    show(found)
    sys.exit(int(not all(row.passed for row in found)))
