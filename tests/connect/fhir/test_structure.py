"""The fast check accepts nothing that fhir.resources refuses, and refuses nothing that is right."""

import copy
import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from twinward.connect.fhir.structure import check, is_resource

# What a field is replaced with: another type, nothing, too much, malformed.
_ODD: tuple[Any, ...] = (
    None, 5, -1, 1.5, True, "", " ", "x y", "2026-02-30", "2026-13", "2026-03-01T12:00:00", "not a date", [], {},
    [None], [{}], {"foo": 1}, "urn:oid:9.9", "a" * 300, 2**40, ["x"], {"resourceType": "Nonsense"}, "http://[", "1\n",
)  # fmt: skip


def _accepted(resource: dict[str, Any]) -> bool:
    try:
        check(resource["resourceType"], json.dumps(resource).encode())
    except msgspec.DecodeError:
        return False
    return True


def _valid(resource: dict[str, Any]) -> bool:
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except (ValidationError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return True


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from _places(inner, (*path, key))


def _mutants(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The resource with one thing exchanged, taken away, added or doubled."""
    for path in _places(resource):
        if path == ("resourceType",):
            continue
        for odd in (*_ODD, "gone", "extra", "doubled"):
            mutant = copy.deepcopy(resource)
            holder = mutant
            for step in path[:-1]:
                holder = holder[step]
            if odd == "gone":
                del holder[path[-1]]
            elif odd == "extra" and isinstance(holder, dict):
                holder["unheard"] = 1
            elif odd == "doubled" and isinstance(holder, dict):
                holder[path[-1]] = [holder[path[-1]]] * 2
            else:
                holder[path[-1]] = odd
            yield mutant


def test_what_fhir_resources_refuses_is_refused(resources: tuple[dict[str, Any], ...]) -> None:
    refused = 0
    for resource in resources:
        assert _accepted(resource)
        for mutant in _mutants(resource):
            if _accepted(mutant):
                assert _valid(mutant), json.dumps(mutant)
            else:
                refused += 1
    assert refused > 1000


def test_two_values_of_one_choice_are_refused(resources: tuple[dict[str, Any], ...]) -> None:
    assert not _accepted({**resources[0], "valueString": "72"})


def test_a_required_code_may_be_missing_where_an_extension_says_why(resources: tuple[dict[str, Any], ...]) -> None:
    absent = {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
    }
    without = {name: value for name, value in resources[0].items() if name != "status"}
    assert not _accepted(without)
    assert _accepted({**without, "_status": absent}) and _valid({**without, "_status": absent})


def test_contained_resources_are_checked_as_well(resources: tuple[dict[str, Any], ...]) -> None:
    inner = {"resourceType": "Patient", "id": "p"}
    assert _accepted({**resources[0], "contained": [inner]})
    assert not _accepted({**resources[0], "contained": [{**inner, "gender": 5}]})
    assert not _accepted({**resources[0], "contained": [{"resourceType": "Nonsense"}]})


@pytest.mark.parametrize("name", ["Nonsense", "HumanName", "Resource", "DomainResource", "", "../x", "é"])
def test_what_is_no_resource_type_is_known_as_none(name: str) -> None:
    assert not is_resource(name)


@pytest.mark.data
def test_real_resources_pass_and_their_mutants_are_judged_alike(data_dir: Path) -> None:
    by_type: dict[str, list[dict[str, Any]]] = {}
    for path in sorted((data_dir / "platform/synthea_bundles").glob("*.json.gz")):
        for entry in json.loads(gzip.decompress(path.read_bytes()))["entry"]:
            resource = entry["resource"]
            assert _accepted(resource), resource["resourceType"]
            by_type.setdefault(resource["resourceType"], []).append(resource)
    chosen = random.Random(3)
    for kind in ("Observation", "Encounter", "Patient"):
        mutants = [mutant for resource in chosen.sample(by_type[kind], 3) for mutant in _mutants(resource)]
        for mutant in chosen.sample(mutants, 400):
            assert not _accepted(mutant) or _valid(mutant), json.dumps(mutant)
