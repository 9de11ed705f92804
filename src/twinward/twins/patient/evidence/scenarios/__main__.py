"""Rows of the published tables and verdicts: `python -m twinward.twins.patient.evidence.scenarios [SECTION]`."""

import sys

from twinward.core.evidence import data_directory
from twinward.twins.patient.body.body import Body
from twinward.twins.patient.evidence.scenarios.judge import FILE, verdicts


def main() -> int:
    """Print a line a row, and the share that agrees; 1 where the data are absent."""
    data = data_directory()
    if data is None:
        print("set TWINWARD_DATA to the folder of the reference data", file=sys.stderr)
        return 1
    count = agree = 0
    for one in verdicts(data / FILE, Body.at_rest(), sys.argv[1] if len(sys.argv) > 1 else ""):
        count, agree = count + 1, agree + one.agrees
        print(one.line(), flush=True)
    print(f"{agree} of {count} agree ({100.0 * agree / max(count, 1):.1f} %)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
