"""How the body's functions are compiled: together, into one derivative that is found again by a new process."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, cast

from numba import njit

# A function of a part. It is compiled into the derivative and not cached by itself: numba would look for changes in
# the function's own file alone, and not in the declarations from which it takes its places.
part: Any = cast(Any, njit)(error_model="numpy")


@cache
def digest(*further: Path) -> int:
    """Changes whenever a file of the body, or a further one, does; what is compiled carries it: numba sees the change.

    Args:
        further: files outside the body from which what is compiled takes its places.
    """
    folder = Path(__file__).parent
    seen = hashlib.blake2b(digest_size=6)
    for file in sorted(folder.rglob("*.py")):
        seen.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    for file in further:
        seen.update(file.name.encode() + b"\0" + file.read_bytes())
    return int.from_bytes(seen.digest(), "big")
