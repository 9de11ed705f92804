"""The FHIR R4 endpoint: routes, and nothing that decides what they do."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version as installed
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute

from twinward.connect.fhir import (
    Issue,
    NotFhir,
    audit_event,
    capability,
    is_resource,
    issues,
    observation,
    outcome,
    risk_assessment,
    written,
)
from twinward.errors import BadInput
from twinward.live.repository import Found
from twinward.web.fhir.answers import FhirRoute, answer, etag, failed, version_headers
from twinward.web.fhir.bodies import Limits, Refused, body, stream
from twinward.web.fhir.described import RESPONSES, query, sent
from twinward.web.fhir.ports import NoTrail, System, Trail
from twinward.web.fhir.searching import Parameters, count_of, listing, patient_of, reference_of, search_of, searchset
from twinward.web.fhir.writing import Faulty, Imported, Writer, Written

_NDJSON = sent("application/fhir+ndjson", "string", required=False)
_FORM = sent("application/x-www-form-urlencoded", required=False)
_SUBJECT = query("subject", required="subject")
_TRAIL = query("patient", "_count")
_SEARCH = query("patient", "subject", "code", "combo-code", "date", "_id", "_sort", "_count")
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
Guard = Callable[[str], Callable[..., Any]]


def open_to_all(action: str) -> Callable[..., Any]:
    """The guard of a system without users: everybody may do everything."""
    return lambda: None


def no_client(request: Request) -> str:
    """The name of a client where there are no users."""
    return "client"


def no_trail(request: Request) -> Trail:
    """Where nobody keeps an audit trail."""
    return NoTrail()


def router(
    system: System,
    guard: Guard = open_to_all,
    *,
    client: Callable[[Request], str] = no_client,
    trail: Callable[[Request], Trail] = no_trail,
    limits: Limits = Limits(),
    since: float = 0.0,
    latest: Callable[[], float] = lambda: math.inf,
) -> APIRouter:
    """The routes under /fhir.

    Args:
        system: the running system.
        guard: action -> a dependency that refuses who may not; actions are "fhir:read", "fhir:search", "fhir:write",
            "fhir:import", "fhir:validate", "fhir:audit" and "fhir:metadata".
        client: who is asking; the feed of what it writes is "fhir/<client>".
        trail: the entry of a request in the audit trail; what a request stores, its entry is stored with.
        limits: largest sizes taken.
        since: POSIX seconds at which the system was started, for the CapabilityStatement.
        latest: POSIX seconds; what claims to have been seen after that is refused (a clock is wrong).
    """
    routes = APIRouter(prefix="/fhir", route_class=FhirRoute, tags=["FHIR R4"], responses=RESPONSES)
    writer = Writer(system, latest)

    def feed(request: Request) -> str:
        return f"fhir/{client(request)}"

    def may(action: str) -> list[Any]:
        return [Depends(guard(f"fhir:{action}"))]

    async def taken(request: Request) -> bytes:
        try:
            return await body(request, limits.body)
        except Refused as why:
            await writer.refuse(why, feed(request), trail(request))
            raise

    @routes.get("/metadata", dependencies=may("metadata"), response_class=Response)
    async def metadata(request: Request) -> Response:
        """CapabilityStatement: what is served."""
        return answer(capability(_base(request), installed("twinward"), written(since)))

    @routes.post("", dependencies=may("write"), response_class=Response, openapi_extra=sent())
    @routes.post("/", dependencies=may("write"), response_class=Response, include_in_schema=False)
    async def bundle(request: Request) -> Response:
        """A Bundle: transaction (all or nothing), batch or collection (each entry by itself)."""
        kind, done = await writer.bundle(await taken(request), feed(request), limits.entries, trail(request))
        reply = "transaction-response" if kind == "transaction" else "batch-response"
        base = _base(request)
        return answer({"resourceType": "Bundle", "type": reply, "entry": [_entry(each, base) for each in done]})

    @routes.post("/$import", dependencies=may("import"), response_class=Response, openapi_extra=_NDJSON)
    async def bulk(request: Request) -> Response:
        """Bulk data as NDJSON, plain or gzip, read while it comes."""
        return answer(_imported(await writer.bulk(_pieces(request, limits), feed(request), trail(request))))

    @routes.get("/RiskAssessment", dependencies=may("search"), response_class=Response, openapi_extra=_SUBJECT)
    async def risks(request: Request) -> Response:
        """What twins forecast of a subject, newest forecast."""
        asked = _parameters(request)
        found = [risk_assessment(risk) for risk in await system.risks_of(_subject(asked))]
        return answer(searchset(listing(found), _base(request), "RiskAssessment", asked))

    @routes.get("/Observation/$estimate", dependencies=may("search"), response_class=Response, openapi_extra=_SUBJECT)
    async def estimates(request: Request) -> Response:
        """What twins believe of a subject now, as Observations with their uncertainty."""
        asked = _parameters(request)
        found = [observation(estimate) for estimate in await system.estimates_of(_subject(asked))]
        return answer(searchset(listing(found), _base(request), "Observation/$estimate", asked))

    @routes.get("/AuditEvent", dependencies=may("audit"), response_class=Response, openapi_extra=_TRAIL)
    async def audit(request: Request) -> Response:
        """The audit trail, in the order in which things were done."""
        asked = _parameters(request)
        return answer(searchset(await _audit(system, asked), _base(request), "AuditEvent", asked))

    @routes.get("/Observation", dependencies=may("search"), response_class=Response, openapi_extra=_SEARCH)
    async def observations(request: Request) -> Response:
        """Observations by patient, code and date."""
        return await _observations(system, request, _parameters(request))

    @routes.post("/Observation/_search", dependencies=may("search"), response_class=Response, openapi_extra=_FORM)
    async def posted_search(request: Request) -> Response:
        """The same search, with its parameters in the body."""
        form = (await request.body())[:65536].decode("utf-8", "replace")
        return await _observations(system, request, [*_parameters(request), *parse_qsl(form)])

    @routes.post("/{kind}/$validate", dependencies=may("validate"), response_class=Response, openapi_extra=sent())
    async def validate(kind: str, request: Request) -> Response:
        """Everything that is wrong with a resource; nothing is stored."""
        _known(kind)
        raw = await body(request, limits.body)
        return answer(outcome(await asyncio.to_thread(issues, raw, kind)))

    @routes.get("/{kind}", dependencies=may("search"), response_class=Response)
    async def listed(kind: str, request: Request) -> Response:
        """Resources of a type."""
        _known(kind)
        asked = _parameters(request)
        return answer(searchset(await _listed(system, kind, asked), _base(request), kind, asked))

    @routes.post("/{kind}", dependencies=may("write"), response_class=Response, openapi_extra=sent())
    async def create(kind: str, request: Request) -> Response:
        """Create a resource."""
        _known(kind)
        return _single(request, await _faults(writer.one(await taken(request), feed(request), kind, trail(request))))

    @routes.get("/{kind}/{id}", dependencies=may("read"), response_class=Response)
    async def read(kind: str, id: str, request: Request) -> Response:
        """One resource, as it is now."""
        return await _read(system, request, trail(request), kind, id)

    @routes.get("/{kind}/{id}/_history/{number}", dependencies=may("read"), response_class=Response)
    async def vread(kind: str, id: str, number: str, request: Request) -> Response:
        """One version of a resource."""
        if not number.isdecimal() or len(number) > 9:
            raise _missing(f"{kind}/{id}/_history/{number}")
        return await _read(system, request, trail(request), kind, id, int(number))

    @routes.put("/{kind}/{id}", dependencies=may("write"), response_class=Response, openapi_extra=sent())
    async def update(kind: str, id: str, request: Request) -> Response:
        """Create a resource under its id, or its next version."""
        _known(kind)
        match = request.headers.get("if-match", "")
        done = writer.one(await taken(request), feed(request), kind, trail(request), id, match)
        return _single(request, await _faults(done))

    @routes.api_route("/{rest:path}", methods=_METHODS, dependencies=may("read"), include_in_schema=False)
    async def nothing(rest: str, request: Request) -> Response:
        """What is not served, told as FHIR tells it."""
        text = f"{request.method} /fhir/{rest[:200]} is not served: GET /fhir/metadata tells what is"
        allowed = sorted(_allowed(routes, f"/fhir/{rest}"))
        if not allowed:
            return failed(404, [Issue("error", "not-found", text)])
        return failed(405, [Issue("error", "not-supported", text)], {"Allow": ", ".join(allowed)})

    return routes


def _allowed(routes: APIRouter, path: str) -> set[str]:
    """The methods that are served at a path: those of the first template that it matches."""
    served = [route for route in routes.routes if isinstance(route, APIRoute) and "{rest:path}" not in route.path]
    matching = [route for route in served if route.path_regex.match(path)]
    return {method for route in matching if route.path == matching[0].path for method in route.methods or ()}


async def _faults(writing: Any) -> Written | Response:
    """What became of a write; a resource that is refused is answered with everything that is wrong with it."""
    try:
        done: Written = await writing
        return done
    except Faulty as why:
        return failed(400, why.issues)


async def _observations(system: System, request: Request, asked: Parameters) -> Response:
    strict = "handling=strict" in request.headers.get("prefer", "")
    ids = [value for name, value in asked if name == "_id"]
    if ids:
        return answer(searchset(await _by_ids(system, "Observation", ids), _base(request), "Observation", asked))
    wanted, notes = search_of(asked, strict)
    await system.caught_up()
    found = await asyncio.to_thread(system.repository.search, wanted)
    return answer(searchset(found, _base(request), "Observation", asked, notes))


async def _listed(system: System, kind: str, asked: Parameters) -> Found:
    ids = [value for name, value in asked if name == "_id"]
    if ids:
        return await _by_ids(system, kind, ids)
    given = {name: [value] for name, value in asked}
    await system.caught_up()
    cursor = given.get("_cursor", [""])[0]
    return await asyncio.to_thread(system.repository.listed, kind, count_of(given), cursor)


async def _by_ids(system: System, kind: str, ids: list[str]) -> Found:
    if not all(ids):
        raise BadInput("_id", "", "the id of a resource")
    await system.caught_up()
    wanted = list(dict.fromkeys(part for text in ids for part in text.split(",")))[:100]
    stored = await asyncio.to_thread(lambda: [system.repository.read(kind, id) for id in wanted])
    rows = [(f"{kind}/{found.id}", found.told) for found in stored if found is not None]
    return Found(rows, "", len(rows))


async def _read(
    system: System, request: Request, trail: Trail, kind: str, id: str, number: int | None = None
) -> Response:
    _known(kind)
    await system.caught_up()
    stored = await asyncio.to_thread(system.repository.read, kind, id, number)
    if stored is None:
        raise _missing(f"{kind}/{id}" + ("" if number is None else f"/_history/{number}"))
    if patient := patient_of(stored.told):
        trail.concerns(patient)
    headers = version_headers(stored)
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(None, 304, headers)
    return answer(stored.told, 200, headers)


async def _audit(system: System, asked: Parameters) -> Found:
    given = {name: [value] for name, value in asked}
    count = max(count_of(given), 1)
    text = given.get("_cursor", ["0"])[0]
    if not text.isdecimal() or len(text) > 18:
        raise BadInput("_cursor", text[:40], "the cursor of a page's next link")
    patient = reference_of(given["patient"][0], "Patient") if "patient" in given else ""
    events: list[dict[str, Any]] = []
    after = int(text)
    more = True
    while more and len(events) < count:
        page = await system.accesses(after, count)
        more = len(page) == count
        for number, access in page:
            after = number
            if not patient or access.patient == patient:
                events.append(audit_event(number, access))
                if len(events) == count:
                    more = True
                    break
    return listing(events, str(after) if more else "")


def _single(request: Request, done: Written | Response) -> Response:
    """The answer to a create or an update."""
    if isinstance(done, Response):
        return done
    if done.status >= 400:
        return failed(done.status, done.issues)
    headers = {}
    if done.stored is not None:
        headers = version_headers(done.stored)
        headers["Location"] = f"{_base(request)}/{done.reference}/_history/{done.stored.version}"
    prefer = request.headers.get("prefer", "")
    if "return=minimal" in prefer:
        return Response(None, done.status, headers)
    if "return=OperationOutcome" in prefer or done.stored is None:
        return answer(outcome(done.issues), done.status, headers)
    return answer(done.stored.told, done.status, headers)


def _entry(done: Written, base: str) -> dict[str, Any]:
    """The answer to one entry of a bundle."""
    phrases = {200: "200 OK", 201: "201 Created", 400: "400 Bad Request", 409: "409 Conflict"}
    told: dict[str, Any] = {"status": phrases[done.status]}
    if done.stored is not None and done.status < 400:
        told["location"] = f"{done.reference}/_history/{done.stored.version}"
        told["etag"] = etag(done.stored.version)
        told["lastModified"] = written(done.stored.received)
    if done.issues:
        told["outcome"] = outcome(done.issues)
    return {"fullUrl": f"{base}/{done.reference}", "response": told} if done.reference else {"response": told}


def _imported(done: Imported) -> dict[str, Any]:
    """The answer to a bulk import."""
    counts = [
        {"name": name, "valueInteger": getattr(done, name)}
        for name in ("lines", "stored", "duplicates", "conflicts", "refused")
    ]
    told = [{"name": "outcome", "resource": outcome(done.issues)}] if done.issues else []
    return {"resourceType": "Parameters", "parameter": [*counts, *told]}


async def _pieces(request: Request, limits: Limits) -> AsyncIterator[bytes]:
    async for piece in stream(request, limits.stream):
        yield piece


def _known(kind: str) -> None:
    if not is_resource(kind):
        raise NotFhir("resourceType", kind[:60], "a FHIR R4 resource type", "not-found")


def _missing(what: str) -> NotFhir:
    return NotFhir("resource", what[:200], "one that is known here", "not-found")


def _subject(asked: Parameters) -> str:
    """The one subject that is asked about."""
    given = [(name, value) for name, value in asked if name in ("subject", "patient")]
    if len(given) != 1:
        expected = "the reference of one patient, unit or device, such as Patient/42"
        raise BadInput("subject", f"{len(given)} of them", expected)
    name, value = given[0]
    return reference_of(value, "Patient" if name == "patient" else "")


def _parameters(request: Request) -> Parameters:
    return list(request.query_params.multi_items())


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/") + "/fhir"
