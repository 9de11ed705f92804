"""Between the cells and what surrounds them: water by osmosis, potassium by pumps."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.fluids.composition import POTASSIUM
from twinward.twins.patient.body.layout import coupling, parameter, state

_CELLS, _INTERSTITIAL = state("intracellular_volume"), state("interstitial_volume")
_POTASSIUM, _CELL_POTASSIUM = state("potassium_amount"), state("cell_potassium")
_INSULIN, _WEIGHT = state("plasma_insulin"), parameter("weight")
_BASAL_INSULIN = parameter("basal_insulin")
_REST_CELLS, _REST_POTASSIUM = parameter("resting_intracellular_volume"), parameter("resting_cell_potassium")
_PH = coupling("arterial_ph")

# Water: 0.01 L/min per mEq/L of cations (Guyton 1992, electrolytes and cell water), each with its anion: per mOsm/L
# half of it.
_WATER = 5.0 / 60.0  # mL/s per mOsm/L, of 25 L of cells
# Potassium: 0.27 mmol/L less outside for 100 mmol lost from the body (Sterns et al. 1981, Medicine 60:339): in 14 L
# outside cells hold 25 mmol more for each mmol more outside. Minutes to get there are chosen: 30, as for an infused
# load (DeFronzo et al. 1980, Am J Physiol 238:E421).
_HELD, _MINUTES = 25.0, 30.0
# 0.6 mmol/L less for 0.1 of pH more: Adrogue & Madias 1981, Am J Med 71:456. Organic acids do it much less (ibid.), so
# that half is taken for every acid. Insulin: 1 mmol/L at most between none and plenty (ibid.); half of it chosen to be
# below rest.
_PH_SHIFT, _INSULIN_SHIFT = 3.0, 1.0


@part
def cells(y: Any, p: Any, c: Any, dydt: Any, outside: float, osmolality: float, rest_osmolality: float) -> None:
    """Args: outside: volume of plasma and interstitium, mL; osmolality: of them, without what crosses membranes."""
    inside = rest_osmolality * p[_REST_CELLS] + 1000.0 * (y[_CELL_POTASSIUM] - p[_REST_POTASSIUM])
    swelling = _WATER * p[_REST_CELLS] / 25000.0 * (inside / y[_CELLS] - osmolality)
    dydt[_CELLS] += swelling
    dydt[_INTERSTITIAL] -= swelling

    insulin = max(y[_INSULIN], 0.0) / (0.05 * p[_WEIGHT])
    shift = _PH_SHIFT * (7.4 - c[_PH]) + _INSULIN_SHIFT * (0.5 - insulin / (insulin + p[_BASAL_INSULIN]))
    litres = outside / 1000.0
    balanced = litres * (POTASSIUM + shift) + (y[_CELL_POTASSIUM] - p[_REST_POTASSIUM]) / _HELD
    into = (y[_POTASSIUM] - balanced) / (_MINUTES * 60.0)
    dydt[_CELL_POTASSIUM] += into
    dydt[_POTASSIUM] -= into
