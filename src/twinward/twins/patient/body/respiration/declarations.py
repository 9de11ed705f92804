"""What respiration remembers, what makes one pair of lungs differ from another, and what is done to them."""

from collections.abc import Mapping

from twinward.twins.patient.body.declare import Input, Parameter, State
from twinward.twins.patient.body.person import Person

_REFERENCE = Person()

# Lung volumes by weight: functional residual capacity 30, residual volume 16, total capacity 80 mL/kg (Pulse and
# BioGears validation data; Levitzky 2013); by ideal weight here, so that fat does not widen the chest.
_FRC, _TLC, _RV = 30.0, 80.0, 16.0
_KHOO = "Khoo 1982, J Appl Physiol 53:644-659; values as in Batzel 2005"
_WEST = "West, Respiratory Physiology, 9th ed."
_NUNN = "Nunn's Applied Respiratory Physiology, 8th ed."


def _gas(volume: float, fraction: float) -> float:
    """mL STPD in a volume of gas at body temperature, saturated: (760 - 47)/760 * 273/310 of it, 0.826."""
    return volume * fraction * 0.826


_LUNG = _FRC * _REFERENCE.ideal_weight
# Alveolar fractions of dry gas at rest: 102 and 40 of 713 mmHg.
_OXYGEN, _CARBON = 102.0 / 713.0, 40.0 / 713.0


def _ledger(name: str, label: str) -> State:
    return State(name, "mL", label, 0.0, ledger=True)


STATES = (
    State("left_lung", "mL", "Gas in the left lung", 0.475 * _LUNG),
    State("right_lung", "mL", "Gas in the right lung", 0.525 * _LUNG),
    State("left_pleural_air", "mL", "Air in the left pleural space", 0.0),
    State("right_pleural_air", "mL", "Air in the right pleural space", 0.0),
    State("muscle_pressure", "cm[H2O]", "Pressure of the respiratory muscles", 0.0),
    State("breath_phase", "1", "Breaths begun since the start", 0.0),
    State("ventilator_phase", "1", "Ventilator breaths begun since the start", 0.0),
    State("central_drive", "mL/s", "Ventilation that the central chemoreceptors ask for", 61.7),
    State("peripheral_drive", "mL/s", "Ventilation that the peripheral chemoreceptors ask for", 11.2),
    State("left_alveolar_oxygen", "mL", "Oxygen in the left alveoli", _gas(0.475 * _LUNG, _OXYGEN)),
    State("left_alveolar_carbon", "mL", "Carbon dioxide in the left alveoli", _gas(0.475 * _LUNG, _CARBON)),
    State("right_alveolar_oxygen", "mL", "Oxygen in the right alveoli", _gas(0.525 * _LUNG, _OXYGEN)),
    State("right_alveolar_carbon", "mL", "Carbon dioxide in the right alveoli", _gas(0.525 * _LUNG, _CARBON)),
    State("airway_oxygen", "mL", "Oxygen in the conducting airways", _gas(150.0, 0.17)),
    State("airway_carbon", "mL", "Carbon dioxide in the conducting airways", _gas(150.0, 0.03)),
    State("circuit_carbon", "mL", "Carbon dioxide in the breathing circuit", 0.0),
    State("end_tidal", "mm[Hg]", "PCO2 at the end of the last breaths", 38.0),
    State("mean_airflow", "mL/s", "Gas breathed in, averaged over breaths", 104.0),
    State("arterial_oxygen", "mL", "Oxygen in arterial blood", 0.1966 * 1607.0),
    State("arterial_carbon", "mL", "Carbon dioxide in arterial blood", 0.4614 * 1607.0),
    State("venous_oxygen", "mL", "Oxygen in venous blood", 0.1538 * 3548.0),
    State("venous_carbon", "mL", "Carbon dioxide in venous blood", 0.4974 * 3548.0),
    State("brain_oxygen", "mL", "Oxygen in the brain", 0.1279 * 150.0),
    State("brain_carbon", "mL", "Carbon dioxide in the brain", 0.5192 * 900.0),
    State("heart_oxygen", "mL", "Oxygen in the heart's muscle", 0.0784 * 60.0),
    State("heart_carbon", "mL", "Carbon dioxide in the heart's muscle", 0.5608 * 300.0),
    State("tissue_oxygen", "mL", "Oxygen in the other tissues", 0.1612 * 1500.0),
    State("tissue_carbon", "mL", "Carbon dioxide in the other tissues", 0.4912 * 14000.0),
    State("carbon_monoxide", "mL", "Carbon monoxide bound to haemoglobin", 0.0),
    State("lung_water", "mL", "Water in the lungs beyond the normal", 0.0),
    _ledger("oxygen_breathed", "Oxygen breathed in less what was breathed out"),
    _ledger("oxygen_used", "Oxygen used by tissues"),
    _ledger("carbon_made", "Carbon dioxide made by tissues"),
    _ledger("carbon_breathed", "Carbon dioxide breathed out less what was breathed in"),
    _ledger("oxygen_bled", "Oxygen lost with blood less what came with infusions"),
    _ledger("carbon_bled", "Carbon dioxide lost with blood less what came with infusions"),
)

PARAMETERS = (
    Parameter("residual_capacity", "mL", "Functional residual capacity", _LUNG, "30 mL/kg; Levitzky 2013"),
    Parameter("total_capacity", "mL", "Total lung capacity", _TLC * _REFERENCE.ideal_weight, "80 mL/kg; Levitzky 2013"),
    Parameter("residual_volume", "mL", "Residual volume", _RV * _REFERENCE.ideal_weight, "16 mL/kg; Levitzky 2013"),
    Parameter("dead_space", "mL", "Anatomical dead space", 2.0 * _REFERENCE.ideal_weight,
              "2 mL/kg; Pulse validation data"),
    Parameter("lung_compliance", "mL/cm[H2O]", "Lungs, compliance", 200.0, _WEST),
    Parameter("chest_wall_compliance", "mL/cm[H2O]", "Chest wall, compliance", 200.0, _WEST),
    Parameter("upper_airway_resistance", "cm[H2O].s/mL", "Mouth to carina, resistance", 0.0010, _NUNN),
    Parameter("bronchial_resistance", "cm[H2O].s/mL", "Carina to alveoli, both lungs, resistance", 0.0005, _NUNN),
    Parameter("resting_shunt", "1", "Share of the blood past ventilated alveoli at rest", 0.03,
              "2-5 %; Pulse validation data (Levitzky 2013)"),
    Parameter("central_gain", "mL/s/mm[Hg]", "Central chemoreflex, gain", 1.44e3 / 60.0, _KHOO),
    Parameter("peripheral_gain", "mL/s/mm[Hg]", "Peripheral chemoreflex, gain", 162.0,
              "found so that lack of oxygen at a PaCO2 of 40 mmHg does what Khoo 1982 has it do (drive.py)"),
    Parameter("carbon_threshold", "mm[Hg]", "PaCO2 below which the central chemoreflex is silent", 38.43,
              "35.5 in Batzel 2005; moved so that PaCO2 rests at 40 mmHg (Pulse validation data)"),
    Parameter("tidal_offset", "mL", "Tidal volume towards which shallow breathing tends", 282.0,
              "Hey 1966, Respir Physiol 1:193-205 (300); moved so that this body rests at 12 breaths (Pulse data)"),
    Parameter("tidal_slope", "/min", "Ventilation gained a mL of tidal volume above that", 28.0,
              "Hey 1966"),
    Parameter("resting_carbon_production", "mL/s", "Carbon dioxide production at rest", 212.5 / 60.0,
              "250 mL/min of oxygen (Pulse validation data) at a respiratory quotient of 0.85"),
    Parameter("base_excess_offset", "mmol/L", "Base excess kept by kidneys and other acids", -1.0,
              "middle of what pH 7.35-7.40 at 40 mmHg leaves (Pulse validation data; Guyton)"),
)  # fmt: skip


def _share(name: str, label: str) -> Input:
    return Input(name, "1", label, 0.0, (0.0, 1.0))


INPUTS = (
    Input("airway_device", "1", "Airway: 0 none, 1 mask, 2 tube, 3 right, 4 left main bronchus, 5 gullet",
          0.0, (0.0, 5.0)),
    Input("ventilator_mode", "1", "Ventilator: 0 off, 1 volume, 2 pressure control, 3 pressure support, 4 CPAP",
          0.0, (0.0, 4.0)),
    Input("ventilator_rate", "/min", "Ventilator, breaths", 12.0, (1.0, 60.0)),
    Input("ventilator_tidal_volume", "mL", "Ventilator, tidal volume", 500.0, (50.0, 2000.0)),
    Input("ventilator_pressure", "cm[H2O]", "Ventilator, pressure above PEEP", 10.0, (0.0, 60.0)),
    Input("ventilator_peep", "cm[H2O]", "Ventilator, PEEP", 0.0, (0.0, 30.0)),
    Input("ventilator_inspired_share", "1", "Ventilator, share of the breath that is inspiration",
          1.0 / 3.0, (0.1, 0.8)),
    Input("ventilator_fio2", "1", "Ventilator, inspired oxygen fraction", 0.21, (0.0, 1.0)),
    Input("fresh_gas_flow", "L/min", "Anaesthesia machine, fresh gas", 5.0, (0.2, 20.0)),
    _share("circle_system", "Breathing circuit is a circle with absorber"),
    _share("mask_leak", "Leak of the mask"),
    _share("expiratory_valve_leak", "Leak of the expiratory valve"),
    _share("inspiratory_valve_leak", "Leak of the inspiratory valve"),
    _share("expiratory_valve_obstruction", "Obstruction of the expiratory valve"),
    _share("inspiratory_valve_obstruction", "Obstruction of the inspiratory valve"),
    _share("ventilator_pressure_loss", "Pressure loss of the ventilator"),
    _share("soda_lime_failure", "Failure of the soda lime"),
    _share("oxygen_supply_loss", "Loss of the oxygen supply"),
    Input("oxygen_flow", "L/min", "Oxygen by cannula or mask", 0.0, (0.0, 15.0)),
    Input("breathing_manoeuvre", "1", "By will: 0 none, 1 out, 2 in as far as it goes, 3 holds the breath",
          0.0, (0.0, 3.0)),
    Input("ambient_pressure", "mm[Hg]", "Air pressure around", 760.0, (200.0, 2300.0)),
    Input("ambient_oxygen", "1", "Oxygen in the air around", 0.2093, (0.0, 1.0)),
    Input("ambient_carbon_dioxide", "1", "Carbon dioxide in the air around", 0.0004, (0.0, 0.2)),
    Input("ambient_carbon_monoxide", "1", "Carbon monoxide in the air around", 0.0, (0.0, 0.02)),
    _share("left_needle_decompression", "Needle in the left pleural space"),
    _share("right_needle_decompression", "Needle in the right pleural space"),
    _share("left_occlusive_dressing", "Dressing that closes a wound of the left chest"),
    _share("right_occlusive_dressing", "Dressing that closes a wound of the right chest"),
)  # fmt: skip


def of_person(person: Person) -> Mapping[str, float]:
    """Parameters, and states at rest, that differ from the reference person's."""
    ideal = person.ideal_weight / _REFERENCE.ideal_weight
    surface = person.body_surface_area / _REFERENCE.body_surface_area
    blood = person.blood_volume / _REFERENCE.blood_volume
    own = {
        one.name: one.value * ideal
        for one in PARAMETERS
        if one.name in ("residual_capacity", "total_capacity", "residual_volume", "dead_space", "lung_compliance",
                        "chest_wall_compliance", "tidal_offset")
    }  # fmt: skip
    # airways widen with the lung; gas exchange, and so the chemoreflexes' gain, goes with the body's surface
    own |= {one.name: one.value / ideal for one in PARAMETERS if one.name.endswith("_resistance")}
    own |= {
        one.name: one.value * surface
        for one in PARAMETERS
        if one.name in ("central_gain", "peripheral_gain", "resting_carbon_production")
    }
    for one in STATES:
        if one.ledger or one.start == 0.0:
            continue
        if one.name.startswith(("arterial_", "venous_")):
            own[one.name] = one.start * blood
        elif one.name.startswith(("brain_", "heart_", "tissue_")):
            continue  # the stores of the reference person: they set transients alone
        elif one.name in ("central_drive", "peripheral_drive", "mean_airflow"):
            own[one.name] = one.start * surface
        elif one.unit == "mL":
            own[one.name] = one.start * ideal
    return own
