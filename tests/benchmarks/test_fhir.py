"""The benchmarks of FHIR run, and find what they write; small sizes say nothing of speed."""

import pytest
from benchmarks.live import fhir_import, fhir_search


@pytest.mark.slow
def test_imports_are_read_back_and_compared() -> None:
    rows = fhir_import.run(runs=1, count=300)
    assert [row.id for row in rows] == ["fhir-import", "fhir-transactions"]
    assert all("compared by hash" in row.note for row in rows)


@pytest.mark.slow
def test_searches_are_answered_rightly() -> None:
    rows = fhir_search.run(count=3000, searches=20)
    assert rows[0].id == "fhir-search" and "0 wrong answers" in rows[0].note
