"""The CapabilityStatement: what is served, no more and no less."""

from typing import Any

_SEARCH = {
    "Observation": (
        ("patient", "reference", "the patient; records merged into the patient's are found too"),
        ("subject", "reference", "whom or what it is about: Patient, Device, Location, Encounter"),
        ("code", "token", "Observation.code"),
        ("combo-code", "token", "Observation.code or the code of a component"),
        ("date", "date", "with prefixes eq ne gt lt ge le sa eb ap; repeated: all hold"),
        ("_id", "token", "the resource's id"),
    ),
    "RiskAssessment": (("subject", "reference", "whose forecasts"), ("patient", "reference", "whose forecasts")),
    "AuditEvent": (("patient", "reference", "of whom"), ("date", "date", "when it was recorded")),
}
_TAKEN = ("Observation", "Encounter", "Patient", "Device", "DeviceMetric", "Location")
_NOTES = (
    "If-None-Exist (conditional create) is ignored: a resource with an id is known by it, and equal content is the "
    "same resource however often it is sent. An id given with a create is kept, for feeds name their patients by it; "
    "without one, an id is made of the content. Every other R4 resource type may be created, updated and read as well; "
    "twins are told nothing by it. Bundles of type transaction, batch and collection are taken, with entries of POST "
    "and PUT. NDJSON, plain or gzip, goes to $import."
)


def capability(base: str, software: str, date: str) -> dict[str, Any]:
    """The CapabilityStatement of a server.

    Args:
        base: URL of the FHIR endpoint.
        software: version of this program.
        date: FHIR dateTime at which it was made.

    Example:
        >>> told = capability("http://localhost/fhir", "0.1.0", "2026-03-01")
        >>> [resource["type"] for resource in told["rest"][0]["resource"]][:2]
        ['Observation', 'Encounter']
    """
    resources = [_resource(kind, ("read", "vread", "create", "update", "search-type")) for kind in _TAKEN]
    resources += [_resource(kind, ("search-type",)) for kind in ("RiskAssessment", "AuditEvent")]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": date,
        "kind": "instance",
        "software": {"name": "Twinward", "version": software},
        "implementation": {"description": "Twinward, live digital twins", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": _NOTES,
                "resource": resources,
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
                "operation": [
                    {"name": "validate", "definition": "http://hl7.org/fhir/OperationDefinition/Resource-validate"},
                    {"name": "import", "definition": f"{base}/OperationDefinition/import"},
                ],
            }
        ],
    }


def _resource(kind: str, interactions: tuple[str, ...]) -> dict[str, Any]:
    told: dict[str, Any] = {"type": kind, "interaction": [{"code": code} for code in interactions]}
    if kind in _TAKEN:
        told |= {
            "versioning": "versioned-update",
            "readHistory": True,
            "updateCreate": True,
            "conditionalCreate": False,
            "conditionalUpdate": False,
            "conditionalDelete": "not-supported",
            "conditionalRead": "not-match",
            "operation": [
                {"name": "validate", "definition": "http://hl7.org/fhir/OperationDefinition/Resource-validate"}
            ],
        }
    given = _SEARCH.get(kind, (("_id", "token", "the resource's id"),))
    told["searchParam"] = [{"name": name, "type": type, "documentation": note} for name, type, note in given]
    return told
