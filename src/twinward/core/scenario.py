"""What may be rehearsed: one change is an `Action`, a named list of changes is a `Scenario`."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from twinward.core.signal import Control
from twinward.core.times import Duration, Instant, posix, seconds, utc
from twinward.errors import BadInput


@dataclass(frozen=True, slots=True)
class Action:
    """One change of one control.

    Args:
        control: the control's name.
        value: what it is set to, in the control's unit.
        target: what it is changed on (a unit, a staff group), where the control needs one.
        start: POSIX seconds; -inf: from the forecast's start.
        end: POSIX seconds; inf: to the forecast's end.

    Example:
        >>> Action("arrivals", 1.3)
        Action(control='arrivals', value=1.3, target='', start=-inf, end=inf)
    """

    control: str
    value: float | str
    target: str = ""
    start: float = -math.inf
    end: float = math.inf

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise BadInput(f"{self.control}: end", self.end, f"an instant after start ({self.start})")

    @classmethod
    def during(cls, control: str, value: float | str, start: Instant, lasting: Duration, target: str = "") -> "Action":
        """An action from an instant for a while."""
        begin = posix(start, "start")
        return cls(control, value, target, begin, begin + seconds(lasting, "lasting"))


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named list of actions, taken together. `Scenario.baseline()` changes nothing."""

    name: str
    actions: tuple[Action, ...] = ()

    @classmethod
    def baseline(cls) -> "Scenario":
        """The scenario that changes nothing."""
        return cls("as it is")

    @classmethod
    def of(cls, name: str, what: "Scenario | Action | Iterable[Action] | Mapping[str, float | str]") -> "Scenario":
        """A scenario from whatever is handy: a scenario, an action, several, or `{control: value}`."""
        if isinstance(what, Scenario):
            return cls(name, what.actions)
        if isinstance(what, Action):
            return cls(name, (what,))
        if isinstance(what, Mapping):
            return cls(name, tuple(Action(control, value) for control, value in what.items()))
        return cls(name, tuple(what))

    def check(self, controls: Mapping[str, Control]) -> None:
        """Refuse actions on controls that the model does not have, or with values they cannot take."""
        for action in self.actions:
            if action.control not in controls:
                known = ", ".join(sorted(controls)) or "no control at all"
                raise BadInput(f"scenario '{self.name}': control", action.control, f"one of: {known}")
            control = controls[action.control]
            control.check(action.value)
            if control.targets and not action.target:
                raise BadInput(f"scenario '{self.name}': {action.control}: target", "", f"one of the {control.targets}")


# control[target]=value; not for all the time: with a window in local time (@07:00-15:00), or for a while from the start
# (for 30 min)
_ACTION = re.compile(
    r"^(?P<control>\w+)(\[(?P<target>[^\]]+)\])?\s*=\s*(?P<value>[^@]+?)"
    r"(\s*@\s*(?P<since>\d\d:\d\d)-(?P<until>\d\d:\d\d)|\s+for\s+(?P<lasting>[^@]+))?$"
)


def parse_scenario(text: str, start: float, end: float, zone: tzinfo) -> Scenario:
    """A scenario as a person types it: `NAME: control[target]=value@07:00-15:00; control=value for 30 min`.

    Args:
        text: the name, a colon, and actions between semicolons; a window holds on every day, in local time.
        start, end: POSIX seconds between which windows are laid out.
        zone: the local time.

    Raises:
        BadInput: it is no such text, or a window is never open between start and end.

    Example:
        >>> from datetime import UTC
        >>> parse_scenario("busy day: arrivals=1.3; beds[Ward A]=-4", 0.0, 86400.0, UTC).actions[1]
        Action(control='beds', value=-4.0, target='Ward A', start=-inf, end=inf)
    """
    name, colon, rest = text.partition(":")
    if not colon or not name.strip() or not rest.strip():
        raise BadInput("scenario", text, "'NAME: control[target]=value; ...'")
    actions: list[Action] = []
    for part in rest.split(";"):
        found = _ACTION.match(part.strip())
        if found is None:
            expected = "control[target]=value, ...=value@07:00-15:00 or ...=value for 30 min"
            raise BadInput(f"scenario '{name.strip()}'", part.strip(), expected)
        value = _number_or_word(found["value"].strip())
        windows = [(-math.inf, math.inf)]
        if found["lasting"]:
            windows = [(-math.inf, start + seconds(found["lasting"].strip(), f"scenario '{name.strip()}': for"))]
        if found["since"]:
            windows = _daily(found["since"], found["until"], start, end, zone)
            if not windows:  # it would be told as if it made no difference
                seen = " to ".join(f"{utc(at).astimezone(zone):%Y-%m-%d %H:%M}" for at in (start, end))
                raise BadInput(f"scenario '{name.strip()}'", part.strip(), f"a window open within {seen} ({zone})")
        actions += [Action(found["control"], value, found["target"] or "", since, until) for since, until in windows]
    return Scenario(name.strip(), tuple(actions))


def _number_or_word(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _daily(since: str, until: str, start: float, end: float, zone: tzinfo) -> list[tuple[float, float]]:
    """The window of every local day that meets [start, end]; over midnight where `until` is not after `since`."""
    try:
        first, last = time.fromisoformat(since), time.fromisoformat(until)
    except ValueError:
        raise BadInput("window", f"{since}-{until}", "local times such as 07:00-15:00") from None
    day = utc(start).astimezone(zone).date() - timedelta(days=1)
    windows: list[tuple[float, float]] = []
    while True:
        begin = datetime.combine(day, first, zone).timestamp()
        if begin >= end:
            return windows
        closing = day if last > first else day + timedelta(days=1)
        finish = datetime.combine(closing, last, zone).timestamp()
        if finish > max(start, begin):  # where clocks are set forward, a window may not exist at all
            windows.append((begin, finish))
        day += timedelta(days=1)
