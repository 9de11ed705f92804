"""What a user of a monitor twin relies on."""

import math

import numpy as np
import pytest

from twinward.connect.codes import known_signals
from twinward.core import Observation, Observations, Twin, kind
from twinward.core.laws import check_laws
from twinward.errors import BadInput, OutsideValidity

PATIENT = "Patient/1"


def twin(*seen: Observation, members: int = 2000, **options: float) -> Twin:
    made = Twin(kind("monitor").model(**options), PATIENT, members=members, seed=1)
    if seen:
        made.observe(seen)
    return made


def series(signal: str, values: list[float], every: float = 300.0, start: float = 0.0) -> list[Observation]:
    return [Observation(PATIENT, signal, start + every * i, value) for i, value in enumerate(values)]


def now(of: Twin, signal: str = "heart_rate", later: float = 0.0) -> tuple[float, float]:
    return of.model.summary(of.belief, of.time + later)[signal]


CALM = [80.0, 82.0, 79.0, 81.0, 78.0, 80.0, 81.0, 80.0, 79.0, 82.0, 80.0, 81.0]


def test_the_laws_of_a_model_hold_for_several_signals_that_come_irregularly():
    rng = np.random.default_rng(1)
    times = np.sort(rng.choice(np.arange(40.0), 30)) * 60  # some at the same instant
    names = rng.choice(["heart_rate", "potassium", "body_weight", "glasgow_coma_scale"], 30)
    seen = Observations.columns(
        subject=[PATIENT] * 30, signal=names.astype(object), time=times, value=rng.uniform(3.5, 14.0, 30)
    )
    check_laws(kind("monitor").model(), PATIENT, seen)


def test_every_signal_of_the_tables_is_mirrored_and_forecast_within_what_is_possible():
    known = [signal for signal in known_signals() if signal.unit]
    middle = [math.fsum(s.normal or (s.possible[0], s.possible[0] + 1)) / 2 for s in known]
    of = twin(*(o for s, m in zip(known, middle, strict=True) for o in series(s.name, [m, m])), members=50)
    forecast = of.forecast("6 h")
    for signal in known:
        paths = forecast[signal.name]
        assert paths.dims == ("member", "time")
        assert paths.attrs == {"unit": signal.unit, "label": signal.label}
        assert signal.possible[0] <= float(paths.min()) <= float(paths.max()) <= signal.possible[1]
    assert set(of.estimate().data_vars) == {signal.name for signal in known}


def test_only_what_was_seen_is_told():
    of = twin(*series("heart_rate", CALM), *series("potassium", [4.0]))
    assert set(of.estimate().data_vars) == set(of.model.summary(of.belief, of.time)) == {"heart_rate", "potassium"}


def test_of_a_patient_never_seen_it_refuses_to_foretell():
    with pytest.raises(OutsideValidity, match="no vital sign"):
        twin().forecast("1 h", at=0.0)


def test_a_unit_is_converted_and_a_word_an_impossible_value_or_an_unknown_signal_is_quarantined():
    of = twin()
    told = of.observe(
        [
            Observation(PATIENT, "body_temperature", 60.0, 98.6, "[degF]"),
            Observation(PATIENT, "glucose", 60.0, 5.0, "mmol/L"),
            Observation(PATIENT, "heart_rate", 60.0, "fast"),
            Observation(PATIENT, "heart_rate", 61.0, 900.0, "/min"),
            Observation(PATIENT, "loinc:1234-5", 62.0, 1.0),
        ]
    )
    assert (told.accepted, told.quarantined) == (2, 3)
    assert 36 < now(of, "body_temperature")[0] < 38
    assert 85 < now(of, "glucose")[0] < 110


# -- levels and bands ------------------------------------------------------------------------------------------------


def test_before_a_value_the_reference_interval_is_what_is_known():
    # half-way between the middle of 60 to 100 and the value, as level and noise have the same prior variance
    assert now(twin(*series("heart_rate", [90.0])))[0] == pytest.approx(85.0)


def test_a_first_value_far_from_healthy_is_believed():
    mean, sd = now(twin(*series("heart_rate", [170.0])))
    assert 155 < mean < 170
    assert sd > 10


def test_without_a_reference_interval_the_first_value_is_the_level():
    mean, sd = now(twin(*series("body_weight", [70.0])), "body_weight")
    assert mean == 70.0
    assert sd < 70 / 1.96


def test_a_value_at_the_end_of_what_is_possible_is_taken_in():
    mean, sd = now(twin(*series("urine_output", [0.0, 0.0, 0.0])), "urine_output")
    assert mean == 0.0
    assert math.isfinite(sd)


def test_values_that_never_change_are_no_trouble_nor_is_the_change_after_them():
    of = twin(*series("glasgow_coma_scale", [15.0] * 500 + [3.0, 3.0]))
    mean, sd = now(of, "glasgow_coma_scale")
    assert 3.0 <= mean < 6.0
    assert 0 < sd < 15


@pytest.mark.parametrize("same", [500, 30_000])
def test_a_reading_that_stood_still_for_long_is_known_to_its_last_digit_and_follows_again(same):
    of = twin(*series("oxygen_saturation", [98.0] * same, 1.0))
    assert now(of, "oxygen_saturation")[1] < 0.5
    of.observe(series("oxygen_saturation", [97.0, 97.0, 96.0], 1.0, start=float(same)))
    assert now(of, "oxygen_saturation")[0] == pytest.approx(96.5, abs=0.5)


def test_the_level_is_what_was_measured_and_the_band_narrows_with_the_values():
    few, many = now(twin(*series("heart_rate", CALM[:3]))), now(twin(*series("heart_rate", CALM * 5)))
    assert many[0] == pytest.approx(80.5, abs=1.5)
    assert many[1] < few[1]


def test_the_band_widens_with_the_time_since_the_last_value():
    of = twin(*series("heart_rate", CALM))
    widths = [now(of, later=hours * 3600.0)[1] for hours in (0, 1, 4, 24)]
    assert widths == sorted(set(widths))
    # a Wiener process: its variance grows linearly
    grown = [width**2 - widths[0] ** 2 for width in widths[1:]]
    assert grown[1] == pytest.approx(4 * grown[0])
    assert grown[2] == pytest.approx(24 * grown[0])


def test_time_counts_in_intervals_of_the_signal_itself():
    hourly, daily = twin(*series("heart_rate", CALM, 3600.0)), twin(*series("heart_rate", CALM, 86400.0))
    assert now(hourly, later=3600.0) == pytest.approx(now(daily, later=86400.0))


def test_a_long_pause_does_not_count_as_the_usual_interval():
    values = series("heart_rate", CALM, 300.0)
    after = twin(*values, *series("heart_rate", CALM, 300.0, start=30 * 86400.0))
    assert now(after, later=3600.0)[1] == pytest.approx(now(twin(*values, *values), later=3600.0)[1], rel=0.5)


def test_a_patient_who_never_settles_is_followed_and_one_who_does_is_smoothed():
    rng = np.random.default_rng(5)
    noise = rng.standard_normal(200)
    steady, restless = (
        twin(*series("heart_rate", list(80 + noise))),
        twin(*series("heart_rate", list(80 + 5 * np.cumsum(noise)))),
    )
    assert now(steady)[1] < 0.6  # far less than the noise of 1
    assert now(restless)[0] == pytest.approx(80 + 5 * noise.sum(), abs=5)


def test_the_ensemble_says_what_the_summary_says():
    of = twin(*series("heart_rate", CALM * 3), members=20_000)
    mean, sd = now(of)
    estimate = of.estimate()["heart_rate"].to_numpy()
    assert estimate.mean() == pytest.approx(mean, abs=0.05 * sd)
    assert estimate.std() == pytest.approx(sd, rel=0.05)
    ahead = now(of, later=7200.0)
    forecast = of.forecast("2 h", step="30 min")["heart_rate"].to_numpy()
    assert forecast[:, -1].mean() == pytest.approx(ahead[0], abs=0.05 * ahead[1])
    assert forecast[:, -1].std() == pytest.approx(ahead[1], rel=0.05)


def test_the_step_of_a_forecast_does_not_change_its_band():
    of = twin(*series("heart_rate", CALM), members=20_000)
    coarse, fine = (of.forecast("4 h", step=step)["heart_rate"].isel(time=-1) for step in ("4 h", "5 min"))
    assert float(coarse.std()) == pytest.approx(float(fine.std()), rel=0.05)


# -- artefacts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("artefact", [0.0, 250.0, 399.0])
def test_an_artefact_does_not_move_the_level(artefact):
    before = twin(*series("heart_rate", CALM))
    during = twin(*series("heart_rate", [*CALM, artefact]))
    assert now(during)[0] == pytest.approx(now(before)[0])
    assert now(during)[1] > 10 * now(before)[1]  # it may have been true: nobody knows until the next value
    after, without = twin(*series("heart_rate", [*CALM, artefact, *CALM])), twin(*series("heart_rate", CALM * 2))
    assert now(after)[0] == pytest.approx(now(without)[0], abs=0.5)
    assert now(after)[1] < 1.5 * now(without)[1]


def test_a_change_is_followed_at_its_second_value():
    first, second = twin(*series("heart_rate", [*CALM, 130.0])), twin(*series("heart_rate", [*CALM, 130.0, 131.0]))
    assert now(first)[0] < 85
    assert now(second)[0] > 125


def test_artefacts_of_every_kind_one_after_the_other_leave_it_usable():
    of = twin(*series("heart_rate", [*CALM, 0.0, 399.0, 0.0, 399.0, 200.0, *CALM]))
    mean, sd = now(of)
    assert mean == pytest.approx(80.0, abs=3.0)
    assert sd < 10


# -- options, saving, rehearsing -------------------------------------------------------------------------------------


def test_a_discount_of_its_own_makes_the_level_follow_slower_or_faster():
    values = series("heart_rate", [*CALM, 83.0, 83.0, 83.0])
    slow, fast = now(twin(*values, discount=0.95)), now(twin(*values, discount=0.5))
    assert slow[0] < fast[0] < 83.5


@pytest.mark.parametrize("options", [{"discount": 0.0}, {"discount": 1.2}, {"memory": 0.0}, {"memory": math.nan}])
def test_options_that_make_no_sense_are_refused(options):
    with pytest.raises(BadInput, match=next(iter(options))):
        kind("monitor").model(**options)


def test_other_options_are_another_version():
    versions = {kind("monitor").model(**o).version for o in ({}, {"discount": 0.9}, {"memory": 1.0})}
    assert len(versions) == 3


def test_a_saved_twin_goes_on_bit_equal(tmp_path):
    of = twin(*series("heart_rate", CALM), *series("potassium", [4.0, 4.4]))
    of.save(tmp_path / "twin")
    back = Twin.load(tmp_path / "twin", of.model)
    for each in (of, back):
        each.observe(series("heart_rate", [140.0, 150.0], start=7200.0))
    assert back.digest() == of.digest()


def test_there_is_nothing_to_rehearse_and_comparing_says_so_politely():
    of = twin(*series("heart_rate", CALM))
    assert not of.model.controls
    assert not of.model.outcomes
    with pytest.raises(BadInput):
        of.compare({"aspirin": {"aspirin": 1.0}}, "1 h")
    nothing = of.compare({}, "1 h")
    assert len(nothing.forecasts) == 1
    assert not len(nothing.table())
    assert "<table" in nothing._repr_html_()


def test_a_twin_of_a_ward_monitor_is_small():
    of = twin(*series("heart_rate", CALM), *series("oxygen_saturation", CALM), *series("respiratory_rate", CALM[:2]))
    assert sum(array.nbytes for array in of.belief.arrays.values()) < 600


def test_a_signal_seen_later_leaves_the_futures_of_the_others_alone():
    of = twin(*series("heart_rate", CALM), members=50)
    before = of.forecast("1 h", at=4000.0)["heart_rate"]
    of.observe(series("potassium", [4.0], start=3300.0))
    assert of.forecast("1 h", at=4000.0)["heart_rate"].equals(before)
