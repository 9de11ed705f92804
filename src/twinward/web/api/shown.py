"""What a reader may see of an answer: patients by pseudonym without the right to names, only the units in scope."""

import re
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.responses import Response

from twinward.web.security import Principal, Security, exchange

_PERSONAL = re.compile(r"^(Patient|Encounter)/[^/\s]+$")
_OF_A_UNIT = re.compile(r"\bunit_\w+\[([^\]]+)\]")
_ABOUT = ("subject", "twin", "reference", "case")  # keys whose value says whom the whole mapping is about
_encode = msgspec.json.Encoder().encode  # NaN and infinities are null: JSON has none


class Shown:
    """Turns what the system tells into plain data that one reader may see.

    Args:
        security: knows the pseudonyms.
        unit_of: reference -> name of the unit that it is in, "" where it is in none.
    """

    def __init__(self, security: Security, unit_of: Callable[[str], str]) -> None:
        self._pseudonyms, self._unit_of = security.pseudonyms, unit_of

    def answer(self, what: Any, principal: Principal, status: int = 200) -> Response:
        """As JSON."""
        return Response(_encode(self.plain(what, principal)), status, media_type="application/json")

    def plain(self, what: Any, principal: Principal) -> Any:
        """JSON-ready data."""
        data = msgspec.to_builtins(what)
        if principal.names and principal.units is None:
            return data
        return self._walk(data, principal)

    def sees(self, reference: str, principal: Principal) -> bool:
        """Whether a patient, stay or place lies within the reader's units; a whole hospital does."""
        if principal.units is None or reference.partition("/")[0] in ("Organization", "Device"):
            return True
        return principal.may_see(self._unit_of(reference))

    def require(self, request: Any, reference: str, principal: Principal) -> None:
        """Refuse a subject outside of the reader's units.

        Raises:
            HTTPException: 403.
        """
        if not self.sees(reference, principal):
            exchange(request).require_unit("")

    def _walk(self, data: Any, principal: Principal) -> Any:
        if isinstance(data, str):
            return self._word(data, principal)
        if isinstance(data, dict):
            pairs = ((k, v) for k, v in data.items() if not self._is_hidden(str(k), v, principal))
            return {self._word(str(k), principal): self._walk(v, principal) for k, v in pairs}
        if isinstance(data, list | tuple):
            return [self._walk(item, principal) for item in data if not self._is_hidden("", item, principal)]
        return data

    def _word(self, word: str, principal: Principal) -> str:
        if not principal.names and _PERSONAL.match(word):
            return self._pseudonyms.shown(word, principal)
        return word

    def _is_hidden(self, key: str, item: Any, principal: Principal) -> bool:
        """Whether an item of a list, or a value and its key, lies outside of the reader's units."""
        if principal.units is None:
            return False
        if _PERSONAL.match(key) and not self.sees(key, principal):
            return True
        if (found := _OF_A_UNIT.search(key)) is not None and not principal.may_see(found[1]):
            return True
        if isinstance(item, str):
            return not key and bool(_PERSONAL.match(item)) and not self.sees(item, principal)
        return isinstance(item, dict) and not key and self._is_out_of_scope(item, principal)

    def _is_out_of_scope(self, data: dict[str, Any], principal: Principal) -> bool:
        for name in _ABOUT:
            about = data.get(name)
            if isinstance(about, str) and _PERSONAL.match(about) and not self.sees(about, principal):
                return True
        for name in ("variable", "rule"):
            about = data.get(name)
            if isinstance(about, str) and (found := _OF_A_UNIT.search(about)) is not None:
                return not principal.may_see(found[1])
        unit = data.get("unit") if "case" in data else data.get("name") if "beds_taken" in data else None
        return isinstance(unit, str) and bool(unit) and not principal.may_see(unit)
