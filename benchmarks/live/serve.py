"""`twinward run CONFIG --home HOME --port PORT` for a benchmark; with TWINWARD_PROFILE=FILE its loop is profiled."""

import cProfile
import os
import sys
from pathlib import Path

from twinward.cli.live import run

if __name__ == "__main__":
    target = os.environ.get("TWINWARD_PROFILE")
    profile = cProfile.Profile() if target else None
    if profile is not None:
        profile.enable()
    run(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), 60.0, 12.0, None)
    if profile is not None:
        profile.disable()
        profile.dump_stats(str(target))
