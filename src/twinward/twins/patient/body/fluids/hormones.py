"""Vasopressin, renin with angiotensin II, aldosterone: how fast they follow what drives them."""

from math import exp, log10
from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.fluids.composition import POTASSIUM, SODIUM, VASOPRESSIN
from twinward.twins.patient.body.layout import coupling, parameter, state

_VASOPRESSIN, _RENIN, _ALDOSTERONE = state("vasopressin"), state("renin"), state("aldosterone")
_MEAN_PRESSURE, _REST_PRESSURE = state("mean_arterial_pressure"), parameter("resting_arterial_pressure")
_REST_BLOOD = parameter("resting_blood_volume")
_SYMPATHETIC, _BLOOD_VOLUME = coupling("sympathetic"), coupling("blood_volume")

# Minutes: Karaaslan 2005 (T_adh, T_r, T_al).
_VASOPRESSIN_TIME, _RENIN_TIME, _ALDOSTERONE_TIME = 360.0, 900.0, 1800.0
_AT_MACULA = 3.5  # mEq/min, tubules.py


@part
def _by_macula(sodium: float) -> float:
    return 0.2262 + 28.04 / (11.56 + exp((sodium - 1.667) / 0.6056))


@part
def _by_nerves(activity: float) -> float:
    return 1.822 - 2.056 / (1.358 + exp(min(activity, 20.0) - 0.8667))


@part
def _by_angiotensin(level: float) -> float:
    return 0.4 + 2.4 / (1.0 + exp((2.82 - 1.5 * log10(20.0 * max(level, 0.02))) / 0.8))


@part
def hormones(
    y: Any, p: Any, c: Any, dydt: Any, osmotic_rise: float, at_macula: float, sodium: float, potassium: float
) -> None:
    """Args: osmotic_rise: effective osmolality of plasma, mOsm/kg above rest.

    Vasopressin rises by 0.43 pmol/L per mOsm/kg (Endotext, The neurohypophysis, Fig. 6) and exponentially with the
    share of the blood lost: exp(0.17 x percent) (Dunn et al. 1973, J Clin Invest 52:3212). Renin and
    aldosterone: Karaaslan 2005; aldosterone's answer to potassium as in Leete & Layton 2018 (Comput Biol Med 104:139).
    """
    lost = 100.0 * (1.0 - c[_BLOOD_VOLUME] / p[_REST_BLOOD])
    by_volume = exp(0.17 * min(max(lost, -30.0), 25.0)) - 1.0
    wanted = max(VASOPRESSIN * (1.0 + by_volume) + 0.43 * osmotic_rise, 0.0)
    dydt[_VASOPRESSIN] += (wanted - y[_VASOPRESSIN]) / _VASOPRESSIN_TIME

    renin = max(y[_RENIN], 0.01)
    secreted = _by_macula(at_macula) / _by_macula(_AT_MACULA) * _by_nerves(c[_SYMPATHETIC]) / _by_nerves(1.0)
    dydt[_RENIN] += (secreted - renin) / _RENIN_TIME

    salts = max(7.0 * (potassium / sodium) / (POTASSIUM / SODIUM) - 6.0, 0.0)
    pressure = exp(0.0425 * max(p[_REST_PRESSURE] - y[_MEAN_PRESSURE], 0.0))
    made = salts * pressure * _by_angiotensin(renin) / _by_angiotensin(1.0)
    dydt[_ALDOSTERONE] += (min(made, 30.0) - y[_ALDOSTERONE]) / _ALDOSTERONE_TIME
