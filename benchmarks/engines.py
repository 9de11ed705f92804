"""The continuous engine beside SciPy and NumPy: `python -m benchmarks.engines [--json FILE] [--only ID ...]`.

Speed is compared at equal error: for a tolerance of the peer, ours is the loosest tolerance (of a fine grid) whose
largest error is no larger. The peer gets the same compiled derivative, so that it is the solvers that are compared.
Compilation is reported apart.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from benchmarks.report import Row, cpu_seconds, median, show, write
from twinward.core import Observation, Observations, Streams, Subject
from twinward.engines.ode import DormandPrince54, RungeKutta4, derivative, solve
from twinward.inference import EnsembleKalman
from twinward.models.bank import Bank
from twinward.models.lorenz96 import Lorenz96
from twinward.models.two_compartment import TwoCompartment


@dataclass(frozen=True)
class Size:
    """How much work is done; the smoke test takes little."""

    runs: int = 3
    members: int = 1000  # of the Runge-Kutta line
    steps: int = 10_000
    ensemble: int = 200  # of our side of a work-precision pair
    peer_ensemble: int = 10  # of the peer's
    updates: int = 2000
    twins: int = 1000


@derivative
def chain(t: float, y: Any, p: Any, dydt: Any) -> None:
    """A cycle of transit compartments: linear, as many states as wanted."""
    n = y.shape[0]
    for i in range(n):
        dydt[i] = p[0] * y[i - 1 if i > 0 else n - 1] - p[1] * y[i]


@derivative
def van_der_pol(t: float, y: Any, p: Any, dydt: Any) -> None:
    """A relaxation oscillator (van der Pol 1926)."""
    dydt[0] = y[1]
    dydt[1] = p[0] * (1.0 - y[0] * y[0]) * y[1] - y[0]


def runge_kutta(size: Size) -> Row:
    """1,000 members x 10 states x 10,000 steps, and the same by NumPy, all members as one array."""
    y0 = np.random.default_rng(0).random((size.members, 10))
    p, end, h = np.array([1.0, 1.0]), 0.01 * size.steps, 0.01
    method = RungeKutta4(h)
    found = solve(chain, y0, p, np.array([end]), method)
    ours = median([cpu_seconds(lambda: solve(chain, y0, p, np.array([end]), method)) for _ in range(size.runs)])
    few = max(size.steps // 50, 1)  # the peer's cost grows with the steps; it takes a share of them

    def right(y: np.ndarray) -> np.ndarray:
        return np.roll(y, 1, axis=1) - y

    def peer(steps: int) -> np.ndarray:
        y = y0.copy()
        for _ in range(steps):
            k1 = right(y)
            k2 = right(y + h / 2 * k1)
            k3 = right(y + h / 2 * k2)
            k4 = right(y + h * k3)
            y += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return y

    theirs = median([cpu_seconds(lambda: peer(few)) for _ in range(size.runs)]) * size.steps / few
    same = solve(chain, y0, p, np.array([few * h]), method).y[:, 0]
    equal = bool(np.abs(same - peer(few)).max() < 1e-12) and bool(np.isfinite(found.y).all())
    full = size.members * size.steps == 10_000_000
    return Row(
        "ode-rk4-1000x10x10000", (equal and ours <= 0.6) if full else None, ours, "CPU s", 0.4, "<= 0.6 (guide 0.4)",
        "DESIGN section 4", "NumPy, one array", theirs, theirs / ours, size.runs,
        f"the peer took {few} steps and is scaled; largest difference {np.abs(same - peer(few)).max():.1e}",
    )  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """A trajectory asked for at equal distances."""

    name: str
    f: Any
    y0: np.ndarray
    p: np.ndarray
    end: float
    points: int = 50

    @property
    def times(self) -> np.ndarray:
        """Where it is asked for."""
        return np.linspace(0, self.end, self.points + 1)[1:]

    def right(self) -> Callable[[float, np.ndarray], np.ndarray]:
        """The derivative as SciPy calls it."""

        def right(t: float, y: np.ndarray) -> np.ndarray:
            slope = np.empty_like(y)
            self.f(t, y, self.p, slope)
            return slope

        return right


def problems() -> list[Problem]:
    """Small and smooth, oscillating, chaotic with 40 states."""
    drug = np.array([4.5, 58.4, 6.5, 38.4, 0.0])  # the medians of its declaration
    ring = 8.0 + np.random.default_rng(1).normal(size=40)
    return [
        Problem("drug", TwoCompartment.derivative, np.array([1000.0, 0.0]), drug, 24.0),
        Problem("van-der-pol", van_der_pol, np.array([2.0, 0.0]), np.array([2.0]), 20.0),
        Problem("lorenz96", Lorenz96.derivative, ring, np.array([8.0]), 1.0),
    ]


def work_precision(problem: Problem, method: str, tolerance: float, size: Size) -> Row:
    """CPU microseconds a trajectory at equal error."""
    right, times = problem.right(), problem.times
    scale = np.abs(problem.y0).max()
    exact = solve_ivp(
        right, (0, problem.end), problem.y0, "DOP853", times, rtol=1e-13, atol=1e-13 * scale
    ).y.T  # fmt: skip

    def peer() -> np.ndarray:
        found = solve_ivp(right, (0, problem.end), problem.y0, method, times, rtol=tolerance, atol=tolerance * scale)
        return np.asarray(found.y.T)

    wanted = float(np.abs(peer() - exact).max())
    for exponent in np.arange(-2.0, -13.01, -0.125):
        ours = DormandPrince54(10.0**exponent, 10.0**exponent * scale)
        error = float(np.abs(solve(problem.f, problem.y0, problem.p, times, ours).y[0] - exact).max())
        if error <= wanted:
            break
    many = np.tile(problem.y0, (size.ensemble, 1))
    mine = median([cpu_seconds(lambda: solve(problem.f, many, problem.p, times, ours)) for _ in range(size.runs)])

    def several() -> None:
        for _ in range(size.peer_ensemble):
            peer()

    theirs = median([cpu_seconds(several) for _ in range(size.runs)]) / size.peer_ensemble * 1e6
    mine = mine / size.ensemble * 1e6
    return Row(
        f"ode-{problem.name}-vs-{method.lower()}-{tolerance:g}", error <= wanted, mine, "CPU us a trajectory", None,
        "equal error", "work-precision", f"scipy.solve_ivp {method}", theirs, theirs / mine, size.runs,
        f"largest error {error:.1e} (ours, rtol {ours.rtol:.1e}), {wanted:.1e} (peer)",
    )  # fmt: skip


def kalman(size: Size, variables: int = 10, observations: int = 5, members: int = 100) -> Row:
    """One stochastic update of 100 members, and the textbook's matrices in NumPy."""
    rng = np.random.default_rng(0)
    prior = rng.normal(size=(members, variables))
    says, seen, sd = prior[:, :observations].copy(), rng.normal(size=observations), np.ones(observations)
    filter_, streams = EnsembleKalman(), Streams(1)
    filter_.update(prior, says, seen, sd, streams)
    noise = np.random.default_rng(1).standard_normal((members, observations))
    taper = np.zeros((0, 0))

    def ours() -> np.ndarray:
        z = prior.copy()
        filter_.compiled(z, says, seen, sd, taper, filter_.settings, noise)
        return z

    def peer() -> np.ndarray:
        a, y = prior - prior.mean(axis=0), says - says.mean(axis=0)
        s = y.T @ y / (members - 1) + np.diag(sd**2)
        gain = np.linalg.solve(s, y.T @ a / (members - 1))
        errors = noise - noise.mean(axis=0)
        return np.asarray(prior + (seen + errors - says) @ gain)

    equal = bool(np.abs(ours() - peer()).max() < 1e-10)

    def timed(one: Callable[[], object]) -> float:
        def all_() -> None:
            for _ in range(size.updates):
                one()

        return median([cpu_seconds(all_) for _ in range(size.runs)]) / size.updates * 1e6

    mine, theirs = timed(ours), timed(peer)
    return Row(
        f"enkf-{members}x{variables}x{observations}", equal, mine, "CPU us an update", None, "equal to 1e-10",
        "Burgers et al. 1998", "NumPy", theirs, theirs / mine, size.runs,
    )  # fmt: skip


def bank(size: Size, members: int = 100) -> Row:
    """One more level of each of 1,000 patients, folded together, and twin by twin."""
    names = [f"Patient/{i}" for i in range(size.twins)]
    model, hour = TwoCompartment(), 3600.0

    def fresh() -> Bank:
        made = Bank(model, [Subject(name) for name in names], members=members)
        made.observe(Observations.of([Observation(name, "dose", 0.0, 1000.0) for name in names]))
        return made

    levels = Observations.of([Observation(name, "concentration", 6 * hour, 12.0) for name in names])
    rows = [levels[i : i + 1] for i in range(size.twins)]
    together, alone = fresh(), fresh()
    mine = cpu_seconds(lambda: together.observe(levels))

    def one_by_one() -> None:
        for name, row in zip(names, rows, strict=True):
            alone[name].observe(row)

    theirs = cpu_seconds(one_by_one)
    equal = all(together[name].digest() == alone[name].digest() for name in names)
    return Row(
        f"bank-{size.twins}x{members}", equal, mine, "CPU s", None, "equal bits", "DESIGN section 3",
        "single twins", theirs, theirs / mine, 1, f"{mine / size.twins * 1e6:.0f} us a twin",
    )  # fmt: skip


_FRESH = """
import numpy as np
from twinward.core import Observation, Twin
from twinward.models.two_compartment import TwoCompartment
twin = Twin(TwoCompartment(), "Patient/1", members=100)
twin.observe([Observation("Patient/1", "dose", 0.0, 1000.0), Observation("Patient/1", "concentration", 3600.0, 12.0)])
twin.forecast("24 h")
"""


def compilation() -> Iterator[Row]:
    """The first forecast of a continuous twin in a new process: nothing compiled yet, and everything in the cache."""
    with tempfile.TemporaryDirectory() as cache:
        for id, note in (("ode-compile-cold", "an empty cache"), ("ode-compile-warm", "imports, load, run")):
            spent = _child(cache)
            yield Row(id, None, spent, "CPU s", None, "report", "a new process", note=note)


def _child(cache: str) -> float:
    before = os.times()
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
    subprocess.run([sys.executable, "-c", _FRESH], check=True, env=environment, cwd=Path(__file__).parents[1])
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def rows(size: Size, only: Sequence[str] = ()) -> Iterator[Row]:
    """Every benchmark, or those whose id begins with one of `only`."""

    def asked(id: str) -> bool:
        return not only or any(id.startswith(begin) for begin in only)

    if asked("ode-rk4-1000x10x10000"):
        yield runge_kutta(size)
    for problem in problems():
        for method in ("RK45", "DOP853", "LSODA"):
            for tolerance in (1e-4, 1e-7):
                if asked(f"ode-{problem.name}-vs-{method.lower()}-{tolerance:g}"):
                    yield work_precision(problem, method, tolerance, size)
    if asked("enkf-100x10x5"):
        yield kalman(size)
    if asked(f"bank-{size.twins}x100"):
        yield bank(size)
    if asked("ode-compile-cold") or asked("ode-compile-warm"):
        yield from compilation()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, write; 1 where something was not reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines", description=__doc__)
    parser.add_argument("--json", type=Path, help="write one list of objects to this file")
    parser.add_argument("--only", nargs="*", default=(), metavar="ID", help="run these alone (beginnings of ids)")
    parser.add_argument("--runs", type=int, default=3, help="of which the median is taken")
    given = parser.parse_args(arguments)
    found = list(rows(Size(runs=given.runs), given.only))
    show(found)
    if given.json:
        write(found, given.json)
    return int(any(row.passed is False for row in found))


if __name__ == "__main__":
    sys.exit(main())
