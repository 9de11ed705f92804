"""Named random streams: every draw is a function of (seed, path of names), never of call order."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Streams:
    """A tree of independent random streams under one seed.

    Two scenarios that ask for the same path get the same numbers, so that a difference between them is a
    difference and not noise.

    Args:
        seed: any integer; part of every result's label.
        path: names and numbers that lead to this stream.

    Example:
        >>> streams = Streams(7)
        >>> a, b = (streams.child("arrivals", 3).generator().random() for _ in range(2))
        >>> a == b, a == streams.child("arrivals", 4).generator().random()
        (True, False)
    """

    seed: int
    path: tuple[str | int | float, ...] = ()

    def child(self, *names: str | int | float) -> "Streams":
        """The stream reached by going on along `names`."""
        return Streams(self.seed, (*self.path, *names))

    def key(self) -> NDArray[np.uint64]:
        """The 128-bit key of this stream, for a counter-based generator (Philox; Salmon et al. 2011)."""
        path = tuple(name.item() if isinstance(name, np.generic) else name for name in self.path)
        text = repr((int(self.seed), path)).encode()
        return np.frombuffer(hashlib.blake2b(text, digest_size=16).digest(), dtype=np.uint64).copy()

    def generator(self) -> np.random.Generator:
        """A NumPy generator that starts at this stream's beginning."""
        return np.random.Generator(np.random.Philox(key=self.key()))
