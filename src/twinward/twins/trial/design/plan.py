"""What twins would save, and what it costs to be wrong about them."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import beta

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput
from twinward.twins.trial.design.normal import Design

_DRAWS = 4001  # quantiles of R2


@dataclass(frozen=True, eq=False)
class Planned:
    """A trial planned without twins, with them, and with caution.

    Args:
        participants: (without, with, cautious), to randomise.
        months: of recruitment, each.
        powers: (draws,) that a trial of the size "with" has, over what R2 may be.
        cautious_powers: the same of the size "cautious".
    """

    design: Design
    power: float
    participants: tuple[int, int, int]
    months: tuple[float, float, float]
    powers: FloatArray
    cautious_powers: FloatArray

    def table(self) -> pd.DataFrame:
        """One row a plan."""
        plain = replace(self.design, r2=0.0).power(self.participants[0])
        rows = []
        for i, (name, powers) in enumerate(
            (("without twins", np.full(1, plain)), ("with twins", self.powers), ("with caution", self.cautious_powers))
        ):
            low, middle, high = np.quantile(powers, (0.05, 0.5, 0.95))
            rows.append({"plan": name, "participants": self.participants[i], "months": self.months[i],
                         "saved": self.participants[0] - self.participants[i], "power": middle, "power_low": low,
                         "power_high": high, "risk": float((powers < self.power - 0.05).mean())})  # fmt: skip
        return pd.DataFrame(rows).set_index("plan")

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return {
            "design": asdict(self.design),
            "power": self.power,
            "plans": self.table().reset_index().to_dict("records"),
        }

    def plot(self) -> Any:
        """Power against R2, for the three sizes (matplotlib axes)."""
        import matplotlib.pyplot as plt

        _, axes = plt.subplots(figsize=(6, 4), layout="constrained")
        grid = np.linspace(0.0, 0.8, 81)
        for size, name in zip(self.participants, ("without twins", "with twins", "with caution"), strict=True):
            powers = [replace(self.design, r2=float(r2)).power(size) for r2 in grid]
            axes.plot(grid, powers, label=f"{name}: {size}")
        axes.axhline(self.power, color="0.7", ls="--")
        axes.set(xlabel="R2 in the trial", ylabel="power", ylim=(0, 1))
        axes.legend(title="participants")
        return axes


def plan(
    design: Design,
    power: float = 0.9,
    *,
    r2_sd: float = 0.0,
    recruited_per_month: float = 20.0,
    deflation: float = 0.9,
    inflation: float = 1.1,
) -> Planned:
    """Sizes, months and risks.

    Args:
        design: with the R2 that history promises.
        r2_sd: standard deviation of what the trial's R2 may be around it (a Beta distribution).
        recruited_per_month: participants of all sites together.
        deflation, inflation: `Design.cautious`.

    Raises:
        BadInput: as `Design`; a spread that no distribution within 0 to 1 has.

    Example:
        >>> plan(Design(sd=10.0, effect=5.0, r2=0.35), r2_sd=0.05).table()["participants"].tolist()
        [171, 112, 148]
    """
    if not recruited_per_month > 0:
        raise BadInput("recruited_per_month", recruited_per_month, "> 0")
    plain = replace(design, r2=0.0)
    careful = design.cautious(deflation, inflation)
    sizes = (plain.participants(power), design.participants(power), careful.participants(power))
    chances = (np.arange(_DRAWS) + 0.5) / _DRAWS
    if r2_sd > 0:
        of = design.r2 * (1.0 - design.r2) / r2_sd**2 - 1.0
        if of <= 0:
            raise BadInput("r2_sd", r2_sd, f"less than {np.sqrt(design.r2 * (1 - design.r2)):.3g}")
        r2s = beta.ppf(chances, design.r2 * of, (1.0 - design.r2) * of)
    else:
        r2s = np.full(_DRAWS, design.r2)
    likely = [replace(design, r2=float(min(r2, 0.999))) for r2 in r2s]
    powers = [np.array([one.power(size) for one in likely]) for size in sizes[1:]]
    without, twins, caution = (size / recruited_per_month for size in sizes)
    return Planned(design, power, sizes, (without, twins, caution), powers[0], powers[1])
