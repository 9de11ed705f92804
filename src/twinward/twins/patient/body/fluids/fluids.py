"""Water, salts and protein between blood, tissues, cells and urine."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.fluids.capillaries import exchange
from twinward.twins.patient.body.fluids.cells import cells
from twinward.twins.patient.body.fluids.composition import FRACTIONAL_UREA, POTASSIUM, SODIUM
from twinward.twins.patient.body.fluids.hormones import hormones
from twinward.twins.patient.body.fluids.intake import conditions, gut, vessels
from twinward.twins.patient.body.fluids.kidneys import filtration
from twinward.twins.patient.body.fluids.tubules import potassium, sodium, water
from twinward.twins.patient.body.layout import coupling, parameter, state

_RED_CELLS, _PROTEIN = state("red_cell_volume"), state("plasma_protein")
_INTERSTITIAL, _CELLS = state("interstitial_volume"), state("intracellular_volume")
_SODIUM, _POTASSIUM = state("sodium_amount"), state("potassium_amount")
_UREA, _CREATININE = state("urea_amount"), state("creatinine_amount")
_MEAN_FLOW, _MEAN_VENOUS = state("mean_kidney_flow"), state("mean_venous_pressure")
_GLUCOSE, _KETONES = state("plasma_glucose"), state("ketone_amount")
_VEINS, _BLOOD_GAIN = state("systemic_veins"), state("blood_gain")
_URINE, _URINE_SODIUM, _URINE_POTASSIUM = state("urine_volume"), state("urine_sodium"), state("urine_potassium")
_URINE_UREA, _URINE_CREATININE = state("urine_urea"), state("urine_creatinine")
_URINE_GLUCOSE, _URINE_KETONES = state("urine_glucose"), state("urine_ketones")
_UREA_MADE, _CREATININE_MADE = state("urea_made"), state("creatinine_made")
_WEIGHT, _KETONE_VOLUME = parameter("weight"), parameter("ketone_volume")
_BASAL_GLUCOSE, _REST_SODIUM = parameter("basal_plasma_glucose"), parameter("sodium_excretion_at_rest")
_REST_FILTRATION = parameter("resting_filtration")
_UREA_PRODUCTION, _CREATININE_PRODUCTION = parameter("urea_production"), parameter("creatinine_production")
_C_FILTRATION, _C_GFR, _C_URINE = coupling("filtration"), coupling("glomerular_filtration_rate"), coupling("urine_flow")
_C_SODIUM, _C_POTASSIUM = coupling("sodium"), coupling("potassium")
_C_HAEMATOCRIT, _C_CREATININE = coupling("haematocrit"), coupling("creatinine")
_C_SODIUM_EXCRETION, _C_BODY_WEIGHT = coupling("sodium_excretion"), coupling("body_weight")
_STOMACH, _STOMACH_LIQUID, _GUT_GLUCOSE = state("stomach"), state("stomach_liquid"), state("gut_glucose")
_UNABSORBED, _BURNT = state("glucose_unabsorbed"), state("fuel_burnt")
_GUT_WATER, _REST_BLOOD = state("gut_water"), parameter("resting_blood_volume")
_REST_INTERSTITIAL, _REST_CELLS = parameter("resting_interstitial_volume"), parameter("resting_intracellular_volume")
_BLOOD_VOLUME, _KIDNEY_FLOW = coupling("blood_volume"), coupling("kidney_flow")
_VENOUS_PRESSURE, _NATRIURESIS = coupling("central_venous_pressure"), coupling("drug_natriuresis")

_AVERAGING = 5.0  # seconds over which beats and breaths are averaged: chosen, some breaths' share of it
_GLUCOSE_SPACE = 1.88  # dL/kg: Dalla Man 2007 (VG)
# Glucose: nothing in urine below 180 mg/dL, all above 375 mg/min at high loads (Guyton & Hall ch. 27), a parabola
# between (its splay: chosen). Ketones: the reabsorbed share, chosen after the small clearance in ketosis (Fery &
# Balasse 1985, Diabetes 34:326: less than a tenth of what is made leaves with urine).
_THRESHOLD, _GREATEST = 1.8, 375.0 / 60.0  # mg/mL; mg/s of 125 mL/min
_KETONE_REABSORBED = 0.9


@part
def glucose_in_urine(concentration: float, filtered: float, scale: float) -> float:
    """mg/s; concentration in mg/mL, filtered volume in mL/s."""
    load, begin, limit = concentration * filtered, _THRESHOLD * filtered, _GREATEST * scale
    width = limit - begin
    if load <= begin:
        return 0.0
    if width <= 0.0:  # the whole of the filtered volume fits below the threshold
        return load - begin
    if load < begin + 2.0 * width:
        return (load - begin) ** 2 / (4.0 * width)
    return load - limit


@part
def fluids(y: Any, p: Any, c: Any, dydt: Any) -> None:
    """Step 8 of the evaluation."""
    blood = max(c[_BLOOD_VOLUME], 1.0)
    plasma = max(blood - y[_RED_CELLS], 50.0)
    outside = plasma + y[_INTERSTITIAL]
    everything = outside + y[_CELLS]
    natrium = 1000.0 * y[_SODIUM] / outside
    kalium = 1000.0 * y[_POTASSIUM] / outside
    glucose = max(y[_GLUCOSE], 0.0) / (_GLUCOSE_SPACE * p[_WEIGHT])  # mg/dL
    urea = 1000.0 * y[_UREA] / everything
    haematocrit = y[_RED_CELLS] / blood

    osmolality = 2.0 * (natrium + kalium) + glucose / 18.016
    rest = 2.0 * (SODIUM + POTASSIUM) + p[_BASAL_GLUCOSE] / 18.016
    dydt[_MEAN_FLOW] += (c[_KIDNEY_FLOW] - y[_MEAN_FLOW]) / _AVERAGING
    dydt[_MEAN_VENOUS] += (c[_VENOUS_PRESSURE] - y[_MEAN_VENOUS]) / _AVERAGING

    gut(y, p, dydt)
    vessels(y, p, c, dydt, natrium, kalium)
    conditions(y, p, dydt, natrium, kalium)
    out = exchange(y, p, c, dydt, plasma)
    cells(y, p, c, dydt, outside, osmolality, rest)

    rate = filtration(y, p, y[_PROTEIN] / plasma, haematocrit)
    scale = p[_REST_FILTRATION] / (125.0 / 60.0)
    at_macula, at_duct, urine_sodium = sodium(y, p, c, rate, natrium)
    urine_potassium = potassium(y, p, kalium, at_duct, c[_NATRIURESIS])
    urine_urea = FRACTIONAL_UREA * rate * urea / 1000.0
    urine_creatinine = rate * y[_CREATININE] / everything
    urine_glucose = glucose_in_urine(glucose / 100.0, rate, scale)
    urine_ketones = (1.0 - _KETONE_REABSORBED) * rate * max(y[_KETONES], 0.0) / p[_KETONE_VOLUME] / 1000.0
    solutes = 2.0 * (urine_sodium + urine_potassium) + urine_urea + urine_glucose / 180.16 + urine_ketones
    rest_solutes = 2.0 * (p[_REST_SODIUM] + 0.05 / 60.0 * scale) + p[_UREA_PRODUCTION]
    urine = water(y, p, solutes, rate, osmolality + urea, rest_solutes)
    hormones(y, p, c, dydt, osmolality - rest, at_macula, natrium, kalium)

    dydt[_VEINS] -= out + urine
    dydt[_BLOOD_GAIN] -= out + urine
    dydt[_SODIUM] -= urine_sodium
    dydt[_POTASSIUM] -= urine_potassium
    dydt[_UREA] += p[_UREA_PRODUCTION] - urine_urea
    dydt[_CREATININE] += p[_CREATININE_PRODUCTION] - urine_creatinine
    dydt[_GLUCOSE] -= urine_glucose
    dydt[_KETONES] -= urine_ketones
    dydt[_URINE] += urine
    dydt[_URINE_SODIUM] += urine_sodium
    dydt[_URINE_POTASSIUM] += urine_potassium
    dydt[_URINE_UREA] += urine_urea
    dydt[_URINE_CREATININE] += urine_creatinine
    dydt[_URINE_GLUCOSE] += urine_glucose
    dydt[_URINE_KETONES] += urine_ketones
    dydt[_UREA_MADE] += p[_UREA_PRODUCTION]
    dydt[_CREATININE_MADE] += p[_CREATININE_PRODUCTION]

    c[_C_FILTRATION] = out
    c[_C_GFR] = rate
    c[_C_URINE] = urine
    c[_C_SODIUM] = natrium
    c[_C_POTASSIUM] = kalium
    c[_C_HAEMATOCRIT] = haematocrit
    c[_C_SODIUM_EXCRETION] = urine_sodium
    water_now = blood + y[_INTERSTITIAL] + y[_CELLS] + y[_GUT_WATER]
    water_rest = p[_REST_BLOOD] + p[_REST_INTERSTITIAL] + p[_REST_CELLS]
    eaten = y[_STOMACH] + y[_STOMACH_LIQUID] + y[_GUT_GLUCOSE] + 10.0 * y[_UNABSORBED]  # a tenth is not absorbed
    c[_C_BODY_WEIGHT] = p[_WEIGHT] + (water_now - water_rest - y[_BURNT]) / 1000.0 + eaten / 1e6
    c[_C_CREATININE] = 100.0 * y[_CREATININE] / everything
