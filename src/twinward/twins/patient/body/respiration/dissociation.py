"""How much oxygen and carbon dioxide blood holds at which pressure, forwards and backwards, and its pH."""

from __future__ import annotations

import math
from typing import Any

from twinward.twins.patient.body.compiling import part

# Severinghaus 1979, J Appl Physiol 46:599-602: S = 1 / (23400 / (P^3 + 150 P) + 1) at 37 Cel and pH 7.4; its inverse in
# closed form: Ellis 1989, J Appl Physiol 67:902. Shift of the curve: Kelman 1966, J Appl Physiol 21:1375-1376:
# log10 of the virtual over the true pressure = 0.40 (pH - 7.40) + 0.024 (37 - T) + 0.06 (log10 40 - log10 PCO2).
_BOHR, _TEMPERATURE, _CARBON = 0.40, 0.024, 0.06
# Huefner's number that fits measured capacities (Gregory 1974: 1.306; 1.34 by tradition) and solubility at 37 Cel.
HUEFNER = 1.34  # mL of oxygen a gram of haemoglobin
SOLUBLE = 0.0031  # mL a dL and mmHg

# Spencer, Firouztale & Mellins 1979, Ann Biomed Eng 7:59-66: carbon dioxide content with the Haldane effect, mmol/L,
# for haemoglobin 15 g/dL and no base excess; constants as in Albanese 2016, table 4.
_A2, _ALPHA2, _BETA2, _K2, _C2 = 1.819, 0.05591, 0.03255, 194.4, 86.11
STPD = 0.02226  # mL of carbon dioxide STPD a mL of blood for 1 mmol/L (molar volume 22.26 L)
# Moved by the base excess: by Siggaard-Andersen's Van Slyke equation (below) and Henderson-Hasselbalch the plasma's
# bicarbonate at constant PCO2 changes by 0.84 mmol/L a mmol/L of base excess; whole blood holds about 0.83 of plasma's
# content (Douglas 1988, J Appl Physiol 65:473-476, at haemoglobin 15 g/dL and pH 7.4).
_BY_BASE = 0.84 * 0.83
# Siggaard-Andersen 1977 (Van Slyke equation): BE = (1 - 0.0143 Hb)((HCO3 - 24.4) + (1.43 Hb + 7.7)(pH - 7.4)), Hb in
# g/dL; Henderson-Hasselbalch with pK' 6.1 and 0.0307 mmol/L/mmHg.
_PK, _SOLUBLE_CO2 = 6.1, 0.0307


@part
def shift(ph: float, pco2: float, temperature: float) -> Any:
    """Virtual over true pressure of oxygen (Kelman 1966)."""
    return 10.0 ** (
        _BOHR * (ph - 7.4) + _TEMPERATURE * (37.0 - temperature) + _CARBON * (1.60206 - math.log10(max(pco2, 1.0)))
    )


@part
def saturation(po2: float, factor: float) -> Any:
    """Share of haemoglobin that is oxygenated (Severinghaus 1979)."""
    p = max(po2 * factor, 1e-6)
    cube = p * p * p + 150.0 * p
    return cube / (cube + 23400.0)


@part
def pressure_of_saturation(s: float, factor: float) -> Any:
    """The pressure at which that share is oxygenated (Ellis 1989)."""
    share = min(max(s, 1e-6), 0.999999)
    a = 11700.0 * share / (1.0 - share)
    b = math.sqrt(125000.0 + a * a)
    return ((a + b) ** (1.0 / 3.0) - (b - a) ** (1.0 / 3.0)) / factor


@part
def oxygen_content(po2: float, haemoglobin: float, factor: float) -> Any:
    """mL STPD a mL of blood; haemoglobin in g/dL, that which can carry oxygen."""
    return 0.01 * (HUEFNER * haemoglobin * saturation(po2, factor) + SOLUBLE * po2)


@part
def oxygen_pressure(content: float, haemoglobin: float, factor: float) -> Any:
    """The inverse, by Newton from below: the curve bends downwards there, so that no round goes too far."""
    held = 0.01 * HUEFNER * max(haemoglobin, 0.1)
    c = max(content, 0.0)
    p = pressure_of_saturation(c / held, factor) * 0.97 if c < held * 0.97 else 80.0
    p = max(p, (c - held) / (0.01 * SOLUBLE))
    for _ in range(5):
        q = p * factor
        cube = q * q * q + 150.0 * q
        below = cube + 23400.0
        slope = held * 23400.0 * (3.0 * q * q + 150.0) * factor / (below * below) + 0.01 * SOLUBLE
        p = max(p - (held * cube / below + 0.01 * SOLUBLE * p - c) / slope, 0.01)
    return p


@part
def carbon_content(pco2: float, po2: float, base_excess: float) -> Any:
    """mL STPD a mL of blood (Spencer 1979, with the Haldane effect)."""
    f = max(pco2, 0.1) * (1.0 + _BETA2 * po2) / (_K2 * (1.0 + _ALPHA2 * po2))
    root = f ** (1.0 / _A2)
    return STPD * (_C2 * root / (1.0 + root) + _BY_BASE * base_excess)


@part
def carbon_pressure(content: float, po2: float, base_excess: float) -> Any:
    """The inverse, closed."""
    c = min(max(content / STPD - _BY_BASE * base_excess, 0.01), 0.98 * _C2)
    return _K2 * (1.0 + _ALPHA2 * po2) / (1.0 + _BETA2 * po2) * (c / (_C2 - c)) ** _A2


@part
def acidity(pco2: float, base_excess: float, haemoglobin: float) -> Any:
    """pH, from the Van Slyke and the Henderson-Hasselbalch equation (Newton; three rounds reach 1e-9)."""
    whole = 1.0 - 0.0143 * haemoglobin
    buffer = 1.43 * haemoglobin + 7.7
    carbonic = _SOLUBLE_CO2 * max(pco2, 0.5)
    ph = 7.4 + 0.012 * base_excess - 0.6 * math.log10(max(pco2, 0.5) / 40.0)
    for _ in range(3):
        bicarbonate = carbonic * 10.0 ** (ph - _PK)
        wrong = bicarbonate - 24.4 + buffer * (ph - 7.4) - base_excess / whole
        ph -= wrong / (bicarbonate * 2.302585 + buffer)
    return ph


@part
def bicarbonate(pco2: float, ph: float) -> Any:
    """mmol/L of plasma (Henderson-Hasselbalch)."""
    return _SOLUBLE_CO2 * pco2 * 10.0 ** (ph - _PK)
