"""What a reader may see of an answer: patients by pseudonym without the right to names, only the units in scope."""

import re
from typing import Any

import msgspec

from twinward.web.security import Principal, Security

_PERSONAL = re.compile(r"^(Patient|Encounter)/[^/\s]+$")


class Shown:
    """Turns what the system tells into plain data that one reader may see.

    Args:
        security: knows the pseudonyms.
    """

    def __init__(self, security: Security) -> None:
        self._pseudonyms = security.pseudonyms

    def plain(self, what: Any, principal: Principal) -> Any:
        """JSON-ready data."""
        data = msgspec.to_builtins(what)
        if principal.names and principal.units is None:
            return data
        return self._walk(data, principal)

    def _walk(self, data: Any, principal: Principal) -> Any:
        if isinstance(data, str):
            return self._word(data, principal)
        if isinstance(data, dict):
            if self._out_of_scope(data, principal):
                return None
            pairs = ((self._word(str(k), principal), self._walk(v, principal)) for k, v in data.items())
            return {k: v for k, v in pairs if not self._hidden_key(k, principal)}
        if isinstance(data, list | tuple):
            walked = (self._walk(item, principal) for item in data)
            return [item for item, raw in zip(walked, data, strict=True) if item is not None or raw is None]
        return data

    def _word(self, word: str, principal: Principal) -> str:
        if not principal.names and _PERSONAL.match(word):
            return self._pseudonyms.shown(word, principal)
        return word

    @staticmethod
    def _out_of_scope(data: dict[str, Any], principal: Principal) -> bool:
        unit = data.get("unit") if "case" in data else data.get("name") if "beds_taken" in data else None
        return isinstance(unit, str) and bool(unit) and principal.units is not None and not principal.may_see(unit)

    @staticmethod
    def _hidden_key(key: str, principal: Principal) -> bool:
        match = re.match(r"^unit_\w+\[(.+)\]$", key)
        return match is not None and principal.units is not None and not principal.may_see(match[1])
