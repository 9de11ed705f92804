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
def digest() -> int:
    """Changes whenever a file of the body does; the derivative carries it, so that numba sees the change."""
    folder = Path(__file__).parent
    seen = hashlib.blake2b(digest_size=6)
    for file in sorted(folder.rglob("*.py")):
        seen.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return int.from_bytes(seen.digest(), "big")
