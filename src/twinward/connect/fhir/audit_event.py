"""The audit trail as FHIR AuditEvents after IHE's Basic Audit Log Patterns (BALP 1.1)."""

import base64
import re
from typing import Any, Protocol

from twinward.connect.fhir.moments import written

_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_EVENT = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
_RESTFUL = "http://hl7.org/fhir/restful-interaction"
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_PROFILE = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
_REQUEST_ID = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"

# What was done -> (AuditEvent.action, code of the RESTful interaction, BALP pattern, what the user is to the data:
# an information recipient of what is read, an author of what is written, a custodian of what is deleted).
_ACTIONS = {
    "read": ("R", "read", "Read", "IRCP"),
    "search": ("E", "search-type", "Query", "IRCP"),
    "create": ("C", "create", "Create", "AUT"),
    "update": ("U", "update", "Update", "AUT"),
    "delete": ("D", "delete", "Delete", "CST"),
}


# A read of a whole type ("GET /fhir/Observation") is a search.
_SEARCH = re.compile(r"/fhir/[A-Z][A-Za-z]+/?(?:\?|\Z)")


class Accessed(Protocol):
    """Who did what (the journal's `Access`)."""

    @property
    def at(self) -> float: ...
    @property
    def who(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def patient(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def outcome(self) -> int: ...
    @property
    def origin(self) -> str: ...
    @property
    def request(self) -> str: ...


def audit_event(number: int, access: Accessed, site: str = "twinward") -> dict[str, Any]:
    """One access as an AuditEvent.

    Args:
        number: of the access in the trail; becomes the id.
        access: who did what.
        site: name of this server.

    Returns:
        The resource. It claims a BALP profile where its pattern was met: these are for successful reads, queries,
        creates, updates and deletes by a client whose address is known.

    Example:
        >>> from types import SimpleNamespace
        >>> access = SimpleNamespace(at=0.0, who="ada", role="clinician", action="read", what="Observation/1",
        ...     patient="Patient/42", why="", outcome=200, origin="127.0.0.1", request="r-1")
        >>> audit_event(1, access)["meta"]["profile"]
        ['https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead']
    """
    done = "search" if access.action == "read" and _SEARCH.search(access.what) else access.action
    action, interaction, pattern, part = _ACTIONS.get(done, ("E", "", "", "IRCP"))
    is_query = pattern == "Query"
    entities = [_query(access.what) if is_query else _data(access.what)]
    if access.patient.startswith("Patient/"):
        entities.append(_patient(access.patient))
        pattern = f"Patient{pattern}" if pattern else ""
    if access.request:
        entities.append(_transaction(access.request))
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": str(number),
        "type": {"system": _EVENT, "code": "rest", "display": "Restful Operation"},
        "action": action,
        "recorded": written(access.at),
        "outcome": _outcome(access.outcome),
        "outcomeDesc": f"HTTP {access.outcome}",
        "agent": _agents(access, site, part),
        "source": {
            "site": site,
            "observer": {"display": site},
            "type": [{"system": "http://terminology.hl7.org/CodeSystem/security-source-type", "code": "4"}],
        },
        "entity": entities,
    }
    if interaction:
        event["subtype"] = [{"system": _RESTFUL, "code": interaction}]
    else:
        event["subtype"] = [{"system": "urn:twinward:action", "code": access.action}]
    if pattern and access.outcome < 400 and access.origin:
        event["meta"] = {"profile": [_PROFILE + pattern]}
    return event


def _outcome(status: int) -> str:
    """AuditEvent.outcome: 0 success, 4 refused or not possible, 8 the server failed."""
    return "0" if status < 400 else "4" if status < 500 else "8"


def _agents(access: Accessed, site: str, part: str) -> list[dict[str, Any]]:
    client: dict[str, Any] = {
        "type": {"coding": [{"system": _DCM, "code": "110153", "display": "Source Role ID"}]},
        "who": {"display": access.origin or "unknown"},
        "requestor": not access.who,
    }
    if access.origin:
        client["network"] = {"address": access.origin, "type": "2"}
    server = {
        "type": {"coding": [{"system": _DCM, "code": "110152", "display": "Destination Role ID"}]},
        "who": {"display": site},
        "requestor": False,
        "network": {"address": site, "type": "1"},
    }
    if not access.who:
        return [client, server]
    user: dict[str, Any] = {
        "type": {"coding": [{"system": _PARTICIPATION, "code": part}]},
        "who": {"identifier": {"value": access.who}},
        "name": access.who,
        "requestor": True,
    }
    if access.role:
        user["role"] = [{"text": access.role}]
    if access.why:
        user["purposeOfUse"] = [{"text": access.why}]
    return [client, server, user]


def _data(what: str) -> dict[str, Any]:
    resource = what.rstrip("/").split("?")[0].split("/")
    known = len(resource) >= 2 and resource[-2][:1].isupper()
    return {
        "what": {"reference": "/".join(resource[-2:])} if known else {"display": what or "unknown"},
        "type": {"system": _ENTITY, "code": "2", "display": "System Object"},
        "role": {"system": _ROLE, "code": "4", "display": "Domain Resource"},
    }


def _query(what: str) -> dict[str, Any]:
    return {
        "type": {"system": _ENTITY, "code": "2", "display": "System Object"},
        "role": {"system": _ROLE, "code": "24", "display": "Query"},
        "query": base64.b64encode(what.encode() or b"?").decode(),
    }


def _patient(reference: str) -> dict[str, Any]:
    return {
        "what": {"reference": reference},
        "type": {"system": _ENTITY, "code": "1", "display": "Person"},
        "role": {"system": _ROLE, "code": "1", "display": "Patient"},
    }


def _transaction(request: str) -> dict[str, Any]:
    return {
        "what": {"identifier": {"value": request}},
        "type": {"system": _REQUEST_ID, "code": "XrequestId"},
    }
