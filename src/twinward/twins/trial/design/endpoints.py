"""What a trial measures, as its design needs it: the effect on the scale of the test, and the variance a participant.

Every endpoint tells `effect` and `unit_variance(share)`, so that the estimate of n participants has the variance
unit_variance / n before adjustment and unit_variance (1 - R^2) / n after it.
"""

import math
from dataclasses import dataclass
from typing import Protocol

from twinward.errors import BadInput


class Endpoint(Protocol):
    """The contract.

    Attributes:
        effect: under the alternative, on the scale of the test; 0 is no effect.
        scale: name of that scale.
    """

    @property
    def effect(self) -> float: ...
    @property
    def scale(self) -> str: ...

    def unit_variance(self, share: float) -> float:
        """n times the variance of the unadjusted estimate, where `share` of all participants are treated."""
        ...


@dataclass(frozen=True, slots=True)
class Means:
    """A difference in means.

    Args:
        difference: treated minus control.
        sd: within an arm; `sd_treated`: of the treated where it differs (Schouten 1999).

    Example:
        >>> Means(2.0, 5.0).unit_variance(0.5)
        100.0
    """

    difference: float
    sd: float
    sd_treated: float | None = None

    def __post_init__(self) -> None:
        if not (self.sd > 0 and (self.sd_treated is None or self.sd_treated > 0)):
            raise BadInput("sd", (self.sd, self.sd_treated), "numbers > 0")
        _some_effect(self.difference)

    @property
    def effect(self) -> float:
        """Treated minus control."""
        return self.difference

    @property
    def scale(self) -> str:
        """Its name."""
        return "difference in means"

    def unit_variance(self, share: float) -> float:
        """See `Endpoint`."""
        return self.sd**2 / (1 - share) + (self.sd_treated or self.sd) ** 2 / share


@dataclass(frozen=True, slots=True)
class Risks:
    """A difference in risks, both variances under the alternative (unpooled).

    Args:
        control, treated: chances of the event.

    Example:
        >>> round(Risks(0.2, 0.1).unit_variance(0.5), 6)
        0.5
    """

    control: float
    treated: float

    def __post_init__(self) -> None:
        if not (0 < self.control < 1 and 0 < self.treated < 1):
            raise BadInput("risks", (self.control, self.treated), "chances in (0, 1)")
        _some_effect(self.treated - self.control)

    @property
    def effect(self) -> float:
        """Treated minus control."""
        return self.treated - self.control

    @property
    def scale(self) -> str:
        """Its name."""
        return "difference in risks"

    def unit_variance(self, share: float) -> float:
        """See `Endpoint`."""
        return self.control * (1 - self.control) / (1 - share) + self.treated * (1 - self.treated) / share


@dataclass(frozen=True, slots=True)
class Rates:
    """A rate ratio of counts, negative binomial (Zhu & Lakkis 2014, Stat Med 33:376, variances under the alternative).

    Args:
        control, treated: events a unit of time.
        exposure: mean time a participant is watched.
        dispersion: k: the variance of a count is mean + k mean^2; 0 is Poisson.

    Example:
        >>> round(Rates(0.8, 0.6, 1.0, 0.4).unit_variance(0.5), 4)
        7.4333
    """

    control: float
    treated: float
    exposure: float = 1.0
    dispersion: float = 0.0

    def __post_init__(self) -> None:
        if not (self.control > 0 and self.treated > 0 and self.exposure > 0 and self.dispersion >= 0):
            raise BadInput("rates", (self.control, self.treated, self.exposure, self.dispersion), "numbers > 0")
        _some_effect(self.effect)

    @property
    def effect(self) -> float:
        """Logarithm of the rate ratio, treated over control."""
        return math.log(self.treated / self.control)

    @property
    def scale(self) -> str:
        """Its name."""
        return "log rate ratio"

    def unit_variance(self, share: float) -> float:
        """See `Endpoint`."""
        control = 1 / (self.control * self.exposure) + self.dispersion
        return control / (1 - share) + (1 / (self.treated * self.exposure) + self.dispersion) / share


@dataclass(frozen=True, slots=True)
class Hazards:
    """A hazard ratio tested by the log-rank test (Schoenfeld 1981; 1983, Biometrics 39:499).

    Entry is uniform over `accrual`, everybody is watched until `accrual + follow_up`, times to the event are
    exponential with competing exponential loss (Lachin & Foulkes 1986, Biometrics 42:507).

    Args:
        control: hazard of the control arm, a unit of time.
        ratio: treated over control.
        accrual, follow_up: in the same unit of time.
        loss: hazard of leaving without the event.

    Example:
        >>> round(Hazards(0.1, 0.7, 12.0, 12.0).event_chance(0.5), 4)
        0.7663
    """

    control: float
    ratio: float
    accrual: float
    follow_up: float
    loss: float = 0.0

    def __post_init__(self) -> None:
        if not (self.control > 0 and self.ratio > 0 and self.accrual >= 0 and self.follow_up > 0 and self.loss >= 0):
            raise BadInput(
                "hazards", (self.control, self.ratio, self.accrual, self.follow_up, self.loss), "numbers > 0"
            )
        _some_effect(self.effect)

    @property
    def effect(self) -> float:
        """Logarithm of the hazard ratio."""
        return math.log(self.ratio)

    @property
    def scale(self) -> str:
        """Its name."""
        return "log hazard ratio"

    def event_chance(self, share: float) -> float:
        """That a participant is seen to have the event."""
        return (1 - share) * self._seen(self.control) + share * self._seen(self.control * self.ratio)

    def unit_variance(self, share: float) -> float:
        """See `Endpoint`: 1 / (share (1 - share) events) with events = n times the chance of one."""
        return 1 / (share * (1 - share) * self.event_chance(share))

    def _seen(self, hazard: float) -> float:
        leave = hazard + self.loss
        if self.accrual == 0:
            return hazard / leave * (1 - math.exp(-leave * self.follow_up))
        still = (math.exp(-leave * self.follow_up) - math.exp(-leave * (self.accrual + self.follow_up))) / leave
        return hazard / leave * (1 - still / self.accrual)


def _some_effect(effect: float) -> None:
    if effect == 0 or not math.isfinite(effect):
        raise BadInput("effect", effect, "one that differs from none")
