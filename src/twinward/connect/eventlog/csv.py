"""Rows of a CSV log, one record at a time, each fault with the line on which it stands."""

import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from twinward.connect.eventlog.base import Row
from twinward.connect.eventlog.files import Damage, blocks
from twinward.core import Quarantined
from twinward.errors import BadInput

_LONGEST_LINE = 1 << 20  # bytes; a longer "line" is another kind of file
_LONGEST_RECORD = 20  # lines between a quote and its end; beyond it the quote is taken to be broken
_Line = tuple[int, bytes | Damage]


class CsvRows:
    """The records of a CSV file (RFC 4180; comma, semicolon, tab or bar between the fields).

    A quote that is never closed costs its own line only: reading goes on with the next one.

    Args:
        path: the file; ".gz" is decompressed as it passes.

    Attributes:
        names: the columns, as the header names them (a name that comes twice is numbered).

    Raises:
        BadInput: there is no header, or it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._source = path.name
        self._lines = _lines(path)
        self._back: deque[_Line] = deque()
        self._latin = self._utf8 = 0
        self._renamed: list[str] = []
        self.names = self._header()

    def __iter__(self) -> Iterator[Row | Quarantined]:
        names, width, delimiter = self.names, len(self.names), self._delimiter
        while (line := self._next()) is not None:
            number, raw = line
            if isinstance(raw, Damage):
                text = raw.raw.decode("utf-8", "backslashreplace")
                yield Quarantined(text, raw.reason, self._source, number, "damaged file")
                return
            found = self._decoded(number, raw)
            if isinstance(found, Quarantined):
                yield found
                continue
            text = found
            if not text or text.isspace():
                continue
            if '"' in text:
                record = self._quoted(number, text)
                if isinstance(record, Quarantined):
                    yield record
                    continue
                text, fields = record
            else:
                fields = text.split(delimiter)
            if len(fields) != width:
                reason = f"it has {len(fields)} fields, the header has {width}"
                yield Quarantined(text, reason, self._source, number, "number of fields")
                continue
            yield Row(number, {k: v for k, v in zip(names, fields, strict=True) if v}, text)

    def notes(self) -> list[str]:
        """What had to be assumed, one sentence each."""
        said = [f"Two columns are called {name!r}; the later was renamed." for name in self._renamed]
        if self._latin:
            said.append(f"{self._latin} lines are not UTF-8; they were read as Windows-1252.")
        return said

    def _header(self) -> list[str]:
        self._delimiter = ","
        while (line := self._next()) is not None:
            number, raw = line
            if isinstance(raw, Damage):
                raise BadInput("log", self._source, f"a CSV file ({raw.reason})")
            if number == 1:
                if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
                    raise BadInput("log", self._source, "UTF-8 text; this is UTF-16 (save it as 'CSV UTF-8')")
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            text = self._decoded(number, raw)
            if isinstance(text, Quarantined):
                raise BadInput("log", self._source, "UTF-8 text with a header in its first line")
            if not text.strip() or text.lower().startswith("sep="):  # Excel's own hint
                continue
            return self._named(text)
        raise BadInput("log", self._source, "an event log; the file is empty")

    def _named(self, header: str) -> list[str]:
        self._delimiter = max(",;\t|", key=lambda mark: _outside_quotes(header).count(mark))
        names: list[str] = []
        for name in next(csv.reader([header], delimiter=self._delimiter)):
            plain = name.strip() or f"column {len(names) + 1}"
            if plain in names:
                self._renamed.append(plain)
                plain = f"{plain} ({len(names) + 1})"
            names.append(plain)
        return names

    def _next(self) -> _Line | None:
        return self._back.popleft() if self._back else next(self._lines, None)

    def _decoded(self, number: int, raw: bytes) -> str | Quarantined:
        """UTF-8; Windows-1252 where no line before it was UTF-8 beyond ASCII."""
        line = raw.removesuffix(b"\r")
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            try:
                if self._utf8:
                    raise error
                text = line.decode("cp1252")
            except UnicodeDecodeError:
                shown = line.decode("utf-8", "backslashreplace")
                return Quarantined(shown, "its bytes are not UTF-8 text", self._source, number, "undecodable")
            self._latin += 1
            return text
        if not self._utf8 and not text.isascii():
            self._utf8 = number
        return text

    def _quoted(self, number: int, text: str) -> tuple[str, list[str]] | Quarantined:
        """One record with quotes, which may run over several lines."""
        whole, taken = text, list[_Line]()
        fault = "the quote is not closed"
        while True:
            try:
                fields = next(csv.reader(whole.splitlines(keepends=True), delimiter=self._delimiter, strict=True))
            except csv.Error as error:
                if "unexpected end" not in str(error):
                    fault = str(error)
                    break
            else:
                if not taken or len(fields) == len(self.names):
                    return whole, fields
                break
            following = self._next() if len(taken) < _LONGEST_RECORD else None
            if following is None:
                break
            taken.append(following)
            below, raw = following
            if isinstance(raw, Damage):
                break
            decoded = self._decoded(below, raw)
            if isinstance(decoded, Quarantined):
                break
            whole = f"{whole}\n{decoded}"
        self._back.extendleft(reversed(taken))
        return Quarantined(text, f"broken quoting: {fault}", self._source, number, "broken quoting")


def _lines(path: Path) -> Iterator[_Line]:
    """Numbered lines without their ends; a `Damage` is the last."""
    number, tail = 0, b""
    for block in blocks(path):
        if isinstance(block, Damage):
            yield number + 1, block._replace(raw=tail)
            return
        parts = (tail + block).split(b"\n")
        tail = parts.pop()
        for part in parts:
            number += 1
            yield number, part
        if len(tail) > _LONGEST_LINE:
            yield number + 1, Damage(f"a line is longer than {_LONGEST_LINE} bytes", tail[:1000])
            return
    if tail:
        yield number + 1, tail


def _outside_quotes(text: str) -> str:
    return "".join(text.split('"')[::2])
