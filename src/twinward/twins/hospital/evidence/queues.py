"""Is the event engine right? Queues with exact answers, the residual stay, and the arrival profile."""

import itertools
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy import integrate, stats

from twinward.core import Check, Evidence, Streams
from twinward.core.arrays import FloatArray
from twinward.engines.events import (
    SERVING,
    STRICT,
    WAITING,
    Arrivals,
    Calendar,
    Distribution,
    Exponential,
    Lognormal,
    Network,
    PatientClass,
    Resource,
    Result,
    State,
    Step,
    Weibull,
    simulate,
)

_SEED = 20250101  # fixed before the first run
_REPLICATIONS = 1000
_Z, _RELATIVE_ERROR = 4.0, 0.005
_TOLERANCE = "|z| < 4 and relative standard error <= 0.5 %"
_HOUR, _DAY = 1.0, 24.0


def erlang_b(servers: int, load: float) -> float:
    """Share lost of M/M/c/c offered `load` Erlang (Erlang 1917), by its stable recursion.

    Example:
        >>> round(erlang_b(10, 8.0), 5)
        0.12166
    """
    share = 1.0
    for c in range(1, servers + 1):
        share = load * share / (c + load * share)
    return share


def erlang_c(servers: int, load: float) -> float:
    """Probability of waiting in M/M/c offered `load` Erlang (Erlang 1917)."""
    lost = erlang_b(servers, load)
    return lost / (1 - load / servers * (1 - lost))


def mmc_wait(servers: int, utilisation: float) -> float:
    """Mean wait in M/M/c with unit mean service.

    Example:
        >>> round(mmc_wait(5, 0.9), 5)
        1.52499
    """
    return erlang_c(servers, servers * utilisation) / (servers * (1 - utilisation))


def priority_waits(servers: int, utilisation: float, shares: tuple[float, ...]) -> tuple[float, ...]:
    """Mean waits by class under non-preemptive priority, equal unit mean services (Cobham 1954).

    Example:
        >>> [round(w, 4) for w in priority_waits(4, 0.9, (0.2, 0.3, 0.5))]
        [0.2402, 0.4367, 3.5807]
    """
    work = erlang_c(servers, servers * utilisation) / servers
    loads = np.concatenate([[0.0], np.cumsum(shares) * utilisation])
    return tuple(float(work / ((1 - a) * (1 - b))) for a, b in itertools.pairwise(loads))


def pollaczek_khinchine(rate: float, service: Distribution, second_moment: float) -> float:
    """Mean wait in M/G/1."""
    return rate * second_moment / (2 * (1 - rate * service.mean()))


def mean_residual(law: Distribution, elapsed: float) -> float:
    """Mean time still to go after `elapsed`: the integral of S(x) / S(elapsed) from there on."""
    begin = float(law.log_survival(np.array(elapsed)))
    scale = float(law.residual(np.array(elapsed), np.array(0.5)))

    def survival(x: float) -> float:
        return math.exp(float(law.log_survival(np.array(elapsed + x))) - begin)

    edges = [0.0, *(scale * 4.0**k for k in range(-2, 12))]
    return sum(integrate.quad(survival, a, b, epsrel=1e-10)[0] for a, b in itertools.pairwise(edges))


def ratio(top: FloatArray, bottom: FloatArray) -> tuple[float, float]:
    """Ratio of two sums over independent replications, and its standard error (linearised; Cochran 1977, 6.4)."""
    value = top.sum() / bottom.sum()
    error = math.sqrt(((top - value * bottom) ** 2).sum() / (len(top) * (len(top) - 1))) / bottom.mean()
    return float(value), error


def checks() -> tuple[Check, ...]:
    """Verification of the engine, in the order of the table in the documentation."""
    return (
        _check("mm1-0.8", "mean wait, M/M/1, load 0.8", lambda: _mmc(1, 0.8, 8_000)),
        _check("mm5-0.9", "mean wait, M/M/5, load 0.9", lambda: _mmc(5, 0.9, 7_000)),
        _check("mm20-0.95", "mean wait, M/M/20, load 0.95", lambda: _mmc(20, 0.95, 7_000)),
        _check("erlang-b-10-8", "share lost, 10 servers, 8 Erlang", lambda: _loss(10, 8.0)),
        _check("erlang-b-60-55", "share lost, 60 servers, 55 Erlang", lambda: _loss(60, 55.0)),
        _check("priority-mm4-0.9", "mean waits of three classes, non-preemptive M/M/4, load 0.9", _priority),
        _check("mg1-lognormal", "mean wait, M/G/1, lognormal service of cv 1.5, load 0.8", _mg1),
        _check("tandem-blocking", "throughput of two stations without a buffer between, saturated", _tandem),
        Check(("residual-stay",), "stay still to go of a patient here 10 days", _residual_stay),
        Check(("nhpp",), "arrivals by hour against the profile", _profile),
    )


_Found = tuple[list[float], list[float], list[float], str]  # values, standard errors, references, source


def _check(id: str, what: str, measure: Callable[[], _Found]) -> Check:
    def run(data: Path | None) -> Iterator[Evidence]:
        values, errors, references, source = measure()
        z = [(v - r) / e for v, e, r in zip(values, errors, references, strict=True)]
        relative = [e / v for v, e in zip(values, errors, strict=True)]
        single = len(values) == 1
        yield Evidence(
            id,
            what,
            "verification",
            values[0] if single else ", ".join(f"{v:.5g}" for v in values),
            references[0] if single else ", ".join(f"{r:.5g}" for r in references),
            _TOLERANCE,
            source,
            max(map(abs, z)) < _Z and max(relative) <= _RELATIVE_ERROR,
            note=f"z {', '.join(f'{x:.2f}' for x in z)}; relative standard error "
            f"{', '.join(f'{100 * x:.2f} %' for x in relative)}; {_REPLICATIONS} replications",
        )

    return Check((id,), what, run)


def _simulate(network: Network, duration: float, warm_up: float, name: str, **more: object) -> Result:
    key = Streams(_SEED).child("evidence", name).key()
    return simulate(network, 0.0, warm_up + duration, _REPLICATIONS, key, warm_up=warm_up, **more)  # type: ignore[arg-type]


def _station(servers: int, rate: float, service: Distribution, **step: object) -> Network:
    return Network(
        (Resource("server", servers),),
        (Step("service", service, needs={"server": 1}, **step),),  # type: ignore[arg-type]
        (PatientClass("all", "service", {}, Arrivals.constant(rate)),),
    )


def _mmc(servers: int, utilisation: float, duration: float) -> _Found:
    network = _station(servers, servers * utilisation, Exponential(1.0))
    result = _simulate(network, duration, 1500.0, f"mm{servers}")
    value, error = ratio(result.by_step[:, 0, 0, 1], result.by_step[:, 0, 0, 0])
    return [value], [error], [mmc_wait(servers, utilisation)], "Erlang C (Erlang 1917)"


def _loss(servers: int, load: float) -> _Found:
    network = _station(servers, load, Exponential(1.0), balk_above=-1)
    result = _simulate(network, 400.0, 50.0, f"loss{servers}")
    value, error = ratio(result.by_class[:, 0, 3], result.by_class[:, 0, 0])
    return [value], [error], [erlang_b(servers, load)], "Erlang B (Erlang 1917)"


def _priority() -> _Found:
    shares = (0.2, 0.3, 0.5)
    network = Network(
        (Resource("server", 4),),
        (Step("service", Exponential(1.0), needs={"server": 1}),),
        tuple(
            PatientClass(str(k), "service", {}, Arrivals.constant(3.6 * share), offset=k * STRICT)
            for k, share in enumerate(shares)
        ),
    )
    result = _simulate(network, 9_000.0, 1500.0, "priority")
    found = [ratio(result.by_step[:, k, 0, 1], result.by_step[:, k, 0, 0]) for k in range(3)]
    return [v for v, _ in found], [e for _, e in found], list(priority_waits(4, 0.9, shares)), "Cobham 1954"


def _mg1() -> _Found:
    cv = 1.5
    service = Lognormal.of(1.0, cv)
    result = _simulate(_station(1, 0.8, service), 20_000.0, 2_000.0, "mg1")
    value, error = ratio(result.by_step[:, 0, 0, 1], result.by_step[:, 0, 0, 0])
    return [value], [error], [pollaczek_khinchine(0.8, service, 1 + cv**2)], "Pollaczek 1930, Khinchine 1932"


def _tandem() -> _Found:
    """Three patients go round: one is always waiting before the first station."""
    network = Network(
        (Resource("first", 1), Resource("second", 1)),
        (
            Step("a", Exponential(1.0), keeps={"first": 1}),
            Step("b", Exponential(1.0), needs={"second": 1}, frees=("first",)),
        ),
        (PatientClass("all", "a", {"a": {"b": 1.0}, "b": {"a": 1.0}}),),
    )
    result = _simulate(network, 500.0, 50.0, "tandem", state=_here(3, WAITING, 0.0, 2))
    passed = result.by_step[:, 0, 1, 0]
    error = float(passed.std(ddof=1)) / math.sqrt(len(passed)) / result.duration
    return [float(passed.mean()) / result.duration], [error], [2 / 3], "Hunt 1956"


def _here(n: int, phase: int, since: float, resources: int) -> State:
    zero, when = np.zeros(n, np.int64), np.full(n, since)
    return State(np.arange(n), zero, zero, zero, zero + phase, when, when, zero, np.zeros((n, resources), np.int64))


def _residual_stay(data: Path | None) -> Iterator[Evidence]:
    """2 million stays of each law, in days."""
    laws = {"Weibull": Weibull.of(6.0, 0.8), "lognormal": Lognormal.of(6.0, 1.0)}
    worst, worst_z, told = 0.0, 0.0, []
    for name, law in laws.items():
        network = Network((), (Step("stay", law),), (PatientClass("all", "stay", {}),))
        result = _simulate(network, 1e6, 0.0, f"stay {name}", state=_here(2000, SERVING, -10.0, 0))
        exact = mean_residual(law, 10.0)
        stays = result.departed.mean(axis=1)
        error = float(stays.std(ddof=1)) / math.sqrt(len(stays))
        worst = max(worst, abs(float(stays.mean()) / exact - 1))
        worst_z = max(worst_z, abs(float(stays.mean()) - exact) / error)
        told.append(f"{name} {stays.mean():.4f} d, exact {exact:.4f} d, fresh stay {law.mean():g} d")
    yield Evidence(
        "residual-stay",
        "stay still to go of a patient here 10 days: relative error of the mean",
        "verification",
        worst,
        0.0,
        "<= 0.5 % and |z| < 4",
        "exact conditional mean by quadrature",
        worst <= 0.005 and worst_z < _Z,
        note=f"{'; '.join(told)}; largest |z| {worst_z:.2f}",
    )


def _profile(data: Path | None) -> Iterator[Evidence]:
    """Counts by hour of day over four weeks, under a daily profile like that of an emergency department."""
    hours = np.arange(24)
    levels = 8.0 * (1 + 0.6 * np.sin((hours - 9) * math.pi / 12))
    rate = Calendar(tuple(hours * _HOUR), tuple(levels), period=_DAY)
    network = Network((), (Step("visit", Exponential(1.0)),), (PatientClass("all", "visit", {}, Arrivals(rate)),))
    days = 28
    result = _simulate(network, days * _DAY, 0.0, "profile", sample_times=np.arange(1, days * 24 + 1) * _HOUR)
    counts = np.diff(result.flow[:, :, 0], axis=1, prepend=0.0).reshape(_REPLICATIONS, days, 24).sum(axis=(0, 1))
    p = float(
        stats.chi2.sf((((counts - levels * days * _REPLICATIONS) ** 2) / (levels * days * _REPLICATIONS)).sum(), 24)
    )
    yield Evidence(
        "nhpp",
        "arrivals by hour of day against the profile: chi-square, 24 degrees of freedom",
        "verification",
        p,
        None,
        "p > 1e-4",
        "inversion of the cumulative rate (Cinlar 1975)",
        p > 1e-4,
        note=f"{int(counts.sum())} arrivals",
    )
