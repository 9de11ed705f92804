"""Date prefixes of FHIR, against their definition on intervals."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinward.errors import BadInput
from twinward.live.repository import When, token, when
from twinward.live.repository.search import date_terms

_PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")


def defined(prefix: str, asked: tuple[float, float], low: float, high: float, now: float) -> bool:
    """FHIR R4, search, prefixes: on the range of the parameter and the range of the resource, both half-open."""
    start, end = asked
    contained = start <= low and high <= end
    margin = 0.1 * abs(now - start)
    return {
        "eq": contained,
        "ne": not contained,
        "gt": high > end,
        "lt": low < start,
        "ge": high > end or contained,
        "le": low < start or contained,
        "sa": low >= end,
        "eb": high <= start,
        "ap": low < end + margin and high > start - margin,
    }[prefix]


@given(
    st.sampled_from(_PREFIXES),
    st.integers(0, 12),
    st.integers(1, 6),
    st.integers(0, 12),
    st.integers(1, 6),
    st.integers(0, 30),
)
def test_prefixes_are_what_fhir_says(prefix: str, start: int, long: int, low: int, wide: int, now: int) -> None:
    terms, values = date_terms([When(prefix, start, start + long)], now)
    connection = sqlite3.connect(":memory:")
    query = f"SELECT 1 FROM (SELECT {float(low)} AS low, {float(low + wide)} AS high) WHERE {' AND '.join(terms)}"
    found = connection.execute(query, values).fetchone() is not None
    connection.close()
    assert found == defined(prefix, (start, start + long), low, low + wide, now)


def test_a_date_without_prefix_is_the_whole_day() -> None:
    assert when("1970-01-02") == When("eq", 86400.0, 172800.0)
    assert when("lt1970-01-02T01:00:00+01:00") == When("lt", 86400.0, 86401.0)
    assert when("1970-01-02T01:00:00 01:00").low == 86400.0  # a plus that was not escaped


@pytest.mark.parametrize("text", ["", "xx2026", "ge", "2026-13", "2026-03-01T12:00:00", "ge2026-02-30"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        when(text)


def test_a_token_without_a_code_is_refused() -> None:
    with pytest.raises(BadInput):
        token("http://loinc.org|")
