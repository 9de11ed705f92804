"""What comes with drink, food and infusions, and what goes with blood and with conditions that take water or cells."""

from typing import Any

from twinward.twins.patient.body.compiling import part
from twinward.twins.patient.body.fluids.composition import CELL_HAEMOGLOBIN, PLASMA_PROTEIN
from twinward.twins.patient.body.layout import coupling, parameter, state

_HAEMOGLOBIN, _RED_CELLS = state("haemoglobin_mass"), state("red_cell_volume")
_PROTEIN, _SODIUM, _POTASSIUM = state("plasma_protein"), state("sodium_amount"), state("potassium_amount")
_INTERSTITIAL, _VEINS, _BLOOD_GAIN = state("interstitial_volume"), state("systemic_veins"), state("blood_gain")
_GUT_WATER, _GUT_SODIUM, _GUT_POTASSIUM = state("gut_water"), state("gut_sodium"), state("gut_potassium")
_DRIED, _ANAEMIC = state("water_lost_to_dehydration"), state("lost_red_cells")
_WATER_TAKEN, _EVAPORATED = state("water_taken"), state("water_evaporated")
_SODIUM_TAKEN, _SODIUM_LOST = state("sodium_taken"), state("sodium_lost")
_POTASSIUM_TAKEN, _POTASSIUM_LOST = state("potassium_taken"), state("potassium_lost")
_WEIGHT, _DEHYDRATION, _ANAEMIA = parameter("weight"), parameter("dehydration"), parameter("anaemia")
_DRINKING, _SODIUM_INTAKE, _POTASSIUM_INTAKE = (
    parameter("drinking_rate"),
    parameter("sodium_intake"),
    parameter("potassium_intake"),
)
_CRYSTALLOID, _COLLOID, _CELLS = parameter("crystalloid_rate"), parameter("colloid_rate"), parameter("red_cells_rate")
_CRYSTALLOID_SODIUM, _CRYSTALLOID_POTASSIUM = parameter("crystalloid_sodium"), parameter("crystalloid_potassium")
_BLEEDING, _BLOOD_VOLUME = coupling("bleeding"), coupling("blood_volume")

# Drunk water is half absorbed after 12 minutes (Peronnet et al. 2012, Eur J Appl Physiol 112:2213); its salt with it.
_ABSORBED = 0.693147 / 720.0
# Packed red cells have a haematocrit of 0.6 (AABB circular, additive solution: 0.55 to 0.65); what surrounds them is
# taken for saline. Colloid: albumin 5 %, sodium 145 mmol/L (product information, 130 to 160).
_PACKED, _COLLOID_PROTEIN, _COLLOID_SODIUM, _SALINE = 0.6, 0.05, 145.0, 154.0
_SWEAT_SODIUM = 40.0  # mmol/L: Guyton & Hall ch. 73 (10 to 60); Saltin's subjects lost weight by sweating
_DRYING, _LOSING = 100.0, 60.0  # seconds in which dehydration and anaemia establish themselves: chosen
_GREATEST_ANAEMIA = 0.7  # share of the red cells lost at severity 1: chosen (4.5 g/dL)


@part
def gut(y: Any, p: Any, dydt: Any) -> None:
    """Water and salts from the gut into blood."""
    drunk, salt, kalium = p[_DRINKING] / 3600.0, p[_SODIUM_INTAKE] / 3600.0, p[_POTASSIUM_INTAKE] / 3600.0
    water, sodium, potassium = _ABSORBED * y[_GUT_WATER], _ABSORBED * y[_GUT_SODIUM], _ABSORBED * y[_GUT_POTASSIUM]
    dydt[_GUT_WATER] += drunk - water
    dydt[_GUT_SODIUM] += salt - sodium
    dydt[_GUT_POTASSIUM] += kalium - potassium
    dydt[_VEINS] += water
    dydt[_BLOOD_GAIN] += water
    dydt[_SODIUM] += sodium
    dydt[_POTASSIUM] += potassium
    dydt[_WATER_TAKEN] += drunk
    dydt[_SODIUM_TAKEN] += salt
    dydt[_POTASSIUM_TAKEN] += kalium


@part
def vessels(y: Any, p: Any, c: Any, dydt: Any, sodium: float, potassium: float) -> None:
    """Composition of what is infused and bled; sodium, potassium: of plasma, mmol/L. Volumes are the circulation's."""
    clear, protein, cells = p[_CRYSTALLOID] / 60.0, p[_COLLOID] / 60.0, p[_CELLS] / 60.0
    salt = (clear * p[_CRYSTALLOID_SODIUM] + protein * _COLLOID_SODIUM + cells * (1.0 - _PACKED) * _SALINE) / 1000.0
    kalium = clear * p[_CRYSTALLOID_POTASSIUM] / 1000.0
    dydt[_PROTEIN] += protein * _COLLOID_PROTEIN
    dydt[_RED_CELLS] += cells * _PACKED
    dydt[_HAEMOGLOBIN] += cells * _PACKED * CELL_HAEMOGLOBIN
    dydt[_SODIUM] += salt
    dydt[_POTASSIUM] += kalium
    dydt[_SODIUM_TAKEN] += salt
    dydt[_POTASSIUM_TAKEN] += kalium

    blood = max(c[_BLOOD_VOLUME], 1.0)
    share = c[_BLEEDING] / blood
    plasma = max(blood - y[_RED_CELLS], 0.0) * share / 1000.0  # litres per second
    dydt[_RED_CELLS] -= share * y[_RED_CELLS]
    dydt[_HAEMOGLOBIN] -= share * y[_HAEMOGLOBIN]
    dydt[_PROTEIN] -= share * y[_PROTEIN]
    dydt[_SODIUM] -= plasma * sodium
    dydt[_POTASSIUM] -= plasma * potassium
    dydt[_SODIUM_LOST] += plasma * sodium
    dydt[_POTASSIUM_LOST] += plasma * potassium


@part
def conditions(y: Any, p: Any, dydt: Any, sodium: float, potassium: float) -> None:
    """Dehydration takes sweat until its share of the body weight is lost; it comes back by drinking alone. Anaemia
    replaces red cells by plasma."""
    wanted = 100.0 * p[_WEIGHT] * p[_DEHYDRATION]  # mL: a tenth of the body weight at 1
    sweat = max(wanted - y[_DRIED], 0.0) / _DRYING
    dydt[_DRIED] += sweat
    dydt[_EVAPORATED] += sweat
    dydt[_INTERSTITIAL] -= sweat
    dydt[_SODIUM] -= sweat * _SWEAT_SODIUM / 1000.0
    dydt[_SODIUM_LOST] += sweat * _SWEAT_SODIUM / 1000.0

    lost = (_GREATEST_ANAEMIA * p[_ANAEMIA] - y[_ANAEMIC]) / _LOSING
    share = lost / (1.0 - y[_ANAEMIC])
    plasma = share * y[_RED_CELLS]  # mL/s of plasma in the place of cells
    dydt[_ANAEMIC] += lost
    dydt[_HAEMOGLOBIN] -= share * y[_HAEMOGLOBIN]
    dydt[_RED_CELLS] -= plasma
    dydt[_PROTEIN] += plasma * PLASMA_PROTEIN
    dydt[_SODIUM] += plasma * sodium / 1000.0
    dydt[_SODIUM_TAKEN] += plasma * sodium / 1000.0
    dydt[_POTASSIUM] += plasma * potassium / 1000.0
    dydt[_POTASSIUM_TAKEN] += plasma * potassium / 1000.0
