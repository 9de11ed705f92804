"""Who may do what: four roles, and one table that names the least role for each permission."""

from dataclasses import dataclass
from enum import IntEnum

from twinward.errors import BadInput


class Role(IntEnum):
    """What a person or client is trusted with; each role may do all that the one below it may.

    Example:
        >>> Role.named("clinician") < Role.OPERATOR
        True
    """

    VIEWER = 1  # sees the hospital, patients by pseudonym
    CLINICIAN = 2  # sees patients by name, rehearses, acts on alerts
    OPERATOR = 3  # runs feeds, settles the quarantine
    ADMIN = 4  # users, audit trail

    @classmethod
    def named(cls, name: str) -> "Role":
        """The role of that name.

        Raises:
            BadInput: there is none.
        """
        try:
            return cls[name.upper()]
        except KeyError:
            raise BadInput("role", name, "one of " + ", ".join(role.label for role in cls)) from None

    @property
    def label(self) -> str:
        """As it is written in files and answers."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Rule:
    """What a permission takes and what the audit trail calls it.

    Args:
        least: the least role that has it.
        action: "read", "create", "update", "delete", "execute" or "login" (FHIR AuditEvent.action R C U D E).
        identified: its answer may name patients; needs the right to see names as well, and is always audited.
    """

    least: Role
    action: str = "read"
    identified: bool = False

    @property
    def audited(self) -> bool:
        """Whether each use leaves an entry; other reads leave one when they concern a patient."""
        return self.identified or self.action != "read"


POLICY: dict[str, Rule] = {
    # what the hospital is and does, patients by pseudonym
    "pages.view": Rule(Role.VIEWER),
    "kinds.read": Rule(Role.VIEWER),
    "twins.read": Rule(Role.VIEWER),
    "graph.read": Rule(Role.VIEWER),
    "estimate.read": Rule(Role.VIEWER),
    "forecast.read": Rule(Role.VIEWER),
    "history.read": Rule(Role.VIEWER),
    "evidence.read": Rule(Role.VIEWER),
    "alerts.read": Rule(Role.VIEWER),
    "feeds.read": Rule(Role.VIEWER),
    "observations.read": Rule(Role.VIEWER),
    "rehearsals.read": Rule(Role.VIEWER),
    "stream.read": Rule(Role.VIEWER),
    "metrics.read": Rule(Role.VIEWER),
    "docs.read": Rule(Role.VIEWER),
    "me.read": Rule(Role.VIEWER),
    "token.issue": Rule(Role.VIEWER, "create"),
    # care
    "patients.read": Rule(Role.CLINICIAN, identified=True),
    "names.resolve": Rule(Role.CLINICIAN, identified=True),
    "fhir.read": Rule(Role.CLINICIAN, identified=True),
    "compare.run": Rule(Role.CLINICIAN, "execute"),
    "rehearsals.write": Rule(Role.CLINICIAN, "create"),
    "alerts.act": Rule(Role.CLINICIAN, "update"),
    # running the system (a feed gets a token that is good for its writes only)
    "observations.write": Rule(Role.OPERATOR, "create"),
    "fhir.write": Rule(Role.OPERATOR, "create"),
    "files.write": Rule(Role.OPERATOR, "create"),
    "quarantine.read": Rule(Role.OPERATOR, identified=True),  # raw input: whatever a sender put in
    "quarantine.settle": Rule(Role.OPERATOR, "update"),
    "evidence.run": Rule(Role.OPERATOR, "execute"),
    "feeds.manage": Rule(Role.OPERATOR, "update"),
    "rules.manage": Rule(Role.OPERATOR, "update"),
    # trust
    "audit.read": Rule(Role.ADMIN, identified=True),
    "users.manage": Rule(Role.ADMIN, "update"),
    "system.backup": Rule(Role.ADMIN, "execute"),
}


def rule(permission: str) -> Rule:
    """The rule of a permission.

    Raises:
        BadInput: no such permission, so that a misspelt guard fails where it is written.

    Example:
        >>> rule("alerts.act").least.label
        'clinician'
    """
    try:
        return POLICY[permission]
    except KeyError:
        raise BadInput("permission", permission, "one of " + ", ".join(sorted(POLICY))) from None


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking, as far as it has been proven.

    Args:
        who: name of the user.
        role: what the user (or the narrower token) is trusted with.
        units: the units the user may see; None for all.
        names: whether patients are shown by name (needs at least a clinician).
        only: the only permissions of a narrow token; None for all of the role.
        how: "token", "session" or "jwt".
        key: which token or session it is (never the secret).
        feed: a system that sends data: has the generous rate limit.
        purpose: why, as chosen at login (HL7 PurposeOfUse).

    Example:
        >>> nurse = Principal("ada", Role.CLINICIAN, units=frozenset({"Ward A"}), names=True)
        >>> nurse.may("patients.read"), nurse.may("audit.read"), nurse.may_see("ICU")
        (True, False, False)
    """

    who: str
    role: Role
    units: frozenset[str] | None = None
    names: bool = False
    only: frozenset[str] | None = None
    how: str = "token"
    key: str = ""
    feed: bool = False
    purpose: str = ""

    def may(self, permission: str) -> bool:
        """Whether the policy grants it."""
        asked = rule(permission)
        if self.role < asked.least or (self.only is not None and permission not in self.only):
            return False
        return self.names or not asked.identified

    def may_see(self, unit: str) -> bool:
        """Whether the unit lies within the user's scope; an unknown unit ("") only for those who see all."""
        return self.units is None or unit in self.units
