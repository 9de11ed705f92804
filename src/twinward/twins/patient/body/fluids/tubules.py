"""What the tubules leave in the urine: sodium, potassium, water."""

from math import exp, log10
from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.layout import coupling, parameter, state

_RENIN, _ALDOSTERONE, _VASOPRESSIN = state("renin"), state("aldosterone"), state("vasopressin")
_MEAN_VENOUS = state("mean_venous_pressure")
_REST_VENOUS, _REST_FILTRATION = parameter("resting_venous_pressure"), parameter("resting_filtration")
_REST_SODIUM, _SENSITIVITY = parameter("sodium_excretion_at_rest"), parameter("salt_sensitivity")
_INJURY = parameter("acute_kidney_injury")
_NATRIURESIS, _SYMPATHETIC = coupling("drug_natriuresis"), coupling("sympathetic")

# Karaaslan et al. 2005, Ann Biomed Eng 33:1607: sodium in mEq/min of a reference pair of kidneys that filter 125
# mL/min; every factor is divided by its own value at rest. Proximal tubules take 0.8 of the filtered, distal tubules
# 0.5 of the rest, collecting ducts what the resting excretion leaves.
_PROXIMAL, _DISTAL = 0.8, 0.5
_FILTERED = 125.0 * 0.140
_AT_MACULA = _FILTERED * (1.0 - _PROXIMAL)
_AT_DUCT = _AT_MACULA * (1.0 - _DISTAL)


@part
def _load(filtered: float) -> float:
    return 0.85 + 0.3 / (1.0 + exp((filtered - 18.0) / 138.0))


@part
def _angiotensin(level: float) -> float:
    return 0.95 + 0.12 / (1.0 + exp(2.6 - 1.8 * log10(20.0 * max(level, 0.02))))


@part
def _nerves(activity: float) -> float:
    return 0.5 + 0.7 / (1.0 + exp((1.0 - activity) / 2.18))


@part
def _aldosterone(level: float) -> float:
    return 0.17 + 0.94 / (1.0 + exp((0.48 - 1.2 * log10(85.0 * max(level, 0.012))) / 0.88))


@part
def _delivery(at_duct: float) -> float:
    return 0.82 + 0.39 / (1.0 + exp((at_duct - 1.6) / 2.0))


@part
def natriuretic_peptide(above: float) -> float:
    """Atrial natriuretic peptide, times at rest; above: of the right atrium's pressure, mmHg above rest."""
    return 7.4052 - 6.554 / (1.0 + exp(min(above, 50.0) - 3.762))


@part
def sodium(y: Any, p: Any, c: Any, filtered_volume: float, concentration: float) -> tuple[float, float, float]:
    """Sodium at the macula densa and in the ducts, mEq/min of the reference kidneys, and in urine, mmol/s."""
    scale = p[_REST_FILTRATION] / (125.0 / 60.0)
    filtered = filtered_volume * 60.0 * concentration / 1000.0 / scale
    steer = p[_SENSITIVITY]
    angiotensin = 1.0 + steer * (y[_RENIN] - 1.0)
    aldosterone = 1.0 + steer * (y[_ALDOSTERONE] - 1.0)
    proximal = _PROXIMAL * _load(filtered) / _load(_FILTERED)
    proximal *= _angiotensin(angiotensin) / _angiotensin(1.0) * _nerves(c[_SYMPATHETIC]) / _nerves(1.0)
    at_macula = filtered * (1.0 - min(proximal, 0.99))
    distal = _DISTAL * _aldosterone(aldosterone) / _aldosterone(1.0)
    at_duct = at_macula * (1.0 - min(distal, 0.99))
    rest = p[_REST_SODIUM] * 60.0 / scale
    peptide = 1.0 - 0.1 * (natriuretic_peptide(y[_MEAN_VENOUS] - p[_REST_VENOUS]) - natriuretic_peptide(0.0))
    duct = (1.0 - rest / _AT_DUCT) * _delivery(at_duct) / _delivery(_AT_DUCT) * peptide
    duct *= 1.0 - 0.02 * p[_INJURY]  # injured tubules waste sodium (fractional excretion above 2 %: KDIGO 2012)
    left = at_duct * (1.0 - max(min(duct, 0.999), 0.0))
    left = min(left * c[_NATRIURESIS], at_macula)
    return at_macula, at_duct, left * scale / 60.0


@part
def potassium(y: Any, p: Any, concentration: float, at_duct: float, drug: float) -> float:
    """In urine, mmol/s: 18 mg/min... rises steeply with plasma potassium, with aldosterone and distal flow."""
    scale = p[_REST_FILTRATION] / (125.0 / 60.0)
    level = max(concentration, 0.1) / 4.2
    return 0.05 / 60.0 * scale * level**3.0 * max(y[_ALDOSTERONE], 0.0) ** 0.5 * (max(at_duct, 0.0) / _AT_DUCT) ** 0.5


@part
def water(y: Any, p: Any, solutes: float, filtered_volume: float, osmolality: float, rest_solutes: float) -> float:
    """Urine, mL/s.

    Vasopressin sets the osmolality between 50 and 1,200 mOsm/kg (Guyton & Hall ch. 28), the latter at 4.6 pmol/L (5
    pg/mL: Robertson 1976, Kidney Int 10:25). Many solutes draw water with them: what is taken back free of solutes
    grows no more with them (Raisz, Au & Scheer 1959, J Clin Invest 38:1725, on osmotic diuresis). What is left free
    of them cannot be more than 12 % of the filtered volume (Guyton & Hall ch. 28: water diuresis of about 15 mL/min).
    """
    target = 50.0 + 1150.0 * min(max(y[_VASOPRESSIN], 0.0) / 4.6, 1.0)
    target = osmolality + (target - osmolality) * (1.0 - 0.8 * p[_INJURY])  # isosthenuria
    if target > osmolality:
        target = osmolality + (target - osmolality) / max(solutes / rest_solutes, 1.0)
    free = 1000.0 * solutes / osmolality + 0.12 * filtered_volume
    return min(min(1000.0 * solutes / target, free), 0.9 * filtered_volume)
