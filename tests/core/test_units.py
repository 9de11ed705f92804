"""Units convert as textbooks say, and what does not convert is refused with both names."""

import contextlib
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinward.core.analytes import canonical, charge, molar_mass
from twinward.core.units import convert
from twinward.errors import UnknownUnit


@pytest.mark.parametrize(
    ("value", "given", "wanted", "expected"),
    [
        (98.6, "[degF]", "Cel", 37.0),
        (37.0, "Cel", "K", 310.15),
        (0.0, "K", "[degF]", -459.67),
        (100, "mm[Hg]", "kPa", 13.332239),
        (10, "cm[H2O]", "mm[Hg]", 7.3556),
        (70, "/min", "Hz", 70 / 60),
        (70, "/min", "1/min", 70),
        (5, "L/min", "mL/s", 5000 / 60),
        (154, "[lb_av]", "kg", 69.853225),
        (70, "[in_i]", "cm", 177.8),
        (97, "%", "1", 0.97),
        (5, "10*9/L", "10*3/uL", 5),
        (1, "mg/dL", "mg/L", 10),
        (1, "U/L", "nkat/L", 16.6667),
        (2, "d", "h", 48),
        (1000, "dyn.s/cm5", "mm[Hg].s/mL", 0.750062),
        (5, "m[iU]/mL", "[iU]/L", 5),
        (5, "[IU]/L", "[iU]/L", 5),
        (290, "mosm/kg", "mmol/kg", 290),
        (3, "{patients}", "1", 3),
        (3, "1", "{beds}", 3),
        (48, "{patients}/d", "{patients}/h", 2),
        (48, "{patients}/d", "/h", 2),
        (14, "g{Hb}/dL", "g/L", 140),
        (60, "mL/min/{1.73_m2}", "L/h/{1.73_m2}", 3.6),
    ],
)  # fmt: skip
def test_conversions_without_an_analyte(value, given, wanted, expected):
    assert convert(value, given, wanted) == pytest.approx(expected, rel=2e-5, abs=1e-9)


# Factors of the SI conversion table of the AMA Manual of Style (JAMA's instructions for authors).
@pytest.mark.parametrize(
    ("analyte", "given", "wanted", "factor"),
    [
        ("ammonia", "ug/dL", "umol/L", 0.587), ("bilirubin", "mg/dL", "umol/L", 17.1),
        ("calcium", "mg/dL", "mmol/L", 0.25), ("calcium", "meq/L", "mmol/L", 0.5),
        ("cholesterol", "mg/dL", "mmol/L", 0.0259), ("cortisol", "ug/dL", "nmol/L", 27.59),
        ("creatinine", "mg/dL", "umol/L", 88.4), ("digoxin", "ng/mL", "nmol/L", 1.281),
        ("ethanol", "mg/dL", "mmol/L", 0.217), ("glucose", "mg/dL", "mmol/L", 0.0555),
        ("iron", "ug/dL", "umol/L", 0.179), ("lactate", "mg/dL", "mmol/L", 0.111),
        ("magnesium", "mg/dL", "mmol/L", 0.411), ("paracetamol", "ug/mL", "umol/L", 6.62),
        ("phosphorus", "mg/dL", "mmol/L", 0.323), ("sodium", "meq/L", "mmol/L", 1.0),
        ("theophylline", "ug/mL", "umol/L", 5.55), ("thyroxine", "ug/dL", "nmol/L", 12.87),
        ("triglycerides", "mg/dL", "mmol/L", 0.0113), ("urea_nitrogen", "mg/dL", "mmol/L", 0.357),
        ("uric_acid", "mg/dL", "umol/L", 59.48),
    ],
)  # fmt: skip
def test_laboratory_factors_agree_with_the_published_table(analyte, given, wanted, factor):
    assert convert(1.0, given, wanted, analyte=analyte) == pytest.approx(factor, rel=5e-3)
    assert convert(factor, wanted, given, analyte=analyte) == pytest.approx(1.0, rel=5e-3)


def test_glucose_to_four_figures():
    assert convert(90, "mg/dL", "mmol/L", analyte="glucose") == pytest.approx(90 * 10 / 180.156)


def test_equivalents_of_a_double_charge_weigh_half():
    assert convert(5, "meq/L", "mg/dL", analyte="calcium") == pytest.approx(5 / 2 * 40.078 / 10)


@pytest.mark.parametrize(
    ("given", "wanted", "analyte"),
    [
        ("mg/dL", "mmol/L", None), ("mg/dL", "mmol/L", "crp"), ("meq/L", "mmol/L", None), ("meq/L", "mmol/L", "crp"),
        ("mg/dL", "mm[Hg]", "glucose"), ("kg", "s", None), ("Cel", "kg", None), ("{patients}", "{beds}", None),
        ("{beats}/min", "{breaths}/min", None), ("mL/min/{1.73_m2}", "mL/min", None), ("[iU]/L", "/L", None),
        ("[iU]/L", "U/L", None), ("[iU]", "[arb'U]", None), ("mmHg", "kPa", None), ("kPa", "mmHg", None),
        ("", "kPa", None), (" ", "kPa", None), ("mg / dL", "g/L", None), ("bogus", "1", None), ("(8.h)", "s", None),
        ("{", "1", None), ("dB", "1", None), ("[pH]", "1", None), ("Cel/h", "[degF]/h", None), ("mg/dL\n", "g/L", None),
    ],
)  # fmt: skip
def test_what_does_not_convert_is_refused_with_both_names(given, wanted, analyte):
    with pytest.raises(UnknownUnit) as refused:
        convert(1.0, given, wanted, analyte=analyte)
    assert repr(given) in str(refused.value) or f"'{given}'" in str(refused.value)
    assert f"'{wanted}'" in str(refused.value)


def test_equal_units_are_left_alone_even_where_they_are_no_ucum():
    assert convert(7.4, "[pH]", "[pH]") == 7.4
    assert isinstance(convert(7, "x", "x"), float)


groups = st.sampled_from(
    [
        ("mg/dL", "g/L", "mmol/L", "umol/L", "ug/mL"), ("Cel", "[degF]", "K"), ("mm[Hg]", "kPa", "cm[H2O]", "bar"),
        ("s", "min", "h", "d", "wk"), ("%", "1", "10*-3", "[ppm]"), ("{patients}/d", "/h", "/min"),
    ]
)  # fmt: skip


@given(groups.flatmap(lambda units: st.tuples(*[st.sampled_from(units)] * 3)), st.floats(-1e6, 1e6))
def test_there_and_back_by_any_way_is_where_one_started(units, value):
    a, b, c = units
    there = convert(convert(value, a, b, "glucose"), b, c, "glucose")
    assert there == pytest.approx(convert(value, a, c, "glucose"), rel=1e-9, abs=1e-6)
    assert convert(there, c, a, "glucose") == pytest.approx(value, rel=1e-9, abs=1e-6)


@given(st.text(max_size=12))
def test_any_text_for_a_unit_gives_a_number_or_unknown_unit(text):
    with contextlib.suppress(UnknownUnit):
        assert isinstance(convert(1.0, text, "mg/dL"), float)


def test_specimens_do_not_change_the_molecule_and_unknown_names_are_not_guessed():
    assert canonical("Serum creatinine") == canonical("plasma_creatinine") == "creatinine"
    assert molar_mass("ldl_cholesterol") == molar_mass("cholesterol")
    assert molar_mass("glucose_6_phosphate") is None and molar_mass("") is None
    assert charge("magnesium") == 2 and charge("glucose") is None


def test_the_core_imports_without_a_unit_registry():
    seen = "import sys, twinward.core; print('pint' in sys.modules, 'ucumvert' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["False", "False"]
