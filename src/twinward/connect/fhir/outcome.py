"""OperationOutcome: what was wrong, where, and how grave, as FHIR tells it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from twinward.errors import BadInput

_PATH = re.compile(r" - at `(?:key in )?\$([^`]*)`\Z")


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is to be said of what was sent.

    Args:
        severity: "fatal", "error", "warning" or "information".
        code: of FHIR's issue-type ("structure", "required", "value", "code-invalid", "not-supported" ...).
        diagnostics: what is wrong and what would have been right.
        expression: FHIRPath of the element; "" where there is none.
    """

    severity: str
    code: str
    diagnostics: str
    expression: str = ""


class NotFhir(BadInput):
    """What was sent is not the FHIR it should be.

    Args:
        field: FHIRPath of what is wrong.
        value: what was found.
        expected: what would have been right.
        code: of FHIR's issue-type.
    """

    def __init__(self, field: str, value: object, expected: str, code: str = "invalid") -> None:
        super().__init__(field, value, expected)
        self.code = code

    @property
    def issue(self) -> Issue:
        """The same as an issue."""
        where = self.field if self.field[:1].isupper() else ""
        return Issue("error", self.code, str(self), where)


def outcome(issues: Sequence[Issue]) -> dict[str, Any]:
    """The OperationOutcome resource; without issues it says that all is well.

    Example:
        >>> outcome([Issue("error", "required", "status is missing", "Observation.status")])["issue"][0]["expression"]
        ['Observation.status']
    """
    listed = issues or [Issue("information", "informational", "All OK")]
    return {"resourceType": "OperationOutcome", "issue": [_told(issue) for issue in listed]}


def path_of(message: str, resource_type: str) -> tuple[str, str]:
    """What msgspec says of a fault, as (what, FHIRPath).

    Example:
        >>> path_of("Expected `str`, got `int` - at `$.code.coding[...].code`", "Observation")
        ('Expected `str`, got `int`', 'Observation.code.coding.code')
    """
    found = _PATH.search(message)
    if found is None:
        return message, resource_type
    return message[: found.start()], resource_type + found[1].replace("[...]", "")


def _told(issue: Issue) -> dict[str, Any]:
    told: dict[str, Any] = {"severity": issue.severity, "code": issue.code, "diagnostics": issue.diagnostics}
    return {**told, "expression": [issue.expression]} if issue.expression else told
