"""Events of an XES log (IEEE 1849-2016), as the parser passes them; nothing of the file is kept."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from twinward.connect.eventlog.base import Row
from twinward.connect.eventlog.files import Damage, blocks
from twinward.core import Quarantined
from twinward.errors import BadInput

_VALUES = frozenset({"string", "date", "int", "float", "boolean", "id"})
CASE = "case:concept:name"


class XesRows:
    """The events of an XES file; attributes of a trace are given to its events with "case:" before their key.

    Entity declarations are refused: they are no part of XES, and the way in which XML files attack their readers.

    Args:
        path: the file; ".gz" is decompressed as it passes.

    Raises:
        BadInput: it is no XES.
    """

    def __init__(self, path: Path) -> None:
        self._source = path.name
        self._blocks = blocks(path)
        self._ready: deque[Row | Quarantined] = deque()
        self._held: list[Row] = []  # events of a trace whose name has not come yet
        self._open: list[str] = []
        self._trace: dict[str, str] = {}
        self._event: dict[str, str] | None = None
        self._line = 0
        self._lost = self._begun = False
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._enter
        self._parser.EndElementHandler = self._leave
        self._parser.EntityDeclHandler = self._entity
        self._until_first()

    def __iter__(self) -> Iterator[Row | Quarantined]:
        while True:
            yield from self._drained()
            if self._lost:
                return
            self._feed()

    def notes(self) -> list[str]:
        """Nothing has to be assumed about an XES file."""
        return []

    def _until_first(self) -> None:
        while not self._ready and not self._lost:
            self._feed()
        if not self._begun:
            fault = self._ready[0].reason if self._ready and isinstance(self._ready[0], Quarantined) else "it is empty"
            raise BadInput("log", self._source, f"an XES file; {fault}")

    def _drained(self) -> Iterator[Row | Quarantined]:
        while self._ready:
            yield self._ready.popleft()

    def _feed(self) -> None:
        """Give the parser the next block; a fault ends the log with one quarantined entry."""
        block = next(self._blocks, b"")
        if isinstance(block, Damage):
            self._end("damaged file", block.reason)
            return
        try:
            self._parser.Parse(block, not block)
        except expat.ExpatError as error:
            line = self._parser.CurrentLineNumber
            self._end("broken XML", f"broken XML: {error}; the rest of the file was not read", line)
            return
        self._lost = not block

    def _end(self, kind: str, reason: str, line: int = 0) -> None:
        self._flush()
        raw = _text(self._event or {})
        self._ready.append(Quarantined(raw, reason, self._source, line or self._parser.CurrentLineNumber, kind))
        self._lost = True

    def _enter(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        depth = len(self._open)
        parent = self._open[-1] if self._open else ""
        self._open.append(name)
        if not depth:
            if name != "log":
                raise BadInput("log", self._source, f"an XES file; its first element is <{name}>, not <log>")
            self._begun = True
        elif name == "event" and self._event is None:
            self._event, self._line = {}, self._parser.CurrentLineNumber
        elif name == "trace" and depth == 1:
            self._trace = {}
        elif name in _VALUES:
            value = attributes.get("value", "")
            if parent == "event" and self._event is not None:
                if value:
                    self._event[attributes.get("key", "")] = value
            elif parent == "trace" and value:
                self._trace[f"case:{attributes.get('key', '')}"] = value
                if self._held and CASE in self._trace:
                    self._flush()

    def _leave(self, tag: str) -> None:
        name = self._open.pop()
        if name == "event" and self._event is not None and self._open[-1] in ("trace", "log"):
            event, self._event = self._event, None
            self._held.append(Row(self._line, event, ""))
            if CASE in self._trace or self._open[-1] == "log":
                self._flush()
        elif name == "trace":
            self._flush()
            self._trace = {}

    def _flush(self) -> None:
        for row in self._held:
            fields = self._trace | row.fields
            self._ready.append(Row(row.line, fields, _text(fields)))
        self._held.clear()

    def _entity(self, name: str, *_: object) -> None:
        raise BadInput("log", self._source, f"an XES file without entity declarations (it declares '{name}')")


def _text(fields: dict[str, str]) -> str:
    return "; ".join(f"{key}={value}" for key, value in fields.items())
