"""What is known now: named arrays that hold a weighted ensemble of possible states and parameters."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np

from twinward.core.arrays import AnyArray
from twinward.errors import CorruptSave


@dataclass(frozen=True, eq=False, slots=True)
class Belief:
    """An immutable snapshot of what a model knows about a subject.

    The model that made it gives the arrays their meaning; to the core they are names and bits, so that any belief
    can be hashed, compared, checkpointed and saved the same way.

    Args:
        time: POSIX seconds up to which everything seen is in; -inf for a prior.
        members: size of the ensemble.
        seed: root of every random number the belief's model draws.
        arrays: name -> array (numbers, bools or fixed-width text; never objects). Made read-only.

    Example:
        >>> belief = Belief(0.0, 2, 1, {"state": np.array([1.0, 2.0])})
        >>> belief.digest() == belief.evolve(time=0.0).digest()
        True
    """

    time: float
    members: int
    seed: int
    arrays: Mapping[str, AnyArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, array in self.arrays.items():
            if array.dtype.hasobject:
                raise TypeError(f"belief array {name!r} holds Python objects; use numbers or fixed-width text")
            array.flags.writeable = False

    def __getitem__(self, name: str) -> AnyArray:
        return self.arrays[name]

    def evolve(self, time: float | None = None, **arrays: AnyArray) -> "Belief":
        """A new belief in which `arrays` replace or join the old ones (a view of old arrays is kept, not a copy)."""
        return Belief(self.time if time is None else time, self.members, self.seed, {**self.arrays, **arrays})

    def digest(self) -> str:
        """Hash of every bit: equal digests are equal beliefs."""
        state = hashlib.blake2b(digest_size=20)
        state.update(repr((float(self.time), int(self.members), int(self.seed))).encode())  # NumPy scalars are numbers
        for name in sorted(self.arrays):
            array = np.ascontiguousarray(self.arrays[name])
            state.update(repr((name, array.dtype.str, array.shape)).encode())
            state.update(array.tobytes())
        return state.hexdigest()

    def to_bytes(self) -> bytes:
        """As an NPZ archive (no pickles)."""
        head = json.dumps({"time": _json_time(float(self.time)), "members": int(self.members), "seed": int(self.seed)})
        buffer = BytesIO()
        np.savez_compressed(
            buffer,
            allow_pickle=False,
            **{"__head__": np.array(head), **{f"a:{name}": array for name, array in self.arrays.items()}},
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Belief":
        """The belief that `to_bytes` wrote; `CorruptSave` where it is not one."""
        try:
            with np.load(BytesIO(data), allow_pickle=False) as archive:
                head = json.loads(str(archive["__head__"]))
                arrays = {name[2:]: archive[name] for name in archive.files if name.startswith("a:")}
            return cls(float(head["time"]), int(head["members"]), int(head["seed"]), arrays)
        except Exception as error:  # numpy raises a dozen kinds on damaged archives
            raise CorruptSave(f"not a saved belief: {error}") from error


def _json_time(time: float) -> float | str:
    return time if math.isfinite(time) else str(time)
