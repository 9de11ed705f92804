"""The observations of one twin in the order in which they happened, each once, corrected where a correction came."""

import hashlib
import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from twinward.core.observation import Observations

# What decides between two messages of one identity: the later received, then the retraction, then the content.
_Version = tuple[float, bool, bytes]
_FEW = 64  # rows that are sorted without NumPy
_CHUNK = 4096  # rows at most in a chunk; a late row reorders few
_BLOCK = 64  # rows; what comes one by one is copied into the last chunk while that is no longer than this


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of a batch.

    Args:
        accepted: rows that are new.
        duplicates: rows already known, or older than the version known.
        corrected: rows that changed or retracted an earlier one.
        earliest: POSIX seconds of the first instant at which anything changed; inf where nothing did.
    """

    accepted: int
    duplicates: int
    corrected: int
    earliest: float


class Record:
    """A time-ordered set of observations: any order and any duplication of arrival gives the same record.

    Only of copies without an id that several sources sent does the order of arrival decide something: the row names
    the source, and the time of receipt, of the first that came. A model must not use these two.
    """

    def __init__(self) -> None:
        self._chunks: list[Observations] = []  # each sorted; chunk i ends no later than chunk i + 1 begins
        self._ends: list[float] = []  # time of each chunk's last row
        self._known: dict[bytes, tuple[_Version, float]] = {}  # identity -> version, time

    def copy(self) -> "Record":
        """An independent copy (the rows themselves are shared: they never change)."""
        twin = Record()
        twin._chunks, twin._ends, twin._known = list(self._chunks), list(self._ends), dict(self._known)
        return twin

    def merge(self, seen: Observations) -> Merged:
        """Take a batch in."""
        winners: dict[bytes, int] = {}
        latest: dict[bytes, _Version] = {}
        duplicates = 0
        for i, identity in enumerate(seen.identities()):
            version, rival = _version(seen, i), latest.get(identity) or self._version_of(identity)
            if rival is not None and version <= rival:
                duplicates += 1
                continue
            latest[identity] = version
            if rival is not None and version[1:] == rival[1:]:  # said again later: nothing new, but it holds from then
                duplicates += 1
                continue
            duplicates += identity in winners
            winners[identity] = i
        replaced = {identity for identity in winners if identity in self._known}
        earliest = min((float(seen.time[i]) for i in winners.values()), default=math.inf)
        earliest = min([earliest, *(self._known[identity][1] for identity in replaced)])
        for identity, version in latest.items():
            time = float(seen.time[winners[identity]]) if identity in winners else self._known[identity][1]
            self._known[identity] = (version, time)
        rows = [i for i in winners.values() if not seen.retracted[i]]
        kept = seen if rows == list(range(len(seen))) else seen[np.array(rows, dtype=np.int64)]
        self._insert(kept, replaced, earliest)
        return Merged(len(winners) - len(replaced), duplicates, len(replaced), earliest)

    def between(self, after: float, until: float = math.inf) -> Observations:
        """Everything with `after < time <= until`, in time order."""
        parts = []
        for chunk in self._chunks[bisect_right(self._ends, after) :]:
            if chunk.time[0] > until:
                break
            # bisect, as NumPy would give the interpreter up for each of these, and must win it back from busy threads
            low, high = bisect_right(chunk.time, after), bisect_right(chunk.time, until)
            if low < high:
                parts.append(chunk[low:high])
        return Observations.concatenate(parts)

    def forget(self, before: float) -> None:
        """Let go of everything before an instant (it is in a checkpoint), once it is a quarter of what is held."""
        old = bisect_left(self._ends, before)
        cut = int(np.searchsorted(self._chunks[old].time, before, side="left")) if old < len(self._chunks) else 0
        if 4 * (sum(len(chunk) for chunk in self._chunks[:old]) + cut) < len(self):
            return
        del self._chunks[:old], self._ends[:old]
        if cut:
            self._chunks[0] = self._chunks[0][
                np.arange(cut, len(self._chunks[0]))
            ]  # a copy: a view would keep the rest
        self._known = {k: v for k, v in self._known.items() if v[1] >= before}

    def dump(self) -> dict[str, list[object]]:
        """The identities and versions it knows, as plain JSON values (rows are saved apart)."""
        return {
            identity.hex(): [received, retracted, content.hex(), time]
            for identity, ((received, retracted, content), time) in self._known.items()
        }

    @classmethod
    def restore(cls, rows: Observations, known: dict[str, list[Any]]) -> "Record":
        """The record of which `between(-inf)` gave `rows` and `dump` gave `known`."""
        record = cls()
        record._chunks = _pieces(rows)
        record._ends = [float(chunk.time[-1]) for chunk in record._chunks]
        for identity, (received, retracted, content, time) in known.items():
            version = (float(received), bool(retracted), bytes.fromhex(content))
            record._known[bytes.fromhex(identity)] = (version, float(time))
        return record

    @property
    def last(self) -> float:
        """Time of the last observation; -inf where there is none."""
        return self._ends[-1] if self._ends else -math.inf

    def __len__(self) -> int:
        return sum(len(chunk) for chunk in self._chunks)

    def _version_of(self, identity: bytes) -> _Version | None:
        found = self._known.get(identity)
        return None if found is None else found[0]

    def _insert(self, fresh: Observations, replaced: set[bytes], earliest: float) -> None:
        if not len(fresh) and not replaced:
            return
        if not replaced and earliest > self.last:
            self._append(_ordered(fresh))
            return
        first = bisect_left(self._ends, earliest)
        old = Observations.concatenate(self._chunks[first:])
        cut = bisect_left(old.time, earliest)
        tail = old[cut:]
        if replaced:
            keep = [i for i, identity in enumerate(tail.identities()) if identity not in replaced]
            tail = tail[np.array(keep, dtype=np.int64)]
        since = Observations.concatenate([part for part in (tail, fresh) if len(part)])
        merged = [part for part in (old[:cut], since[_order(since)]) if len(part)]
        self._chunks[first:] = _pieces(Observations.concatenate(merged))
        self._ends[first:] = [float(chunk.time[-1]) for chunk in self._chunks[first:]]

    def _append(self, fresh: Observations) -> None:
        """Rows later than all others: as chunks of their own, joined to the last where that copies little.

        Chunks join while the later is no shorter, so that each row is copied a logarithmic number of times.
        """
        chunks, ends = self._chunks, self._ends
        for piece in _pieces(fresh):
            chunks.append(piece)
            ends.append(float(piece.time[-1]))
            while len(chunks) > 1:
                before, last = len(chunks[-2]), len(chunks[-1])
                if before + last > (_CHUNK if last >= before else _BLOCK):
                    break
                chunks[-2:] = [Observations.concatenate(chunks[-2:])]
                del ends[-2]


def _pieces(rows: Observations) -> list[Observations]:
    """Sorted rows cut into chunks."""
    return [rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK)]


def _order(seen: Observations) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Canonical order: by time, and among equal times by what does not depend on arrival."""
    if len(seen) <= _FEW:
        return np.array(_order_of_few(seen), dtype=np.int64)
    order = np.argsort(seen.time, kind="stable")
    times = seen.time[order]
    ties = np.flatnonzero(np.diff(times) == 0)
    if not len(ties):
        return order
    keys = {int(i): _content(seen, int(i)) for i in order[np.union1d(ties, ties + 1)]}
    empty: tuple[str, ...] = ()
    return np.array(sorted(order, key=lambda i: (seen.time[i], keys.get(int(i), empty))), dtype=np.int64)


def _ordered(seen: Observations) -> Observations:
    """Rows in canonical order."""
    if len(seen) > _FEW:
        return seen[_order(seen)]
    order = _order_of_few(seen)
    return seen if order == list(range(len(seen))) else seen[order]


def _order_of_few(seen: Observations) -> list[int]:
    """The same order without NumPy, which costs more than the sorting where rows are few."""
    times = seen.time.tolist()
    order = sorted(range(len(times)), key=times.__getitem__)
    tied = {i for pair in pairwise(order) if times[pair[0]] == times[pair[1]] for i in pair}
    if tied:
        keys = {i: _content(seen, i) for i in tied}
        empty: tuple[str, ...] = ()
        order.sort(key=lambda i: (times[i], keys.get(i, empty)))
    return order


def _content(seen: Observations, i: int) -> tuple[str, ...]:
    named = (seen.source[i], seen.id[i]) if seen.id[i] else ("", "")  # without an id, the source is the first copy's
    return seen.subject[i], seen.signal[i], seen.text[i], repr(float(seen.value[i])), *named


def _version(seen: Observations, i: int) -> _Version:
    content = repr((float(seen.time[i]), float(seen.value[i]), seen.text[i], float(seen.error_sd[i])))
    return (
        float(seen.received[i]),
        bool(seen.retracted[i]),
        hashlib.blake2b(content.encode(), digest_size=8).digest(),
    )
