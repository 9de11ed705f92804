"""Where two kinds meet: a forecast of one becomes a scenario of the other."""

import numpy as np
import pytest
import xarray as xr
from tests.core.conftest import make_twin, seen

from twinward.core import Action, Coupling, Forecast, Scenario
from twinward.core.times import datetime64
from twinward.errors import BadInput

UP = np.array([[1, 0, 0, 1, 0], [1, 1, 1, 1, 1]])


def scanner(values=UP, dims=("member", "time"), kind="device"):
    data = xr.Dataset({"up": (dims, values)}, {"time": datetime64(60.0 * np.arange(1, 6))})
    return Forecast(data, 0.0, "Device/CT2", kind, "1", 1, 2, Scenario.baseline())


COUPLING = Coupling("device", "up", "hospital", "out_of_order", "ct", lambda up: None if up > 0.5 else 1.0)


def test_each_stretch_of_time_is_one_action():
    scenario = COUPLING.scenario(scanner(), 0)
    assert scenario.actions == (
        Action("out_of_order", 1.0, "ct", 60.0, 180.0), Action("out_of_order", 1.0, "ct", 240.0, 300.0),
    )  # fmt: skip
    assert "Device/CT2" in scenario.name and "future 0" in scenario.name
    assert COUPLING.scenario(scanner(), 1).actions == ()


def test_it_drives_a_twin():
    twin = make_twin(seen(0.0, 0.0))
    push = Coupling("device", "up", "random_walk", "push", "", lambda up: 60.0 * up)
    compared = twin.compare({"coupled": push.scenario(scanner(), 0)}, "5 min", step="1 min")
    difference = compared["coupled"].outcome("final") - compared["as it is"].outcome("final")
    np.testing.assert_allclose(difference, 2.0, atol=1e-9)  # two of five minutes at 60 an hour


def test_what_does_not_fit_is_refused():
    with pytest.raises(BadInput, match="a forecast of kind device"):
        COUPLING.scenario(scanner(kind="heart"), 0)
    with pytest.raises(BadInput, match="dims"):
        COUPLING.scenario(scanner(UP.T, ("time", "member")), 0)
    with pytest.raises(BadInput, match="one of: up"):
        Coupling("device", "down", "hospital", "x", "", float).scenario(scanner(), 0)
