"""Who belongs to whom, as messages tell it: the latest word counts, whatever comes first."""

from datetime import UTC, datetime
from itertools import permutations

from twinward.core import Observation, Observations
from twinward.live.graph import Graph

STAY, PATIENT = "Encounter/7", "Patient/1"
ROWS = [
    Observation(STAY, "patient", 0.0, PATIENT),
    Observation(STAY, "unit", 0.0, "ED"),
    Observation(STAY, "unit", 60.0, "Ward A"),
    Observation(STAY, "bed", 60.0, "A-4"),
    Observation(STAY, "status", 0.0, "in-progress"),
    Observation("Device/pump", "patient", 30.0, PATIENT),
]


def of(*rows: Observation) -> Graph:
    graph = Graph()
    for row in rows:
        graph.take(Observations.of([row]))
    return graph


def test_a_stay_is_part_of_its_patient_unit_and_bed() -> None:
    graph = of(*ROWS)
    about = graph.about(STAY)
    assert about["part_of"] == {"bed": "Location/A-4", "patient": PATIENT, "unit": "Location/Ward A"}
    assert about["attributes"] == {"bed": "A-4", "status": "in-progress", "unit": "Ward A"}
    assert graph.about(PATIENT)["parts"] == ["Device/pump", STAY]
    assert graph.about("Location/ED")["parts"] == []


def test_any_order_gives_the_same_graph() -> None:
    same_instant = [*ROWS[:3], Observation(STAY, "unit", 60.0, "ICU")]
    found = {repr([of(*rows).about(name) for name in (STAY, PATIENT, "Location/ICU")]) for rows in
             permutations(same_instant)}  # fmt: skip
    assert len(found) == 1


def test_what_is_taken_back_was_never_so() -> None:
    graph = of(*ROWS, Observation(STAY, "unit", 60.0, "Ward A", retracted=True))
    assert "unit" not in graph.about(STAY)["part_of"]
    assert graph.about("Location/Ward A")["parts"] == []
    kept = of(*ROWS, Observation(STAY, "unit", 5.0, "ED", retracted=True))
    assert kept.about(STAY)["part_of"]["unit"] == "Location/Ward A"


def test_a_merge_takes_the_parts_along() -> None:
    graph = of(*ROWS)
    graph.merge(PATIENT, "Patient/2")
    assert graph.about("Patient/2")["parts"] == ["Device/pump", STAY]
    assert graph.about(STAY)["part_of"]["patient"] == "Patient/2"


def test_the_unit_of_a_patient_is_that_of_the_latest_stay() -> None:
    graph = of(*ROWS, Observation("Encounter/9", "patient", 5.0, PATIENT), Observation("Encounter/9", "unit", 5.0, "X"))
    units = [graph.unit_of(name) for name in (STAY, PATIENT, "Device/pump", "Location/ED", "Patient/none")]
    assert units == ["Ward A", "Ward A", "Ward A", "ED", ""]


def test_references_are_found_by_what_they_contain_the_shortest_first() -> None:
    assert of(*ROWS).search("pat") == [PATIENT]
    assert of(*ROWS).search("e", limit=2) == [PATIENT, "Device/pump"]
    assert of(*ROWS).search("nothing") == []


def test_a_person_has_an_age_and_no_birthday() -> None:
    born = [Observation(PATIENT, "birth_year", 0.0, "1960"), Observation(PATIENT, "sex", 0.0, "female")]
    graph = of(*born)
    at = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
    assert graph.about(PATIENT, at)["attributes"] == {"sex": "female", "age": "65"}
    assert graph.about(PATIENT)["attributes"] == {"sex": "female"}  # without a present nobody has an age
    graph.merge(PATIENT, "Patient/2")
    assert graph.about("Patient/2", at)["attributes"] == {"sex": "female", "age": "65"}
    assert of(Observation(PATIENT, "birth_year", 0.0, "1925")).about(PATIENT, at)["attributes"] == {"age": "90"}
    for odd in ("", "0000", "19x0", "20260"):
        assert "age" not in of(Observation(PATIENT, "birth_year", 0.0, odd)).about(PATIENT, at)["attributes"]
