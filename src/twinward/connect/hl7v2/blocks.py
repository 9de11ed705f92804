"""A block of bytes cut into messages: byte-order marks, batch envelopes and what lies between."""

import re
from collections.abc import Iterator

# The start of a segment that begins a message or belongs to a batch, at the start of a line.
_START = re.compile(
    rb"(?:\A|(?<=[\r\n\x0b\x1c]))(?:\xef\xbb\xbf)?[ \t]*(MSH|FHS|BHS|BTS|FTS)(?=[^A-Za-z0-9\r\n\x0b\x1c])"
)
_END = re.compile(rb"[\r\n\x0b\x1c]")
_BLANK = b" \t\r\n\x0b\x1c"
_BOM = b"\xef\xbb\xbf"


def pieces(block: bytes) -> Iterator[tuple[bool, bytes]]:
    """What is in a block, in order: (whether it is a message, its bytes).

    A message begins with MSH and ends with its last segment; blank lines, framing bytes, byte-order marks and the
    segments of a batch (FHS, BHS, BTS, FTS) belong to none. Everything else is no message.

    Example:
        >>> list(pieces(b"BHS|^~\\\\&\\rMSH|1\\rPID|\\rMSH|2\\rBTS|2\\r"))
        [(True, b'MSH|1\\rPID|'), (True, b'MSH|2')]
        >>> list(pieces(b"hello"))
        [(False, b'hello')]
    """
    starts = list(_START.finditer(block))
    before = block[: starts[0].start()] if starts else block
    if rest := _trimmed(before):
        yield False, rest
    for start, following in zip(starts, [*starts[1:], None], strict=False):
        piece = block[start.start(1) : following.start() if following else len(block)]
        if start[1] == b"MSH":
            yield True, _trimmed(piece)
        else:
            line = _END.search(piece)
            if line and (rest := _trimmed(piece[line.start() :])):
                yield False, rest


def _trimmed(piece: bytes) -> bytes:
    piece = piece.strip(_BLANK)
    return piece[len(_BOM) :].strip(_BLANK) if piece[:3] == _BOM else piece
