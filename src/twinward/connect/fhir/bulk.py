"""Bulk data: NDJSON, plain or gzip, read as it comes; refusals say their line."""

import math
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from twinward.connect.fhir.outcome import NotFhir
from twinward.connect.fhir.reading import message, refused
from twinward.core.message import Message
from twinward.core.quarantine import Quarantined

_LONGEST_LINE = 16 * 2**20  # bytes; the largest resource taken
_STEP = 2**20  # bytes inflated at once
_KEPT = 65536  # bytes of an overlong line that go to the quarantine


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number from 1, its bytes, and why it cannot be read ("" where it can)."""

    number: int
    raw: bytes
    problem: str = ""


class Lines:
    """Cuts what arrives in pieces into lines; gzip is recognised by its first bytes.

    Example:
        >>> lines = Lines()
        >>> [line.number for line in [*lines.feed(b'{"a": 1}\\n\\n{"b'), *lines.feed(b'": 2}'), *lines.close()]]
        [1, 3]
    """

    def __init__(self, longest: int = _LONGEST_LINE) -> None:
        self._longest = longest
        self._number = 0
        self._rest = bytearray()
        self._skipping = False
        self._head: bytes | None = b""  # until it is known whether this is gzip
        self._unzip: zlib._Decompress | None = None
        self._broken = ""

    def feed(self, piece: bytes) -> Iterator[Line]:
        """The lines that are complete with this piece."""
        if self._head is not None:
            self._head += piece
            if len(self._head) < 2:
                return
            piece, self._head = self._head, None
            self._unzip = zlib.decompressobj(wbits=31) if piece[:2] == b"\x1f\x8b" else None
        for plain in [piece] if self._unzip is None else self._inflated(piece):
            yield from self._cut(plain)

    def close(self) -> Iterator[Line]:
        """The last line, if it had no end; and a refusal where the gzip stream was cut off."""
        if self._head:
            piece, self._head = self._head, None
            yield from self._cut(piece)
        if self._rest or self._skipping:
            yield from self._cut(b"\n")
        if self._unzip is not None and not self._broken and not self._unzip.eof:
            self._broken = "the gzip stream ends too early: what came before is taken, send the rest again"
        if self._broken:
            yield Line(self._number + 1, b"", self._broken)

    def _inflated(self, piece: bytes) -> Iterator[bytes]:
        while piece and not self._broken and self._unzip is not None:
            if self._unzip.eof:
                self._unzip = zlib.decompressobj(wbits=31)  # gzip members may follow each other
            try:
                plain = self._unzip.decompress(piece, _STEP)
            except zlib.error as why:
                self._broken = f"the gzip stream is damaged ({why}): what came before is taken, send the rest again"
                return
            piece = self._unzip.unconsumed_tail or self._unzip.unused_data
            if plain:
                yield plain

    def _cut(self, piece: bytes) -> Iterator[Line]:
        start = 0
        while (end := piece.find(b"\n", start)) >= 0:
            self._rest += piece[start:end]
            start = end + 1
            self._number += 1
            line, self._rest = bytes(self._rest), bytearray()
            if self._skipping or len(line) > self._longest:
                self._skipping = False
                yield self._too_long(line)
            elif line.strip():
                yield Line(self._number, line.strip())
        if self._skipping:
            return
        self._rest += piece[start:]
        if len(self._rest) > self._longest:
            self._skipping = True
            del self._rest[_KEPT:]

    def _too_long(self, line: bytes) -> Line:
        return Line(
            self._number, line[:_KEPT], f"the line is longer than {self._longest} bytes: send smaller resources"
        )


@dataclass(slots=True)
class Progress:
    """How far an import is: lines seen, resources taken, lines refused."""

    lines: int = 0
    taken: int = 0
    refused: int = 0


def read_lines(lines: Iterable[Line], source: str, latest: float = math.inf) -> tuple[list[Message], list[Quarantined]]:
    """What some lines say, and those that say nothing.

    Example:
        >>> read_lines([Line(7, b'{"resourceType": "Hospital"}')], "fhir/bulk")[1][0].line
        7
    """
    messages, unusable = [], []
    for line in lines:
        try:
            if line.problem:
                raise NotFhir("line", f"line {line.number}", line.problem, "too-long")
            messages.append(message(line.raw, source, latest=latest))
        except NotFhir as why:
            unusable.append(refused(line.raw, why, source, line.number))
    return messages, unusable


def read_file(
    path: Path, source: str, batch: int = 1000
) -> Iterator[tuple[list[Message], list[Quarantined], Progress]]:
    """A file of NDJSON (.gz or not) in batches.

    Args:
        path: the file.
        source: the feed.
        batch: lines a batch.
    """
    lines, progress = Lines(), Progress()
    waiting: list[Line] = []

    def flush() -> tuple[list[Message], list[Quarantined], Progress]:
        messages, unusable = read_lines(waiting, source)
        progress.lines += len(waiting)
        progress.taken += len(messages)
        progress.refused += len(unusable)
        waiting.clear()
        return messages, unusable, progress

    with path.open("rb") as file:
        while piece := file.read(_STEP):
            for line in lines.feed(piece):
                waiting.append(line)
                if len(waiting) >= batch:
                    yield flush()
    waiting.extend(lines.close())
    if waiting:
        yield flush()
