"""simglucose 0.2.11 as peer and oracle: its own patients on our meals and insulin, in an environment of its own.

    python -m benchmarks.peers.simglucose_days --write    makes the reference file of the evidence `uva-padova` anew

It is installed (with the setuptools it needs, without gym, of which it only registers a name) into a folder of its own
under the user's cache, and run there by a process of its own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

NEEDS = ("simglucose==0.2.11", "setuptools<80")  # pkg_resources, which it imports, left setuptools later

# Runs in the peer's environment: reads plans from stdin, writes glucose and its CPU seconds. It drives `T1DPatient`
# alone, minute by minute, so that the peer's time is that of the model and not of its environment, sensor and reports.
_DRIVER = """
import sys, types, json, time, warnings
warnings.simplefilter("ignore")
names = ("gym", "gym.envs", "gym.envs.registration")
for name in names:
    sys.modules[name] = types.ModuleType(name)
sys.modules[names[2]].register = lambda **_: None
import numpy as np
from simglucose.patient.t1dpatient import T1DPatient, Action
asked = json.load(sys.stdin)
told, spent = [], 0.0
for name, eaten, infused in asked["patients"]:
    one = T1DPatient.withName(name)
    began = time.process_time()
    row = [one.observation.Gsub]
    for meal, insulin in zip(eaten, infused):
        one.step(Action(CHO=meal, insulin=insulin))
        row.append(one.observation.Gsub)
    spent += time.process_time() - began
    told.append(row)
np.savez(asked["to"], glucose=np.array(told), cpu_seconds=spent)
"""


def environment() -> Path:
    """The folder the peer is installed in; made with pip from the package registry where it is not there yet."""
    home = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "twinward" / "peers" / "simglucose-0.2.11"
    if not (home / "simglucose").is_dir():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(home), *NEEDS]
        subprocess.run(pip, check=True, capture_output=True, text=True)
    return home


def run(patients: list[tuple[str, list[float], list[float]]]) -> tuple[np.ndarray, float]:
    """Glucose under the skin (patients, minutes + 1), mg/dL, and the CPU seconds it took.

    Args:
        patients: name, g of meals announced in each minute, U/min in each minute.
    """
    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder) / "told.npz"
        asked = json.dumps({"patients": patients, "to": str(to)})
        alone = {**os.environ, "PYTHONPATH": str(environment()), "OMP_NUM_THREADS": "1"}
        done = subprocess.run([sys.executable, "-c", _DRIVER], input=asked, text=True, env=alone, capture_output=True)
        if done.returncode:
            raise RuntimeError(f"simglucose: {done.stderr.strip().splitlines()[-1]}")
        with np.load(to) as told:
            return told["glucose"], float(told["cpu_seconds"])


def reference_patients(count: int | None = None) -> list[tuple[str, list[float], list[float]]]:
    """The cohort (or its first `count`) on the reference day, as `run` takes it."""
    from twinward.twins.patient.metabolism.type1.cohort import cohort
    from twinward.twins.patient.metabolism.type1.reference_day import MEALS, MINUTES, reference_plan

    announced = [0.0] * MINUTES
    for at, grams in MEALS:
        announced[at] += grams
    return [(one.name, announced, reference_plan(one).infused(MINUTES).tolist()) for one in cohort()[:count]]


def main() -> None:
    """Write the reference file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", required=True)
    parser.parse_args()
    from twinward.twins.patient.metabolism.type1 import cohort

    told, spent = run(reference_patients())
    path = Path(cohort.__file__).parent / "data" / "reference_day.npz"
    np.savez_compressed(path, glucose=told.astype(np.float32))
    print(f"{path.name}: {told.shape[0]} patients, {path.stat().st_size / 1e3:.0f} kB, {spent:.1f} CPU s")


if __name__ == "__main__":
    main()
