"""A lung in its half of the chest: its recoil, the pressure around it, and air where it does not belong."""

from __future__ import annotations

from typing import Any, NamedTuple

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state
from twinward.twins.patient.body.respiration.illness import stiffness

_MUSCLE = state("muscle_pressure")
_DEVICE = parameter("airway_device")
_FRC, _TLC = parameter("residual_capacity"), parameter("total_capacity")
_COMPLIANCE, _WALL = parameter("lung_compliance"), parameter("chest_wall_compliance")


class Side(NamedTuple):
    """What belongs to one lung: its share of volume and blood flow, and the places of the rest."""

    right: bool
    share: float
    blocked: float  # the airway device that leads to the other lung alone
    volume: int
    air: int
    oxygen: int
    carbon: int
    flow: int
    tension: int
    wound: int
    dressed: int
    needle: int


# Shares: Pulse and BioGears.
LEFT = Side(
    False,
    0.475,
    3.0,
    state("left_lung"),
    state("left_pleural_air"),
    state("left_alveolar_oxygen"),
    state("left_alveolar_carbon"),
    coupling("left_lung_flow"),
    parameter("left_pneumothorax"),
    parameter("left_open_chest_wound"),
    parameter("left_occlusive_dressing"),
    parameter("left_needle_decompression"),
)
RIGHT = Side(
    True,
    0.525,
    4.0,
    state("right_lung"),
    state("right_pleural_air"),
    state("right_alveolar_oxygen"),
    state("right_alveolar_carbon"),
    coupling("right_lung_flow"),
    parameter("right_pneumothorax"),
    parameter("right_open_chest_wound"),
    parameter("right_occlusive_dressing"),
    parameter("right_needle_decompression"),
)

_RECOIL = 5.0  # cmH2O, of lung and chest wall against each other at functional residual capacity (West, figure 7.11)
# A lung that nothing stretches any more keeps gas behind closed airways (West, chapter 7) and hardly moves: the share
# of its compliance that is left is a choice.
_CLOSED = 0.05
# Expiration cannot be faster than the lung's recoil over the resistance of the airways upstream of the point of equal
# pressures, whatever the effort (Mead 1967, J Appl Physiol 22:95-108). cmH2O s/mL of both lungs: found so that a
# healthy man of 44 breathes out 0.79 of his vital capacity in a second (Quanjer 2012, Eur Respir J 40:1324).
_UPSTREAM = 0.0032
# Holes, mL/s/cmH2O: a 14 gauge needle of 50 mm by Poiseuille's law (radius 0.8 mm: 17.5). The size of a torn lung
# at severity 1 is a choice: a lung that collapses within minutes.
# A wound sucks once it is as wide as two thirds of the windpipe (ATLS), of which the conductance is 1,000: that is a
# fifth of it (fourth power), and the worst, at severity 1, is as wide as the windpipe.
_NEEDLE, _TEAR, WIDEST_WOUND = 17.5, 6.0, 1000.0


@part
def blocked(side: Side, p: Any) -> bool:
    """Whether the tube leaves this lung out."""
    return abs(p[_DEVICE] - side.blocked) < 0.5


@part
def _unstressed(side: Side, p: Any) -> float:
    """What a lung holds without recoil, mL."""
    return side.share * (p[_FRC] - _RECOIL * p[_COMPLIANCE])


@part
def moves(side: Side, y: Any, p: Any) -> float:
    """Share of a lung's compliance with which it breathes: all, down to little where it has collapsed."""
    unstressed = _unstressed(side, p)
    above = 4.0 * (y[side.volume] - unstressed) / unstressed
    return _CLOSED + (1.0 - _CLOSED) * min(max(above, 0.0), 1.0)


@part
def _recoil(side: Side, compliance: float, y: Any, p: Any) -> float:
    """Recoil of a lung, cmH2O: linear, steep near total capacity, and where it has collapsed and its airways close."""
    recoil = (y[side.volume] - _unstressed(side, p)) / compliance
    if recoil < 0.0:
        return recoil / _CLOSED
    over = y[side.volume] / (side.share * p[_TLC]) - 0.85
    if over > 0.0:
        recoil += 400.0 * over * over
    return recoil


@part
def stretched(side: Side, y: Any, p: Any) -> tuple[float, float, float]:
    """A lung as it stands.

    Returns:
        The compliance with which it moves, mL/cmH2O; its recoil; and the pressure around it, of its half of the chest
        wall, which lung and air fill, and of the muscles, cmH2O.
    """
    share = side.share
    compliance = share * p[_COMPLIANCE] * stiffness(p, side.right)
    wall = (y[side.volume] + y[side.air] - share * (p[_FRC] + _RECOIL * p[_WALL])) / (share * p[_WALL])
    return compliance * moves(side, y, p), _recoil(side, compliance, y, p), wall + y[_MUSCLE]


@part
def fastest(side: Side, recoil: float, spasm: float) -> float:
    """The fastest flow out of a lung, mL/s: more pressure around it squeezes its airways as it drives the gas."""
    return max(recoil, 0.0) * side.share / (_UPSTREAM * spasm)


@part
def fill(
    side: Side, flow: float, recoil: float, pleural: float, widest: float, y: Any, p: Any, c: Any, dydt: Any
) -> float:
    """Move the gas of a lung, and the air that its tear and a hole in the chest wall let into its half of the chest.

    Args:
        flow: through its airways, mL/s; recoil, pleural: cmH2O; widest: conductance that a hole has at most.

    Returns:
        The flow into it through its airways, mL/s: an empty lung gives none.
    """
    if y[side.volume] < 1.0 and flow < 0.0:
        flow = 0.0
    # through a torn lung air goes from alveoli and airway to where the pressure is lower, and not back
    torn = p[side.tension] * _TEAR * max(recoil, max(-pleural, 0.0)) if y[side.volume] > 20.0 else 0.0
    wound = p[side.wound] * p[side.wound] * (1.0 - p[side.dressed]) * WIDEST_WOUND
    through = -min(wound + p[side.needle] * _NEEDLE, widest) * pleural
    if y[side.air] <= 0.0 and through < 0.0:
        through = 0.0  # nothing is there to leave
    dydt[side.volume] += flow - torn
    dydt[side.air] += torn + through
    c[side.flow] = flow - torn
    return flow
