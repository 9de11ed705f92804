"""A kind of one's own: a drug in one compartment, from declarations, a derivative and a measurement function."""

from twinward.core import Control, Observation, Signal, Twin
from twinward.models.continuous import Adds, ContinuousModel, Measured, Scale, Variable, derivative, measurement


@derivative
def elimination(t, y, p, dydt):
    dydt[0] = -p[0] / p[1] * y[0]  # amount; clearance over volume


@measurement
def level(t, y, p, out):
    out[0] = y[0] / p[1]


SIGNALS = {
    "level": Signal("level", "mg/L", "Level in plasma", possible=(0, 100), error_sd=0.5),
    "dose": Signal("dose", "mg", "Dose given", possible=(0, 5000)),
}
CONTROLS = {"dose": Control("dose", "mg", "Next dose", (0, 5000))}
DOSE = {"dose": Adds("amount")}  # as it is charted, and as it is rehearsed


class Drug(ContinuousModel):
    """The numbers are an example's, not a drug's."""

    kind, version = "drug", "1"
    signals, controls = SIGNALS, CONTROLS
    states = (Variable("amount", "mg", "Amount in the body", 0.0, scale=Scale.LOG),)
    parameters = (
        Variable("clearance", "L/h", "Clearance", median=3.0, sd=0.5, scale=Scale.LOG),
        Variable("volume", "L", "Volume", median=40.0, sd=0.2, scale=Scale.LOG),
    )
    derivative, measurement = elimination, level
    measured = (Measured("level"),)
    given = effects = DOSE


if __name__ == "__main__":
    twin = Twin(Drug(), "Patient/1", seed=1)
    twin.observe(
        [
            Observation("Patient/1", "dose", "2026-03-01T08:00Z", 500.0),
            Observation("Patient/1", "level", "2026-03-01T10:00Z", 9.5),
            Observation("Patient/1", "level", "2026-03-01T20:00Z", 2.9),
        ]
    )
    low, middle, high = twin.estimate()["clearance"].quantile([0.1, 0.5, 0.9]).to_numpy()
    print(f"clearance {middle:.1f} L/h (80 %: {low:.1f} to {high:.1f})")
    comparison = twin.compare({"500 mg now": {"dose": 500.0}, "250 mg now": {"dose": 250.0}}, "12 h", step="1 h")
    for name, forecast in comparison.forecasts.items():
        print(f"{name}: level in 12 h {float(forecast.quantile('level', 0.5)[-1]):.1f} mg/L")
