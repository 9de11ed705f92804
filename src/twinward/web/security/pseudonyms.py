"""Patients for those who may not see names: stable references that say nothing without the installation's key."""

import base64
import hmac
from collections.abc import Iterable

from twinward.web.security.roles import Principal

MARK = "pseudo-"  # within the alphabet of a FHIR id ([A-Za-z0-9-.]{1,64})
HIDDEN = ("Patient/", "Encounter/")
_BYTES = 10  # 80 bits: for a million patients the chance of one collision is 4e-13


class Pseudonyms:
    """Keyed pseudonyms of patients and encounters (HMAC-SHA-256).

    The same reference always gets the same pseudonym, in this installation only. Without the key a pseudonym cannot be
    reversed nor tested against a guess; with it only by trying the references that are known.

    Args:
        key: 32 secret bytes of the installation.

    Example:
        >>> view = Pseudonyms(bytes(32))
        >>> view.pseudonym("Patient/4711")
        'Patient/pseudo-y26wdvjgf6b6brgc'
        >>> view.pseudonym("Device/monitor-3")
        'Device/monitor-3'
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[str, str] = {}

    def pseudonym(self, reference: str) -> str:
        """The pseudonym of a patient or encounter; any other reference as it is."""
        for kind in HIDDEN:
            if reference.startswith(kind):
                digest = hmac.digest(self._key, reference.encode(), "sha256")[:_BYTES]
                hidden = kind + MARK + base64.b32encode(digest).decode().lower()
                self._known[hidden] = reference
                return hidden
        return reference

    def shown(self, reference: str, to: Principal) -> str:
        """The reference as that person may see it."""
        return reference if to.names else self.pseudonym(reference)

    def find(self, asked: str, by: Principal, known: Iterable[str] = ()) -> str | None:
        """Inside the system: the reference that a request is about, so that a viewer can open a twin without its name.

        Args:
            asked: a pseudonym, or any other reference, which is returned as it is; but None for a patient's own
                reference from somebody who may not see names: otherwise a guess could be tested with it.
            by: who asks.
            known: the references that exist; looked through when the pseudonym has not been shown since the start.
        """
        if not asked.startswith(HIDDEN):
            return asked
        if not asked.partition("/")[2].startswith(MARK):
            return asked if by.names else None
        if asked not in self._known:
            for reference in known:
                if self.pseudonym(reference) == asked:
                    break
        return self._known.get(asked)

    def resolve(self, shown: str, to: Principal, known: Iterable[str] = ()) -> str | None:
        """The reference behind a pseudonym, for those who may know it; None for an unknown one.

        Raises:
            PermissionError: the principal has no right to see names.
        """
        if not to.may("names.resolve"):
            raise PermissionError(f"{to.who} has no right to see names")
        return self.find(shown, to, known)
