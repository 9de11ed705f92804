"""The API is what its OpenAPI description says it is."""

import hypothesis
import pytest
import schemathesis
from tests.web.api.conftest import House

from twinward.web.api.missing import PATH
from twinward.web.security import routes


def test_it_is_openapi_3_1_and_knows_every_route(house: House) -> None:
    told = house.get("/api/v1/openapi.json")
    assert told["openapi"].startswith("3.1")
    paths = set(told["paths"])
    assert {"/api/v1/observations", "/api/v1/kinds", "/api/v1/twins/{type}/{id}/forecast", "/metrics"} <= paths
    ours = {route.path for route in routes(house.app) if route.path.startswith("/api/") and "WEBSOCKET" not in
            route.methods} - {"/api/v1/openapi.json", PATH}  # fmt: skip
    assert ours <= paths


def test_every_answer_is_described(house: House) -> None:
    told = house.get("/api/v1/openapi.json")
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/fhir"):
                continue
            good = [status for status in operation["responses"] if status.startswith("2")]
            assert good, (method, path)


def test_errors_are_problems(house: House) -> None:
    with house.client() as client:
        found = [
            client.get("/api/v1/twins/Device/none"),
            client.get("/api/v1/twins", params={"limit": "many"}),
            client.get("/api/v1/history", params={"at": "yesterday"}),
            client.get("/api/v1/nothing"),
            client.delete("/api/v1/alerts/x"),
            client.post("/api/v1/observations", content=b"{"),
        ]
    for answer in found:
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        told = answer.json()
        assert told["status"] == answer.status_code >= 400 and told["title"] and told["detail"]
    assert [answer.status_code for answer in found] == [404, 422, 422, 404, 405, 422]


def even_out(case: schemathesis.Case) -> None:
    """Columns of equal length: the one thing that a schema cannot say of them."""
    body = case.body
    if case.path.endswith("/observations") and isinstance(body, dict) and isinstance(body.get("subject"), list):
        count = len(body["subject"])
        case.body = {name: (column * count)[:count] if column else None for name, column in body.items()}


@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE])
def test_schemathesis_finds_nothing(house: House, mode: schemathesis.GenerationMode) -> None:
    headers = {"Authorization": f"Bearer {house.tokens['admin']}"}
    schema = schemathesis.openapi.from_url(f"{house.url}/api/v1/openapi.json", headers=headers)
    failures, asked = [], 0
    for result in schema.include(path_regex="^/api/v1/|^/health|^/ready|^/metrics").get_all_operations():
        operation = result.ok()

        @hypothesis.settings(
            max_examples=12, derandomize=True, deadline=None, database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )  # fmt: skip
        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        def call(case: schemathesis.Case) -> None:
            nonlocal asked
            asked += 1
            if mode is schemathesis.GenerationMode.POSITIVE:
                even_out(case)
            case.call_and_validate(headers=headers)

        try:
            call()
        except hypothesis.errors.Unsatisfiable:
            pass  # nothing can be wrong in a request without parameters
        except BaseException as error:
            failures.append(f"{operation.method} {operation.path}: {str(error)[:1500]}")
    assert not failures, "\n\n".join(failures)
    assert asked > 50
