"""Networks that several tests use."""

from collections.abc import Callable

import pytest

from twinward.engines.events import Arrivals, Distribution, Exponential, Network, PatientClass, Resource, Step


@pytest.fixture(scope="session")
def one_station() -> Callable[..., Network]:
    """(servers, arrival rate, service) -> a station with one queue; more words go to its step and its resource."""

    def make(
        servers: int,
        rate: float,
        service: Distribution | None = None,
        *,
        resource: dict[str, object] | None = None,
        **step: object,
    ) -> Network:
        return Network(
            (Resource("server", servers, **(resource or {})),),  # type: ignore[arg-type]
            (Step("service", service or Exponential(1.0), needs={"server": 1}, **step),),  # type: ignore[arg-type]
            (PatientClass("all", "service", {}, Arrivals.constant(rate)),),
        )

    return make
