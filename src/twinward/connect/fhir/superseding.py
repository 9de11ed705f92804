"""What a new version of a resource takes back: rows of the version before that it no longer says."""

from dataclasses import replace

import numpy as np

from twinward.core.message import Message
from twinward.core.observation import Observations


def superseding(new: Message, old: Message) -> Message:
    """The new version, with retractions of what only the old one said.

    A value put on the wrong patient is corrected by sending the Observation again with another subject: the row at the
    first patient has to go.

    Args:
        new: version that comes now.
        old: version that it replaces.

    Example:
        >>> from twinward.core.observation import Observation
        >>> def told(subject):
        ...     row = Observation(subject, "heart_rate", 0.0, 72, "/min", source="fhir/a", id="Observation/1")
        ...     return Message("fhir/a", "", "fhir", b"{}", Observations.of([row]))
        >>> [(row.subject, row.retracted) for row in superseding(told("Patient/2"), told("Patient/1")).seen]
        [('Patient/2', False), ('Patient/1', True)]
    """
    said = set(_names(new.seen))
    gone = [i for i, name in enumerate(_names(old.seen)) if name not in said and not old.seen.retracted[i]]
    if not gone:
        return new
    rows = old.seen[np.array(gone, dtype=np.int64)]
    back = rows.replace(retracted=np.ones(len(rows), dtype=np.bool_))
    return replace(new, seen=Observations.concatenate([new.seen, back]))


def _names(seen: Observations) -> list[tuple[str, str, str, str]]:
    return list(zip(seen.source, seen.id, seen.subject, seen.signal, strict=True))
