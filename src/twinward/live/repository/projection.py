"""Journal entries as rows of the search index."""

import hashlib
import sqlite3
import struct
from collections.abc import Iterator
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
KEY = struct.Struct("<qqdq")  # subject, concept, low, id: where a row is


class Projection:
    """Collects the rows of some entries and writes them in one go.

    Args:
        connection: inside a transaction.
        words: numbers of the words.
    """

    def __init__(self, connection: sqlite3.Connection, words: Words) -> None:
        self._connection = connection
        self._words = words
        self._rows: dict[int, _Row] = {}
        self._corrected: list[tuple[int]] = []  # ids that a sender gave, said again
        self._gone: list[_Row] = []  # keys
        self._signals: dict[str, tuple[int, int]] = {}

    def add(self, entry: Entry) -> None:
        """Take an entry in."""
        message = entry.message
        if message.format == "fhir" and message.raw:
            self._resource(message, entry.received)
        elif len(message.seen):
            self._seen(message.seen, entry.received)
        for old, new in message.merges:
            self._merge(old, new)

    def write(self) -> None:
        """Bring the rows to the tables: what is no more goes first, then the last of each identity comes."""
        run = self._connection.executemany
        if self._corrected:
            run("DELETE FROM observations WHERE id = ? AND named = 1", self._corrected)
        if self._gone:
            run("DELETE FROM observations WHERE subject = ? AND concept = ? AND low = ? AND id = ?", self._gone)
        run("INSERT OR REPLACE INTO observations VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", self._rows.values())

    def _seen(self, seen: Observations, received: float) -> None:
        number, rows, known = self._words.number, self._rows, self._signals
        columns = zip(
            seen.identities(), seen.id, seen.subject, seen.signal, seen.time.tolist(), seen.value.tolist(), seen.text,
            seen.unit, seen.source, seen.retracted.tolist(), strict=True,
        )  # fmt: skip
        for identity, name, subject, signal, time, value, text, unit, source, retracted in columns:
            id = int.from_bytes(identity[:8], "big") >> 1
            about = number(subject)
            signal_number, concept = known.get(signal) or self._signal(signal)
            if name:
                self._corrected.append((id,))
            if retracted or time != time:
                rows.pop(id, None)
                self._gone.append((about, concept, time, id))
                continue
            rows[id] = (
                id, 1 if name else 0, about, concept, time, time + INSTANT, None, signal_number,
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
        for key in KEY.iter_unpack(old):
            self._rows.pop(key[3], None)
            self._gone.append(key)
        number = run("SELECT ifnull(max(number), 0) + 1 FROM resources").fetchone()[0]
        keys = b""
        if resource.type == "Observation":
            keys = b"".join(self._observation(resource.raw, resource.reference, number))
        run(
            "INSERT INTO resources VALUES (?,?,?,?,?,?,?,?,?)",
            (number, *where, version + 1, received, message.source, message.id, keys, resource.raw),
        )

    def _observation(self, raw: bytes, reference: str, number: int) -> Iterator[bytes]:
        """The rows under which an Observation resource is found: one for its code, one for each component."""
        try:
            found = _OBSERVATION.decode(raw)
            subject = relative(found.subject, "Observation.subject")
            low, high = moment(found)
        except (BadInput, msgspec.DecodeError):
            return  # it is read by its id; a search by patient or date cannot find what names neither
        high = max(high, low + INSTANT)
        about = self._words.number(subject)
        concepts = {self._words.concept(_codings(found.code))}
        concepts |= {self._words.concept(_codings(part.code), component=True) for part in found.component}
        for concept in concepts:
            id = _number(reference, concept)
            self._rows[id] = (id, 0, about, concept, low, high, number, None, None, None, None, None, None)
            yield KEY.pack(about, concept, low, id)

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
