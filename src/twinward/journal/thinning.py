"""Which checkpoints stay: dense near the present, sparse in the past, so that every replay is short."""

from collections.abc import Sequence

_SHARE = 4  # a replay from the checkpoint before reads at most a quarter of the distance to the present


def superfluous(positions: Sequence[int]) -> list[int]:
    """Those of the ascending `positions` that may go; about 4 ln(n) of n stay.

    One goes where its two neighbours lie no further apart than a quarter of the distance from the present. The first
    and the last stay.

    Example:
        >>> superfluous([10, 20, 30, 990, 1000])
        [20]
    """
    if len(positions) < 3:
        return []
    gone = []
    present, newer = positions[-1], positions[-1]
    for i in range(len(positions) - 2, 0, -1):
        older, middle = positions[i - 1], positions[i]
        if _SHARE * (newer - older) <= present - newer:
            gone.append(middle)
        else:
            newer = middle
    return gone[::-1]
