"""Observations over HTTP: stored when the answer says so, once, and what cannot be used is kept with a reason."""

import json
import math
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.live.house import START
from tests.web.api.conftest import House

from twinward.errors import BadInput
from twinward.web.api.observations import read

COUNTER = iter(range(10**6))


def row(**more: Any) -> dict[str, Any]:
    """A level of a subject of its own."""
    return {"subject": f"Patient/new{next(COUNTER)}", "signal": "level", "time": START + 60.0, "value": 4.5} | more


def post(house: House, body: Any, who: str = "operator", **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    with house.client(who) as client:
        return client.post("/api/v1/observations", content=content, headers=headers)


def held(house: House, subject: str) -> list[float]:
    """The levels that a twin has seen."""

    async def seen() -> list[float]:
        await house.system.caught_up()
        return list(house.system.twin(subject).history().value)

    return house.do(seen)


@pytest.mark.parametrize("shape", ["one", "list", "columns", "msgpack"])
def test_one_a_list_columns_and_messagepack_are_the_same(house: House, shape: str) -> None:
    one = row()
    columns = {name: [value] for name, value in one.items()}
    if shape == "msgpack":
        answer = post(house, msgspec.msgpack.encode(columns), **{"content-type": "application/msgpack"})
    else:
        answer = post(house, {"one": one, "list": [one], "columns": columns}[shape])
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["fate"], told["accepted"], told["refused"]) == ("stored", 1, 0)
    assert house.system.journal.head >= told["position"] > 0
    assert held(house, one["subject"]) == [4.5]


def test_the_same_again_is_a_duplicate_and_other_content_under_its_key_a_conflict(house: House) -> None:
    one, key = row(), {"Idempotency-Key": f"key-{next(COUNTER)}"}
    first, again, other = post(house, one, **key), post(house, one, **key), post(house, one | {"value": 9.0}, **key)
    assert [answer.status_code for answer in (first, again, other)] == [200, 200, 409]
    assert [answer.json()["fate"] for answer in (first, again, other)] == ["stored", "duplicate", "conflict"]
    assert first.json()["position"] == again.json()["position"] == other.json()["position"]
    assert held(house, one["subject"]) == [4.5]
    keyless = row()
    assert [post(house, keyless).json()["fate"] for _ in range(2)] == ["stored", "duplicate"]


def test_a_key_longer_than_it_may_be_is_refused(house: House) -> None:
    one = row()
    answer = post(house, one, **{"Idempotency-Key": "k" * 201})
    assert answer.status_code == 422 and "Idempotency-Key" in answer.json()["detail"]
    assert post(house, one, **{"Idempotency-Key": "k" * 200}).status_code == 200


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"time": "yesterday"}, "unparsable time"),
        ({"time": "2026-01-01T00:00:00"}, "unparsable time"),
        ({"time": "2030-01-01T00:00:00Z"}, "impossible time"),
        ({"time": 1e300}, "impossible time"),
        ({"time": -1e12}, "impossible time"),
        ({"subject": "4711"}, "no reference"),
        ({"subject": ""}, "no reference"),
        ({"subject": "Patient/"}, "no reference"),
        ({"subject": "Patient/a b"}, "no reference"),
    ],
)
def test_a_bad_row_is_in_quarantine_and_the_good_one_beside_it_stored(
    house: House, fault: dict[str, Any], kind: str
) -> None:
    good = row()
    answer = post(house, [good, row(value=1.25) | fault])
    assert answer.status_code == 200
    told = answer.json()
    assert (told["accepted"], told["refused"]) == (1, 1) and told["why"]
    entries = house.get("/api/v1/quarantine", after=0, limit=1000)
    entry = next(one["entry"] for one in entries if one["position"] == told["position"])
    assert entry["kind"] == kind and "1.25" in entry["raw"]
    assert held(house, good["subject"]) == [4.5]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"\xff\xfe\x00", b"null", b"[1, 2]", b'{"subject": ["Patient/1"]}',
     b'{"subject": "Patient/1", "signal": "level", "time": 1, "value": 2, "colour": "red"}',
     b'{"subject": ["Patient/1"], "signal": ["a", "b"], "time": [1.0], "value": [2.0]}',
     b'[{"subject": "Patient/1", "signal": "level", "time": 1, "value": true}]'],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_kept_and_the_sender_told(house: House, body: bytes) -> None:
    answer = post(house, body)
    assert answer.status_code == 422 and "quarantine" in answer.json()["detail"]
    entries = house.get("/api/v1/quarantine", after=0, limit=1000)
    assert entries[-1]["entry"]["raw"] == body.decode(errors="backslashreplace")
    assert entries[-1]["entry"]["source"] == "api/operator"


def test_a_code_is_a_word_and_a_null_without_one_is_no_value() -> None:
    columns = {"subject": ["Patient/1"] * 3, "signal": ["level"] * 3, "time": [1.0, 2.0, 3.0],
               "value": [1.0, None, None], "text": ["", "ED", ""]}  # fmt: skip
    seen, refused = read(json.dumps(columns).encode(), "")
    assert seen.text.tolist() == ["", "ED"] and math.isnan(seen.value[1])
    assert [one.kind for one in refused] == ["no value"]


def test_a_write_and_its_entry_in_the_trail_are_one(house: House) -> None:
    before = len(house.system.journal.accesses(0, 1_000_000))
    assert post(house, row()).status_code == 200
    (entry,) = [access for _, access in house.system.journal.accesses(0, 1_000_000)][before:]
    assert (entry.who, entry.action, entry.outcome) == ("operator", "create", 200)


@given(st.binary(max_size=300) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.sampled_from(["subject", "Patient/1"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["subject", "signal", "time", "value", "text", "unit", "id", "x"]), inner),
    max_leaves=12,
).map(lambda data: json.dumps(data).encode()))  # fmt: skip
def test_whatever_comes_it_is_read_or_refused_with_a_reason(body: bytes) -> None:
    try:
        seen, refused = read(body, "application/json", START)
    except BadInput as error:
        assert str(error)
    else:
        assert all(one.reason and one.kind for one in refused)
        assert (seen.time <= START).all()
