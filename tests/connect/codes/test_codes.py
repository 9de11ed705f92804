"""The tables of codes and units: a user relies on every row meaning what it says."""

import math
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinward.connect.codes import fault, known_signals, signal_named, signal_of, ucum, unit_of, unknown_signal
from twinward.connect.codes.table import rows
from twinward.core.units import convert

LOINC = "http://loinc.org"


def _check_digit(code: str) -> int:
    """Luhn's, over the digits before the hyphen (LOINC Users' Guide, "Calculating mod 10 check digits")."""
    digits = [int(d) for d in reversed(code.split("-")[0])]
    doubled = [2 * d if i % 2 == 0 else d for i, d in enumerate(digits)]
    return -sum(d // 10 + d % 10 for d in doubled) % 10


@pytest.mark.parametrize("signal", known_signals(), ids=lambda signal: signal.name)
def test_each_signal_is_sane(signal):
    assert signal.name.isidentifier() and signal.name.islower() and signal.label
    assert signal.loinc
    if not signal.unit:  # a panel
        return
    assert convert(1.0, signal.unit, f"({signal.unit})") == pytest.approx(1.0)
    low, high = signal.possible
    assert math.isfinite(low) and math.isfinite(high) and low < high
    if signal.normal is not None:
        assert low <= signal.normal[0] <= signal.normal[1] <= high


def test_no_code_and_no_name_stands_twice():
    table = rows("signals.csv")
    codes = list(chain.from_iterable(row["loinc"].split() for row in table))
    assert len(codes) == len(set(codes)) >= 150
    assert len({row["name"] for row in table}) == len(table) >= 80


def test_check_digits_of_all_codes_hold():
    for signal in known_signals():
        for code in signal.loinc:
            assert _check_digit(code) == int(code.split("-")[1]), (signal.name, code)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("8480-6", "systolic_blood_pressure"), ("8462-4", "diastolic_blood_pressure"), ("8867-4", "heart_rate"),
        ("8478-0", "mean_arterial_pressure"), ("9279-1", "respiratory_rate"), ("8310-5", "body_temperature"),
        ("59408-5", "oxygen_saturation"), ("2708-6", "oxygen_saturation"), ("29463-7", "body_weight"),
        ("8302-2", "body_height"), ("39156-5", "body_mass_index"), ("9269-2", "glasgow_coma_scale"),
        ("72514-3", "pain_score"), ("3150-0", "inspired_oxygen_fraction"), ("2345-7", "glucose"),
        ("2951-2", "sodium"), ("2160-0", "creatinine"), ("718-7", "haemoglobin"), ("32693-4", "lactate"),
        ("4548-4", "hba1c"), ("1988-5", "c_reactive_protein"), ("85354-9", "blood_pressure"),
    ],
)  # fmt: skip
def test_common_codes(code, name):
    signal = signal_of(LOINC, code)
    assert signal is not None and signal.name == name
    assert signal_of("LN", code) is signal is signal_named(name)


def test_a_code_of_another_system_is_not_loinc():
    assert signal_of("L", "8867-4") is None
    assert signal_of("", "8867-4") is None
    assert signal_of(LOINC, "0000-0") is None


def test_unknown_codes_keep_a_name_that_tells_the_system():
    assert unknown_signal(LOINC, "1234-5") == unknown_signal("LN", " 1234-5") == "loinc:1234-5"
    assert unknown_signal("99LAB", "K") == "99LAB:K"


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("bpm", "/min"), ("beats/min", "/min"), ("breaths/min", "/min"), ("mmHg", "mm[Hg]"), ("mm(hg)", "mm[Hg]"),
        ("MMHG", "mm[Hg]"), ("mm[Hg]", "mm[Hg]"), ("C", "Cel"), ("cel", "Cel"), ("Cel", "Cel"), ("degC", "Cel"),
        ("°C", "Cel"), ("F", "[degF]"), ("K/uL", "10*3/uL"), ("x10(3)/mcL", "10*3/uL"), ("10*3/uL", "10*3/uL"),
        ("mEq/L", "meq/L"), ("MG/DL", "mg/dL"), ("mg/dl", "mg/dL"), ("µg/L", "ug/L"), ("μmol/L", "umol/L"),
        ("giga.l-1", "10*9/L"), ("tera.l-1", "10*12/L"), ("mcg/mL", "ug/mL"), ("lbs", "[lb_av]"),
        ("mL/min/1.73m2", "mL/min/{1.73_m2}"), ("cmH2O", "cm[H2O]"), ("%", "%"), ("{score}", "{score}"),
        ("sec", "s"), ("IU/L", "[iU]/L"), (" mm Hg ", "mm[Hg]"),
    ],
)  # fmt: skip
def test_spellings_of_units(sent, meant):
    assert ucum(sent) == meant


@pytest.mark.parametrize("sent", ["", " ", "G/L", "l/m", "furlong", "beats per fortnight", "mg/", "x" * 500, "\x00"])
def test_what_is_unknown_or_ambiguous_is_not_guessed(sent):
    assert ucum(sent) is None


def test_where_the_sender_says_ucum_only_ucum_counts():
    assert ucum("mmHg", "UCUM") is None
    assert ucum("mm[Hg]", "http://unitsofmeasure.org") == "mm[Hg]"
    assert ucum("K/uL", "UCUM") == "K/uL"  # kelvin per microlitre, as it says


def test_every_spelling_leads_to_ucum_once():
    table = rows("units.csv")
    assert len({row["spelling"] for row in table}) == len(table)
    for row in table:
        if row["ucum"]:
            assert convert(1.0, row["ucum"], f"({row['ucum']})") == pytest.approx(1.0), row


@given(st.text(max_size=80))
def test_any_text_has_a_unit_or_none(text):
    found = ucum(text)
    assert found is None or convert(2.0, found, found) == 2.0


def test_values_in_usual_units_convert_to_the_signals_own():
    for code, unit, value in [("2345-7", "mmol/L", 5.0), ("2160-0", "umol/L", 80.0), ("2951-2", "meq/L", 140.0),
                              ("8310-5", "[degF]", 98.6), ("718-7", "g/L", 140.0), ("17861-6", "mmol/L", 2.4),
                              ("3094-0", "mmol/L", 5.0), ("1975-2", "umol/L", 10.0), ("2532-0", "U/L", 200.0),
                              ("3024-7", "pmol/L", 15.0), ("6690-2", "10*9/L", 7.0), ("6598-7", "ng/mL", 0.01),
                              ("1988-5", "mg/dL", 0.4), ("1994-3", "mg/dL", 4.8),
                              ("11156-7", "10*9/L", 7.0)]:  # fmt: skip
        signal = signal_of(LOINC, code)
        own = convert(value, unit, signal.unit, signal.analyte)
        assert signal.normal[0] <= own <= signal.normal[1], (code, own)


def test_values_that_can_be_are_usable_in_any_unit_of_their_kind():
    for name, value, unit in [("heart_rate", 72, "/min"), ("glucose", 5.5, "mmol/L"),
                              ("body_temperature", 99, "[degF]"),
                              ("sodium", 140, "meq/L"), ("tacrolimus", 9, "nmol/L"), ("calcium_ionised", 2.4, "meq/L"),
                              ("thyrotropin", 2.0, "u[IU]/mL")]:  # fmt: skip
        assert fault(signal_named(name), value, unit) is None, name


@pytest.mark.parametrize(
    ("name", "value", "unit", "kind"),
    [
        ("heart_rate", -1, "/min", "impossible value"), ("heart_rate", math.nan, "/min", "impossible value"),
        ("body_temperature", 98.6, "Cel", "impossible value"), ("glucose", 500, "mmol/L", "impossible value"),
        ("heart_rate", 72, "mg/dL", "wrong unit"), ("haemoglobin", 13.4, "g/l-1", "wrong unit"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_what_was_expected(name, value, unit, kind):
    found = fault(signal_named(name), value, unit)
    assert found is not None and found[0] == kind
    assert signal_named(name).label in found[1] and signal_named(name).unit in found[1]


def test_enzymes_and_hormones_have_units_that_senders_mix_up():
    assert unit_of(signal_named("lipase"), "IU/L") == "U/L"
    assert unit_of(signal_named("thyrotropin"), "uIU/mL") == "u[iU]/mL"
    assert unit_of(signal_named("thyrotropin"), "mU/L") == "m[IU]/L"
    assert unit_of(None, "IU/L") == "[iU]/L"
    assert unit_of(signal_named("lipase"), "furlong") is None
