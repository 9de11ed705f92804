"""A drug with unknown clearance: recovered with honest bands, doses rehearsed, late data rewound."""

import numpy as np
import pytest
from scipy.linalg import expm

from twinward.core import Action, Observation, Observations, Streams, Subject, Twin
from twinward.core.laws import check_laws
from twinward.engines.ode import Event, solve
from twinward.errors import BadInput, OutsideValidity
from twinward.models.continuous import Adds, ContinuousModel, Measured, Scale, Sets, Variable
from twinward.models.two_compartment import TwoCompartment

H = 3600.0
MODEL = TwoCompartment()
TIMES = np.array([1.5, 5.0, 11.9, 13.5, 23.9, 30.0, 35.9])  # hours after the first of three infusions, 12 h apart


def infusions(subject: str = "Patient/1") -> list[Observation]:
    return [
        Observation(subject, "infusion", (12.0 * k + end) * H, 0.0 if end else 1000.0)
        for k in range(3)
        for end in (0, 1)
    ]


def course(seed: int, patients: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """True parameters (from the prior), true concentrations at TIMES and at 48 h, measured ones at TIMES."""
    rng = np.random.default_rng(seed)
    median = np.array([v.median for v in MODEL.parameters])
    true = median * np.exp(np.array([v.sd for v in MODEL.parameters]) * rng.normal(size=(patients, 4)))
    events = [Event.set(row.time / H, 4, row.value) for row in infusions()]
    p = np.column_stack([true, np.zeros(patients)])
    found = solve(TwoCompartment.derivative, np.zeros(2), p, np.append(TIMES, 48.0), MODEL.method, events=events)
    level = found.y[:, :, 0] / true[:, 1:2]
    error_sd = np.sqrt(3.4**2 + (0.227 * level[:, :-1]) ** 2)
    return true, level, np.maximum(level[:, :-1] + error_sd * rng.normal(size=error_sd.shape), 0.0)


def batch(measured: np.ndarray, subject: str = "Patient/1") -> Observations:
    levels = [Observation(subject, "concentration", t * H, v) for t, v in zip(TIMES, measured, strict=True)]
    return Observations.of(sorted(infusions(subject) + levels, key=lambda row: row.time))


def test_the_equations_are_the_matrix_exponential():
    cl, vc, q, vp = 4.5, 58.4, 6.5, 38.4
    matrix = np.array([[-(cl + q) / vc, q / vp], [q / vc, -q / vp]])
    times = np.array([0.5, 3.0, 24.0])
    found = solve(
        TwoCompartment.derivative, np.array([1000.0, 0.0]), np.array([cl, vc, q, vp, 0.0]), times, MODEL.method
    )
    exact = np.array([expm(matrix * t) @ [1000.0, 0.0] for t in times])
    np.testing.assert_allclose(found.y[0], exact, rtol=1e-5)


def test_clearance_is_recovered_and_bands_cover():
    patients = 300
    true, level, measured = course(0, patients)
    beliefs = [MODEL.prior(Subject(f"Patient/{i}"), 200, Streams(i)) for i in range(patients)]
    after = MODEL.assimilate_many(beliefs, [batch(m) for m in measured])
    clearance = np.array([belief["parameters"][:, 0] for belief in after])
    error = np.log(np.median(clearance, axis=1) / true[:, 0])
    assert np.sqrt((error**2).mean()) < 0.75 * 0.398  # of what the prior knew
    assert abs(error.mean()) < 0.06
    low, high = np.quantile(clearance, [0.1, 0.9], axis=1)
    assert 0.72 < ((low < true[:, 0]) & (true[:, 0] < high)).mean() < 0.88
    later = MODEL.estimate_many(after, 48 * H)["concentration"].to_numpy()
    low, high = np.quantile(later, [0.1, 0.9], axis=1)
    assert 0.72 < ((low < level[:, -1]) & (level[:, -1] < high)).mean() < 0.88


def test_many_precise_samples_pin_the_parameters():
    true = np.array([7.0, 40.0, 6.5, 50.0])
    times = np.arange(0.5, 36.0, 0.5)
    found = solve(TwoCompartment.derivative, np.array([2000.0, 0.0]), np.append(true, 0.0), times, MODEL.method)
    rows = [Observation("Patient/1", "dose", 0.0, 2000.0)] + [
        Observation("Patient/1", "concentration", t * H, y / true[1], error_sd=0.3)
        for t, y in zip(times, found.y[0, :, 0], strict=True)
    ]
    twin = Twin(MODEL, "Patient/1", members=400, seed=2)
    twin.observe(rows)
    estimate = twin.estimate()
    for name, value in (("clearance", 7.0), ("central_volume", 40.0), ("peripheral_volume", 50.0)):
        assert float(estimate[name].median()) == pytest.approx(value, rel=0.1)
        assert float(estimate[name].std() / estimate[name].mean()) < 0.1


def test_the_laws_of_a_model_hold():
    check_laws(MODEL, "Patient/1", batch(course(1, 1)[2][0]), members=15)


def test_late_and_corrected_data_rewind_to_the_same_bits(tmp_path):
    rows = list(batch(course(2, 1)[2][0]))
    on_time = Twin(MODEL, "Patient/1", members=60, seed=5)
    on_time.observe(rows)
    late = Twin(MODEL, "Patient/1", members=60, seed=5)
    late.observe([row for row in rows if row.signal != "infusion" or row.time > 0])  # the first dose was charted last
    assert late.digest() != on_time.digest()
    late.save(tmp_path / "twin")
    loaded = Twin.load(tmp_path / "twin", TwoCompartment())
    for twin in (late, loaded):
        twin.observe([row for row in rows if row.time == 0])
        assert twin.digest() == on_time.digest()


def test_threads_make_no_difference_to_any_bit():
    class TwoThreads(TwoCompartment):
        threads = 2

    seen = batch(course(3, 1)[2][0])
    one, two = (Twin(model, "Patient/1", members=77, seed=1) for model in (MODEL, TwoThreads()))
    for twin in (one, two):
        twin.observe(seen)
    assert one.digest() == two.digest()
    a, b = (twin.forecast("12 h", scenario={"dose": 500.0}).data for twin in (one, two))
    assert a.identical(b)


def test_at_one_instant_the_sample_comes_before_the_dose():
    twin = Twin(MODEL, "Patient/1", members=50)
    twin.observe([Observation("Patient/1", "dose", 0.0, 1000.0)])
    after = Twin(MODEL, "Patient/1", members=50)
    after.observe([Observation("Patient/1", "dose", 0.0, 1000.0), Observation("Patient/1", "concentration", 0.0, 0.0)])
    np.testing.assert_allclose(twin.belief["states"], after.belief["states"], atol=1e-6)


def test_scenarios_do_what_they_say():
    twin = Twin(MODEL, "Patient/1", members=100)
    twin.observe(batch(course(4, 1)[2][0]))
    base = twin.forecast("24 h", step="30 min")
    start = twin.time
    plans = {
        "bolus": Action("dose", 1000.0, start=start + 2 * H),
        "infusion": Action("infusion", 250.0, start=start + 2 * H, end=start + 6 * H),
        "dialysed": Action("clearance", 3.0, end=start + 4 * H),
    }
    found = twin.compare(plans, "24 h", step="30 min").forecasts
    hours = (base.times - start) / H
    central = {name: forecast["central"].to_numpy() for name, forecast in found.items()}
    np.testing.assert_array_equal(central["as it is"], base["central"].to_numpy())
    for name in ("bolus", "infusion"):
        np.testing.assert_allclose(central[name][:, hours <= 2], base["central"].to_numpy()[:, hours <= 2], rtol=1e-4)
    just_after = hours == 2.5
    gain = (central["bolus"] - central["as it is"])[:, just_after]
    assert (gain > 500).all()
    assert (gain < 1000).all()
    given = (found["infusion"]["central"] + found["infusion"]["peripheral"]).to_numpy()
    kept = (base["central"] + base["peripheral"]).to_numpy()
    at_end = hours == 6.0
    assert ((given - kept)[:, at_end] < 1000.0).all()
    assert ((given - kept)[:, at_end] > 0.4 * 1000.0).all()
    log_fall = np.log(central["dialysed"][:, 0] / central["as it is"][:, 0])
    assert (log_fall < 0).all()


def test_overlapping_actions_the_later_one_counts_and_the_rate_returns():
    twin = Twin(MODEL, "Patient/1", members=20)
    twin.observe([Observation("Patient/1", "infusion", 0.0, 10.0)])
    changed = [Action("infusion", 0.0, start=1 * H, end=5 * H), Action("infusion", 10.0, start=3 * H, end=4 * H)]
    plan = [Action("infusion", 0.0, start=1 * H, end=3 * H), Action("infusion", 0.0, start=4 * H, end=5 * H)]
    found = twin.compare({"nested": changed, "plain": plan}, "12 h")
    np.testing.assert_array_equal(found["nested"]["central"].to_numpy(), found["plain"]["central"].to_numpy())
    assert (found["plain"]["central"][:, -1] < found["as it is"]["central"][:, -1]).all()


def test_an_estimate_between_observations_is_the_forecast_of_no_change():
    twin = Twin(MODEL, "Patient/1", members=30)
    twin.observe(batch(course(5, 1)[2][0]))
    later = twin.time + 3 * H
    np.testing.assert_allclose(
        twin.estimate(later)["concentration"], twin.forecast("3 h")["concentration"].isel(time=-1), rtol=1e-4
    )


def test_weight_and_renal_function_sharpen_the_prior():
    slow = Subject("Patient/1", attributes={"creatinine_clearance": 30.0, "weight": 100.0})
    told = MODEL.prior(slow, 4000, Streams(1))["parameters"]
    np.testing.assert_allclose(np.median(told, axis=0)[:2], [4.5 * 0.25**0.8, 58.4 * 100 / 70], rtol=0.05)
    with pytest.raises(BadInput, match="weight"):
        MODEL.prior(Subject("Patient/1", attributes={"weight": -3.0}), 10, Streams(1))


class Drifting(TwoCompartment):
    """Clearance drifts by chance; valid in a narrow range only."""

    version = "drifting"
    parameters = (
        Variable("clearance", "L/h", "Clearance", 4.5, 0.398, Scale.LOG, drift_sd=0.1, valid=(1.0, 20.0)),
        *TwoCompartment.parameters[1:],
    )
    chance_every = 0.5


def test_drift_keeps_the_laws_and_widens_with_the_root_of_time():
    check_laws(Drifting(), "Patient/1", batch(course(6, 1)[2][0]), members=12)
    model = Drifting()
    belief = model.assimilate(
        model.prior(Subject("Patient/1"), 4000, Streams(1)),
        Observations.of([Observation("Patient/1", "dose", 0.0, 1.0)]),
    )
    for hours in (1.3, 9.0):
        change = np.log(model.estimate(belief, hours * H)["clearance"].to_numpy() / belief["parameters"][:, 0])
        assert change.std() == pytest.approx(0.1 * np.sqrt(hours), rel=0.05)
        assert abs(change.mean()) < 0.02


def test_outside_validity_it_refuses_and_says_why():
    twin = Twin(Drifting(), Subject("Patient/1", attributes={"creatinine_clearance": 5.0}), members=50)
    twin.observe([Observation("Patient/1", "dose", 0.0, 1000.0)])
    with pytest.raises(OutsideValidity, match=r"Clearance is .* valid is 1 to 20"):
        twin.forecast("1 h")
    assert twin.forecast("1 h", extrapolate=True).outside


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("signal", {"given": {"dose": Adds("central")}}),
        (
            "error_sd",
            {
                "measured": (Measured("dose"),),
                "given": {"concentration": Adds("central"), "infusion": Sets("infusion")},
            },
        ),
        ("effects", {"effects": {}}),
        ("dose", {"given": {"dose": Adds("nowhere"), "infusion": Sets("infusion")}}),
        ("taper", {"taper": np.ones((2, 2))}),
    ],
)
def test_declarations_that_do_not_fit_are_refused_at_once(field, changes):
    broken = type("Broken", (TwoCompartment,), changes)
    with pytest.raises(BadInput, match=field):
        broken()


@pytest.mark.parametrize(
    "variable",
    [
        lambda: Variable("a", "1", "A", np.nan),
        lambda: Variable("a", "1", "A", 1.0, -1.0),
        lambda: Variable("a", "1", "A", -1.0, scale=Scale.LOG),
        lambda: Variable("a", "1", "A", 2.0, scale=Scale.LOGIT),
    ],
)
def test_variables_that_cannot_be_are_refused(variable):
    with pytest.raises(BadInput):
        variable()


def test_a_model_is_a_model():
    from twinward.core import Model

    assert isinstance(MODEL, Model)
    assert isinstance(MODEL, ContinuousModel)
