"""What illnesses change in the lungs: resistances, compliances, shunts and dead spaces, by severity."""

from __future__ import annotations

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state

_ASTHMA, _SPASM, _COPD = parameter("asthma"), parameter("bronchoconstriction"), parameter("copd")
_ANAPHYLAXIS, _ARDS = parameter("anaphylaxis"), parameter("ards")
_EMBOLISM = parameter("pulmonary_embolism")
_LEFT_PNEUMONIA, _RIGHT_PNEUMONIA = parameter("left_pneumonia"), parameter("right_pneumonia")
_OBSTRUCTION = parameter("airway_obstruction")
_RESTING_SHUNT = parameter("resting_shunt")
_DRUG_RESISTANCE = coupling("drug_airway_resistance")
_DRUG_BREATHS = coupling("drug_breathing_rate")
_LUNG_WATER, _OUTPUT = state("lung_water"), state("mean_cardiac_output")
_RESTING_STROKE, _RESTING_HEART_RATE = parameter("resting_stroke_volume"), parameter("resting_heart_rate")

# How far a severity of 1 goes. Ends of ranges from the literature; how severity leads there is linear unless said.
# Share of the airways' radius lost in the worst asthma: one-second volume down to a seventh, peak flow below a third
# (GINA: life-threatening) from half of that severity on.
_NARROWED = 0.65
_COPD_NARROWED = 0.6  # GOLD 4: airway resistance five to six times normal (Hogg 2004)
_COPD_DEAD, _COPD_MISMATCH = 0.35, 0.15  # Wagner 1977: VD/VT 0.5-0.6 and low V/Q units
# Narrowed airways fill unevenly: dynamic compliance falls to about half (Woolcock 1969, J Appl Physiol 26:1).
_UNEVEN = 0.5
_ARDS_SHUNT, _ARDS_STIFF, _ARDS_DEAD = 0.45, 0.70, 0.30  # Gattinoni 2005 (baby lung), Nuckton 2002 (VD/VT 0.58)
_PNEUMONIA_SHUNT, _PNEUMONIA_STIFF = 0.60, 0.50  # of the lung that has it; Light 1999, Lampron 1985
_EMBOLISM_DEAD = 0.5  # Kline 2001: alveolar dead space of a massive embolism
# Where less blood comes the tops of the lungs go without: the alveolar dead space rises from 0.09 to 0.17 at suction of
# -60 mmHg on the lower body (Aviat Space Environ Med 1978, 49:1297), at which cardiac output is taken to be a third
# less. Share of the alveolar ventilation for all of the output.
_BLOODLESS = (0.17 - 0.09) / (1.0 - 0.09) * 3.0
# Inflamed lungs are breathed fast and shallow, by vagal nerves (Mansoor 1997, Respir Physiol 108:45-61) and not by the
# blood's gases alone. Times more breaths if all of both lungs were: chosen so that a whole lung with pneumonia makes
# about 24 breaths a minute, as patients who are admitted with it (median 24, quartiles 18 and 28; Pneumonia 2016, 8:9).
_HURRIED = 1.2
_WATER_SHUNT = 0.3 / 1000.0  # share a mL of lung water: 1 L of oedema floods about a third of the alveoli (Staub 1974)


@part
def narrowing(share: float) -> Any:
    """Resistance, times normal, of airways that lost a share of their radius: between laminar and turbulent flow."""
    left = max(1.0 - share, 0.02)
    return 1.0 / (left * left * left)


@part
def bronchi(p: Any, c: Any) -> Any:
    """Bronchial resistance, times normal: spasm, which drugs relax, and the fixed narrowing of COPD."""
    spasm = max(p[_ASTHMA], max(p[_SPASM], 0.8 * p[_ANAPHYLAXIS]))
    relaxed = 1.0 + (narrowing(_NARROWED * spasm) - 1.0) * min(c[_DRUG_RESISTANCE], 1.0)
    tightened = max(c[_DRUG_RESISTANCE], 1.0)
    return relaxed * tightened * narrowing(_COPD_NARROWED * p[_COPD])


@part
def throat(p: Any) -> Any:
    """Upper airway's resistance, times normal; complete obstruction lets nothing pass."""
    open_share = max(1.0 - p[_OBSTRUCTION], 1e-4)
    return 1.0 / (open_share * open_share)


@part
def stiffness(p: Any, right: bool) -> Any:
    """A lung's compliance, times normal."""
    pneumonia = p[_RIGHT_PNEUMONIA] if right else p[_LEFT_PNEUMONIA]
    uneven = max(p[_COPD], max(max(p[_ASTHMA], p[_SPASM]), 0.8 * p[_ANAPHYLAXIS]))
    return (1.0 - _ARDS_STIFF * p[_ARDS]) * (1.0 - _PNEUMONIA_STIFF * pneumonia) * (1.0 - _UNEVEN * uneven)


@part
def shunted(y: Any, p: Any, right: bool) -> Any:
    """Share of a lung's blood that meets no ventilated alveoli."""
    pneumonia = p[_RIGHT_PNEUMONIA] if right else p[_LEFT_PNEUMONIA]
    kept = (1.0 - p[_RESTING_SHUNT]) * (1.0 - _ARDS_SHUNT * p[_ARDS]) * (1.0 - _PNEUMONIA_SHUNT * pneumonia)
    kept *= 1.0 - _COPD_MISMATCH * p[_COPD]
    kept *= 1.0 - min(_WATER_SHUNT * max(y[_LUNG_WATER], 0.0), 0.8)
    narrow = narrowing(_NARROWED * max(p[_ASTHMA], p[_SPASM]))
    kept *= 1.0 - 0.15 * (1.0 - 1.0 / narrow)  # low V/Q units behind plugs (Rodriguez-Roisin 1989: up to 15 %)
    return 1.0 - kept


@part
def hurried(left: float, right: float, p: Any, c: Any) -> float:
    """Breaths for the same alveolar ventilation, times those of healthy lungs without drugs.

    Args:
        left, right: shares of the lungs.
    """
    pneumonia = left * p[_LEFT_PNEUMONIA] + right * p[_RIGHT_PNEUMONIA]
    return (1.0 + _HURRIED * max(p[_ARDS], pneumonia)) * c[_DRUG_BREATHS]


@part
def wasted(y: Any, p: Any) -> Any:
    """Share of the alveolar ventilation that meets no blood."""
    less = 1.0 - 60.0 * max(y[_OUTPUT], 0.0) / (p[_RESTING_STROKE] * p[_RESTING_HEART_RATE])
    perfused = 1.0 - _BLOODLESS * max(less, 0.0)
    return 1.0 - perfused * (1.0 - _COPD_DEAD * p[_COPD]) * (1.0 - _ARDS_DEAD * p[_ARDS]) * (
        1.0 - _EMBOLISM_DEAD * p[_EMBOLISM]
    )
