"""A subject, its model and its belief: the loop of mirror, forecast and rehearse."""

import json
import math
import zipfile
from bisect import bisect_left
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
import xarray as xr

from twinward.core import durable, evidence, times
from twinward.core.belief import Belief
from twinward.core.comparison import Comparison
from twinward.core.forecast import Forecast
from twinward.core.model import Model, Times
from twinward.core.observation import COLUMNS, Observation, Observations
from twinward.core.quarantine import Quarantine, Quarantined
from twinward.core.record import Merged, Record
from twinward.core.scenario import Action, Scenario
from twinward.core.screen import screen
from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.errors import BadInput, CorruptSave, OutsideValidity

_SEGMENT = 4096  # observations folded between two checkpoints
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Observed:
    """What became of a batch handed to `Twin.observe`; accepted + duplicates + corrected + quarantined = rows."""

    accepted: int
    duplicates: int
    corrected: int
    quarantined: int


Folding: TypeAlias = Generator[tuple[Belief, Observations], Belief, Observed]


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    time: float  # every observation up to and including this instant is in the belief
    belief: Belief
    count: int  # observations folded so far


class Twin:
    """A live twin of one subject.

    Args:
        model: what the subject is made of and how it changes.
        subject: whom or what it mirrors; a reference such as "Patient/42" will do.
        members: size of the ensemble.
        seed: root of every random number; with the observations it determines every result, bit for bit.
        window: how long after it happened an observation may still arrive (seconds or "30 d"); what is later goes to
            the quarantine, and memory stays bounded. Without it everything is kept.
        quarantine: where unusable input goes.

    Example:
        >>> from twinward.models.random_walk import RandomWalk
        >>> twin = Twin(RandomWalk(), "Thing/1", members=100, seed=1)
        >>> twin.observe([Observation("Thing/1", "level", 60.0, 3.0)])
        Observed(accepted=1, duplicates=0, corrected=0, quarantined=0)
        >>> forecast = twin.forecast("10 min")
    """

    def __init__(
        self,
        model: Model,
        subject: Subject | str,
        *,
        members: int = 200,
        seed: int = 0,
        window: times.Duration | None = None,
        quarantine: Quarantine | None = None,
    ) -> None:
        if members < 1:
            raise BadInput("members", members, "a whole number >= 1")
        self.model = model
        self.subject = Subject(subject) if isinstance(subject, str) else subject
        self.members = members
        self.seed = seed
        self.window = math.inf if window is None else times.seconds(window, "window")
        self.quarantine = quarantine if quarantine is not None else Quarantine()
        self._record = Record()
        prior = model.prior(self.subject, members, self._streams("prior"))
        self._checkpoints = [_Checkpoint(-math.inf, prior, 0)]

    @classmethod
    def of_belief(cls, model: Model, subject: Subject | str, belief: Belief, *, seed: int = 0) -> "Twin":
        """A twin that knows `belief` and nothing of how it came about: enough to estimate, forecast and compare."""
        twin = cls(model, subject, members=belief.members, seed=seed)
        twin._checkpoints = [_Checkpoint(belief.time, belief, 0)]
        return twin

    @property
    def belief(self) -> Belief:
        """What is known after the last observation."""
        return self._checkpoints[-1].belief

    @property
    def time(self) -> float:
        """POSIX seconds of the last observation; -inf where there is none."""
        return self._record.last

    def __len__(self) -> int:
        """How many observations it holds."""
        return len(self._record)

    # -- mirror ------------------------------------------------------------------------------------------------

    def observe(self, seen: Observations | Observation | Iterable[Observation]) -> Observed:
        """Take observations in. The same one twice counts once, and any order of arrival gives the same belief.

        A late or corrected observation rewinds to the checkpoint before it and replays from there.
        """
        fold = self.observing(seen)
        try:
            belief, due = next(fold)
            while True:
                belief, due = fold.send(self.model.assimilate(belief, due))
        except StopIteration as done:
            observed: Observed = done.value
            return observed

    def observing(self, seen: Observations | Observation | Iterable[Observation]) -> Folding:
        """As `observe`, but every step of the fold is asked of the caller, who may take it for many twins at once.

        Yields a belief and what is to be assimilated into it, and takes the belief after it; returns what `observe`
        returns.
        """
        batch = _batch(seen)
        before = len(self.quarantine)
        usable = self._in_window(screen(batch, self.model, self.subject.id, self.quarantine))
        merged = self._record.merge(usable)
        if math.isfinite(merged.earliest):
            yield from self._replay(merged.earliest)
        return _observed(merged, len(self.quarantine) - before)

    def estimate(self, at: times.Instant | None = None) -> xr.Dataset:
        """What is so now (or at an instant, from what had happened by then), one value a member."""
        when = self._instant(at)
        return self.model.estimate(self.belief_at(when), when)

    def belief_at(self, instant: times.Instant) -> Belief:
        """The belief from everything with a time up to `instant`, and nothing later."""
        when = times.posix(instant)
        if when >= self.time:
            return self.belief
        start = max((c for c in self._checkpoints if c.time <= when), key=lambda c: c.time, default=None)
        if start is None:
            kept = times.utc(self._checkpoints[0].time)
            raise BadInput("at", str(times.utc(when)), f"an instant since {kept} (what is older has left the window)")
        return self._fold(start.belief, self._record.between(start.time, when))

    def history(self, since: float = -math.inf, until: float = math.inf) -> Observations:
        """What it has seen with `since < time <= until` and still holds, in order of time (POSIX seconds)."""
        return self._record.between(since, until)

    # -- forecast and rehearse ---------------------------------------------------------------------------------

    def forecast(
        self,
        horizon: times.Duration,
        *,
        step: times.Duration | None = None,
        scenario: Scenario | Action | Mapping[str, float | str] | None = None,
        at: times.Instant | None = None,
        extrapolate: bool = False,
    ) -> Forecast:
        """What happens from now on (or from `at`, as it was known then).

        Args:
            horizon: how far ahead.
            step: between the instants reported; a 48th of the horizon where left out.
            scenario: what is changed; nothing where left out.
            extrapolate: forecast even outside the model's stated validity (the forecast says so).

        Raises:
            OutsideValidity: the subject lies outside what the model is valid for.
        """
        start = self._instant(at)
        assumed = Scenario.baseline() if scenario is None else Scenario.of(_name(scenario), scenario)
        assumed.check(self.model.controls)
        belief = self.belief_at(start)
        length = times.seconds(horizon, "horizon")
        when = Times(start, times.grid(start, length, length / 48 if step is None else step))
        outside = self.model.outside_validity(belief, start)
        if outside and not extrapolate:
            raise OutsideValidity(f"{self.subject.id}: {'; '.join(outside)} (extrapolate=True forecasts all the same)")
        data = self.model.simulate(belief, assumed, when, self._streams("forecast", start))
        return Forecast(
            data=data,
            as_of=start,
            subject=self.subject.id,
            kind=self.model.kind,
            model_version=self.model.version,
            seed=self.seed,
            members=self.members,
            scenario=assumed,
            outside=outside,
            evidence=evidence.cited(self.model.kind, self.model.version),
            outcomes=self.model.outcomes,
        )

    def compare(
        self,
        scenarios: Mapping[str, Scenario | Action | Iterable[Action] | Mapping[str, float | str]],
        horizon: times.Duration,
        *,
        step: times.Duration | None = None,
        at: times.Instant | None = None,
        extrapolate: bool = False,
    ) -> Comparison:
        """Rehearse scenarios against the baseline under common random numbers. The live twin is not touched."""
        baseline = Scenario.baseline()
        if baseline.name in scenarios:
            raise BadInput("scenario", baseline.name, "another name: this one is the baseline's")
        plans = {baseline.name: baseline} | {name: Scenario.of(name, what) for name, what in scenarios.items()}
        for plan in plans.values():
            plan.check(self.model.controls)
        start = self._instant(at)
        forecasts = {
            name: self.forecast(horizon, step=step, scenario=plan, at=start, extrapolate=extrapolate)
            for name, plan in plans.items()
        }
        return Comparison(forecasts, baseline.name)

    def branch(self) -> "Twin":
        """An independent twin that knows the same; what is done to it leaves this one as it is."""
        other = Twin.__new__(Twin)
        other.__dict__.update(self.__dict__)
        other._record = self._record.copy()
        other._checkpoints = list(self._checkpoints)
        other.quarantine = Quarantine()
        return other

    def digest(self) -> str:
        """Hash of the belief: equal digests are equal bits."""
        return self.belief.digest()

    # -- save and load -----------------------------------------------------------------------------------------

    def save(self, path: Path | str) -> None:
        """Write the twin to one file (a ZIP of NPZ and JSON; no pickles). It goes on bit-equal after `load`.

        When it returns the file is on the disk; a power cut before leaves the file that was there, whole.
        """
        durable.write(Path(path), self.to_bytes())

    def to_bytes(self) -> bytes:
        """What `save` writes."""
        held = self._record.between(-math.inf)
        columns = {
            name: getattr(held, name).astype(str) if getattr(held, name).dtype == object else getattr(held, name)
            for name in COLUMNS
        }
        buffer = BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, **columns)
        head = {
            "format": _FORMAT,
            "kind": self.model.kind,
            "version": self.model.version,
            "subject": {
                "id": self.subject.id,
                "label": self.subject.label,
                "part_of": self.subject.part_of,
                "attributes": dict(self.subject.attributes),
            },
            "members": self.members,
            "seed": self.seed,
            "window": str(self.window),
            "checkpoints": [[str(c.time), c.count] for c in self._checkpoints],
        }
        whole = BytesIO()
        with zipfile.ZipFile(whole, "w") as archive:
            archive.writestr("twin.json", json.dumps(head, indent=1))
            archive.writestr("observations.npz", buffer.getvalue())
            archive.writestr("known.json", json.dumps(self._record.dump()))
            for i, checkpoint in enumerate(self._checkpoints):
                archive.writestr(f"checkpoint-{i}.npz", checkpoint.belief.to_bytes())
        return whole.getvalue()

    @classmethod
    def load(cls, path: Path | str, model: Model) -> "Twin":
        """The twin that `save` wrote.

        Raises:
            CorruptSave: the file is damaged, or was written by another kind or version of model.
        """
        return cls.from_bytes(Path(path).read_bytes(), model, str(path))

    @classmethod
    def from_bytes(cls, saved: bytes, model: Model, name: str = "checkpoint") -> "Twin":
        """The twin that `to_bytes` wrote; `name` is what an error calls it.

        Raises:
            CorruptSave: as of `load`.
        """
        try:
            with zipfile.ZipFile(BytesIO(saved)) as archive:
                return cls._restored(archive, name, model)
        except CorruptSave:
            raise
        except Exception as error:  # zipfile, zlib, json and numpy raise a dozen kinds on damaged files
            raise CorruptSave(f"{name}: not a saved twin, or damaged: {error}") from error

    @classmethod
    def _restored(cls, archive: zipfile.ZipFile, path: str, model: Model) -> "Twin":
        head = json.loads(archive.read("twin.json"))
        if (head["format"], head["kind"], head["version"]) != (_FORMAT, model.kind, model.version):
            raise CorruptSave(
                f"{path}: saved by {head['kind']} {head['version']} (format {head['format']}), "
                f"the model given is {model.kind} {model.version} (format {_FORMAT})"
            )
        with np.load(BytesIO(archive.read("observations.npz")), allow_pickle=False) as stored:
            columns = {name: stored[name] for name in stored.files}
        held = {name: column.astype(object) if column.dtype.kind == "U" else column for name, column in columns.items()}
        twin = cls.__new__(cls)
        twin.model, twin.subject = model, Subject(**head["subject"])
        twin.members, twin.seed, twin.window = int(head["members"]), int(head["seed"]), float(head["window"])
        twin.quarantine = Quarantine()
        twin._record = Record.restore(Observations(**held), json.loads(archive.read("known.json")))
        twin._checkpoints = [
            _Checkpoint(float(time), Belief.from_bytes(archive.read(f"checkpoint-{i}.npz")), count)
            for i, (time, count) in enumerate(head["checkpoints"])
        ]
        return twin

    # -- inside ------------------------------------------------------------------------------------------------

    def _streams(self, *names: str | float) -> Streams:
        return Streams(self.seed).child(self.model.kind, self.subject.id, *names)

    def _instant(self, at: times.Instant | None) -> float:
        if at is not None:
            return times.posix(at, "at")
        if not math.isfinite(self.time):
            raise BadInput("at", None, "an instant: this twin has seen nothing yet, so it has no 'now'")
        return self.time

    def _in_window(self, seen: Observations) -> Observations:
        oldest = self._checkpoints[0].time  # what is at or before it cannot be replayed any more
        if not math.isfinite(oldest):
            return seen
        late = seen.time <= oldest
        for row in seen[late]:
            reason = f"it is about {row.time}, more than {times.text(self.window)} before the twin's present"
            self.quarantine.add(Quarantined(repr(row), reason, row.source, kind="too late"))
        return seen[~late]

    def _replay(self, earliest: float) -> Generator[tuple[Belief, Observations], Belief, None]:
        """Rewind to the last checkpoint before `earliest` and fold everything since."""
        while self._checkpoints[-1].time >= earliest:
            self._checkpoints.pop()
        last = self._checkpoints[-1]
        due = self._record.between(last.time)
        belief, count = last.belief, last.count
        for segment in _segments(due):
            belief = yield belief, segment
            count += len(segment)
            self._checkpoints.append(_Checkpoint(float(segment.time[-1]), belief, count))
        self._checkpoints = _thinned(self._checkpoints)
        self._forget()

    def _fold(self, belief: Belief, due: Observations) -> Belief:
        return self.model.assimilate(belief, due) if len(due) else belief

    def _forget(self) -> None:
        """Let go of what lies before the window, keeping one checkpoint to replay from."""
        edge = self.time - self.window
        old = [c for c in self._checkpoints if c.time < edge]
        if len(old) > 1:
            self._checkpoints = self._checkpoints[len(old) - 1 :]
            self._record.forget(self._checkpoints[0].time)


def _batch(seen: Observations | Observation | Iterable[Observation]) -> Observations:
    if isinstance(seen, Observations):
        return seen
    return Observations.of([seen] if isinstance(seen, Observation) else seen)


def _name(scenario: object) -> str:
    return scenario.name if isinstance(scenario, Scenario) else "changed"


def _observed(merged: Merged, quarantined: int) -> Observed:
    return Observed(merged.accepted, merged.duplicates, merged.corrected, quarantined)


def _segments(due: Observations) -> list[Observations]:
    """Cuts between distinct times: every `_SEGMENT` rows, and before the last instant (more may come for it)."""
    if len(due) < 2:
        return [due] if len(due) else []
    cuts, start = [0], 0
    final = bisect_left(due.time, due.time[-1])
    while start + _SEGMENT < final:
        start = int(np.searchsorted(due.time, due.time[start + _SEGMENT], side="left"))
        if start <= cuts[-1]:  # more than a segment at one instant
            start = int(np.searchsorted(due.time, due.time[cuts[-1]], side="right"))
        if start < final:
            cuts.append(start)
    cuts += [final, len(due)] if final > cuts[-1] else [len(due)]
    return [due[a:b] for a, b in pairwise(cuts)]


def _thinned(checkpoints: list[_Checkpoint]) -> list[_Checkpoint]:
    """The recent ones densely, older ones ever more sparsely: O(log n) are kept, the first always.

    Ages (in observations folded since) are sorted into buckets that double; the oldest and the newest of each stay.
    """
    now = checkpoints[-1].count
    buckets = [int(now - c.count).bit_length() for c in checkpoints]
    return [
        c
        for i, c in enumerate(checkpoints)
        if i == 0 or buckets[i] <= 3 or buckets[i] != buckets[i - 1] or buckets[i] != buckets[i + 1]
    ]
