"""MLLP's frames: <VT> message <FS> <CR>, cut out of a stream that comes in pieces of any size."""

from collections.abc import Iterator
from dataclasses import dataclass

VT, FS, CR = b"\x0b", b"\x1c", b"\r"
_KEPT = 65536  # bytes kept of what is too large, or lies outside frames
_BLANK = b"\r\n \t\x00"


@dataclass(frozen=True, slots=True)
class Broken:
    """Bytes that are no whole frame.

    Args:
        raw: the bytes (the first 64 KiB of a message that is too large).
        reason: what is wrong.
        kind: short name of the fault.
        answer: whether a sender waits for an answer to it.
    """

    raw: bytes
    reason: str
    kind: str
    answer: bool = False


def frame(message: bytes) -> bytes:
    """A message as it goes over the line.

    Example:
        >>> frame(b"MSH|")
        b'\\x0bMSH|\\x1c\\r'
    """
    return VT + message + FS + CR


class Frames:
    """Cuts a stream into messages.

    Args:
        max_bytes: of one message; a larger one is told as `Broken` when it ends, and never held whole.

    Example:
        >>> frames = Frames(1000)
        >>> list(frames.feed(b"\\x0bone\\x1c\\r\\x0btw")), list(frames.feed(b"o\\x1c\\r"))
        ([b'one'], [b'two'])
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._held = bytearray()
        self._inside = False
        self._size = 0  # of the message under way, kept or not

    @property
    def partial(self) -> int:
        """Bytes of the message under way that came so far (not all are held); 0 between messages."""
        return self._size if self._inside else 0

    @property
    def held(self) -> int:
        """Bytes held in memory."""
        return len(self._held)

    def feed(self, data: bytes) -> Iterator[bytes | Broken]:
        """What is complete after these bytes."""
        start = 0
        while start < len(data):
            if not self._inside:
                begin = data.find(VT, start)
                yield from self._outside(data[start : begin if begin >= 0 else len(data)])
                if begin < 0:
                    return
                yield from self._garbage()
                self._inside, self._size, start = True, 0, begin + 1
                continue
            end, again = data.find(FS, start), data.find(VT, start)
            stop = min((i for i in (end, again) if i >= 0), default=len(data))
            self._take(data[start:stop])
            if stop == len(data):
                return
            yield self._ended(complete=stop == end)
            self._inside, self._size = stop != end, 0
            start = stop + 1

    def close(self, why: str) -> Iterator[Broken]:
        """What is left when no more comes."""
        if self._inside:
            raw = self._release()
            self._inside = False
            yield Broken(raw, f"half a message: {why} before its end (FS CR), after {self._size} bytes", "half a frame")
        yield from self._garbage()

    def _outside(self, data: bytes) -> Iterator[Broken]:
        self._held += data.strip(_BLANK) if not self._held else data.rstrip(_BLANK)
        if len(self._held) > _KEPT:
            yield from self._garbage()

    def _garbage(self) -> Iterator[Broken]:
        if self._held:
            raw = self._release()
            yield Broken(raw, "bytes outside a frame: each message goes as <VT> message <FS> <CR>", "outside a frame")

    def _take(self, data: bytes) -> None:
        self._size += len(data)
        if self._size <= self.max_bytes:
            self._held += data
        elif len(self._held) > _KEPT:
            del self._held[_KEPT:]
        elif len(self._held) < _KEPT:
            self._held += data[: _KEPT - len(self._held)]

    def _ended(self, complete: bool) -> bytes | Broken:
        raw = self._release()
        if self._size > self.max_bytes:
            reason = (
                f"a message of {self._size} bytes: at most {self.max_bytes} are taken; its first {len(raw)} are kept"
            )
            return Broken(raw, reason, "too large", True)
        if not complete:
            reason = "half a message: another begins (VT) before its end (FS CR)"
            return Broken(raw, reason, "half a frame")
        return raw

    def _release(self) -> bytes:
        raw = bytes(self._held)
        self._held = bytearray()
        return raw
