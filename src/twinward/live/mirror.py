"""The twins in memory: every stored message is routed to the twins it concerns, and their beliefs follow.

The order of one batch: merges first (who has become whom), then each row to the twins that know its signal, then what
twins refuse goes back to the quarantine, then samples of what is so now.
"""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
import structlog

from twinward.core import Belief, Message, Model, Observations, Quarantine, Quarantined, Twin
from twinward.core.times import seconds
from twinward.journal.base import Entry
from twinward.live import own
from twinward.live.config import Twins
from twinward.live.facts import Change
from twinward.live.graph import SIGNALS, Graph
from twinward.live.work import Made

log = structlog.get_logger("twinward.live")


@runtime_checkable
class Brief(Protocol):
    """A model that can say quickly what it believes."""

    def summary(self, belief: Belief, time: float) -> dict[str, tuple[float, float]]:
        """Signal -> (mean, standard deviation)."""
        ...


@dataclass(frozen=True, eq=False)
class Group:
    """The twins that one entry of the configuration makes."""

    spec: Twins
    made: Made
    model: Model

    @classmethod
    def of(cls, spec: Twins) -> "Group":
        """With its model."""
        made = Made(spec.kind, tuple(sorted(spec.options.items())))
        return cls(spec, made, made.model())


@dataclass(frozen=True, eq=False)
class Told:
    """What a batch did.

    Args:
        changes: one an entry.
        refused: (twin, id that makes it once, entry) of what twins could not use.
        touched: subjects of the twins that changed.
    """

    changes: list[Change]
    refused: list[tuple[str, str, Quarantined]]
    touched: set[str]


@dataclass
class Unused:
    """Signals that no twin takes: how many rows, from where, and one example."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    example: dict[tuple[str, str], str] = field(default_factory=dict)


class Mirror:
    """Routes rows to twins; used by one thread at a time.

    Args:
        groups: what twins there are.
        hear: the system's clock, told what each message says of its sending.
        give_way: called between two twins, where others may go first.
    """

    def __init__(
        self,
        groups: Sequence[Group],
        hear: Callable[[float], None] = lambda sent: None,
        give_way: Callable[[], None] = lambda: None,
    ) -> None:
        self.groups = groups
        self.twins: dict[str, Twin] = {}
        self.group: dict[str, Group] = {}
        self.graph = Graph()
        self.unused = Unused()
        self.position = 0
        self.merges: list[tuple[int, str, str]] = []  # (position, reference that is no more, what it has become)
        self._sources: dict[str, Counter[str]] = defaultdict(Counter)
        self._aliases: dict[str, str] = {}
        self._routes: dict[str, tuple[tuple[str, Group], ...]] = {}
        self._known: dict[str, int] = {}
        self._hear, self._give_way = hear, give_way
        self._named = frozenset(group.spec.subject for group in groups if group.spec.subject)
        for group in groups:
            if group.spec.subject:
                self._create(group, group.spec.subject)

    # -- one batch ---------------------------------------------------------------------------------------------

    def take(self, entries: Sequence[Entry]) -> Told:
        """Bring the twins up to date with entries that follow `position`; what they know already is passed over."""
        told = Told([], [], set())
        fresh = [entry for entry in entries if entry.position > self.position]
        rows: dict[str, list[tuple[Entry, Observations]]] = defaultdict(list)
        for entry in fresh:
            message = entry.message
            if math.isfinite(message.sent):
                self._hear(message.sent)
            merged: list[str] = []
            for old, new in message.merges:
                for twin, parts in rows.items():  # what was said before the merge is said of who it was said of
                    self._observe(twin, parts, told)
                rows.clear()
                self.merges.append((entry.position, old, new))
                merged += self._merge(old, new)
            told.touched.update(merged)
            told.touched.intersection_update(self.twins)
            ours = message.format in own.FORMATS
            reached = [own.twin_of(message)] if ours else [*merged, *self._split(entry, rows)]
            what = own.FORMATS.get(message.format, "observed")
            told.changes.append(
                Change(entry.position, entry.received, what, tuple(dict.fromkeys(reached)), subjects_of(message))
            )
        for twin, parts in rows.items():
            self._give_way()
            self._observe(twin, parts, told)
        if fresh:
            self.position = fresh[-1].position
        return told

    def with_estimates(self, told: Told, now: float) -> list[Change]:
        """The changes with what quick twins believe after the batch."""
        said: dict[str, dict[str, tuple[float, float]]] = {}
        for subject in told.touched:
            model, twin = self.group[subject].model, self.twins[subject]
            if not isinstance(model, Brief):
                continue
            try:
                said[subject] = model.summary(twin.belief, max(now, twin.time))
            except Exception as error:  # of a model: nothing is said of this twin now, and all else goes on
                log.error("a twin could not be summarised", twin=subject, why=f"{type(error).__name__}: {error}")
        if not said:
            return told.changes
        return [
            Change(c.position, c.at, c.what, c.twins, c.subjects, {t: said[t] for t in c.twins if t in said})
            for c in told.changes
        ]

    def resolve(self, reference: str) -> str:
        """What a reference has become by merges."""
        seen = {reference}
        while (following := self._aliases.get(reference)) is not None and following not in seen:
            reference = following
            seen.add(reference)
        return reference

    def sources(self, subject: str) -> list[str]:
        """The feeds that a twin lives on: at least a tenth of what it has seen."""
        counts = dict(self._sources.get(self.resolve(subject), {}))
        whole = sum(counts.values())
        return [source for source, count in counts.items() if 10 * count >= whole]

    def twins_of(self, subjects: Sequence[str]) -> tuple[str, ...]:
        """The twins that messages about these subjects concern."""
        found = (name for subject in subjects for name, _ in self._route(self.resolve(subject)))
        return tuple(dict.fromkeys(found))

    # -- checkpoints -------------------------------------------------------------------------------------------

    def adopt(self, subject: str, twin: Twin, position: int) -> None:
        """A twin from a checkpoint: entries up to `position` are in it."""
        self.twins[subject] = twin
        self._known[subject] = position

    def saved(self, subject: str) -> int:
        """Position of the checkpoint that a twin began with; 0 without one."""
        return self._known.get(subject, 0)

    def alias(self, old: str, new: str) -> None:
        """A merge that is in the checkpoints already: from now on the one is called the other."""
        old, target = self._survivor(old, new)
        if self.resolve(old) != target:
            self._aliases[old] = target

    # -- inside ------------------------------------------------------------------------------------------------

    def _create(self, group: Group, subject: str) -> Twin:
        spec = group.spec
        twin = Twin(group.model, subject, members=spec.members, seed=spec.seed, window=spec.window)
        self.twins[subject], self.group[subject] = twin, group
        return twin

    def _split(self, entry: Entry, rows: dict[str, list[tuple[Entry, Observations]]]) -> list[str]:
        """Cut the rows of one message by twin; returns the twins reached."""
        seen = entry.message.seen
        if not len(seen):
            return []
        seen = seen.replace(
            subject=self._resolved(seen),
            received=np.full(len(seen), entry.received),
            source=np.full(len(seen), entry.message.source, dtype=object),
        )
        self.graph.take(seen)
        by_subject: dict[str, list[int]] = defaultdict(list)
        for i, subject in enumerate(seen.subject.tolist()):
            by_subject[subject].append(i)
        parts: dict[str, list[int]] = defaultdict(list)
        signals = seen.signal.tolist()
        kinds = set(signals)
        for subject, mine in by_subject.items():
            routes = self._route(subject)
            if len(routes) == 1 and kinds <= routes[0][1].model.signals.keys():
                parts[routes[0][0]] += mine
                continue
            for i in mine:
                signal = signals[i]
                used = False
                for twin, group in routes:
                    if signal in group.model.signals:
                        parts[twin].append(i)
                        used = True
                if not used:
                    self._count_unused(seen, i)
        for twin, mine in parts.items():
            self._sources[twin][entry.message.source] += len(mine)
            if entry.position > self._known.get(twin, 0):
                rows[twin].append((entry, seen if len(mine) == len(seen) else seen[np.array(mine)]))
        return list(parts)

    def _resolved(self, seen: Observations) -> np.ndarray[tuple[int, ...], np.dtype[np.object_]]:
        if not self._aliases:
            return seen.subject
        return np.array([self.resolve(subject) for subject in seen.subject], dtype=object)

    def _route(self, subject: str) -> tuple[tuple[str, Group], ...]:
        found = self._routes.get(subject)
        if found is None:
            kind = subject.partition("/")[0]
            found = tuple(
                (group.spec.subject or subject, group)
                for group in self.groups
                if group.spec.subject == subject
                or group.spec.each == kind
                or (group.spec.subject and kind in group.model.parts)
            )
            self._routes[subject] = found
        return found

    def _observe(self, subject: str, parts: list[tuple[Entry, Observations]], told: Told) -> None:
        twin = self.twins.get(subject)
        if twin is None:
            twin = self._create(next(group for name, group in self._route(subject) if name == subject), subject)
        try:
            twin.observe(Observations.concatenate([rows for _, rows in parts]))
        except Exception as error:  # of a model, whatever it is: the feed lives on, and so does the twin
            log.error("a twin could not take a batch in", twin=subject, why=f"{type(error).__name__}: {error}")
            twin = self.twins[subject] = self._one_by_one(twin, parts, told)
        told.touched.add(subject)
        self._handed_on(twin, told)

    def _one_by_one(self, twin: Twin, parts: list[tuple[Entry, Observations]], told: Told) -> Twin:
        """The twin without what its model fails on: each message of a batch for itself."""
        subject, spec = twin.subject.id, self.group[twin.subject.id].spec
        batch = set(Observations.concatenate([rows for _, rows in parts]).identities())
        history = twin.history()
        before = np.array([identity not in batch for identity in history.identities()], dtype=np.bool_)
        good = Twin(twin.model, subject, members=spec.members, seed=spec.seed, window=spec.window)
        good.observe(history[before])
        for entry, rows in parts:
            trial = good.branch()
            try:
                trial.observe(rows)
            except Exception as error:
                raw = f"{len(rows)} observations of message {entry.position} ({entry.message.id})"
                reason = f"the model failed on them: {type(error).__name__}: {error}"
                refused = Quarantined(raw, reason, entry.message.source, kind="twin failed")
                told.refused.append((subject, f"{entry.position}", refused))
            else:
                good = trial
                self._handed_on(good, told)
        return good

    @staticmethod
    def _handed_on(twin: Twin, told: Told) -> None:
        """What a twin refused, by an id that is the same whatever else was in the batch."""
        if not len(twin.quarantine):
            return
        for entry in twin.quarantine:
            name = hashlib.blake2b(f"{entry.kind}\0{entry.raw}".encode(errors="backslashreplace"), digest_size=12)
            told.refused.append((twin.subject.id, name.hexdigest(), entry))
        twin.quarantine = Quarantine()

    def _survivor(self, old: str, new: str) -> tuple[str, str]:
        """(who is no more, who is): as the message says, but a twin of the configuration keeps its name."""
        target = self.resolve(new)
        return (target, old) if old in self._named and target not in self._named else (old, target)

    def _merge(self, old: str, new: str) -> list[str]:
        """One reference has become another: what was known of the old is known of the new."""
        old, target = self._survivor(old, new)
        if self.resolve(old) == self.resolve(target) or old in self._named:
            return []
        self._aliases[old] = target
        self._routes.pop(old, None)
        self.graph.merge(old, target)
        former = self.twins.pop(old, None)
        if former is None:
            return []
        group = self.group.pop(old)
        twin = self.twins.get(target)
        if twin is None:
            twin = self._create(group, target)
        self._sources[target].update(self._sources.pop(old, Counter()))
        rows = former.history()
        twin.observe(rows.replace(subject=np.full(len(rows), target, dtype=object)))
        return [target]

    def _count_unused(self, seen: Observations, i: int) -> None:
        if seen.signal[i] in SIGNALS:  # it says where a subject belongs: the graph has it
            return
        key = (str(seen.source[i]), str(seen.signal[i]))
        self.unused.counts[key] += 1
        if key not in self.unused.example:
            value = seen.text[i] or f"{seen.value[i]:g} {seen.unit[i]}"
            self.unused.example[key] = str(value)[:80]


def subjects_of(message: Message) -> tuple[str, ...]:
    """The references that a message is about, of a long one those of its first thousand rows."""
    merged = (reference for pair in message.merges for reference in pair)
    return tuple(dict.fromkeys((*merged, *message.seen.subject[:1000])))


def sample_times(spec: Twins, after: float, now: float) -> list[float]:
    """The round instants in (after, now] at which a twin's present is written down; at most a day's worth at once."""
    width = seconds(spec.sample)
    first = math.floor(after / width) + 1 if math.isfinite(after) else math.floor(now / width)
    last = math.floor(now / width)
    first = max(first, last - int(86400 / width))
    return [i * width for i in range(first, last + 1)]
