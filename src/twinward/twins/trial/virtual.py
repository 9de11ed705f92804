"""Virtual trials: any other twin is the physiology, each participant a draw of its prior, each arm a scenario.

Every participant is simulated in every arm from the same belief and with the same random numbers, so that the
difference between a participant's futures is the treatment's doing alone. That is told (paired), and beside it what a
trial of the same people would see, in which each is in one arm only (randomised); the latter goes into the same
analysis as a real trial's data.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import t as student

from twinward.core.arrays import FloatArray, IntArray
from twinward.core.belief import Belief
from twinward.core.comparison import paired_interval
from twinward.core.model import Model, Times
from twinward.core.scenario import Action, Scenario
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.core.times import Duration, grid, seconds
from twinward.errors import BadInput, OutsideValidity
from twinward.twins.trial.participants import MISSING, Participants
from twinward.twins.trial.protocol import Arms, Continuous, Covariate, Protocol

What: TypeAlias = Scenario | Action | Iterable[Action] | Mapping[str, float | str]
Endpoint: TypeAlias = str | Callable[[xr.Dataset], FloatArray]
_ENDPOINT, _ARM = "endpoint", "arm"


@dataclass(frozen=True)
class Trial:
    """A virtual trial.

    Args:
        population: subjects, each of whom stands for `members` people drawn from the model's prior for them; or
            beliefs, every member of which is one person.
        arms: name -> scenario (or actions, or {control: value}); the first is the control. An empty one changes
            nothing.
        endpoint: name of one of the twin's outcomes, or a function of a forecast's data that gives (members,) numbers.
        twin: any kind's model, such as `twinward.core.kinds.kind("patient").model()`.
        members: people a subject stands for.

    Raises:
        BadInput: fewer than two arms or two people, an unknown endpoint or control.

    Example:
        >>> from twinward.models.two_compartment import TwoCompartment
        >>> trial = Trial([Subject("Patient/adult")], {"1 g": {"dose": 1000.0}, "2 g": {"dose": 2000.0}}, "trough",
        ...               TwoCompartment(), members=50)
        >>> found = trial.run("12 h")
        >>> bool((found.outcomes[:, 1] > found.outcomes[:, 0]).all())
        True
    """

    population: Sequence[Subject | Belief]
    arms: Mapping[str, What]
    endpoint: Endpoint
    twin: Model
    members: int = 1

    def __post_init__(self) -> None:
        if len(self.arms) < 2:
            raise BadInput("arms", list(self.arms), "a control and at least one other")
        for scenario in self.scenarios:
            scenario.check(self.twin.controls)
        if isinstance(self.endpoint, str) and self.endpoint not in self.twin.outcomes:
            raise BadInput("endpoint", self.endpoint, f"one of: {', '.join(self.twin.outcomes)}; or a function")
        if self.members < 1:
            raise BadInput("members", self.members, "a whole number >= 1")
        people = sum(one.members if isinstance(one, Belief) else self.members for one in self.population)
        if people < 2:
            raise BadInput("population", people, "at least two people")

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Of the arms, the control first."""
        return tuple(Scenario.of(name, what) for name, what in self.arms.items())

    def run(
        self,
        horizon: Duration,
        *,
        step: Duration | None = None,
        seed: int = 0,
        extrapolate: bool = False,
        executor: Executor | None = None,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> "Played":
        """Simulate everybody in every arm.

        Args:
            horizon: how long a participant is followed; step: between the instants of the forecast, a 48th where None.
            seed: with the population it determines every number, whatever the executor.
            extrapolate: simulate people outside the twin's stated validity, too.
            executor: shares out the subjects (a process pool wants a model and an endpoint that can be sent to it).
            progress: told how many subjects of how many are done.

        Raises:
            OutsideValidity: somebody lies outside what the twin is valid for; who, and why.
        """
        length = seconds(horizon, "horizon")
        every = length / 48 if step is None else seconds(step, "step")
        one = partial(_play, self, length, every, Streams(seed).child("trial"), extrapolate)
        numbered = range(len(self.population))
        parts: list[tuple[FloatArray, pd.DataFrame]] = []
        for part in map(one, numbered) if executor is None else executor.map(one, numbered):
            parts.append(part)
            progress(len(parts), len(self.population))
        outcomes = np.concatenate([part[0] for part in parts])
        baseline = pd.concat([part[1] for part in parts], ignore_index=True)
        return Played(tuple(self.arms), outcomes, baseline, self._unit(), self._label(), self._better(), seed)

    def measured(self, data: xr.Dataset) -> FloatArray:
        """The endpoint of one forecast; (members,)."""
        compute = self.twin.outcomes[self.endpoint].compute if isinstance(self.endpoint, str) else self.endpoint
        return np.asarray(compute(data), dtype=np.float64)

    def _unit(self) -> str:
        return self.twin.outcomes[self.endpoint].unit if isinstance(self.endpoint, str) else "1"

    def _label(self) -> str:
        if isinstance(self.endpoint, str):
            return self.twin.outcomes[self.endpoint].label
        return getattr(self.endpoint, "__name__", _ENDPOINT)

    def _better(self) -> str:
        return self.twin.outcomes[self.endpoint].better if isinstance(self.endpoint, str) else "neither"


def _play(
    trial: Trial, length: float, every: float, streams: Streams, extrapolate: bool, number: int
) -> tuple[FloatArray, pd.DataFrame]:
    """Outcomes (people, arms) and baseline of the people of one entry of the population."""
    entry, own = trial.population[number], streams.child("participant", number)
    belief = entry if isinstance(entry, Belief) else trial.twin.prior(entry, trial.members, own.child("prior"))
    start = belief.time if math.isfinite(belief.time) else 0.0
    if not extrapolate and (why := trial.twin.outside_validity(belief, start)):
        name = entry.id if isinstance(entry, Subject) else f"participant {number + 1}"
        raise OutsideValidity(f"{name}: {'; '.join(why)} (extrapolate=True simulates all the same)")
    times = Times(start, grid(start, length, every))
    future = own.child("future")
    columns = []
    for scenario in trial.scenarios:
        values = trial.measured(trial.twin.simulate(belief, scenario, times, future))
        if values.shape != (belief.members,):
            raise BadInput("endpoint", values.shape, f"one number a member: ({belief.members},)")
        columns.append(values)
    return np.column_stack(columns), _baseline(trial.twin, entry, belief, start)


def _baseline(twin: Model, entry: Subject | Belief, belief: Belief, start: float) -> pd.DataFrame:
    """What is known of each at randomisation: the subject's attributes and the numbers of the twin's estimate."""
    told: dict[str, Any] = dict(entry.attributes) if isinstance(entry, Subject) else {}
    for name, values in twin.estimate(belief, start).data_vars.items():
        if values.dims == ("member",) and values.dtype.kind == "f":
            told.setdefault(str(name), values.to_numpy())
    return pd.DataFrame(told, index=range(belief.members))


@dataclass(frozen=True, eq=False)
class Played:
    """What came of a virtual trial.

    Args:
        arms: the control first.
        outcomes: (people, arms): the endpoint of everybody in every arm; NaN where there was nothing to measure.
        baseline: a row a person: attributes and what was so at randomisation.
        unit, label, better: of the endpoint.
    """

    arms: tuple[str, ...]
    outcomes: FloatArray
    baseline: pd.DataFrame
    unit: str
    label: str
    better: str
    seed: int

    def assignment(self, seed: int | None = None) -> IntArray:
        """(people,) the arm of each in one randomisation, by permuted blocks of two of each arm."""
        rng = Streams(self.seed if seed is None else seed).child("assignment").generator()
        block = np.repeat(np.arange(len(self.arms)), 2)
        blocks = -(-len(self.outcomes) // len(block))
        return np.concatenate([rng.permutation(block) for _ in range(blocks)])[: len(self.outcomes)]

    def table(self, level: float = 0.95, seed: int | None = None) -> pd.DataFrame:
        """One row an arm held against the control and a way of looking.

        Columns: `arm`, `way` ("paired": everybody in both arms, which only a virtual trial can do; "randomised": each
        in one), `control` and `treated` (means), `difference`, `low`, `high`, `se`, `p`, `n` (people that count).
        """
        drawn, rows = self.assignment(seed), []
        for arm in range(1, len(self.arms)):
            both = self.outcomes[:, [0, arm]]
            kept = np.isfinite(both).all(axis=1)
            mean, low, high = paired_interval(both[:, 1] - both[:, 0], level)
            n = int(kept.sum())
            se = float((both[kept, 1] - both[kept, 0]).std(ddof=1)) / math.sqrt(n) if n > 1 else math.nan
            p = 2 * float(student.sf(abs(mean) / se, n - 1)) if se > 0 else float(mean == 0)
            means = both[kept].mean(axis=0) if n else (math.nan, math.nan)
            rows.append((self.arms[arm], "paired", *means, mean, low, high, se, p, n))
            control, treated = both[drawn == 0, 0], both[drawn == arm, 1]
            groups = control[np.isfinite(control)], treated[np.isfinite(treated)]
            rows.append((self.arms[arm], "randomised", *_welch(*groups, level)))
        columns = ["arm", "way", "control", "treated", "difference", "low", "high", "se", "p", "n"]
        return pd.DataFrame(rows, columns=columns)

    def participants(self, seed: int | None = None) -> Participants:
        """The randomised trial as data, for `analysis.base.analyse`: each with the outcome of their own arm alone."""
        drawn = self.assignment(seed)
        baseline, what = {}, {}
        for name, column in self.baseline.items():
            numeric = column.dtype.kind in "fiu"
            what[str(name)] = Covariate(scale="continuous" if numeric else "nominal")
            levels = sorted(set(column.dropna().astype(str)) - {MISSING})
            baseline[str(name)] = (
                column.astype(float)
                if numeric
                else pd.Categorical(column.fillna(MISSING).astype(str), [*levels, MISSING])
            )
        if not what:
            raise BadInput("baseline", "nothing", "a twin or subjects that tell something at randomisation")
        better = "higher" if self.better == "higher" else "lower"
        protocol = Protocol(
            name="virtual trial", arms=Arms(column=_ARM, control=self.arms[0]), baseline=what,
            endpoints={_ENDPOINT: Continuous(scale="continuous", column=_ENDPOINT, unit=self.unit, better=better)},
        )  # fmt: skip
        own = self.outcomes[np.arange(len(drawn)), drawn]
        ids = np.arange(1, len(drawn) + 1).astype(str)
        return Participants(protocol, ids, pd.DataFrame(baseline), drawn, self.arms, {_ENDPOINT: own})

    def plot(self, ax: Any = None) -> Any:
        """Everybody's own difference from the control, an arm each, with the mean; matplotlib axes."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(7, 0.8 * len(self.arms) + 1.2), layout="constrained")
        for row, arm in enumerate(self.arms[1:]):
            gaps = self.outcomes[:, row + 1] - self.outcomes[:, 0]
            gaps = gaps[np.isfinite(gaps)]
            ax.plot(gaps, row + 0.3 * (np.arange(len(gaps)) % 7 / 6 - 0.5), ".", ms=3, alpha=0.4, label=arm)
            ax.plot(gaps.mean() if len(gaps) else np.nan, row, "|", color="black", ms=28, mew=2)
        ax.axvline(0.0, color="0.7", ls="--")
        ax.set_yticks(range(len(self.arms) - 1), self.arms[1:])
        unit = "" if self.unit == "1" else f" [{self.unit}]"
        ax.set_xlabel(f"{self.label}: difference from {self.arms[0]}{unit}")
        return ax

    def power(self, n: int, arm: str | None = None, *, trials: int = 2000, alpha: float = 0.05) -> float:
        """Share of randomised trials of n such people (drawn with replacement, half of them treated) with p < alpha.

        Args:
            arm: held against the control; the second where None.

        Example:
            >>> people = np.random.default_rng(1).standard_normal((400, 1)) + np.array([[0.0, 0.6]])
            >>> played = Played(("a", "b"), people, pd.DataFrame(index=range(400)), "1", "y", "higher", 1)
            >>> played.power(20) < played.power(80)
            True
        """
        name = self.arms[1] if arm is None else arm
        if name not in self.arms[1:] or n < 4:
            raise BadInput("arm, n", (name, n), f"one of {', '.join(self.arms[1:])}, and at least 4 people")
        both = self.outcomes[:, [0, self.arms.index(name)]]
        both = both[np.isfinite(both).all(axis=1)]
        rng = Streams(self.seed).child("power", name, n).generator()
        control = both[rng.integers(len(both), size=(trials, n - n // 2)), 0]
        treated = both[rng.integers(len(both), size=(trials, n // 2)), 1]
        return float((_t_test(control, treated) < alpha).mean())


def _parts(control: FloatArray, treated: FloatArray) -> tuple[Any, Any, Any]:
    """Difference, standard error and degrees of freedom after Welch 1947, along the last axis."""
    gap = treated.mean(axis=-1) - control.mean(axis=-1)
    one, other = (x.var(axis=-1, ddof=1) / x.shape[-1] for x in (control, treated))
    total = np.maximum(one + other, 1e-300)
    df = total**2 / np.maximum(one**2 / (control.shape[-1] - 1) + other**2 / (treated.shape[-1] - 1), 1e-300)
    return gap, np.sqrt(one + other), np.clip(df, 1.0, None)


def _t_test(control: FloatArray, treated: FloatArray) -> FloatArray:
    gap, se, df = _parts(control, treated)
    return np.where(se > 0, 2 * student.sf(np.abs(gap) / np.where(se > 0, se, 1.0), df), np.where(gap == 0, 1.0, 0.0))


def _welch(control: FloatArray, treated: FloatArray, level: float) -> tuple[float, ...]:
    n = len(control) + len(treated)
    if min(len(control), len(treated)) < 2:
        return (math.nan,) * 7 + (n,)
    gap, se, df = (float(x) for x in _parts(control, treated))
    half = float(student.ppf(0.5 + level / 2, df)) * se
    means = float(control.mean()), float(treated.mean())
    return (*means, gap, gap - half, gap + half, se, float(_t_test(control, treated)), n)
