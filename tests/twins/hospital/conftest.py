"""A small hospital that every test of the kind can use."""

import pytest

from twinward.twins.hospital.file import HospitalFile, parse

SMALL = """
name = "Small"
timezone = "Europe/Amsterdam"
exits = ["home", "left", "died"]
[units.ED]
kind = "emergency"
beds = 6
[units.Ward]
beds = 20
[pools.nurses]
shifts = [{ since = "07:00", until = "19:00", count = 3 }, { since = "19:00", until = "07:00", count = 2 }]
[pools.doctors]
count = 3
[pools.ct]
kind = "equipment"
count = 1
[steps.triage]
unit = "ED"
duration = { distribution = "gamma", mean = "8 min", cv = 0.6 }
needs = { nurses = 1 }
next = { treat = 1.0 }
[steps.treat]
unit = "ED"
takes_bed = true
duration = { distribution = "lognormal", mean = "40 min", cv = 0.7 }
needs = { doctors = 1 }
patience = { distribution = "exponential", mean = "8 h" }
leaves_to = "left"
next = { scan = 0.3, home = 0.5, ward = 0.2 }
next_after = { scan = { home = 0.6, ward = 0.4 } }
[steps.scan]
unit = "ED"
duration = { distribution = "triangular", low = "10 min", mode = "20 min", high = "50 min" }
needs = { ct = 1 }
next = { treat = 1.0 }
[steps.ward]
unit = "Ward"
takes_bed = true
duration = { distribution = "lognormal", mean = "2 d", cv = 0.9 }
discharge_hours = [0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 6, 8, 6, 5, 6, 6, 5, 4, 2, 1, 0, 0, 0, 0]
next = { home = 0.97, died = 0.03 }
[classes.urgent]
priority = 2
first = "triage"
arrivals = { per_day = 12 }
[classes.minor]
priority = 4
first = "triage"
fast_track = true
arrivals = { per_day = 18, by_hour = [1, 1, 1, 1, 1, 1, 2, 3, 5, 6, 7, 7, 6, 6, 6, 6, 6, 6, 5, 5, 4, 3, 2, 1] }
"""


@pytest.fixture(scope="session")
def small() -> HospitalFile:
    """Six cubicles, twenty beds, one scanner."""
    return parse(SMALL)
