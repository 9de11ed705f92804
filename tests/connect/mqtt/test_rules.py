"""Rules and payloads: which topics are meant, and what a payload says; nothing that comes can raise."""

import json
import math
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinward.connect.mqtt import TopicRule
from twinward.connect.mqtt.payload import read
from twinward.core.message import Message
from twinward.core.quarantine import Quarantined
from twinward.errors import BadInput

TOPIC = "hospital/ICU/energy/EM-1"
NOW = 1768780800.0


def _rule(**more: object) -> TopicRule:
    return TopicRule("energy", "hospital/{unit}/energy/{meter}", "Device/{meter}", "energy", "kW.h", **more)  # type: ignore[arg-type]


def _read(
    payload: bytes, rule: TopicRule | None = None, *, arrived: float = NOW, **more: bool
) -> Message | Quarantined:
    return read(rule or _rule(), {"unit": "ICU", "meter": "EM-1"}, TOPIC, payload, arrived, **more)


def _only(made: Message | Quarantined) -> tuple[float | str, str, float]:
    assert isinstance(made, Message)
    (seen,) = made.seen
    return seen.value, seen.unit, float(seen.time)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("topic", "filter_", "matches", "not_"),
    [
        ("a/{x}/c", "a/+/c", {"a/b/c": {"x": "b"}, "a//c": {"x": ""}}, ["a/b", "a/b/c/d", "a/b/d"]),
        ("a/+/{x}", "a/+/+", {"a/b/c": {"x": "c"}}, ["b/b/c"]),
        ("{x}/#", "+/#", {"a": {"x": "a"}, "a/b/c": {"x": "a"}}, ["$SYS/broker"]),
        ("#", "#", {"a/b": {}}, ["$SYS/broker/load"]),
        ("Ward A/temp", "Ward A/temp", {"Ward A/temp": {}}, ["Ward B/temp"]),
    ],
)
def test_topics(topic: str, filter_: str, matches: dict[str, dict[str, str]], not_: list[str]) -> None:
    rule = TopicRule("r", topic, "Device/1", "s")
    assert rule.filter == filter_
    assert {each: rule.match(each) for each in matches} == matches
    assert all(rule.match(each) is None for each in not_)


@pytest.mark.parametrize(
    "wrong",
    [
        {"topic": ""},
        {"topic": "a/#/b"},
        {"topic": "a/b+"},
        {"topic": "a/x{y}"},
        {"topic": "{y}/{y}"},
        {"topic": "a", "subject": "Device/{y}"},
        {"topic": "a", "signal": ""},
        {"topic": "a", "time_unit": "min"},
    ],
)
def test_rules_that_cannot_be_meant_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="rule r"):
        TopicRule(**{"name": "r", "subject": "Device/1", "signal": "s", **wrong})  # type: ignore[arg-type]


def test_paths_lead_into_the_payload() -> None:
    rule = _rule(value="data.0.v", time="meta.ts", time_unit="ms", unit_path="data.0.u", id="meta.id")
    made = _read(b'{"meta": {"ts": 1768780800250, "id": 17}, "data": [{"v": "3.5", "u": "MJ"}]}', rule)
    assert _only(made) == (3.5, "MJ", NOW + 0.25)
    assert isinstance(made, Message) and made.id == "17" and made.sent == NOW + 0.25


def test_a_plain_number_is_of_the_moment_it_came_and_each_is_another_message() -> None:
    first, second = _read(b"21.5"), _read(b" 21.5\n", arrived=NOW + 60)
    assert _only(first) == (21.5, "kW.h", NOW)
    assert _only(second) == (21.5, "kW.h", NOW + 60)
    again = _read(b"21.5", arrived=NOW + 60)
    assert isinstance(first, Message) and isinstance(again, Message)
    assert first.key != again.key
    assert math.isnan(first.sent)


def test_a_reading_with_its_time_is_one_message_whenever_it_comes() -> None:
    body = b'{"time": "2026-01-19T01:00:00+01:00", "value": 1}'
    first, later = _read(body), _read(body, arrived=NOW + 3600)
    assert isinstance(first, Message) and isinstance(later, Message)
    assert first.key == later.key
    assert _only(first) == (1.0, "kW.h", NOW)
    elsewhere = read(_rule(), {"unit": "ED", "meter": "EM-2"}, "hospital/ED/energy/EM-2", body, NOW)
    assert isinstance(elsewhere, Message) and elsewhere.key != first.key


def test_words_are_read_where_the_rule_says_so() -> None:
    rule = TopicRule("door", "door/{door}", "Location/{door}", "door", value="", text=True, unit_path="")
    made = read(rule, {"door": "1"}, "door/1", b"open", NOW)
    assert _only(made) == ("open", "", NOW)


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (b"", "unusable payload"),
        (b"\xff\xfe", "unusable payload"),
        (b"{", "unusable payload"),
        (b"[" * 100_000, "unusable payload"),
        (b"null", "unusable value"),
        (b"{}", "unusable value"),
        (b'{"value": true}', "unusable value"),
        (b'{"value": "high"}', "unusable value"),
        (b'{"value": 1e999}', "unusable payload"),
        (b'{"value": 1' + b"0" * 400 + b"}", "unusable payload"),
        (b'{"value": 1, "time": 1' + b"0" * 400 + b"}", "unusable payload"),
        (b"NaN", "unusable value"),
        (b'{"value": 1, "time": "2026-01-19T00:00:00"}', "unusable time"),
        (b'{"value": 1, "time": 1e300}', "unusable time"),
        (b'{"value": 1, "time": [1]}', "unusable time"),
        (b'{"value": 1, "unit": 7}', "unusable unit"),
        (b'{"value": "' + b"x" * (1 << 20) + b'"}', "unusable payload"),
    ],
)
def test_what_cannot_be_read_says_why(payload: bytes, kind: str) -> None:
    made = _read(payload)
    assert isinstance(made, Quarantined)
    assert (made.kind, made.source) == (kind, "mqtt/energy")
    assert TOPIC in made.reason and ("expected" in made.reason or "too large" in made.reason)


def test_a_retained_reading_without_a_time_is_of_nobody_knows_when() -> None:
    made = _read(b"5", retained=True)
    assert isinstance(made, Quarantined) and made.kind == "unusable time"
    assert isinstance(_read(b'{"time": 1768780800, "value": 5}', retained=True), Message)


def test_an_identifier_that_the_rule_expects_must_be_there() -> None:
    made = _read(b'{"value": 1, "time": 0}', _rule(id="id"))
    assert isinstance(made, Quarantined) and made.kind == "unusable id"


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["value", "time", "unit", "x"]), inner),
    max_leaves=8,
)


@given(st.binary(max_size=200) | st.text(string.printable).map(str.encode))
def test_no_bytes_can_hurt(payload: bytes) -> None:
    assert isinstance(_read(payload), Message | Quarantined)


@given(st.dictionaries(st.sampled_from(["value", "time", "unit", "id"]), _JSON))
def test_no_json_can_hurt(content: dict[str, object]) -> None:
    for rule in (_rule(), _rule(id="id"), _rule(text=True), _rule(time_unit="ms"), _rule(value="value.x.0")):
        made = _read(json.dumps(content).encode(), rule)
        assert isinstance(made, Message | Quarantined)
        if isinstance(made, Message):
            assert math.isfinite(float(made.seen.time[0])) and (made.seen.text[0] or math.isfinite(made.seen.value[0]))
