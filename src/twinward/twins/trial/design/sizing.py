"""How many participants and months a trial needs, with its twins and without, and what can go wrong with that."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from twinward.core.arrays import FloatArray
from twinward.core.streams import Streams
from twinward.errors import BadInput
from twinward.twins.trial.design.adjustment import Caution
from twinward.twins.trial.design.endpoints import Endpoint, Hazards, Means
from twinward.twins.trial.design.group_sequential import Boundary, boundary
from twinward.twins.trial.design.guenther_schouten import check
from twinward.twins.trial.design.recruitment import Recruitment
from twinward.twins.trial.design.uncertainty import Squared

UNADJUSTED, ANCOVA, TWIN, CAUTIOUS = "unadjusted", "ANCOVA", "ANCOVA with twin", "ANCOVA with twin, cautious"
_DRAWS = 4000  # of recruitment; the median's Monte Carlo error is then below 2 % of the spread
_NO_CAUTION = Caution()


@dataclass(frozen=True, slots=True)
class Sized:
    """A trial by one way of analysing it.

    Args:
        r2: share of the outcome's variance that the analysis explains.
        control, treated: participants randomised to each arm; `needed`: with an outcome, not rounded.
        power: with these.
        expected: mean participants randomised, where the trial may stop early.
        months: of recruitment, on average; NaN where nothing is known of the centres.
        events: expected, of a time to an event; NaN otherwise.
    """

    analysis: str
    r2: float
    control: int
    treated: int
    needed: float
    power: float
    expected: float
    months: float
    events: float

    @property
    def n(self) -> int:
        """Randomised in all."""
        return self.control + self.treated


@dataclass(frozen=True, slots=True)
class Risk:
    """Of being wrong about R^2: the power of the trial sized with the twin, where R^2 is what it may be.

    Args:
        n: participants randomised.
        mean, low, high: power on average, and its 5 % and 95 % quantiles.
        short: chance that the power is below the one wanted; `far`: by more than 0.05.
        n_low, n_high: 5 % and 95 % quantiles of the participants that would have been needed.
    """

    analysis: str
    n: int
    mean: float
    low: float
    high: float
    short: float
    far: float
    n_low: float
    n_high: float


@dataclass(frozen=True, slots=True)
class Saving:
    """What the trial sized with the twin spares, against another way.

    Args:
        participants: fewer than the other needs (with the same caution about the outcome's spread); `share` of these.
        months, months_low, months_high: median, 5 % and 95 % quantile of the months of recruitment spared.
    """

    analysis: str
    against: str
    participants: int
    share: float
    months: float = math.nan
    months_low: float = math.nan
    months_high: float = math.nan


@dataclass(frozen=True, eq=False)
class Design:
    """The answer: `table()` to read, `to_dict()` to keep, `plot()` to show.

    Args:
        wanted: power that was asked for; NaN where the size was given.
        sized: each way of analysing, the plainest first.
        risks, savings: of the ways that use the twin.
    """

    endpoint: Endpoint
    boundary: Boundary
    r2: Squared
    caution: Caution
    wanted: float
    margin: float
    allocation: float
    dropout: float
    recruitment: Recruitment | None
    sized: tuple[Sized, ...]
    risks: tuple[Risk, ...]
    savings: tuple[Saving, ...]
    seed: int = field(default=0)

    def __getitem__(self, analysis: str) -> Sized:
        for one in self.sized:
            if one.analysis == analysis:
                return one
        raise BadInput("analysis", analysis, f"one of: {', '.join(one.analysis for one in self.sized)}")

    def power(self, n: float, r2: float, caution: Caution = _NO_CAUTION) -> float:
        """Of n participants randomised, where the analysis explains `r2`."""
        return self.boundary.power(_drift(self, n * (1 - self.dropout), r2, caution))

    def table(self) -> pd.DataFrame:
        """One row a way of analysing: size, power, duration."""
        rows = [{**asdict(one), "n": one.n} for one in self.sized]
        columns = ["analysis", "r2", "n", "control", "treated", "power", "expected", "months", "events"]
        return pd.DataFrame(rows)[columns]

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain data."""
        return {
            "endpoint": {"kind": type(self.endpoint).__name__, "scale": self.endpoint.scale, **asdict(self.endpoint)},  # type: ignore[call-overload]
            "effect": self.endpoint.effect,
            "margin": self.margin,
            "alpha": self.boundary.alpha,
            "power": _plain(self.wanted),
            "allocation": self.allocation,
            "dropout": self.dropout,
            "looks": [{"share": share, "critical": z}
                      for share, z in zip(self.boundary.shares, self.boundary.critical, strict=True)],
            "spending": self.boundary.spending,
            "r2": {key: _plain(value) for key, value in asdict(self.r2).items()},
            "caution": asdict(self.caution),
            "recruitment": None if self.recruitment is None else asdict(self.recruitment),
            "sized": [{key: _plain(value) for key, value in {**asdict(one), "n": one.n}.items()} for one in self.sized],
            "risks": [asdict(one) for one in self.risks],
            "savings": [{key: _plain(value) for key, value in asdict(one).items()} for one in self.savings],
            "seed": self.seed,
        }  # fmt: skip

    def plot(self, ax: Any = None) -> Any:
        """Power by participants, a line a way of analysing, the twin's with the 90 % band of R^2; matplotlib axes."""
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
        sizes = np.linspace(0.4, 1.3, 60) * max(one.n for one in self.sized)
        for one, style in zip(self.sized, ("-", "--", "-.", ":"), strict=False):
            caution = self.caution if one.analysis == CAUTIOUS else _NO_CAUTION
            line = [self.power(n, one.r2, caution) for n in sizes]
            (drawn,) = ax.plot(sizes, line, style, label=f"{one.analysis} (R² {one.r2:.2f})")
            ax.plot([one.n], [one.power], "o", color=drawn.get_color(), ms=5)
        low, high = self.r2.quantile(0.05), self.r2.quantile(0.95)
        if high > low:
            band = [[self.power(n, r2) for n in sizes] for r2 in (low, high)]
            ax.fill_between(sizes, *band, alpha=0.18, lw=0, color="#0284c7", label=f"R² {low:.2f} to {high:.2f}")
        ax.set_xlabel("participants randomised")
        ax.set_ylabel("power")
        ax.set_ylim(0, 1.01)
        ax.legend(fontsize=8, frameon=False)
        return ax


def design(
    endpoint: Endpoint,
    r2: float | Squared = 0.0,
    *,
    covariate_r2: float = 0.0,
    caution: Caution = _NO_CAUTION,
    power: float = 0.9,
    n: int | None = None,
    margin: float = 0.0,
    alpha: float = 0.05,
    allocation: float = 1.0,
    dropout: float = 0.0,
    looks: Sequence[float] = (1.0,),
    spending: str = "O'Brien-Fleming",
    recruitment: Recruitment | None = None,
    seed: int = 1,
) -> Design:
    """Size a trial: without adjustment, with covariates alone, with the twin, and with the twin and caution.

    Args:
        r2: share of the outcome's variance (within an arm; of a time to an event, of its martingale residuals) that
            covariates and the twin's score explain together, found on participants who taught the twin nothing.
        covariate_r2: that the covariates explain alone; what a twin spares is what it spares beyond these.
        caution: how much less than found is planned with.
        power: wanted; n: given instead, to be told the power. `n` is of participants randomised.
        margin: difference under the null hypothesis, on the scale of the test.
        alpha: two-sided.
        dropout: chance to have no outcome (of a time to an event: give `Hazards.loss` instead).
        looks: shares of the information at which the trial may stop; the last 1.
        recruitment: of the centres, to tell months.

    Raises:
        BadInput: what cannot be.

    Example:
        >>> from twinward.twins.trial.design import Means, design
        >>> found = design(Means(2.0, 5.0), r2=0.4, covariate_r2=0.25)
        >>> found.table()[["analysis", "n"]].to_dict("records")[:2]
        [{'analysis': 'unadjusted', 'n': 266}, {'analysis': 'ANCOVA', 'n': 200}]
        >>> found["ANCOVA with twin"].n
        160
    """
    known = r2 if isinstance(r2, Squared) else Squared(r2)
    check(1.0, power, allocation, alpha)
    if not 0 <= covariate_r2 <= known.found:
        raise BadInput("covariate_r2", covariate_r2, f"a share in 0..{known.found:g}: the twin's R^2 holds it, too")
    if not 0 <= dropout < 1:
        raise BadInput("dropout", dropout, "a chance in [0, 1)")
    if dropout and isinstance(endpoint, Hazards):
        raise BadInput("dropout", dropout, "0: tell the hazard of leaving as `loss`")
    if endpoint.effect == margin:
        raise BadInput("margin", margin, f"another number than the effect ({endpoint.effect:g})")
    if n is not None and n < 8:
        raise BadInput("n", n, "at least 8 participants")
    bound = boundary(looks, alpha, spending)
    wanted = math.nan if n is not None else power
    frame = Design(endpoint, bound, known, caution, wanted, margin, allocation, dropout, recruitment, (), (), (), seed)
    ways = [(UNADJUSTED, 0.0, _NO_CAUTION), (ANCOVA, covariate_r2, _NO_CAUTION), (TWIN, known.found, _NO_CAUTION)]
    if caution != _NO_CAUTION:
        ways.append((CAUTIOUS, known.found, caution))
    if covariate_r2 == 0:
        ways.pop(1)
    sized = tuple(_size(frame, name, found, care, n) for name, found, care in ways)
    with_twin = [one for one in sized if one.analysis in (TWIN, CAUTIOUS)]
    at_risk = with_twin if n is None else with_twin[:1]  # of a given size there is one power, whatever the caution
    risks = tuple(_risk(frame, one) for one in at_risk) if known.sd > 0 else ()
    others = [one for one in sized if one not in with_twin]
    savings = () if n is not None else _savings(frame, with_twin, others)
    return Design(
        endpoint, bound, known, caution, wanted, margin, allocation, dropout, recruitment, sized, risks, savings, seed
    )


def _unit_variance(frame: Design, r2: float, caution: Caution) -> float:
    share = frame.allocation / (1 + frame.allocation)
    raw = frame.endpoint.unit_variance(share)
    return (caution.variance(raw) if isinstance(frame.endpoint, Means) else raw) * (1 - caution.r2(r2))


def _correction(frame: Design) -> float:
    """Participants that the t test of a mean costs (Guenther-Schouten)."""
    return float(ndtri(1 - frame.boundary.alpha / 2) ** 2 / 2) if isinstance(frame.endpoint, Means) else 0.0


def _drift(frame: Design, with_outcome: float, r2: float, caution: Caution) -> float:
    told = max(with_outcome - _correction(frame), 0.0) / _unit_variance(frame, r2, caution)
    return abs(frame.endpoint.effect - frame.margin) * math.sqrt(told)


def _needed(frame: Design, r2: float, caution: Caution, price: float) -> float:
    """Participants with an outcome, not rounded; `price`: what the looks cost (`Boundary.inflation`)."""
    reach = float(ndtri(1 - frame.boundary.alpha / 2) + ndtri(frame.wanted)) ** 2 * price
    gap = (frame.endpoint.effect - frame.margin) ** 2
    return reach * _unit_variance(frame, r2, caution) / gap + _correction(frame)


def _size(frame: Design, name: str, r2: float, caution: Caution, given: int | None) -> Sized:
    price = 1.0 if given is not None else frame.boundary.inflation(frame.wanted)
    needed = given * (1 - frame.dropout) if given is not None else _needed(frame, r2, caution, price)
    r = frame.allocation
    randomised = needed / (1 - frame.dropout)
    control, treated = (math.ceil(round(randomised * part / (1 + r), 6)) for part in (1.0, r))
    if given is not None:
        treated = given - round(given / (1 + r))
        control = given - treated
    n = control + treated
    drift = _drift(frame, n * (1 - frame.dropout), r2, caution)
    expected = n * frame.boundary.expected_share(drift)
    months = frame.recruitment.mean_months(n) if frame.recruitment else math.nan
    events = n * frame.endpoint.event_chance(r / (1 + r)) if isinstance(frame.endpoint, Hazards) else math.nan
    planned = caution.r2(r2)
    return Sized(name, planned, control, treated, needed, frame.boundary.power(drift), expected, months, events)


def _risk(frame: Design, one: Sized) -> Risk:
    """Over equally likely values of R^2; the outcome's spread is as told, so that one risk is looked at."""
    values = frame.r2.grid(400)
    powers = np.array([frame.power(one.n, float(r2)) for r2 in values])
    wanted = one.power if math.isnan(frame.wanted) else frame.wanted
    if math.isnan(frame.wanted):
        sizes = np.full(len(values), float(one.n))
    else:
        price = frame.boundary.inflation(frame.wanted)
        sizes = np.array([_needed(frame, float(r2), _NO_CAUTION, price) for r2 in values]) / (1 - frame.dropout)
    low, high = np.quantile(powers, [0.05, 0.95])
    few, many = np.quantile(sizes, [0.05, 0.95])
    below, far = float((powers < wanted - 1e-3).mean()), float((powers < wanted - 0.05).mean())
    return Risk(one.analysis, one.n, float(powers.mean()), float(low), float(high), below, far, float(few), float(many))


def _savings(frame: Design, with_twin: Sequence[Sized], others: Sequence[Sized]) -> tuple[Saving, ...]:
    """Like against like: caution about the outcome's spread holds for the trial without the twin, too."""
    found = []
    for one in with_twin:
        care = Caution(frame.caution.inflation) if one.analysis == CAUTIOUS else _NO_CAUTION
        for plain in others:
            other = _size(frame, plain.analysis, plain.r2, care, None)
            months = _months(frame, one.n, other.n)
            found.append(Saving(one.analysis, other.analysis, other.n - one.n, 1 - one.n / other.n, *months))
    return tuple(found)


def _months(frame: Design, n: int, other: int) -> tuple[float, ...]:
    if frame.recruitment is None:
        return ()
    drawn: FloatArray = frame.recruitment.months(
        [n, other], _DRAWS, Streams(frame.seed).child("recruitment").generator()
    )
    return tuple(float(q) for q in np.quantile(drawn[1] - drawn[0], [0.5, 0.05, 0.95]))


def _plain(value: Any) -> Any:
    """JSON knows no NaN and no infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
