"""Which measurements cannot be true: impossible values, and pressures that contradict each other."""

from collections.abc import Mapping

# Arterial waveform limits of the signal abnormality index (Sun, Reisner & Mark 2006, "A signal abnormality index for
# arterial blood pressure waveforms", Computers in Cardiology 33:13): pressures 20-300, mean 30-200 mmHg.
PRESSURE = (20.0, 300.0)
MEAN_PRESSURE = (30.0, 200.0)
# Heart rate valid up to 350/min (Wang et al. 2020, MIMIC-Extract, table of variable ranges); 0 is a lead that is off.
HEART_RATE = (1.0, 350.0)


def heart_rate_fault(value: float) -> str:
    """Why a heart rate (/min) cannot be true; "" where it can.

    Example:
        >>> heart_rate_fault(0), heart_rate_fault(72)
        ('heart rate 0 outside 1 to 350 /min', '')
    """
    low, high = HEART_RATE
    return "" if low <= value <= high else f"heart rate {value:g} outside {low:g} to {high:g} /min"


def pressure_fault(pressures: Mapping[str, float]) -> str:
    """Why pressures (mm[Hg]) measured at one time by one method cannot be true; "" where they can.

    Args:
        pressures: "mean" and, where measured, "systolic" and "diastolic".

    Example:
        >>> pressure_fault({"mean": 280, "systolic": 0, "diastolic": 0})
        'mean 280 outside 30 to 200 mm[Hg]'
        >>> pressure_fault({"mean": 60, "systolic": 58, "diastolic": 40})
        'mean 60 above systolic 58'
        >>> pressure_fault({"mean": 93, "systolic": 120, "diastolic": 80})
        ''
    """
    for name, value in pressures.items():
        low, high = MEAN_PRESSURE if name == "mean" else PRESSURE
        if not low <= value <= high:
            return f"{name} {value:g} outside {low:g} to {high:g} mm[Hg]"
    mean = pressures["mean"]
    systolic, diastolic = pressures.get("systolic", mean), pressures.get("diastolic", mean)
    if mean > systolic:
        return f"mean {mean:g} above systolic {systolic:g}"
    if mean < diastolic:
        return f"mean {mean:g} below diastolic {diastolic:g}"
    if "systolic" in pressures and "diastolic" in pressures and systolic == diastolic:
        return f"no pulse: systolic {systolic:g} is diastolic"
    return ""
