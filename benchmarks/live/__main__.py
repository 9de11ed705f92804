"""The live system beside its targets: `python -m benchmarks.live [--json FILE] [--only ID,...] [--quick]`.

Clients run in processes of their own, the system as `twinward run` in another; every status is counted, and every row
is compared with the journal afterwards. With --quick the same is done with less load and fewer rounds.
"""

import sys
from collections.abc import Sequence

from benchmarks.suite import Measure, measure, run

MEASURES: dict[str, Measure] = {
    "hl7-parse": measure("benchmarks.live.hl7_parse:measure", {}, {}),
    "ingest-batch": measure("benchmarks.live.ingest:batch", {"runs": 3, "count": 500}, {"runs": 1, "count": 200}),
    "ingest-single": measure(
        "benchmarks.live.ingest:single", {"runs": 3, "count": 20_000}, {"runs": 1, "count": 5_000}
    ),
    "mllp": measure("benchmarks.live.mllp:run", {"runs": 3, "count": 10_000}, {"runs": 1, "count": 2_000}),
    "latency": measure("benchmarks.live.latency:run", {"seconds": 120.0}, {"seconds": 30.0}),
    "twins": measure("benchmarks.live.twins:run", {"count": 100_000}, {"count": 10_000}),
    "postgres": measure("benchmarks.live.journal_postgres:run", {}, {"runs": 1, "singles": 6_400, "batches": 10}),
    "fhir-import": measure("benchmarks.live.fhir_import:run", {}, {"runs": 1, "count": 5_000}),
    "fhir-search": measure("benchmarks.live.fhir_search:run", {}, {"count": 50_000, "searches": 500}),
    "kill-9": measure("benchmarks.live.kill:run", {"rounds": 100}, {"rounds": 10}),
    "fsync-loss": measure("benchmarks.live.journal_power:run", {}, {"cuts": 100}),
    "what-if": measure("benchmarks.live.what_if:run", {"runs": 5, "days": 12.0}, {"runs": 3, "days": 3.0}),
    "page": measure("benchmarks.live.page:measure", {}, {"runs": 1, "seconds": 5.0}),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 where something was not reached."""
    return run("benchmarks.live", __doc__, MEASURES, arguments)


if __name__ == "__main__":
    sys.exit(main())
