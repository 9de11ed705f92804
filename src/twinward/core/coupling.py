"""Where two twins meet: what one is forecast to do becomes what is changed on the other."""

from collections.abc import Callable
from dataclasses import dataclass

from twinward.core.forecast import Forecast
from twinward.core.scenario import Action, Scenario
from twinward.core.times import utc
from twinward.errors import BadInput


@dataclass(frozen=True, slots=True)
class Coupling:
    """A signal of one kind drives a control of another (a failing scanner takes slots from its hospital).

    Neither kind knows the other: both sides are named by their declarations.

    Args:
        source_kind, variable: whose forecast, and which of its variables (dims `member` and `time`).
        target_kind, control, target: what it changes.
        value: from the variable's value at an instant to the control's value; None: nothing is changed then.

    Example:
        >>> Coupling("device", "up", "hospital", "capacity", "CT 2", lambda up: None if up > 0.5 else 0.0).control
        'capacity'
    """

    source_kind: str
    variable: str
    target_kind: str
    control: str
    target: str
    value: Callable[[float], float | None]

    def scenario(self, forecast: Forecast, member: int) -> Scenario:
        """The scenario for the target that one future (`member`) of the source stands for.

        Each value holds from the instant before it (or the forecast's start) to its own instant.
        """
        if forecast.kind != self.source_kind:
            raise BadInput("forecast", forecast.kind, f"a forecast of kind {self.source_kind}")
        path = forecast[self.variable]
        if path.dims != ("member", "time"):
            raise BadInput("variable", self.variable, f"dims (member, time), it has {path.dims}")
        actions: list[Action] = []
        begin = forecast.as_of
        for end, level in zip(forecast.times, path.isel(member=member).to_numpy(), strict=True):
            value = self.value(float(level))
            if value is not None:
                last = actions[-1] if actions else None
                if last is not None and last.end == begin and last.value == value:
                    actions[-1] = Action(self.control, value, self.target, last.start, float(end))
                else:
                    actions.append(Action(self.control, value, self.target, begin, float(end)))
            begin = float(end)
        return Scenario(
            f"{forecast.subject} as of {utc(forecast.as_of):%Y-%m-%d %H:%M}, future {member}", tuple(actions)
        )
