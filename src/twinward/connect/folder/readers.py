"""Readers of the kinds of file that are dropped: event logs, HL7 v2 messages, FHIR in NDJSON."""

import gzip
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import tzinfo
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from twinward.connect.eventlog import Event, open_log, to_observations
from twinward.connect.folder.base import Batch, Dropped, Reader
from twinward.core.message import Message
from twinward.core.observation import Observations
from twinward.core.quarantine import Quarantine, Quarantined
from twinward.core.signal import Signal
from twinward.errors import BadInput

_ROWS = 1000  # of a log in one message
_MESSAGES = 500  # HL7 in one batch
_BLOCK = 1 << 20  # bytes
_BEGINS = re.compile(rb"[\r\n\x0b](?:\xef\xbb\xbf)?MSH[^A-Za-z0-9\r\n]")  # a message, after the end of a line
_MARK = 8  # bytes of that
_LONGEST = 64 << 20  # bytes of one HL7 message


def log_reader(
    *,
    zone: str | tzinfo | None = None,
    attributes: Mapping[str, str | Signal] | None = None,
    rows: int = _ROWS,
    **columns: str,
) -> Reader:
    """Reads event logs (CSV, XES; .gz): every thousand rows become one message.

    Its id is the hash of the file and the line on which it begins; its observations have no ids, so that a row which
    another export holds too is known as the same one.

    Args:
        zone, columns: as in `open_log`.
        attributes: as in `to_observations`.
        rows: in one message.
    """

    def read(file: Dropped) -> Iterator[Batch]:
        refused = _Refused()
        log = open_log(file.path, zone=zone, quarantine=refused, **columns)
        pending: list[Event] = []
        try:
            for event in log:
                if len(pending) >= rows and event.line != pending[-1].line:
                    yield Batch([_rows(file, pending, attributes)], refused.taken())
                    pending = []
                pending.append(event)
        except BadInput:  # nothing was usable; what was refused is kept
            yield Batch([], refused.taken())
            raise
        yield Batch([_rows(file, pending, attributes)] if pending else [], refused.taken())

    return read


def _rows(file: Dropped, events: list[Event], attributes: Mapping[str, str | Signal] | None) -> Message:
    seen = Observations.concatenate(list(to_observations(events, source=file.source, attributes=attributes)))
    first = min(event.line for event in events)
    return Message(file.source, f"{file.digest}:{first}", "observations", b"", seen)


class _Refused(Quarantine):
    """Gives away what it holds, so that a log of nothing but faults needs no memory."""

    def taken(self) -> list[Quarantined]:
        """What came since the last time."""
        entries, self._entries = self._entries, []
        return entries


class Refusal(Protocol):
    """An HL7 message that could not be taken in."""

    @property
    def quarantined(self) -> Quarantined:
        """The entry of the quarantine."""
        ...


def hl7_reader(parse: Callable[[bytes], Iterable[Message | Refusal]]) -> Reader:
    """Reads files of HL7 v2 messages, one after the other or in a batch envelope.

    Args:
        parse: a block of whole messages -> messages and refusals, as `connect.hl7v2.parse`.
    """

    def read(file: Dropped) -> Iterator[Batch]:
        with _opened(file.path) as content:
            parsed = (one for block in _whole_messages(content) for one in parse(block))
            while some := list(islice(parsed, _MESSAGES)):
                messages = [one for one in some if isinstance(one, Message)]
                yield Batch(messages, [one.quarantined for one in some if not isinstance(one, Message)])

    return read


def _whole_messages(content: BinaryIO, block: int = _BLOCK) -> Iterator[bytes]:
    """Pieces that end where a message begins."""
    rest, searched = b"", 0
    while read := content.read(block):
        rest += read
        cut = 0
        for start in _BEGINS.finditer(rest, searched):
            cut = start.start() + 1
        searched = max(0, len(rest) - _MARK)
        if cut:
            yield rest[:cut]
            rest, searched = rest[cut:], 0
        elif len(rest) > _LONGEST:
            raise BadInput("HL7 file", f"{len(rest)} bytes without MSH", f"messages of at most {_LONGEST} bytes")
    if rest:
        yield rest


def _opened(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path)) if path.suffix.lower() == ".gz" else path.open("rb")


def ndjson_reader(
    read_file: Callable[[Path, str], Iterable[tuple[list[Message], list[Quarantined], object]]],
) -> Reader:
    """Reads FHIR resources, one a line.

    Args:
        read_file: file and feed -> batches of messages and refusals, as `connect.fhir.read_file`.
    """

    def read(file: Dropped) -> Iterator[Batch]:
        for messages, refused, _ in read_file(file.path, file.source):
            yield Batch(list(messages), list(refused))

    return read
