"""What clients had acknowledged beside what the journal holds, row by row, by hash."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from twinward.core import Observations
from twinward.journal import open_journal
from twinward.live import own


def hashes(seen: Observations) -> np.ndarray:
    """64 bits a row, of subject, signal, time and value (number or word)."""
    names = ("subject", "signal", "time", "value", "text")
    frame = pd.DataFrame({name: getattr(seen, name) for name in names})
    return pd.util.hash_pandas_object(frame, index=False).to_numpy()


def of_journal(path: Path, source: str = "api/") -> np.ndarray:
    """Hashes of all rows in a journal that came over the API (or another source)."""
    journal = open_journal(path, read_only=True)
    try:
        batches: list[Observations] = []
        found: list[np.ndarray] = []
        count = 0
        for entry in journal.read():
            if entry.message.format in own.FORMATS or not entry.message.source.startswith(source):
                continue
            batches.append(entry.message.seen)
            count += len(entry.message.seen)
            if count > 100_000:
                found.append(hashes(Observations.concatenate(batches)))
                batches, count = [], 0
        if batches:
            found.append(hashes(Observations.concatenate(batches)))
    finally:
        journal.close()
    return np.concatenate(found) if found else np.empty(0, np.uint64)


def compare(acknowledged: Iterable[np.ndarray], stored: np.ndarray) -> tuple[int, int]:
    """(rows acknowledged that are not stored, rows stored more often than they were acknowledged)."""
    given = [part for part in acknowledged if len(part)]
    ours = pd.Series(np.concatenate(given) if given else np.empty(0, np.uint64)).value_counts()
    theirs = pd.Series(stored).value_counts()
    ours, theirs = ours.align(theirs, fill_value=0)
    difference = (theirs - ours).to_numpy()
    return int(-difference[difference < 0].sum()), int(difference[difference > 0].sum())
