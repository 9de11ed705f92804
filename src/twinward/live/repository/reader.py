"""Reading from the search index: resources by id, observations by patient, code and date."""

import sqlite3
import struct
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinward.errors import BadInput
from twinward.live.repository import schema, telling
from twinward.live.repository.search import MOST, Search, cursor, date_terms, uncursor

_ROW_ID = "o-"  # ids of observations that came in another format than FHIR


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of a resource.

    Args:
        type, id: of the resource.
        version: 1, 2, ...; 0 for what is told from rows of other feeds.
        received: POSIX seconds at which it was learnt.
        source: the feed.
        message: id of its message, "" where it had none.
        raw: its JSON as it came.
        told: its JSON as it is served.
    """

    type: str
    id: str
    version: int
    received: float
    source: str
    message: str
    raw: bytes
    told: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search.

    Args:
        resources: (type/id, JSON) in order.
        cursor: for the next page; "" where this is the last.
        total: how many match; None where it was not counted.
    """

    resources: list[tuple[str, bytes]]
    cursor: str
    total: int | None


class Reader:
    """What can be asked of an index; any number of threads at once, each on a connection of its own.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._generation = 0  # of the file: connections of an earlier one are of no use
        self._closed = False
        self._state: tuple[int, float, bytes, bytes] = (0, 0.0, b"", b"")

    def read(self, type: str, id: str, version: int | None = None) -> Stored | None:
        """One resource; None where it is not known.

        A patient's record that was merged into another says so in its link.
        """
        connection = self._reader()
        condition = "" if version is None else "AND version = ?"
        row = connection.execute(
            f"{_SELECT} WHERE type = ? AND id = ? {condition} ORDER BY version DESC LIMIT 1",
            (type, id) if version is None else (type, id, version),
        ).fetchone()
        if row is not None:
            return self._stored(connection, row)
        if version not in (None, 1):
            return None
        if type == "Observation" and id.startswith(_ROW_ID):
            return self._row(connection, id)
        if type == "Encounter":
            return self._stay(connection, id)
        survivor = self._survivor(connection, f"{type}/{id}")
        if type == "Patient" and survivor != f"{type}/{id}":
            return Stored(type, id, 0, 0.0, "", "", b"", telling.patient(id, survivor))
        return None

    def current(self, references: Iterable[str]) -> dict[str, Stored]:
        """The latest versions of several resources, by reference; those not known are left out."""
        connection = self._reader()
        found = {}
        for reference in references:
            type, _, id = reference.partition("/")
            row = connection.execute(f"{_SELECT} WHERE type = ? AND id = ? ORDER BY version DESC LIMIT 1", (type, id))
            for values in row:
                found[reference] = _plain(values)
        return found

    def has_message(self, type: str, id: str, message: str) -> Stored | None:
        """The version that came as the message of that id."""
        query = f"{_SELECT} WHERE type = ? AND id = ? AND message = ? LIMIT 1"
        row = self._reader().execute(query, (type, id, message)).fetchone()
        return None if row is None else _plain(row)

    def listed(self, type: str, count: int = 50, after: str = "") -> Found:
        """Resources of a type in the order of their ids.

        Args:
            type: of the resources.
            count: a page.
            after: cursor of the page before.
        """
        connection = self._reader()
        last = str(uncursor(after)[0]) if after else ""
        query = f"{_SELECT} AS r WHERE type = ? AND id > ? AND {_IS_LATEST} ORDER BY id LIMIT ?"
        rows = connection.execute(query, (type, last, _bounded(count) + 1)).fetchall()
        page = [self._stored(connection, row) for row in rows[:count]]
        more = cursor(page[-1].id) if len(rows) > count and page else ""
        total = None
        if not after:
            total = connection.execute("SELECT count(DISTINCT id) FROM resources WHERE type = ?", (type,)).fetchone()[0]
        return Found([(f"{type}/{found.id}", found.told) for found in page], more, total)

    def aliases(self, reference: str) -> tuple[str, ...]:
        """Every record of the same patient, the one that holds now first."""
        return self._aliases(self._reader(), reference)

    def search(self, wanted: Search) -> Found:
        """Observations of some patients (with the records merged into theirs), by code and date.

        Raises:
            BadInput: a cursor that was not made here, or a count below zero.
        """
        connection = self._reader()
        where, values = self._where(connection, wanted)
        if where is None:
            return Found([], "", 0)
        count = _bounded(wanted.count)
        rows = f"SELECT low, id, subject, concept, resource FROM observations WHERE {' AND '.join(where)}"
        if wanted.components:  # a panel may match by more than one of its parts
            rows = rows.replace(" id,", " min(id) AS id,", 1) + " GROUP BY ifnull(resource, -id)"
            rows = f"SELECT * FROM ({rows}) WHERE 1"
        sign, order = ("<", "DESC") if wanted.descending else (">", "ASC")
        place: list[Any] = []
        after = ""
        if wanted.cursor:
            place, after = list(_place(wanted.cursor)), f"AND (low, id) {sign} (?, ?)"
        page = f"{rows} {after} ORDER BY low {order}, id {order} LIMIT ?"
        found = connection.execute(page, (*values, *place, count + 1)).fetchall()
        more = cursor(found[count - 1][0], found[count - 1][1]) if len(found) > count > 0 else ""
        total = None
        if not wanted.cursor:
            total = len(found)
            if len(found) > count:
                total = connection.execute(f"SELECT count(*) FROM ({rows})", values).fetchone()[0]
        return Found(list(self._told(connection, found[:count])), more, total)

    def _reader(self) -> sqlite3.Connection:
        local = self._local
        if getattr(local, "generation", None) != self._generation:
            if self._closed:
                raise BadInput("repository", "closed", "an open one")
            local.connection = schema.connect(self._path)
            local.generation = self._generation
            self._readers.append(local.connection)
        return local.connection  # type: ignore[no-any-return]

    def _where(self, connection: sqlite3.Connection, wanted: Search) -> tuple[list[str] | None, list[Any]]:
        """The conditions of a search; None where nothing can match."""
        where: list[str] = []
        values: list[Any] = []
        if wanted.subjects:
            references = [alias for given in wanted.subjects for alias in self._aliases(connection, given)]
            subjects = _numbers(connection, references)
            if not subjects:
                return None, []
            where.append(f"subject IN ({_marks(subjects)})")
            values += subjects
        if wanted.codes:
            concepts = [number for code in wanted.codes for number in _concepts(connection, code, wanted.components)]
            if not concepts:
                return None, []
            where.append(f"concept IN ({_marks(concepts)})")
            values += concepts
        else:
            where.append("concept > 0")
        terms, given = date_terms(wanted.dates, self._state[1])
        return [*where, *terms], [*values, *given]

    def _told(self, connection: sqlite3.Connection, rows: Sequence[Any]) -> Iterator[tuple[str, bytes]]:
        for low, id, subject, concept, resource in rows:
            if resource is None:
                found = self._row(connection, _row_id(subject, concept, low, id))
            else:
                row = connection.execute(f"{_SELECT} WHERE number = ?", (resource,)).fetchone()
                found = None if row is None else self._stored(connection, row)
            if found is not None:
                yield f"{found.type}/{found.id}", found.told

    def _stored(self, connection: sqlite3.Connection, row: Any) -> Stored:
        plain = _plain(row)
        replaced_by = ""
        if plain.type == "Patient":
            survivor = self._survivor(connection, f"Patient/{plain.id}")
            replaced_by = "" if survivor == f"Patient/{plain.id}" else survivor
        told = telling.resource(plain.raw, plain.id, plain.version, plain.received, replaced_by)
        return Stored(plain.type, plain.id, plain.version, plain.received, plain.source, plain.message, plain.raw, told)

    def _row(self, connection: sqlite3.Connection, id: str) -> Stored | None:
        key = _row_key(id)
        row = None if key is None else connection.execute(_ROW, key).fetchone()
        if row is None:
            return None
        subject, signal, low, value, text, unit, source, received = row
        told = telling.observation(id, subject, signal, low, value, text, unit or "", source or "", received)
        return Stored("Observation", id, 0, received, source or "", "", b"", told)

    def _stay(self, connection: sqlite3.Connection, id: str) -> Stored | None:
        """A stay that only other feeds told."""
        found = connection.execute(_STAY, (f"Encounter/{id}",)).fetchall()
        if not found:
            return None
        rows = [
            (signal, low, self._survivor(connection, word) if signal == "patient" else word)
            for signal, low, word, _ in found
        ]
        received = max(row[3] for row in found)
        return Stored("Encounter", id, len(rows), received, "", "", b"", telling.encounter(id, rows, received))

    def _survivor(self, connection: sqlite3.Connection, reference: str) -> str:
        row = connection.execute("SELECT new FROM merges WHERE old = ?", (reference,)).fetchone()
        return reference if row is None else str(row[0])

    def _aliases(self, connection: sqlite3.Connection, reference: str) -> tuple[str, ...]:
        survivor = self._survivor(connection, reference)
        olds = connection.execute("SELECT old FROM merges WHERE new = ?", (survivor,)).fetchall()
        return (survivor, *(str(old) for (old,) in olds))


_SELECT = "SELECT type, id, version, received, source, message, raw FROM resources"
_IS_LATEST = "version = (SELECT max(version) FROM resources AS v WHERE v.type = r.type AND v.id = r.id)"
_ROW = """
SELECT s.word, g.word, o.low, o.value, o.text, u.word, f.word, o.received FROM observations AS o
JOIN words AS s ON s.id = o.subject JOIN words AS g ON g.id = o.signal
LEFT JOIN words AS u ON u.id = o.unit LEFT JOIN words AS f ON f.id = o.source
WHERE o.subject = ? AND o.concept = ? AND o.low = ? AND o.id = ?
"""


_STAY = """
SELECT g.word, o.low, o.text, o.received FROM observations AS o JOIN words AS g ON g.id = o.signal
WHERE o.subject = (SELECT id FROM words WHERE word = ?) AND o.resource IS NULL AND o.text IS NOT NULL
ORDER BY o.low, o.id
"""


def _plain(row: Any) -> Stored:
    type, id, version, received, source, message, raw = row
    return Stored(type, id, version, received, source, message, bytes(raw), b"")


def _row_id(subject: int, concept: int, low: float, id: int) -> str:
    """The id under which a row of another feed is read: where it is, as FHIR's ids are written."""
    return f"{_ROW_ID}{subject:x}.{concept:x}.{struct.pack('>d', low).hex()}.{id:x}"


def _row_key(id: str) -> tuple[int, int, float, int] | None:
    parts = id.removeprefix(_ROW_ID).split(".")
    try:
        subject, concept, number = (int(parts[at], 16) for at in (0, 1, 3))
        (low,) = struct.unpack(">d", bytes.fromhex(parts[2]))
    except (ValueError, IndexError, struct.error):
        return None
    return (subject, concept, low, number) if max(subject, concept, number) < 2**63 else None


def _place(text: str) -> tuple[float, int]:
    low, id = uncursor(text) if len(uncursor(text)) == 2 else (None, None)
    if not isinstance(low, int | float) or not isinstance(id, int) or not -(2**63) <= id < 2**63:
        raise BadInput("_cursor", text[:60], "the cursor of a page's next link")
    return float(low), id


def _bounded(count: int) -> int:
    if count < 0:
        raise BadInput("_count", count, f"0 to {MOST}")
    return min(count, MOST)


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _numbers(connection: sqlite3.Connection, words: Sequence[str]) -> list[int]:
    query = f"SELECT id FROM words WHERE word IN ({_marks(words)})"
    return [row[0] for row in connection.execute(query, tuple(words))]


def _concepts(connection: sqlite3.Connection, code: tuple[str | None, str], components: bool) -> list[int]:
    system, word = code
    query = "SELECT concept FROM concepts WHERE code = ?" + ("" if system is None else " AND system = ?")
    rows = connection.execute(query, (word,) if system is None else (word, system))
    return sorted({row[0] for row in rows if components or row[0] > 0})
