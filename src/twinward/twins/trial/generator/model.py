"""A generator of whole participants: baseline, visits, what is missing, how watching ends; learned from a history.

Everything is drawn in the order in which it comes, each given all that came before it (the chain rule; sequential
synthesis: Raghunathan, Reiter & Rubin 2003, J Off Stat 19:1; Nowok, Raab & Dibben 2016, J Stat Softw 74:11): the
baseline and the first visit column by column; then whether another visit comes or watching ends (and how), when, which
series are missing there, and each series, whether it stays the same and else how it changes. Chances of ends and of
levels at first are penalised logistic regressions; a number is what a ridge regression expects and, by a forest of
`donors`, what others alike were off by. So a participant's visits so far are conditioned on exactly, by going on from
them.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from twinward.core.arrays import BoolArray, FloatArray, IntArray
from twinward.core.streams import Streams
from twinward.errors import BadInput
from twinward.twins.trial.analysis.glm import Family
from twinward.twins.trial.generator.cohort import Coding, Cohort
from twinward.twins.trial.generator.declared import CohortFile
from twinward.twins.trial.generator.donors import Donors
from twinward.twins.trial.generator.state import State, joined
from twinward.twins.trial.learn.ridge import penalised

_FEWEST = 50  # participants that teach
_MOST_VISITS = 200  # of one synthetic participant
_ROUNDS = 20  # of drawing anew who is a copy
# Of the ridge regressions, on columns of unit spread, for each case; cross-validation by participant chooses.
_PENALTIES, _FOLDS = (0.001, 0.01, 0.1, 0.3, 1.0, 3.0, 10.0), 5
# Cases of a leaf: choices. Smaller ones at the first visit draw people who are too like one of the history; larger ones
# at later visits blur what comes after what.
_FIRST, _LATER, _STAYS = 15, 5, 10
_NEVER = 1e-9  # the chance of what the history never saw
_STILL, _FEW_STAY = 1e-9, 10  # a change that is none; cases of it, from which on it is learned apart
_TELLING = 4  # numbers known of a visit, from which on the same numbers are a copy and no chance
ANOTHER, CENSORED = 0.0, 1.0  # visit, end of watching; 1 + k: the k-th kind of end


@dataclass(frozen=True, eq=False)
class Chance:
    """Whether it is so, given the columns before: penalised logistic regression, the intercept first."""

    linear: FloatArray

    def draw(self, columns: FloatArray, rng: np.random.Generator) -> FloatArray:
        """(participants,) 1 or 0."""
        return (rng.random(len(columns)) < expit(_along(self.linear, columns))).astype(float)


@dataclass(frozen=True, eq=False)
class Number:
    """A number, given the columns before: what a ridge regression expects, and what others alike were off by.

    At the first visit that is blurred (`blur`: share of its spread, and that spread; 0, 0 later), so that nobody is
    drawn close to one of the history: a smoothed bootstrap that keeps the variance (Silverman & Young 1987, Biometrika
    74:469), as wide as Silverman's rule (1986, Density Estimation, eq. 3.28).
    """

    linear: FloatArray
    off: Donors
    blur: FloatArray

    def draw(self, columns: FloatArray, rng: np.random.Generator) -> FloatArray:
        """(participants,) possible values."""
        share, spread = self.blur
        off = self.off.draw(columns, rng) * np.sqrt(1.0 - share**2)
        return off + share * spread * rng.standard_normal(len(columns)) + _along(self.linear, columns)


Column = Chance | Number | Donors  # of two levels, a number, several levels


@dataclass(frozen=True, eq=False)
class Step:
    """A column at a later visit: whether it stays the same (None: that is no question), and else its value.

    A number's is the change from the last known one; None: the other one of two levels.
    """

    same: Donors | None
    value: Column | None

    def after(self, last: FloatArray, columns: FloatArray, coding: Coding, rng: np.random.Generator) -> FloatArray:
        """(participants,) possible values after the last known one."""
        drawn = 1.0 - last if self.value is None else self.value.draw(columns, rng)
        if isinstance(self.value, Number):
            drawn, change = coding.settled(last + drawn), drawn
            # What changes, changes by the finest step that the table tells, at least.
            least = coding.coded(coding.natural(last) + np.where(change < 0, -1, 1) * 10.0**-coding.decimals)
            drawn = np.where((np.abs(drawn - last) < _STILL) & (self.same is not None), least, drawn)
        return drawn if self.same is None else np.where(self.same.draw(columns, rng) > 0.5, last, drawn)


@dataclass(frozen=True, eq=False)
class Gaps:
    """Which columns are missing together: the patterns that the history had, and which of them it is.

    Args:
        patterns: (patterns, columns) 1 where missing.
        which: index of the pattern.
    """

    patterns: FloatArray
    which: Donors

    def draw(self, columns: FloatArray, rng: np.random.Generator) -> BoolArray:
        """(participants, columns)."""
        return np.asarray(self.patterns[self.which.draw(columns, rng).astype(np.int64)] > 0.5)


@dataclass(frozen=True, eq=False)
class Generator:
    """A learned generator.

    Args:
        file: what the columns mean; `codings`: column -> how it is a number.
        middles: (columns,) medians of baseline and series; `low`, `high`: their range, beyond which nothing is drawn;
            `longest`: nobody is watched longer.
        first: baseline and first visit, column by column; `first_gone`: what is missing of them.
        ends: whether watching ends before another visit, and if so, of each kind in turn whether it is that one, and
            else the end of watching; `gap`: in how long. Nothing where there are no visits.
        step: each series at a later visit; `step_gone`: what is missing of them, None where there are no visits.
        seen: hashes of the history's visits, which are never drawn.
        decimals: of the times.
    """

    file: CohortFile
    codings: dict[str, Coding]
    middles: FloatArray
    low: FloatArray
    high: FloatArray
    longest: float
    first: tuple[Column, ...]
    first_gone: Gaps
    ends: tuple[Chance, ...]
    gap: Donors | None
    step: tuple[Step, ...]
    step_gone: Gaps | None
    seen: frozenset[bytes]
    decimals: int

    def sample(
        self, people: int, *, seed: int = 1, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> Cohort:
        """A synthetic cohort; the same for a seed. Nobody has a visit of the history, number by number.

        Args:
            progress: told how many participants of how many are whole.

        Raises:
            BadInput: no people; or the history's visits are so few kinds that only copies are drawn.
        """
        if people < 1:
            raise BadInput("people", people, "a whole number >= 1")
        wanted, parts, done = people, [], 0
        for turn in range(_ROUNDS):
            rng = Streams(seed).child("cohort", turn).generator()
            made = self._follow(self._begin(wanted, rng), rng)
            fresh = np.flatnonzero(~self._copies(made))
            parts.append(made.take(fresh))
            done += len(fresh)
            progress(done, people)
            wanted = people - done
            if not wanted:
                return _joined(parts)
        raise BadInput("people", people, f"at most {done}: the others drawn were copies of the history")

    def continued(
        self, cohort: Cohort, members: int, *, seed: int = 1, times: Sequence[FloatArray] | None = None
    ) -> Cohort:
        """How each participant may go on from the visits so far.

        Args:
            members: possibilities of each.
            times: of each participant's visits to come, (visits,) rising, after the last; then these are kept and
                watching does not end before the last of them. None: drawn, with how and when watching ends.

        Returns:
            Participants `members` times each, in a row, with their visits so far.

        Raises:
            BadInput: a time that is not after the visits so far; other columns than the history's.
        """
        rng = Streams(seed).child("continued").generator()
        cohort = cohort.coded_as(self.codings)
        told = cohort.take(np.repeat(np.arange(len(cohort)), members))
        if times is None:
            return self._follow(told, rng)
        last = cohort.time[np.append(cohort.first[1:], len(cohort.who)) - 1]
        for at, own in zip(last, times, strict=True):
            if len(own) and not (np.diff(np.concatenate([[at], own])) > 0).all():
                raise BadInput("times", float(own[0]), f"rising times after the last visit ({at:g})")
        return self._follow(told, rng, [own for own in times for _ in range(members)])

    # -- in the order of time ----------------------------------------------------------------------------------

    def _begin(self, people: int, rng: np.random.Generator) -> Cohort:
        """Baseline and first visit."""
        gone, wide = self.first_gone.draw(np.zeros((people, 0)), rng), len(self.file.baseline)
        columns, drawn = gone.sum(axis=1, keepdims=True).astype(float), np.empty((people, len(self.first)))
        codings = list(self.codings.values())
        for place, (one, coding) in enumerate(zip(self.first, codings, strict=True)):
            value = self._held(place, coding.settled(one.draw(columns, rng)))
            drawn[:, place] = np.where(gone[:, place], np.nan, value)
            columns = np.column_stack([columns, _filled(drawn[:, [place]], self.middles[[place]])])
        none = np.zeros(people, dtype=np.int64)
        return Cohort(self.file, self.codings, drawn[:, :wide], np.arange(people), np.zeros(people), drawn[:, wide:],
                      np.zeros(people), none)  # fmt: skip

    def _follow(self, cohort: Cohort, rng: np.random.Generator, times: Sequence[FloatArray] | None = None) -> Cohort:
        """The same participants with the visits that come after theirs."""
        if self.gap is None:
            return cohort
        state = self._state(cohort)
        active = np.arange(len(cohort))
        end, how = cohort.end.copy(), cohort.how.copy()
        who, when, what = [cohort.who], [cohort.time], [cohort.series]
        for turn in range(_MOST_VISITS if times is None else max(map(len, times), default=0) + 1):
            if times is None:
                kind, time = self._next(state, rng)
                over = kind != ANOTHER
                end[active[over]], how[active[over]] = time[over], kind[over].astype(np.int64) - 1
            else:
                over = np.array([len(times[one]) <= turn for one in active], dtype=bool)
                time = np.array([times[one][turn] if len(times[one]) > turn else np.inf for one in active])
                end[active[over]], how[active[over]] = state.time[over], 0
            active, state, time = active[~over], state.take(~over), time[~over]
            if not len(active):
                break
            series = self.visit(state, time, rng)
            state = state.after(series, time)
            who.append(active)
            when.append(time)
            what.append(series)
        end[active] = state.time  # who came more often than anybody: watching ends there
        person = np.concatenate(who)
        order = np.lexsort((np.concatenate(when), person))
        return Cohort(self.file, self.codings, cohort.baseline, person[order], np.concatenate(when)[order],
                      np.concatenate(what)[order], end, how)  # fmt: skip

    def _next(self, state: State, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """What comes next of each, and when."""
        assert self.gap is not None
        columns = state.columns()
        kind = np.where(self.ends[0].draw(columns, rng) > 0.5, CENSORED, ANOTHER)
        for place, one in enumerate(self.ends[1:]):
            kind = np.where((one.draw(columns, rng) > 0.5) & (kind == CENSORED), CENSORED + 1 + place, kind)
        gap = np.round(self.gap.draw(np.column_stack([columns, kind]), rng), self.decimals)
        least = np.where(kind == ANOTHER, 10.0**-self.decimals, 0.0)
        time = np.round(state.time + np.maximum(gap, least), self.decimals)
        late = time > self.longest
        return np.where(late, CENSORED, kind), np.where(late, np.maximum(self.longest, state.time), time)

    def visit(self, state: State, time: FloatArray, rng: np.random.Generator) -> FloatArray:
        """(participants, series) as they may be at the next visit, at a time; NaN where missing."""
        assert self.step_gone is not None
        columns = np.column_stack([state.columns(), time - state.time])
        gone, found = self.step_gone.draw(columns, rng), np.empty_like(state.last)
        columns = np.column_stack([columns, gone.sum(axis=1)])
        wide = len(self.file.baseline)
        codings = list(self.codings.values())[wide:]
        for place, (one, coding) in enumerate(zip(self.step, codings, strict=True)):
            last = state.last[:, place]
            value = self._held(wide + place, one.after(last, columns, coding, rng))
            found[:, place] = np.where(gone[:, place], np.nan, value)
            columns = np.column_stack([columns, np.where(gone[:, place], last, value)])
        return found

    def _held(self, column: int, values: FloatArray) -> FloatArray:
        """Within the history's range."""
        return np.clip(values, self.low[column], self.high[column])

    def _state(self, cohort: Cohort) -> State:
        """After the last visit of each."""
        wide = len(self.file.baseline)
        states = list(walk(cohort, self.middles[:wide], self.middles[wide:]))
        last = np.bincount(cohort.who, minlength=len(cohort)) - 1
        parts = [states[visit][1].take(last[states[visit][0]] == visit) for visit in range(len(states))]
        people = np.concatenate([states[visit][0][last[states[visit][0]] == visit] for visit in range(len(states))])
        return joined(parts).take(np.argsort(people, kind="stable"))

    def _copies(self, cohort: Cohort) -> BoolArray:
        """(participants,) who has a visit that is one of the history's."""
        copied = np.zeros(len(cohort), dtype=bool)
        rows = [one in self.seen for one in visits_hashed(cohort)]
        copied[cohort.who[rows]] = True
        return copied


def walk(cohort: Cohort, middles: FloatArray, series_middles: FloatArray) -> "Sequence[tuple[IntArray, State]]":
    """The state after each visit: who had it, and what was then known of them."""
    first, count = cohort.first, np.bincount(cohort.who, minlength=len(cohort))
    people = np.arange(len(cohort))
    state = State.begin(_filled(cohort.baseline, middles), cohort.series[first], series_middles)
    found = [(people, state)]
    for visit in range(1, int(count.max())):
        rows = count[people] > visit
        people = people[rows]
        at = first[people] + visit
        state = state.take(rows).after(cohort.series[at], cohort.time[at])
        found.append((people, state))
    return found


def learn(cohort: Cohort, *, seed: int = 1, progress: Callable[[str], None] = lambda step: None) -> Generator:
    """Learn a generator from a history; the same for a seed, whatever the order of its rows.

    Args:
        progress: told each step.

    Raises:
        BadInput: too few participants.
    """
    if len(cohort) < _FEWEST:
        raise BadInput("history", f"{len(cohort)} participants", f"at least {_FEWEST}")
    file = cohort.file
    whole = np.column_stack([cohort.baseline, cohort.series[cohort.first]])
    every = [*cohort.baseline.T, *cohort.series.T]
    middles, low, high = np.array([_spanned(one) for one in every]).T
    filled, first = _filled(whole, middles), []
    people = np.arange(len(cohort))
    first_gone, columns = _gaps(np.zeros((len(whole), 0)), whole, _FIRST, seed)
    for place, (name, coding) in enumerate(cohort.codings.items()):
        progress(f"{name} at the first visit")
        known, before = np.isfinite(whole[:, place]), np.column_stack([columns, filled[:, :place]])
        first.append(_column(before[known], whole[known, place], coding, people[known], _FIRST, seed, True))
    gap = step_gone = None
    ends: list[Chance] = []
    step: list[Step] = []
    if file.time:
        progress("when the next visit comes")
        told = transitions(cohort, middles)
        columns, again = told.state.columns(), told.what == ANOTHER
        ends = _ends(columns, told, 0 if file.end is None else len(file.end.kinds))
        gap = Donors.grow(np.column_stack([columns, told.what]), told.until, smooth=True, leaf=_LATER, seed=seed)
        columns = np.column_stack([columns, told.until])[again]
        last, now, who = told.state.last[again], told.now[again], told.who[again]
        step_gone, number = _gaps(columns, now, _LATER, seed)
        columns = np.column_stack([columns, number])
        for place, name in enumerate(file.series):
            progress(f"{name} at later visits")
            step.append(_step(columns, now[:, place], cohort.codings[name], last[:, place], who, seed))
            columns = np.column_stack([columns, np.where(np.isfinite(now[:, place]), now[:, place], last[:, place])])
    times = np.concatenate([cohort.time, cohort.end])
    decimals = next((d for d in range(12) if np.allclose(times, times.round(d), rtol=0, atol=1e-9)), 12)
    seen = frozenset(visits_hashed(cohort)) - {b""}
    return Generator(
        file, cohort.codings, middles, low, high, float(cohort.end.max()), tuple(first), first_gone, tuple(ends), gap,
        tuple(step), step_gone, seen, decimals,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Transitions:
    """Every visit and what came after it.

    Args:
        who: (visits,) whose; `state`: what was then known.
        now: (visits, series) at the next visit, NaN where there is none; `until`: (visits,) how long until then, or
            until the end; `what`: (visits,) which of these it is.
    """

    who: IntArray
    state: State
    now: FloatArray
    until: FloatArray
    what: FloatArray


def transitions(cohort: Cohort, middles: FloatArray) -> Transitions:
    """Those of a cohort; middles: (columns,) of baseline and series."""
    wide = len(cohort.file.baseline)
    parts, states = [], []
    first, count = cohort.first, np.bincount(cohort.who, minlength=len(cohort))
    for visit, (people, state) in enumerate(walk(cohort, middles[:wide], middles[wide:])):
        another = count[people] > visit + 1
        at = np.where(another, first[people] + visit + 1, 0)
        now = np.where(another[:, None], cohort.series[at], np.nan)
        until = np.where(another, cohort.time[at], cohort.end[people]) - state.time
        parts.append((people, now, until, np.where(another, ANOTHER, CENSORED + cohort.how[people])))
        states.append(state)
    who, now, until, what = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Transitions(who, joined(states), now, until, what)


def _spanned(values: FloatArray) -> tuple[float, float, float]:
    """Median and range; a level's median is a level."""
    seen = values[np.isfinite(values)]
    return (float(np.quantile(seen, 0.5, method="lower")), seen.min(), seen.max()) if len(seen) else (0.0, 0.0, 0.0)


def _gaps(columns: FloatArray, told: FloatArray, leaf: int, seed: int) -> tuple[Gaps, FloatArray]:
    """What is missing together, and (cases, 1) how many are."""
    gone = (~np.isfinite(told)).astype(float)
    patterns, which = np.unique(gone, axis=0, return_inverse=True)
    donors = Donors.grow(columns, which.ravel().astype(float), smooth=False, leaf=leaf, seed=seed)
    return Gaps(patterns, donors), gone.sum(axis=1, keepdims=True)


def _ends(columns: FloatArray, told: "Transitions", kinds: int) -> list[Chance]:
    """Whether watching ends, then of each kind in turn whether it is that one."""
    over = told.what != ANOTHER
    found = [Chance(_linear(columns, over.astype(float), told.who, "binomial"))]
    left = over
    for kind in range(1, kinds + 1):
        this = told.what == CENSORED + kind
        found.append(Chance(_linear(columns[left], this[left].astype(float), told.who[left], "binomial")))
        left = left & ~this
    return found


def _column(
    x: FloatArray, y: FloatArray, coding: Coding, who: IntArray, leaf: int, seed: int, blurred: bool = False
) -> Column:
    """One column of those in whom it is known.

    Args:
        who: (cases,) whose: one person's are kept together in cross-validation.
    """
    if not len(y):
        x, y, who = np.zeros((1, x.shape[1])), np.zeros(1), np.zeros(1, dtype=np.int64)
    if len(coding.levels) == 2:
        return Chance(_linear(x, y, who, "binomial"))
    if coding.levels:
        return Donors.grow(x, y, smooth=False, leaf=leaf, seed=seed)
    linear = _linear(x, y, who, "gaussian")
    off = y - _along(linear, x)
    blur = np.array([min(1.06 * len(y) ** -0.2, 0.9), off.std()]) if blurred else np.zeros(2)
    return Number(linear, Donors.grow(x, off, smooth=True, leaf=leaf, seed=seed), blur)


def _step(columns: FloatArray, told: FloatArray, coding: Coding, last: FloatArray, who: IntArray, seed: int) -> Step:
    """One column at later visits, of those in whom it is known there."""
    known = np.isfinite(told)
    x, y, who = columns[known], told[known], who[known]
    change = y - last[known]
    y = y if coding.levels else change
    stays = np.abs(change) < _STILL
    two = len(coding.levels) == 2
    if not two and not _FEW_STAY <= stays.sum() < len(y):
        return Step(None, _column(x, y, coding, who, _LATER, seed))
    same = Donors.grow(x, stays.astype(float), smooth=False, leaf=_STAYS, seed=seed)
    if two:
        return Step(same, None)
    return Step(same, _column(x[~stays], y[~stays], coding, who[~stays], _LATER, seed))


def _linear(x: FloatArray, y: FloatArray, who: IntArray, family: Family) -> FloatArray:
    """Penalised regression, the intercept first; the penalty by cross-validation by person."""
    if not len(y) or y.min() == y.max():
        level = float(y.mean()) if len(y) else 0.0
        level = float(logit(np.clip(level, _NEVER, 1 - _NEVER))) if family == "binomial" else level
        return np.concatenate([[level], np.zeros(x.shape[1])])
    fold, losses = who % _FOLDS, []
    for share in _PENALTIES:
        missed = 0.0
        for one in np.unique(fold):
            rest = fold != one
            if not rest.any() or y[rest].min() == y[rest].max():
                continue
            eta = _along(penalised(x[rest], y[rest], family, share * rest.sum(), np.zeros(int(rest.sum()))), x[~rest])
            off = (y[~rest] - eta) ** 2 if family == "gaussian" else np.logaddexp(0.0, eta) - y[~rest] * eta
            missed += float(off.sum())
        losses.append(missed)
    best = _PENALTIES[len(losses) - 1 - int(np.argmin(losses[::-1]))]  # the larger, where none is better
    return penalised(x, y, family, best * len(y), np.zeros(len(y)))


def _along(linear: FloatArray, x: FloatArray) -> FloatArray:
    return np.asarray(linear[0] + x @ linear[1:])


def _filled(values: FloatArray, middles: FloatArray) -> FloatArray:
    return np.where(np.isfinite(values), values, middles)


def visits_hashed(cohort: Cohort) -> list[bytes]:
    """SHA-256 of each visit's numbers as the table writes them (with the baseline's at the first); empty where too few
    are known to tell anybody."""
    numbers = [name for name, coding in cohort.codings.items() if not coding.levels]
    first = np.zeros(len(cohort.who), dtype=bool)
    first[cohort.first] = True
    base = np.where(first[:, None], cohort.baseline[cohort.who], np.nan)
    every = dict(zip(cohort.codings, np.column_stack([base, cohort.series]).T, strict=True))
    if not numbers:
        return [b""] * len(cohort.who)
    told = np.column_stack([cohort.codings[name].natural(every[name]) for name in numbers]) + 0.0
    known = np.isfinite(told).sum(axis=1)
    return [hashlib.sha256(row.tobytes()).digest() if count >= _TELLING else b""
            for row, count in zip(told, known, strict=True)]  # fmt: skip


def _joined(parts: Sequence[Cohort]) -> Cohort:
    """One cohort after the other."""
    start = np.cumsum([0, *(len(one) for one in parts[:-1])])
    return Cohort(
        parts[0].file, parts[0].codings, np.concatenate([one.baseline for one in parts]),
        np.concatenate([one.who + at for one, at in zip(parts, start, strict=True)]),
        np.concatenate([one.time for one in parts]), np.concatenate([one.series for one in parts]),
        np.concatenate([one.end for one in parts]), np.concatenate([one.how for one in parts]),
    )  # fmt: skip
