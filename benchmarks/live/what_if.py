"""`what-if`: four scenarios beside "as it is", 200 members, 48 hours, on the live reference hospital.

From the POST until the answer with all bands and boards is there; what a browser adds is measured by `page`.
"""

import json
import time

from benchmarks.live.running import Running
from benchmarks.report import Row, median

_WANTED = 2.0  # seconds
_TWIN = "Organization/reference-hospital"
_SCENARIOS = (
    {"one more doctor": [("staff", 1, "doctor")]},
    {"six more beds in ward A": [("beds", 6, "Ward A")]},
    {"a fast track": [("fast_track", 1.0, "")]},
    {"a tenth fewer arrivals": [("arrivals", 0.9, "")]},
)


def run(runs: int, days: float) -> Row:
    """The row."""
    with Running("", days=days) as system:
        _wait_for_past(system)
        plans = _plans(system)
        _once(system, plans)  # the worker that compiles or loads is warm from then on
        seconds = [_once(system, plans) for _ in range(runs)]
    value = median([whole for whole, _ in seconds])
    return Row(
        "what-if", value <= _WANTED, value, "s", _WANTED, f"<= {_WANTED:g} s",
        f"{len(plans)} scenarios and the baseline x 200 members x 48 h, from the present of the playing hospital",
        runs=runs,
        note=f"runs {', '.join(f'{whole:.2f}' for whole, _ in seconds)} s, of which the model "
        f"{median([inner for _, inner in seconds]):.2f} s; POST to the whole answer, the browser not included",
    )  # fmt: skip


def _wait_for_past(system: Running) -> None:
    """Until the hospital's past has been sent: feeds are then as slow as its clock."""
    before, quiet = -1, 0
    began = time.monotonic()
    while quiet < 3 and time.monotonic() - began < 600:
        _, told = system.ask("GET", "/api/v1/status")
        quiet = quiet + 1 if told["position"] - before < 50 and told["mirrored"] >= told["position"] - 5 else 0
        before = told["position"]
        time.sleep(1.0)  # the status is asked for, not waited for


def _plans(system: Running) -> dict[str, list[dict[str, object]]]:
    """The scenarios, with the pool of doctors as this hospital calls it."""
    _, told = system.ask("GET", "/api/v1/kinds/hospital")
    if {"staff", "beds", "fast_track", "arrivals"} - {control["name"] for control in told["controls"]}:
        raise RuntimeError(f"other controls than expected: {told['controls']}")
    return {
        name: [{"control": control, "value": value, "target": target} for control, value, target in actions]
        for scenario in _SCENARIOS
        for name, actions in scenario.items()
    }


def _once(system: Running, plans: dict[str, list[dict[str, object]]]) -> tuple[float, float]:
    """Seconds until the answer is there, and those that the model took of them."""
    began = time.perf_counter()
    body = json.dumps({"scenarios": plans, "horizon": "48 h"}).encode()
    status, told = system.ask("POST", f"/api/v1/twins/{_TWIN}/compare", body)
    if status != 202:
        raise RuntimeError(f"{status}: {told}")
    while True:
        _, job = system.ask("GET", f"/api/v1/jobs/{told['job']}")
        if job["state"] != "running":
            break
        time.sleep(0.02)  # a page is told; this client asks
    if job["state"] != "done":
        raise RuntimeError(job["error"])
    status, found = system.ask("GET", f"/api/v1/rehearsals/{job['rehearsal']}")
    whole = time.perf_counter() - began
    if status != 200 or found["members"] != 200 or len(found["bands"]) != len(plans) + 1:
        raise RuntimeError(f"not what was asked: {status}, {found.get('members')} members, {list(found['bands'])}")
    return whole, float(found["seconds"])
