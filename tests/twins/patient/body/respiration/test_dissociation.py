"""Gases in blood: published saturations, inverses, Bohr, Haldane, acid and base."""

import pytest
from numba import njit

from twinward.twins.patient.body.respiration import dissociation as gas


@njit
def _all(po2: float, pco2: float, haemoglobin: float, base: float) -> tuple[float, ...]:
    ph = gas.acidity(pco2, base, haemoglobin)
    factor = gas.shift(ph, pco2, 37.0)
    oxygen = gas.oxygen_content(po2, haemoglobin, factor)
    carbon = gas.carbon_content(pco2, po2, base)
    return (
        ph, gas.saturation(po2, factor), oxygen, carbon, gas.oxygen_pressure(oxygen, haemoglobin, factor),
        gas.carbon_pressure(carbon, po2, base), gas.bicarbonate(pco2, ph), gas.saturation(po2, 1.0),
    )  # fmt: skip


def _found(po2: float, pco2: float = 40.0, haemoglobin: float = 15.0, base: float = 0.0) -> dict[str, float]:
    names = ["ph", "saturation", "oxygen", "carbon", "po2", "pco2", "bicarbonate", "standard"]
    return dict(zip(names, _all(po2, pco2, haemoglobin, base), strict=True))


@pytest.mark.parametrize(
    ("po2", "percent"), [(50.0, 85.08), (60.0, 90.85), (70.0, 94.06), (80.0, 95.84), (90.0, 96.88), (100.0, 97.49)]
)
def test_saturation_is_that_of_severinghaus_table_within_his_bound(po2: float, percent: float) -> None:
    assert _found(po2)["standard"] == pytest.approx(percent / 100.0, abs=0.0055)


@pytest.mark.parametrize("po2", [0.5, 10.0, 27.0, 60.0, 95.0, 300.0, 650.0, 2000.0])
@pytest.mark.parametrize(("pco2", "haemoglobin", "base"), [(40.0, 15.0, 0.0), (80.0, 7.0, -12.0), (15.0, 18.0, 8.0)])
def test_pressures_come_back_from_contents(po2: float, pco2: float, haemoglobin: float, base: float) -> None:
    found = _found(po2, pco2, haemoglobin, base)
    assert found["po2"] == pytest.approx(po2, rel=1e-4, abs=2e-3)
    assert found["pco2"] == pytest.approx(pco2, rel=1e-9)


def test_normal_blood() -> None:
    found = _found(95.0)
    assert found["ph"] == pytest.approx(7.40, abs=0.005)
    assert found["bicarbonate"] == pytest.approx(24.4, abs=0.2)
    assert found["oxygen"] == pytest.approx(0.20, abs=0.005)
    assert found["carbon"] == pytest.approx(0.48, abs=0.01)


def test_bohr_and_haldane() -> None:
    assert _found(40.0, pco2=60.0)["saturation"] < _found(40.0, pco2=40.0)["saturation"] - 0.02
    assert _found(40.0)["carbon"] > _found(95.0)["carbon"] + 0.005


def test_acids_lower_ph_and_carbon_dioxide_content() -> None:
    # respiratory: about 0.08 for 10 mmHg; metabolic: about 0.15 for 10 mmol/L at constant PCO2
    assert _found(95.0, pco2=50.0)["ph"] - 7.4 == pytest.approx(-0.07, abs=0.02)
    acid = _found(95.0, base=-10.0)
    assert acid["ph"] - 7.4 == pytest.approx(-0.18, abs=0.04)
    assert acid["carbon"] < _found(95.0)["carbon"] - 0.1
