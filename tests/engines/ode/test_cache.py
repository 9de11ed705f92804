"""A page or a command never waits for a compiler twice: a new process finds all loops in numba's cache."""

import subprocess
import sys

CHILD = """
import json
from twinward.core import Observation, Twin
from twinward.engines.ode.kernel import run
from twinward.inference.ensemble_kalman import _update
from twinward.models.fold import fold
from twinward.models.two_compartment import TwoCompartment
twin = Twin(TwoCompartment(), "Patient/1", members=10)
twin.observe([Observation("Patient/1", "dose", 0.0, 1000.0), Observation("Patient/1", "concentration", 3600.0, 12.0)])
twin.forecast("1 h")
functions = (run, fold, _update, TwoCompartment.derivative, TwoCompartment.measurement)
print(json.dumps([[sum(f.stats.cache_hits.values()), sum(f.stats.cache_misses.values())] for f in functions]))
"""


def test_a_second_process_compiles_nothing():
    outputs = [
        subprocess.run([sys.executable, "-c", CHILD], check=True, capture_output=True, text=True).stdout for _ in "ab"
    ]
    assert outputs[1].strip() == str([[1, 0]] * 5)
