"""The patient twin beside its targets and peers: `python -m benchmarks.patient [--json FILE] [--only ID,...]`.

With --quick the same is done with less work and fewer runs.
"""

import sys
from collections.abc import Sequence

from benchmarks.suite import Measure, measure, run

MEASURES: dict[str, Measure] = {
    "glucose-speed": measure("benchmarks.patient.glucose_speed:measure", {}, {"runs": 3, "peer_patients": 2}),
    "update": measure("benchmarks.patient.update:measure", {}, {"runs": 50}),
    "fhir": measure("benchmarks.patient.fhir:measure", {"runs": 15}, {"runs": 5}),
    "body-speed": measure("benchmarks.patient.body_speed:measure", {"runs": 5}, {"runs": 2}),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 where something was not reached."""
    return run("benchmarks.patient", __doc__, MEASURES, arguments)


if __name__ == "__main__":
    sys.exit(main())
