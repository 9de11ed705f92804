"""Who looks at a page: what they may do, whom they may see, and by which name."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import HTTPConnection

from twinward.journal.base import Access
from twinward.live.facts import Alert
from twinward.twins.hospital.board import Leaver, UnitNow
from twinward.web.security import Principal, Role, Security
from twinward.web.security.pseudonyms import MARK

_SHOWN = len(MARK) + 6  # of a pseudonym's sixteen letters: enough to tell a ward's patients apart; links have all
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

    def reference(self, reference: str) -> str:
        """A subject as this visitor may know it: patients and encounters by pseudonym without the right to names."""
        return self.security.pseudonyms.shown(reference, self.principal) if self.security is not None else reference

    def find(self, asked: str, known: Iterable[str] = ()) -> str | None:
        """The subject that a link names; None for one that this visitor must not ask for so.

        Args:
            asked: a reference, or a pseudonym.
            known: the references that exist.
        """
        return self.security.pseudonyms.find(asked, self.principal, known) if self.security is not None else asked

    def name(self, reference: str) -> str:
        """The short form of `reference`, for a person to read."""
        kind, _, identifier = self.reference(reference).partition("/")
        return (identifier[:_SHOWN] if identifier.startswith(MARK) else identifier) or kind

    def sees_subject(self, reference: str, units: Mapping[str, str]) -> bool:
        """Whether a subject lies within the scope; a patient whose unit is not known only for those who see all.

        Args:
            reference: of the subject.
            units: encounter or patient -> the unit where they are.
        """
        kind, _, name = reference.partition("/")
        if kind in ("Patient", "Encounter"):
            return self.sees(units.get(reference, ""))
        return kind != "Location" or name not in units.values() or self.sees(name)

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

    def entries(self, action: str, what: str) -> list[Access]:
        """The entry of a deed on the open page, to be written in the deed's own transaction."""
        return [] if self.security is None else [self.security.entry(self.request, action, what)]


def unit_of(rule: str) -> str:
    """The unit in the brackets of a rule or variable; "" where there is none.

    Example:
        >>> unit_of("P(unit_census[Ward A] > 40 within 4 h) > 0.7"), unit_of("P(census > 9 within 4 h) > 0.7")
        ('Ward A', '')
    """
    _, bracket, rest = rule.partition("[")
    return rest.partition("]")[0] if bracket else ""
