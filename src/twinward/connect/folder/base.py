"""What a reader of dropped files is given, and what it gives back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from twinward.core.message import Message
from twinward.core.quarantine import Quarantined


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that is complete.

    Args:
        path: where it is.
        source: the feed.
        digest: hash of its content, 32 hexadecimal digits: ids made of it and a line are the same whenever the file
            is read, under whatever name.
    """

    path: Path
    source: str
    digest: str


class Batch(NamedTuple):
    """Some of what is in a file; the same file gives the same batches."""

    messages: list[Message]
    refused: list[Quarantined]


Reader = Callable[[Dropped], Iterator[Batch]]
