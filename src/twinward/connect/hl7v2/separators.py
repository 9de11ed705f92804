"""The five separators that a sender declares in MSH-1 and MSH-2, and the escapes that stand for them in text."""

import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Separators:
    """The characters that divide a message.

    Args:
        field, component, repeat, escape, part: MSH-1 and the four of MSH-2 (`part` divides sub-components). `escape`
            and `part` are "" where a sender declares fewer.

    Example:
        >>> Separators().unescape("R\\\\T\\\\D\\\\.br\\\\x\\\\X41\\\\")
        'R&D\\nxA'
        >>> Separators().escape("a|b^c")
        'a\\\\F\\\\b\\\\S\\\\c'
    """

    field: str = "|"
    component: str = "^"
    repeat: str = "~"
    escape_with: str = "\\"
    part: str = "&"

    @property
    def encoding(self) -> str:
        """MSH-2."""
        return self.component + self.repeat + self.escape_with + self.part

    def unescape(self, text: str, charset: str = "utf-8") -> str:
        """Text as it is meant; escapes that are not known stay as they are."""
        if not self.escape_with or self.escape_with not in text:
            return text
        return _escapes(self.escape_with).sub(lambda found: self._meant(found, charset), text)

    def escape(self, text: str) -> str:
        """Text as it can stand in a field."""
        if not self.escape_with:
            return "".join(" " if c in {self.field, self.component, self.repeat, "\r", "\n"} else c for c in text)
        e = self.escape_with
        letters = {
            self.field: f"{e}F{e}", self.component: f"{e}S{e}", self.part: f"{e}T{e}", self.repeat: f"{e}R{e}",
            e: f"{e}E{e}", "\n": f"{e}.br{e}", "\r": f"{e}.br{e}",
        }  # fmt: skip
        return "".join(letters.get(c, c) for c in text)

    def _meant(self, found: re.Match[str], charset: str) -> str:
        name = found[1]
        plain = {
            "F": self.field, "S": self.component, "T": self.part, "R": self.repeat, "E": self.escape_with,
            ".br": "\n", ".sp": "\n", ".BR": "\n", "H": "", "N": "",
        }  # fmt: skip
        if name in plain:
            return plain[name]
        if name[:1] == "X":
            try:
                return bytes.fromhex(name[1:]).decode(charset)
            except ValueError:  # no hexadecimal digits, or bytes that are no text
                return found[0]
        return found[0]


@lru_cache(maxsize=64)
def _escapes(escape: str) -> re.Pattern[str]:
    e = re.escape(escape)
    return re.compile(f"{e}([^{e}]*){e}")
