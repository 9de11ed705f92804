"""The bytes of a file, decompressed as they pass; a truncated or damaged archive ends them with a reason."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_BLOCK = 1 << 16


class Damage(NamedTuple):
    """Why a file cannot be read any further.

    Args:
        reason: what is wrong.
        raw: what was left over, undecoded.
    """

    reason: str
    raw: bytes = b""


def blocks(path: Path) -> Iterator[bytes | Damage]:
    """The file's content in blocks; the last item is a `Damage` where it ends before its time."""
    with path.open("rb") as file:
        packed = iter(lambda: file.read(_BLOCK), b"")
        yield from _unzipped(packed, path.name) if path.suffix.lower() == ".gz" else packed


def _unzipped(packed: Iterator[bytes], name: str) -> Iterator[bytes | Damage]:
    member = zlib.decompressobj(wbits=31)
    begun = False
    for block in packed:
        rest = block
        while rest:
            if member.eof:  # several members in a row are one archive (RFC 1952, 2.2); zeros between are padding
                rest = rest.lstrip(b"\0")
                member, begun = zlib.decompressobj(wbits=31), False
                continue
            try:
                plain = member.decompress(rest)
            except zlib.error as error:
                yield Damage(f"{name} is no sound gzip archive from here on ({error})")
                return
            begun, rest = True, member.unused_data
            if plain:
                yield plain
    if begun and not member.eof:
        yield Damage(f"{name} is truncated: the gzip archive ends before its time")
