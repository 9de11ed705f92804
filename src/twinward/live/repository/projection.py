"""Journal entries as rows of the search index."""

import hashlib
import math
import sqlite3
import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec

from twinward.connect.fhir import NotFhir, codings, named
from twinward.connect.fhir.observation import moment
from twinward.connect.fhir.references import relative
from twinward.connect.fhir.resources import CodeableConcept, Observation
from twinward.core.message import Message
from twinward.core.observation import Observations
from twinward.errors import BadInput
from twinward.journal.base import Entry
from twinward.live.repository.words import Codings, Words

INSTANT = 1e-6  # seconds; how long a time is that was given in full
_OBSERVATION = msgspec.json.Decoder(Observation)
_Row = tuple[Any, ...]


class Projection:
    """Collects the rows of some entries and writes them in one go.

    Args:
        connection: inside a transaction.
        words: numbers of the words.
    """

    def __init__(self, connection: sqlite3.Connection, words: Words) -> None:
        self._connection = connection
        self._words = words
        self._rows: dict[int, _Row | None] = {}  # None: taken back
        self._signals: dict[str, tuple[int, int]] = {}

    def add(self, entries: Iterable[Entry]) -> Entry | None:
        """Take entries in; the last one, or None where there was none."""
        last = None
        for entry in entries:
            last = entry
            message = entry.message
            if message.format == "fhir" and message.raw:
                self._resource(message, entry.received)
            elif len(message.seen):
                self._seen(message.seen, entry.received)
            for old, new in message.merges:
                self._merge(old, new)
        return last

    def write(self) -> None:
        """Bring the rows to the tables."""
        gone = [(id,) for id, row in self._rows.items() if row is None]
        if gone:
            self._connection.executemany("DELETE FROM observations WHERE id = ?", gone)
        fresh = [row for _, row in sorted(self._rows.items()) if row is not None]  # in the order of the table
        self._connection.executemany("INSERT OR REPLACE INTO observations VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", fresh)
        self._rows.clear()

    def _seen(self, seen: Observations, received: float) -> None:
        number, rows, known = self._words.number, self._rows, self._signals
        columns = zip(
            seen.identities(), seen.subject, seen.signal, seen.time.tolist(), seen.value.tolist(), seen.text, seen.unit,
            seen.source, seen.retracted.tolist(), strict=True,
        )  # fmt: skip
        for identity, subject, signal, time, value, text, unit, source, retracted in columns:
            id = int.from_bytes(identity[:8], "big") >> 1
            if retracted or not math.isfinite(time):
                rows[id] = None
                continue
            signal_number, concept = known.get(signal) or self._signal(signal)
            rows[id] = (
                id, number(subject), concept, time, time + INSTANT, None, signal_number,
                None if value != value else value, text or None, number(unit), number(source), received,
            )  # fmt: skip

    def _signal(self, signal: str) -> tuple[int, int]:
        concept = self._words.concept(signal_codings(signal))
        found = self._signals[signal] = (self._words.number(signal), concept)
        return found

    def _resource(self, message: Message, received: float) -> None:
        try:
            resource = named(message.raw, message.source)
        except NotFhir:
            return  # written by something else than our reader: it has no place among resources
        run = self._connection.execute
        where = (resource.type, resource.id)
        query = "SELECT version, rows FROM resources WHERE type = ? AND id = ? ORDER BY version DESC LIMIT 1"
        version, old = run(query, where).fetchone() or (0, b"")
        for (id,) in struct.iter_unpack("<q", old):
            self._rows[id] = None
        values = (*where, version + 1, received, message.source, message.id, b"", resource.raw)
        made = run(
            "INSERT INTO resources (type, id, version, received, source, message, rows, raw) VALUES (?,?,?,?,?,?,?,?)",
            values,
        )
        if resource.type == "Observation" and made.lastrowid is not None:
            ids = self._observation(resource.raw, resource.reference, made.lastrowid)
            packed = struct.pack(f"<{len(ids)}q", *ids)
            run("UPDATE resources SET rows = ? WHERE number = ?", (packed, made.lastrowid))

    def _observation(self, raw: bytes, reference: str, number: int) -> list[int]:
        """The rows under which an Observation resource is found: one for its code, one for each component."""
        try:
            found = _OBSERVATION.decode(raw)
            subject = relative(found.subject, "Observation.subject")
            low, high = moment(found)
        except (BadInput, msgspec.DecodeError):
            return []  # it is read by its id; a search by patient or date cannot find what names neither
        high = max(high, low + INSTANT)
        about = self._words.number(subject)
        concepts = {self._words.concept(_codings(found.code))}
        concepts |= {self._words.concept(_codings(part.code), component=True) for part in found.component}
        ids = []
        for concept in concepts:
            id = _number(reference, concept)
            ids.append(id)
            self._rows[id] = (id, about, concept, low, high, number, None, None, None, None, None, None)
        return ids

    def _merge(self, old: str, new: str) -> None:
        survivor = self._connection.execute("SELECT new FROM merges WHERE old = ?", (new,)).fetchone()
        target = survivor[0] if survivor else new
        if target == old:  # a merge that takes an earlier one back: the later one holds
            self._connection.execute("DELETE FROM merges WHERE old = ?", (new,))
            target = new
        self._connection.execute("UPDATE merges SET new = ? WHERE new = ?", (target, old))
        self._connection.execute("INSERT OR REPLACE INTO merges VALUES (?, ?)", (old, target))


@lru_cache(maxsize=65536)
def signal_codings(signal: str) -> Codings:
    """The codes with which a signal is told in FHIR, and by which it is found."""
    return tuple((coding.get("system", ""), coding["code"]) for coding in codings(signal))


def _codings(code: CodeableConcept) -> Codings:
    return tuple((coding.system, coding.code) for coding in code.coding if coding.code)


def _number(reference: str, concept: int) -> int:
    digest = hashlib.blake2b(f"{reference} {concept}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
