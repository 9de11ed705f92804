"""One day of the reference hospital: who is where, what the next hours bring, what one more doctor would change."""

import tempfile
from functools import partial
from pathlib import Path

from twinward import Action, Quarantine, Twin
from twinward.connect.eventlog import open_log, to_observations
from twinward.demo.feed import write_log
from twinward.twins.hospital import reference_hospital
from twinward.twins.hospital.model import HospitalModel

twin = Twin(HospitalModel(reference_hospital()), "Organization/reference-hospital", members=300, seed=1)

# The world outside writes a log; a hospital's own log would be read in the same way.
with tempfile.TemporaryDirectory() as folder:
    path = write_log(Path(folder) / "log.csv", days=1, seed=2)
    events = sorted(open_log(path, lifecycle="phase", quarantine=Quarantine()), key=lambda event: event.time)
for batch in partial(to_observations, attributes={"triage": "class"})(events):
    twin.observe(batch)

here = twin.estimate()["unit_census"].mean("member").to_series()
print("now:", ", ".join(f"{unit} {count:.0f}" for unit, count in here.items()))

forecast = twin.forecast("12 h")
low, middle, high = forecast.quantile("census", [0.1, 0.5, 0.9]).isel(time=-1).to_numpy()
print(f"in 12 h: {middle:.0f} patients (80 %: {low:.0f} to {high:.0f})")

comparison = twin.compare(
    {
        "one more doctor": Action("staff", 1, "doctor"),
        "surge": {"arrivals": 1.3},
        "surge, one more doctor": [Action("arrivals", 1.3), Action("staff", 1, "doctor")],
    },
    horizon="12 h",
)
columns = ["rank", "scenario", "level", "difference", "low", "high"]
print(comparison.ranking("mean_wait_minutes")[columns].to_string(index=False))
