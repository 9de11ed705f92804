"""Who looks at a page: what they may do, whom they may see, and by which name."""

from typing import Any

from starlette.requests import HTTPConnection

from twinward.live.facts import Alert
from twinward.twins.hospital.board import Leaver, UnitNow
from twinward.web.security import Principal, Role, Security

EVERYTHING = Principal("operator", Role.ADMIN, names=True)  # where no security was installed: a test, or one's own desk


class Visitor:
    """The principal behind an open page.

    Args:
        principal: who it is.
        security: at the door, or None.
        request: with which the page was opened; what is done on it is audited under it.
    """

    def __init__(self, principal: Principal, security: Security | None, request: HTTPConnection) -> None:
        self.principal, self.security, self.request = principal, security, request

    @property
    def who(self) -> str:
        """Name of the user."""
        return self.principal.who

    def may(self, permission: str) -> bool:
        """Whether the policy grants it."""
        return self.principal.may(permission)

    def sees(self, unit: str) -> bool:
        """Whether the unit lies within the visitor's scope."""
        return self.principal.may_see(unit)

    def name(self, reference: str) -> str:
        """A patient or encounter as this visitor may read it: its identifier, or a pseudonym."""
        kind, _, identifier = reference.partition("/")
        if self.principal.names or kind not in ("Patient", "Encounter"):
            return identifier or kind
        return self.security.pseudonym(reference) if self.security is not None else "patient"

    def units(self, units: tuple[UnitNow, ...]) -> list[UnitNow]:
        """The units within the scope."""
        return [unit for unit in units if self.sees(unit.name)]

    def leavers(self, leavers: tuple[Leaver, ...]) -> list[Leaver]:
        """The patients in units within the scope."""
        return [leaver for leaver in leavers if self.sees(leaver.unit)]

    def alerts(self, alerts: Any) -> list[Alert]:
        """Alerts that concern a unit within the scope, or the hospital as a whole."""
        return [alert for alert in alerts if (unit := unit_of(alert.rule)) == "" or self.sees(unit)]

    async def note(self, action: str, what: str, patient: str = "", outcome: int = 200) -> None:
        """Write in the audit trail what was done or read on the open page; durable when it returns."""
        if self.security is not None:
            await self.security.note(self.request, action, what, patient, outcome)


def unit_of(rule: str) -> str:
    """The unit in the brackets of a rule or variable; "" where there is none.

    Example:
        >>> unit_of("P(unit_census[Ward A] > 40 within 4 h) > 0.7"), unit_of("P(census > 9 within 4 h) > 0.7")
        ('Ward A', '')
    """
    _, bracket, rest = rule.partition("[")
    return rest.partition("]")[0] if bracket else ""
