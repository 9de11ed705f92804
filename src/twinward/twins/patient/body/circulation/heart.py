"""The heart within a beat: time-varying elastances of four chambers, and the flow through four valves.

Elastances rise and fall as in Heldt 2002 (raised cosines; P-R 0.12, atrial systole 0.20, ventricular systole 0.30 times
the root of the R-R interval). Ventricles fill along an exponential and have the internal resistance of Ursino 1998
(in proportion to the pressure they would make without flow).
"""

import math

from twinward.twins.patient.body.compiling import part

# Heldt 2004: P-R interval, atrial and ventricular systole, s, at an R-R interval of 1 s; all grow with its root.
PR_INTERVAL, ATRIAL_SYSTOLE, VENTRICULAR_SYSTOLE = 0.12, 0.20, 0.30


@part
def speed(contractility: float) -> float:
    """How much faster the heart contracts and relaxes under its nerves and drugs, times at rest.

    Systole shortens with the root of the contractility (chosen here; isoprenaline shortens it by a fifth at a given
    rate: Harris 1967, Br Heart J 29:829-839); within 0.7 and 1.5.
    """
    return min(max(math.sqrt(contractility), 0.7), 1.5)


@part
def activation(since: float, systole: float) -> float:
    """How far a chamber is contracted, 0 to 1, so many seconds after it began (Heldt 2002, eq. 3).

    Args:
        since: s; systole: s, until the peak; it relaxes in half of that.
    """
    if since < 0.0 or since >= 1.5 * systole:
        return 0.0
    if since < systole:
        return 0.5 - 0.5 * math.cos(math.pi * since / systole)
    return 0.5 + 0.5 * math.cos(2.0 * math.pi * (since - systole) / systole)


@part
def beat(phase: float, interval: float, speed: float) -> tuple[float, float]:
    """Activation of atria and ventricles.

    Args:
        phase: beats since the start; interval: R-R interval, s; speed: of contraction, times at rest.
    """
    root = math.sqrt(interval) / speed
    since = (phase - math.floor(phase)) * interval
    atria = activation(since, ATRIAL_SYSTOLE * root)
    late = since - PR_INTERVAL * root
    if late < 0.0:
        late += interval  # what is left of the beat before, at high rates
    return atria, activation(late, VENTRICULAR_SYSTOLE * root)


@part
def filling_pressure(volume: float, scale: float, stiffness: float) -> float:
    """Transmural pressure of a relaxed ventricle, mmHg (Ursino 1998, eq. 22)."""
    return scale * (math.exp(min(stiffness * volume, 6.0)) - 1.0)


@part
def ventricle(volume: float, active: float, elastance: float, unstressed: float, relaxed: float) -> float:
    """Transmural pressure of a ventricle without flow, mmHg.

    Args:
        relaxed: pressure on the filling curve at that volume.
    """
    return active * elastance * (volume - unstressed) + (1.0 - active) * relaxed


@part
def valve(upstream: float, downstream: float, resistance: float) -> float:
    """Flow through a valve, mL/s."""
    return max(upstream - downstream, 0.0) / resistance


@part
def pericardium(volume: float, reference: float, scale: float) -> float:
    """Pressure between heart and pericardium above the pleural pressure, mmHg (Sun 1997; 1 mmHg at the reference).

    Args:
        volume: of the heart and of the fluid around it, mL.
    """
    return math.exp(min((volume - reference) / scale, 4.5))
