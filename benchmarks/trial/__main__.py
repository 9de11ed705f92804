"""The trial twin beside its targets and peers: `python -m benchmarks.trial [--json FILE] [--only ID,...]`.

With --quick the same is done with fewer runs.
"""

import sys
from collections.abc import Sequence

from benchmarks.suite import Measure, measure, run

MEASURES: dict[str, Measure] = {
    "trials": measure("benchmarks.trial.trials:measure", {"runs": 5}, {"runs": 2}),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 where something was not reached."""
    return run("benchmarks.trial", __doc__, MEASURES, arguments)


if __name__ == "__main__":
    sys.exit(main())
