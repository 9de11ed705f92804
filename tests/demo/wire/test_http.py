"""FHIR over HTTP: each Bundle once, in order, again when the receiver could not take it."""

import asyncio
from collections.abc import Iterator

import pytest
from tests.demo.wire.house import House, open_house

from twinward.demo.protocol import Outgoing
from twinward.demo.wire import HttpOutlet


@pytest.fixture
def house() -> Iterator[House]:
    with open_house() as server:
        yield server


def _send(house: House, count: int, told: list[str]) -> HttpOutlet:
    async def run() -> HttpOutlet:
        outlet = HttpOutlet(f"http://127.0.0.1:{house.server_port}/fhir", "abc", report=told.append)
        for number in range(count):
            await outlet.send(Outgoing(0.0, "fhir", b"%d" % number))
        async with asyncio.timeout(20):
            await outlet.flush()
        await outlet.close()
        return outlet

    return asyncio.run(run())


def test_bundles_arrive_in_order_on_one_connection_with_the_token(house: House) -> None:
    outlet = _send(house, 20, [])
    assert house.taken == [b"%d" % number for number in range(20)]
    assert house.tokens == {"Bearer abc"}
    assert (outlet.tally.accepted, outlet.tally.connections) == (20, 1)


def test_later_is_later_and_no_is_no(house: House) -> None:
    told: list[str] = []
    house.statuses = [503, 429, 200, 422]
    outlet = _send(house, 3, told)
    assert house.taken == [b"0", b"2"]
    assert (outlet.tally.accepted, outlet.tally.refused) == (2, 1)
    assert ["503" in told[0], "429" in told[1], "422" in told[2]] == [True] * 3


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="expected http://host:port/path"):
        HttpOutlet("127.0.0.1:80")
