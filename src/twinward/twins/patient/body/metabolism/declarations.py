"""What metabolism declares: the person's demand, fuel and heat."""

from collections.abc import Mapping

from twinward.twins.patient.body.declare import Input, Parameter, State
from twinward.twins.patient.body.metabolism.basal import (
    basal_glucose,
    body_fat,
    greatest_oxygen_uptake,
    resting_power,
    thermal_neutrality,
)
from twinward.twins.patient.body.person import Person

_REFERENCE = Person()
_FUEL = basal_glucose(_REFERENCE.weight)
_LACTATE = 0.285  # L/kg
_HEAT = thermal_neutrality(_REFERENCE)

_DALLA_MAN = "Dalla Man, Rizza & Cobelli 2007, IEEE Trans Biomed Eng 54:1740, Table I (normal subject)"

STATES = (
    State("work", "1", "Muscles' oxygen demand by exercise, share of the greatest", 0.0),
    # heat
    State("core_heat", "Cel", "Temperature of the core", 37.0),
    State("skin_heat", "Cel", "Temperature of the skin", 33.0),
    State("fever", "Cel", "Shift of the temperature's set point", 0.0),
    # glucose, in mg of the whole body, and insulin, in pmol of the whole body (Dalla Man 2007)
    State("stomach", "mg", "Carbohydrate in the stomach, solid", 0.0),
    State("stomach_liquid", "mg", "Carbohydrate in the stomach, ground", 0.0),
    State("gut_glucose", "mg", "Glucose in the gut", 0.0),
    State("meal_size", "mg", "Carbohydrate of the last meal", 0.0),
    State("plasma_glucose", "mg", "Glucose in plasma and tissues that follow it at once", _FUEL["plasma_glucose"]),
    State("tissue_glucose", "mg", "Glucose in tissues that follow slowly", _FUEL["tissue_glucose"]),
    State("liver_insulin", "pmol", "Insulin in the liver", _FUEL["liver_insulin"]),
    State("plasma_insulin", "pmol", "Insulin in plasma", _FUEL["plasma_insulin"]),
    State("portal_insulin", "pmol", "Insulin in the portal vein", _FUEL["portal_insulin"]),
    State("insulin_signal_1", "pmol/L", "Insulin's way to the liver, first half", _FUEL["basal_insulin"]),
    State("insulin_signal", "pmol/L", "Insulin's delayed action on the liver", _FUEL["basal_insulin"]),
    State("insulin_action", "pmol/L", "Insulin in the tissues, above rest", 0.0),
    State("secretion_response", "pmol/min", "Insulin's secretion answering to glucose, above rest", 0.0),
    State("subcutaneous_insulin", "U", "Insulin under the skin, as injected", 0.0),
    State("subcutaneous_insulin_2", "U", "Insulin under the skin, on its way into plasma", 0.0),
    State("counterregulation", "1", "Glucagon and adrenaline's drive of glucose production, above rest", 0.0),
    State("lactate_amount", "mmol", "Lactate in its space", 1.0 * _LACTATE * _REFERENCE.weight),
    State("ketone_amount", "mmol", "Ketone bodies in their space", 0.15 * 0.2 * _REFERENCE.weight),
    # what came in and went out
    State("glucose_made", "mg", "Glucose made by liver and kidneys", 0.0, ledger=True),
    State("glucose_given", "mg", "Glucose infused", 0.0, ledger=True),
    State("glucose_used", "mg", "Glucose used by tissues", 0.0, ledger=True),
    State("glucose_unabsorbed", "mg", "Carbohydrate eaten and not absorbed as glucose", 0.0, ledger=True),
    State("fuel_burnt", "g", "Fat and carbohydrate burnt", 0.0, ledger=True),
    State("heat_made", "J", "Heat made", 0.0, ledger=True),
    State("heat_lost", "J", "Heat lost less heat received from outside", 0.0, ledger=True),
)

PARAMETERS = (
    Parameter("weight", "kg", "Weight", _REFERENCE.weight, "the person"),
    Parameter("body_surface_area", "m2", "Body surface", _REFERENCE.body_surface_area, "Du Bois 1916"),
    Parameter("body_fat", "%", "Share of the weight that is fat", body_fat(_REFERENCE), "Janmahasatian et al. 2005"),
    Parameter(
        "resting_power",
        "W",
        "Resting metabolic rate",
        resting_power(_REFERENCE),
        "Mifflin et al. 1990, Am J Clin Nutr 51:241",
    ),
    Parameter(
        "greatest_oxygen_uptake",
        "mL/s",
        "Greatest oxygen uptake",
        greatest_oxygen_uptake(_REFERENCE),
        "de Souza e Silva et al. 2018, Eur J Prev Cardiol 25:742 (FRIEND registry), bicycle",
    ),
    Parameter("basal_plasma_glucose", "mg/dL", "Glucose at rest, fasted", _FUEL["basal_glucose"], _DALLA_MAN),
    Parameter("basal_insulin", "pmol/L", "Insulin at rest, fasted", _FUEL["basal_insulin"], _DALLA_MAN),
    Parameter("basal_secretion", "pmol/min", "Insulin's secretion at rest, of the whole body",
              _FUEL["basal_secretion"], "balance of liver and plasma insulin at rest, Dalla Man 2007 eqs 3-7"),
    Parameter("glucose_uptake_capacity", "mg/min", "Greatest insulin-dependent uptake at resting insulin, whole body",
              _FUEL["uptake_capacity"], "balance at rest, Dalla Man 2007 eq. 18 (Vm0, 2.5 mg/kg/min in Table I)"),
    Parameter("insulin_sensitivity", "1", "Insulin's effect on uptake and production, times the normal subject's",
              1.0, "multiplies Vmx and kp3 of Dalla Man 2007; 1 by definition"),
    Parameter("beta_cell_function", "1", "Insulin's secretion, times the normal subject's", 1.0,
              "multiplies secretion of Dalla Man 2007; 1 by definition"),
    Parameter("lactate_volume", "L", "Space of lactate", _LACTATE * _REFERENCE.weight,
              "270 to 300 mL/kg: Woll & Record 1979, Eur J Clin Invest 9:397"),
    Parameter("ketone_volume", "L", "Space of ketone bodies", 0.2 * _REFERENCE.weight,
              "10 L at first (Wastney, Hall & Berman 1984, J Lipid Res 25:160) and slow tissues: 0.2 L/kg, chosen"),
    Parameter("skin_flow_at_rest", "L/h/m2", "Blood flow of the skin that carries heat, at rest", _HEAT["skin_flow"],
              "heat balance at rest (Gagge's two-node model, see basal.thermal_neutrality)"),
    Parameter("shell", "1", "Share of the body that has the skin's temperature", _HEAT["shell"],
              "Gagge et al. 1986, at the resting skin flow (basal.thermal_neutrality)"),
    Parameter("clothing", "m2.K/W", "Insulation of clothes and cover", _HEAT["clothing"],
              "heat balance at rest at the neutral ambient temperature (basal.thermal_neutrality)"),
    Parameter("skin_bed_flow_at_rest", "mL/s", "Blood flow of skin, fat, bone and the rest at rest", 20.7,
              "circulation's resting distribution"),
    Parameter("gut_flow_at_rest", "mL/s", "Blood flow of gut and liver at rest", 23.8,
              "circulation's resting distribution"),
)  # fmt: skip

INPUTS = (
    Input("exercise", "1", "Exercise, share of the greatest oxygen uptake above rest", 0.0, (0.0, 1.0)),
    Input("ambient_temperature", "Cel", "Ambient temperature", 22.0, (-40.0, 60.0)),
    Input("humidity", "1", "Relative humidity of the air", 0.5, (0.0, 1.0)),
    Input("immersion", "1", "Share of the body surface under water", 0.0, (0.0, 1.0)),
    Input("heating", "W", "Heat given to the skin from outside", 0.0, (-1000.0, 1000.0)),
    Input("glucose_rate", "g/h", "Glucose infused", 0.0, (0.0, 500.0)),
    Input("insulin_rate", "U/h", "Insulin infused into a vein", 0.0, (0.0, 200.0)),
)


def of_person(person: Person) -> Mapping[str, float]:
    """Parameters, and states at rest, that differ from the reference person's."""
    fuel = basal_glucose(person.weight)
    heat = thermal_neutrality(person)
    states = ("plasma_glucose", "tissue_glucose", "liver_insulin", "plasma_insulin", "portal_insulin")
    return {name: fuel[name] for name in states} | {
        "weight": person.weight,
        "body_surface_area": person.body_surface_area,
        "body_fat": body_fat(person),
        "resting_power": resting_power(person),
        "greatest_oxygen_uptake": greatest_oxygen_uptake(person),
        "basal_secretion": fuel["basal_secretion"],
        "glucose_uptake_capacity": fuel["uptake_capacity"],
        "lactate_volume": _LACTATE * person.weight,
        "ketone_volume": 0.2 * person.weight,
        "lactate_amount": 1.0 * _LACTATE * person.weight,
        "ketone_amount": 0.15 * 0.2 * person.weight,
        "skin_flow_at_rest": heat["skin_flow"],
        "clothing": heat["clothing"],
        "shell": heat["shell"],
        "skin_bed_flow_at_rest": 20.7 * person.body_surface_area / _REFERENCE.body_surface_area,
        "gut_flow_at_rest": 23.8 * person.body_surface_area / _REFERENCE.body_surface_area,
    }
