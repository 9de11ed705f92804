"""The body behind the monitor: traces without seams, a member of the belief as the body that draws them."""

from itertools import pairwise

import numpy as np
import pytest

from twinward.core.streams import Streams
from twinward.core.subject import Subject
from twinward.engines.ode import IntegrationFailed
from twinward.twins.patient.bedside import HERTZ, Monitor, typical
from twinward.twins.patient.body.body import Body
from twinward.twins.patient.body.layout import parameter, state
from twinward.twins.patient.body.waveforms import WATCH, waveforms
from twinward.twins.patient.model import PatientModel


@pytest.fixture(scope="module")
def chunks():
    monitor = Monitor(Body.at_rest())
    return [monitor.next(0.5) for _ in range(8)]


def test_chunks_follow_each_other_and_hold_every_trace(chunks):
    for one, after in pairwise(chunks):
        assert after.start - one.start == pytest.approx(0.5)
    for one in chunks:
        assert {len(trace) for trace in one.traces.values()} == {round(0.5 * HERTZ)}
        assert set(one.traces) == {"ecg", "arterial_pressure", "plethysmogram", "capnogram"}
        assert one.step == 1.0 / HERTZ


@pytest.mark.parametrize("name", ["ecg", "arterial_pressure", "capnogram"])
def test_chunks_are_what_one_long_recording_gives(chunks, name):
    _, whole = Body.at_rest().run(5.0, every=1.0 / HERTZ, watch=WATCH)
    # the first second is the monitor's own run-up
    assert np.concatenate([one.traces[name] for one in chunks]) == pytest.approx(waveforms(whole)[name][100:], abs=1e-3)


@pytest.mark.parametrize("name", ["ecg", "arterial_pressure", "plethysmogram", "capnogram"])
def test_no_seam_is_larger_than_the_trace_moves_by_itself(chunks, name):
    inside = max(np.abs(np.diff(one.traces[name])).max() for one in chunks)
    seams = [abs(after.traces[name][0] - one.traces[name][-1]) for one, after in pairwise(chunks)]
    assert max(seams) <= inside * 1.05


def test_another_body_goes_on_where_heart_and_breath_were():
    monitor = Monitor(Body.at_rest())
    monitor.next(0.3)
    before = monitor.body
    other = Body.at_rest().set(sinus_tachycardia=0.5)
    monitor.become(other)
    for phase in ("heart_phase", "breath_phase"):
        assert monitor.body.value(phase) == before.value(phase)
    assert monitor.body.time == before.time
    assert monitor.body.value("sinus_tachycardia") == 0.5
    assert other.value("heart_phase") == Body.at_rest().value("heart_phase")  # the body given was not touched


def test_a_body_that_cannot_live_says_so():
    monitor = Monitor(Body.at_rest())
    monitor.become(Body.at_rest().give(systemic_veins=1e308))
    with pytest.raises(IntegrationFailed):
        monitor.next(1.0)


def test_the_typical_body_is_a_member_of_the_belief_and_beats():
    model, subject = PatientModel(), Subject("Patient/1", attributes={"sex": "female", "weight": 60.0, "height": 165.0})
    belief = model.prior(subject, 12, Streams(1))
    body = typical(model, belief, subject)
    assert (body.person.sex, body.person.weight) == ("female", 60.0)
    assert body.p[parameter("pulsatile")] == 1.0
    volume = state("systemic_veins")
    assert body.y[volume] in belief["states"][:, volume]
    _, told = body.run(3.0, watch=("arterial_pressure",))
    assert float(np.ptp(told["arterial_pressure"].to_numpy())) > 20.0
