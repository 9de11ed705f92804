"""What is written, as rows of plain values, each with a hash of all that stands before it in the row."""

import hashlib
import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec

from twinward.core.message import Message
from twinward.core.quarantine import Quarantined
from twinward.errors import BadInput
from twinward.journal.base import Access, Entry, Held
from twinward.journal.encoding import decode, encode

Row: TypeAlias = tuple[Any, ...]

# table -> its columns in order; the names are the same in every database, so that rows can be copied between them.
ENTRIES = (
    *("position", "received", "key", "content", "sent", "source", "id", "format"),
    *("raw", "seen", "merges", "refused", "hash"),
)
QUARANTINE = (
    *("number", "position", "received", "raw", "reason", "source", "line", "kind", "digest", "hash"),
    *("state", "settled_by"),
)
AUDIT = (
    *("number", "at", "who", "role", "action", "what", "patient", "why", "outcome", "origin", "request"),
    "hash",
)
CHECKPOINTS = ("name", "position", "body", "hash")
TABLES = {"entries": ENTRIES, "quarantine": QUARANTINE, "audit": AUDIT, "checkpoints": CHECKPOINTS}

_encode = msgspec.msgpack.Encoder().encode
_merges = msgspec.msgpack.Decoder(tuple[tuple[str, str], ...])
_refused = msgspec.msgpack.Decoder(tuple[tuple[str, str, str, int, str], ...])


def hash_of(row: Sequence[object], before: bytes = b"") -> bytes:
    """16 bytes that stand for the values of a row, and for the hash `before` it in a chain."""
    return hashlib.blake2b(_encode(row), digest_size=16, key=before).digest()


def body_of(message: Message) -> Row:
    """A message as the values key ... refused of an entry.

    Raises:
        BadInput: it cannot be kept as it is, naming the field.
    """
    for field, text in (("source", message.source), ("id", message.id), ("format", message.format)):
        if "\0" in text or not (text.isascii() or _is_unicode(text)):
            raise BadInput(f"message {field}", text, "Unicode text without the character NUL")
    sent = float(message.sent)
    try:
        return (
            message.key,
            message.content,
            None if math.isnan(sent) else sent + 0.0,  # SQLite keeps no NaN and no -0.0
            message.source,
            message.id,
            message.format,
            bytes(message.raw),
            encode(message.seen),
            _encode(message.merges) if message.merges else b"",
            _encode([(q.raw, q.reason, q.source, q.line, q.kind) for q in message.refused]) if message.refused else b"",
        )
    except UnicodeEncodeError as error:
        raise BadInput("message merges or refused", str(error), "text that UTF-8 can hold") from error


def entry_row(position: int, received: float, body: Row) -> Row:
    """A message, stored at `position`."""
    row = (position, received, *body)
    return (*row, hash_of(row))


def entry_of(row: Row) -> Entry:
    """The entry of which `entry_row` made the row."""
    position, received, _, _, sent, source, id, format, raw, seen, merges, refused, _ = row
    message = Message(
        source,
        id,
        format,
        bytes(raw),
        decode(bytes(seen)),
        tuple(Quarantined(*part) for part in _refused.decode(refused)) if refused else (),
        _merges.decode(merges) if merges else (),
        math.nan if sent is None else sent,
    )
    return Entry(position, received, message)


def held_row(number: int, position: int, received: float, entry: Quarantined, digest: bytes | None = None) -> Row:
    """A quarantine entry, open; `digest` tells a conflicting message from another."""
    row = (
        number,
        position,
        received,
        entry.raw.encode("utf-8", "surrogatepass"),
        _plain(entry.reason),
        _plain(entry.source),
        entry.line,
        _plain(entry.kind),
        digest,
    )
    return (*row, hash_of(row), "open", "")


def held_of(row: Row) -> Held:
    """The quarantine entry of which `held_row` made the row."""
    number, position, received, raw, reason, source, line, kind, _, _, state, by = row
    entry = Quarantined(bytes(raw).decode("utf-8", "surrogatepass"), reason, source, line, kind)
    return Held(number, position, received, entry, state, by)


def access_row(number: int, access: Access, before: bytes) -> Row:
    """An access, chained to the hash of the one `before` it."""
    row = (
        number,
        float(access.at) + 0.0,
        *(_plain(text) for text in (access.who, access.role, access.action, access.what, access.patient, access.why)),
        access.outcome,
        _plain(access.origin),
        _plain(access.request),
    )
    return (*row, hash_of(row, before))


def access_of(row: Row) -> tuple[int, Access]:
    """Number and access of which `access_row` made the row."""
    return row[0], Access(*row[1:-1])


def checkpoint_row(name: str, position: int, body: bytes) -> Row:
    """A checkpoint with a hash over all of it."""
    row = (name, position, bytes(body))
    return (*row, hash_of(row))


def conflict(message: Message, position: int) -> Quarantined:
    """A message that says something else under an identifier that is taken, as the quarantine keeps it."""
    raw = message.raw.decode("utf-8", "backslashreplace")
    return Quarantined(
        raw or msgspec.json.encode(message.seen.to_records()).decode(),
        f"identifier {message.id!r} of {message.source} came before with other content (position {position}); "
        "a correction needs an identifier of its own",
        message.source,
        0,
        "identifier used twice",
    )


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _plain(text: str) -> str:
    """Text that every database takes: what it cannot hold is shown as an escape."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
