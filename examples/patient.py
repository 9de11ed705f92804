"""A patient from a FHIR bundle: present, risks, a body fitted to the vital signs, a forecast, fluids rehearsed."""

import json
import tempfile
from pathlib import Path

from twinward.core.scenario import Action
from twinward.twins.patient.record import read
from twinward.twins.patient.study import study

# A bundle as any system sends it; here one is written by hand (LOINC codes, UCUM units).
MEASURED = {"8867-4": (118, "/min"), "8480-6": (88, "mm[Hg]"), "8478-0": (62, "mm[Hg]"), "9279-1": (24, "/min"),
            "59408-5": (94, "%"), "8310-5": (38.6, "Cel"), "2524-7": (3.1, "mmol/L")}  # fmt: skip
SIZE = {"29463-7": (70, "kg"), "8302-2": (175, "cm")}


def observation(code: str, value: float, unit: str, time: str) -> dict[str, object]:
    return {
        "resourceType": "Observation", "id": f"o{code}-{time[11:13]}", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": "Patient/42"}, "effectiveDateTime": time,
        "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
    }  # fmt: skip


resources: list[dict[str, object]] = [
    {"resourceType": "Patient", "id": "42", "gender": "male", "birthDate": "1960-05-01"},
    {"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/42"}, "onsetDateTime": "2026-03-01",
     "code": {"coding": [{"system": "http://snomed.info/sct", "code": "91302008", "display": "Sepsis"}]}},
]  # fmt: skip
for hour in ("08", "09", "10"):
    told = MEASURED | (SIZE if hour == "08" else {})
    resources += [observation(code, *quantity, f"2026-03-01T{hour}:00:00Z") for code, quantity in told.items()]

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "bundle.json"
    entries = [{"resource": resource} for resource in resources]
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}), encoding="utf-8")
    record = read(path)

fluids = Action.during("crystalloid_rate", 500.0 / 30.0, record.last, "30 min")
# The body is compiled once (a minute or two) and then found again.
found = study(record, members=32, horizon="2 h", scenarios={"500 mL": fluids})

print(f"{record.id}, {record.sex}, {record.age(found.at):.0f} years; {len(record.observations)} measurements")
for risk in found.risks:
    if "NEWS2" in risk.label and risk.risk is not None:
        print(f"{risk.label}: {risk.risk.value:.0f}, {risk.risk.note}")
for one in found.parameters:
    print(f"{one.label:32} {one.value:8.3g} ({one.low:.3g} to {one.high:.3g})  {one.origin}")
if found.forecast is not None:
    low, middle, high = found.forecast.quantile("mean_arterial_pressure", [0.05, 0.5, 0.95]).isel(time=-1).to_numpy()
    print(f"mean arterial pressure in 2 h: {middle:.0f} ({low:.0f} to {high:.0f}) mmHg")
if found.comparison is not None:
    print(found.comparison.table(0.9)[["scenario", "outcome", "difference", "low", "high"]].to_string(index=False))
