"""What the fluids declare: water, salts, protein, red cells, and what the kidneys and their hormones remember."""

from collections.abc import Mapping

from twinward.twins.patient.body.declare import Input, Parameter, State
from twinward.twins.patient.body.fluids.composition import at_rest
from twinward.twins.patient.body.person import Person

_START = at_rest(Person())
_GUYTON = "Guyton & Hall, Textbook of Medical Physiology, 11th ed."
_KARAASLAN = "Karaaslan et al. 2005, Ann Biomed Eng 33:1607-1630"


def _ledger(name: str, unit: str, label: str) -> State:
    return State(name, unit, label, 0.0, ledger=True)


STATES = (
    State("haemoglobin_mass", "g", "Haemoglobin in the blood", _START["haemoglobin_mass"]),
    State("red_cell_volume", "mL", "Volume of the red cells", _START["red_cell_volume"]),
    State("plasma_protein", "g", "Protein in plasma", _START["plasma_protein"]),
    State("interstitial_protein", "g", "Protein in the interstitium", _START["interstitial_protein"]),
    State("interstitial_volume", "mL", "Fluid between the cells", _START["interstitial_volume"]),
    State("intracellular_volume", "mL", "Water in the cells", _START["intracellular_volume"]),
    State("sodium_amount", "mmol", "Sodium outside the cells", _START["sodium_amount"]),
    State("potassium_amount", "mmol", "Potassium outside the cells", _START["potassium_amount"]),
    State("cell_potassium", "mmol", "Potassium in the cells", _START["cell_potassium"]),
    State("urea_amount", "mmol", "Urea in the body's water", _START["urea_amount"]),
    State("creatinine_amount", "mg", "Creatinine in the body's water", _START["creatinine_amount"]),
    State("gut_water", "mL", "Water in the gut", 0.0),
    State("gut_sodium", "mmol", "Sodium in the gut", 0.0),
    State("gut_potassium", "mmol", "Potassium in the gut", 0.0),
    State("mean_kidney_flow", "mL/s", "Blood flow of the kidneys, averaged over beats", _START["mean_kidney_flow"]),
    State("mean_venous_pressure", "mm[Hg]", "Central venous pressure, averaged over beats", 2.8),
    State("vasopressin", "pmol/L", "Vasopressin made in the body", _START["vasopressin"]),
    State("renin", "1", "Renin and angiotensin II, times at rest", 1.0),
    State("aldosterone", "1", "Aldosterone, times at rest", 1.0),
    State("water_lost_to_dehydration", "mL", "Water lost before it is drunk again", 0.0),
    State("lost_red_cells", "1", "Share of the red cells lost to anaemia", 0.0),
    _ledger("urine_volume", "mL", "Urine made"),
    _ledger("urine_sodium", "mmol", "Sodium in urine"),
    _ledger("urine_potassium", "mmol", "Potassium in urine"),
    _ledger("urine_urea", "mmol", "Urea in urine"),
    _ledger("urine_creatinine", "mg", "Creatinine in urine"),
    _ledger("urine_glucose", "mg", "Glucose in urine"),
    _ledger("urine_ketones", "mmol", "Ketone bodies in urine"),
    _ledger("water_taken", "mL", "Water drunk by rate and made by burning fuel"),
    _ledger("water_evaporated", "mL", "Water lost through skin, lungs and dehydration"),
    _ledger("sodium_taken", "mmol", "Sodium eaten by rate and infused"),
    _ledger("sodium_lost", "mmol", "Sodium lost with sweat and blood"),
    _ledger("potassium_taken", "mmol", "Potassium eaten by rate and infused"),
    _ledger("potassium_lost", "mmol", "Potassium lost with sweat and blood"),
    _ledger("urea_made", "mmol", "Urea made"),
    _ledger("creatinine_made", "mg", "Creatinine made"),
    _ledger("blood_gain", "mL", "What the blood got from tissues and gut less what it gave to tissues and urine"),
)

PARAMETERS = (
    Parameter("resting_blood_volume", "mL", "Blood volume at rest", _START["resting_blood_volume"], "Nadler 1962"),
    Parameter("resting_interstitial_volume", "mL", "Interstitial fluid at rest", _START["interstitial_volume"],
              f"11 of 42 L of water: {_GUYTON} ch. 25"),
    Parameter("resting_intracellular_volume", "mL", "Water in the cells at rest", _START["intracellular_volume"],
              "rest of the body water: Watson et al. 1980, Am J Clin Nutr 33:27-39"),
    Parameter("resting_cell_potassium", "mmol", "Potassium in the cells at rest", _START["cell_potassium"],
              f"140 mmol/L: {_GUYTON} ch. 25"),
    Parameter("resting_capillary_pressure", "mm[Hg]", "Capillary pressure at rest", 15.8,
              f"17.3: {_GUYTON} ch. 16; the circulation's own resting value is taken, so that rest is rest"),
    Parameter("filtration_coefficient", "mL/s/mm[Hg]", "Capillaries, filtration coefficient", 6.67 / 60.0,
              f"6.67 mL/min/mmHg, whole body: {_GUYTON} ch. 16"),
    Parameter("resting_venous_pressure", "mm[Hg]", "Central venous pressure at rest", 2.8, "the circulation's own"),
    Parameter("resting_kidney_flow", "mL/s", "Blood flow of the kidneys at rest", _START["resting_kidney_flow"],
              "1,064 mL/min: reference table of the Pulse engine; by body surface"),
    Parameter("glomerular_coefficient", "mL/s/mm[Hg]", "Glomeruli, filtration coefficient",
              _START["glomerular_coefficient"], "resting filtration at the resting pressures (about 12.5 mL/min/mmHg)"),
    Parameter("resting_filtration", "mL/s", "Glomerular filtration rate at rest", _START["resting_filtration"],
              "125 mL/min (180 L/day): reference table of the Pulse engine; by body surface and age"),
    Parameter("sodium_excretion_at_rest", "mmol/s", "Sodium in urine at rest", _START["sodium_excretion"],
              "3.45 g/day: reference table of the Pulse engine; by body surface"),
    Parameter("urea_production", "mmol/s", "Urea made", _START["urea_production"],
              "18 mg/min excreted: reference table of the Pulse engine; by weight"),
    Parameter("creatinine_production", "mg/s", "Creatinine made", _START["creatinine_production"],
              "0.176 umol/s: reference table of the Pulse engine; by fat-free mass and age (composition.py)"),
    Parameter("salt_sensitivity", "1", "Aldosterone's and angiotensin's effect on sodium, times normal", 1.0,
              f"multiplies the deviations in {_KARAASLAN}; 1 by definition"),
)  # fmt: skip

INPUTS = (
    Input("drinking_rate", "mL/h", "Water drunk", 0.0, (0.0, 5000.0)),
    Input("sodium_intake", "mmol/h", "Sodium eaten", 0.0, (0.0, 1000.0)),
    Input("potassium_intake", "mmol/h", "Potassium eaten", 0.0, (0.0, 100.0)),
    Input("crystalloid_sodium", "mmol/L", "Sodium in the crystalloid", 140.0, (0.0, 1200.0)),
    Input("crystalloid_potassium", "mmol/L", "Potassium in the crystalloid", 5.0, (0.0, 100.0)),
)


def of_person(person: Person) -> Mapping[str, float]:
    """Parameters, and states at rest, that differ from the reference person's."""
    start = at_rest(person)
    names = {one.name for one in (*STATES, *PARAMETERS)}
    return {name: value for name, value in start.items() if name in names} | {
        "resting_interstitial_volume": start["interstitial_volume"],
        "resting_intracellular_volume": start["intracellular_volume"],
        "resting_cell_potassium": start["cell_potassium"],
        "filtration_coefficient": 6.67 / 60.0 * person.weight / 77.0,
        "sodium_excretion_at_rest": start["sodium_excretion"],
    }
