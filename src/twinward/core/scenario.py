"""What may be rehearsed: one change is an `Action`, a named list of changes is a `Scenario`."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from twinward.core.signal import Control
from twinward.core.times import Duration, Instant, posix, seconds
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
