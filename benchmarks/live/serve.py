"""`twinward run [CONFIG] --home HOME --port PORT --days DAYS`, as a benchmark starts it."""

import sys
from pathlib import Path

from twinward.cli.live import run

if __name__ == "__main__":
    config, home, port, days = sys.argv[1:5]
    run(
        config=Path(config) if config else None,
        home=Path(home),
        port=int(port),
        speed=60.0,
        days=float(days),
        seconds=None,
    )
