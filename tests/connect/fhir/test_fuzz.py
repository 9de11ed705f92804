"""Whatever bytes come: a message, or a refusal of the family."""

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.connect.fhir.conftest import ALL

from twinward.connect.fhir import entries, issues, message, split, urls
from twinward.errors import TwinwardError

_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["2026", "Patient/1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def survives(raw: bytes) -> None:
    try:
        told = message(raw, "fhir/fuzz")
    except TwinwardError:
        pass
    else:
        assert len(told.seen) or told.refused or told.raw
    try:
        bundle = split(raw)
    except TwinwardError:
        pass
    else:
        told_of = entries(bundle.entry, urls(bundle, "fhir/fuzz"), "fhir/fuzz")
        assert len(told_of) == len(bundle.entry)  # none is dropped


@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    survives(raw)


@given(st.sampled_from(ALL), st.data())
@settings(max_examples=400)
def test_any_field_exchanged_for_anything(resource: dict[str, Any], data: st.DataObject) -> None:
    told = copy.deepcopy(resource)
    holder: Any = told
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(holder[key], dict | list) or not holder[key] or data.draw(st.booleans()):
            break
        holder = holder[key]
    holder[key] = data.draw(_VALUES)
    survives(json.dumps(told).encode())


@given(st.sampled_from(ALL), st.integers(0, 2000), st.binary(min_size=1, max_size=3))
@settings(max_examples=300)
def test_any_bytes_exchanged(resource: dict[str, Any], at: int, patch: bytes) -> None:
    raw = json.dumps(resource).encode()
    at %= len(raw)
    survives(raw[:at] + patch + raw[at + len(patch) :])


@given(
    st.dictionaries(st.sampled_from(["resourceType", "id", "meta", "type", "entry", "status"]), _VALUES), st.booleans()
)
def test_any_object(told: dict[str, Any], bundle: bool) -> None:
    survives(json.dumps({**told, **({"resourceType": "Bundle", "type": "batch"} if bundle else {})}).encode())


@given(_VALUES)
@settings(max_examples=50)
def test_validate_never_fails(value: Any) -> None:
    assert issues(json.dumps({"resourceType": "Patient", "extension": value}).encode()) is not None
