"""What the tests of a patient share: the reference man at rest, settled once."""

import pytest

from twinward.twins.patient.body.body import Body


@pytest.fixture(scope="session")
def body() -> Body:
    """Beats and breaths followed one by one."""
    return Body.at_rest()


@pytest.fixture(scope="session")
def averaged() -> Body:
    """Averaged over beats and breaths."""
    return Body.at_rest(pulsatile=False)
