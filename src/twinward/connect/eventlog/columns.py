"""Which column is what: by the names that process-mining tools and hospitals use, or as the caller says."""

from collections.abc import Sequence

from twinward.connect.eventlog.base import Columns
from twinward.errors import BadInput

# Lower case, blanks and underscores alike; the first that is there wins. XES names (IEEE 1849-2016, standard
# extensions), then those of pm4py, bupaR, Disco and Celonis exports, then what hospitals call them.
NAMES = {
    "case": (
        "case:concept:name", "case id", "caseid", "case", "case key", "trace", "trace id", "encounter", "encounter id",
        "hadm id", "stay id", "visit id", "admission id", "patient", "patient id",
    ),
    "activity": (
        "concept:name", "activity", "activity name", "event", "event name", "task", "handling", "action", "step",
    ),
    "time": (
        "time:timestamp", "complete timestamp", "end timestamp", "timestamp", "time", "complete time", "completed",
        "completion time", "end time", "end", "event time", "eventtime", "datetime", "date time", "date",
    ),
    "start": (
        "start timestamp", "time:start", "start time", "start", "started", "begin time", "begin",
    ),
    "resource": ("org:resource", "resource", "org:group", "org:role", "employee", "user", "staff", "operator"),
    "lifecycle": ("lifecycle:transition", "lifecycle", "lifecycle transition", "transition", "lifecycle id",
                  "registration type"),
    "instance": ("concept:instance", "activity instance id", "activity instance", "instance", "handling id"),
}  # fmt: skip


def find_columns(names: Sequence[str], given: dict[str, str | None]) -> Columns:
    """What each column of a log is.

    Args:
        names: the columns that the log has.
        given: role -> column, for those that the caller names.

    Raises:
        BadInput: a column that was named is not there, or none can be taken for the case, the activity or the time.
            The message lists the columns that are there.

    Example:
        >>> find_columns(["Case ID", "Activity", "Complete Timestamp", "Age"], {}).time
        'Complete Timestamp'
    """
    plain = {_plain(name): name for name in reversed(names)}
    chosen: dict[str, str] = {}
    for role, common in NAMES.items():
        asked = given.get(role)
        if asked is not None and asked not in names:
            raise BadInput(f"{role} column", asked, f"one of the log's columns: {', '.join(names)}")
        taken = set(chosen.values())
        found = (plain[name] for name in common if name in plain and plain[name] not in taken)
        chosen[role] = asked if asked is not None else next(found, "")
    if not chosen["time"] and not chosen["start"]:
        raise _absent("time", names)
    for role in ("case", "activity"):
        if not chosen[role]:
            raise _absent(role, names)
    others = tuple(name for name in names if name not in chosen.values())
    return Columns(**chosen, others=others)


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").lower().split())


def _absent(role: str, names: Sequence[str]) -> BadInput:
    return BadInput(f"{role} column", None, f"the name of one (--{role}); the log has: {', '.join(names)}")
