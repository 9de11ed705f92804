"""The first segment of a message, MSH: who sent it, when, what it is, and how it is written."""

import re
from dataclasses import dataclass

from twinward.connect.hl7v2.refusal import Unusable
from twinward.connect.hl7v2.separators import Separators

_VERSIONS = frozenset({"2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "2.8.1",
                       "2.8.2", "2.9", "2.9.1"})  # fmt: skip
_NO_SEPARATOR = re.compile(r"[A-Za-z0-9\s\x00-\x1f\x7f-\xff\"]")


@dataclass(frozen=True, slots=True)
class Header:
    """MSH, read far enough to answer its sender.

    Args:
        separators: how the message is written.
        fields: MSH-1, MSH-2, ...: `fields[n - 1]`, in Latin-1 (byte for byte what was sent).
    """

    separators: Separators
    fields: tuple[str, ...]

    def field(self, number: int) -> str:
        """MSH-`number` as sent; "" where it is absent."""
        return self.fields[number - 1] if number <= len(self.fields) else ""

    def component(self, number: int, index: int = 1) -> str:
        """A component of MSH-`number`."""
        parts = self.field(number).split(self.separators.component)
        return parts[index - 1].strip() if index <= len(parts) else ""

    @property
    def type(self) -> str:
        """ "ADT^A01"; without a trigger only the type."""
        return f"{self.component(9)}^{self.component(9, 2)}".rstrip("^")

    @property
    def control_id(self) -> str:
        """MSH-10."""
        return self.field(10).strip()

    @property
    def source(self) -> str:
        """The feed: "hl7v2/<MSH-3>/<MSH-4>", each where it is given."""
        return "/".join(["hl7v2", *(name for name in (self.component(3), self.component(4)) if name)])


def header_of(raw: bytes) -> Header:
    """Read MSH.

    Args:
        raw: a message, from "MSH" on.

    Raises:
        Unusable: it does not begin with MSH and separators that can be told apart.

    Example:
        >>> header_of(b"MSH|^~\\\\&|LAB|HOSP|||2026||ORU^R01|7|P|2.5").source
        'hl7v2/LAB/HOSP'
    """
    line = re.split(rb"[\r\n]", raw[:65536], maxsplit=1)[0].decode("latin-1")
    if line[:3] != "MSH":
        raise Unusable("missing MSH", "the message does not begin with MSH", 100)
    mark = line[3:4]
    if not mark or _NO_SEPARATOR.match(mark):
        raise Unusable(
            "bad separators", f"MSH-1 is {mark!r}: a punctuation mark such as '|' is expected", 102, "MSH^1^1"
        )
    fields = line[3:].split(mark)
    encoding = fields[1] if len(fields) > 1 else ""
    marks = [mark, *encoding[:4]]
    if not 2 <= len(encoding) <= 5 or len(set(marks)) < len(marks) or any(map(_NO_SEPARATOR.match, marks)):
        reason = f"MSH-2 is {encoding[:20]!r}: different punctuation marks such as '^~\\&' are expected"
        raise Unusable("bad separators", reason, 102, "MSH^1^2")
    fields[0] = mark
    return Header(Separators(mark, *encoding[:4], *[""] * (4 - len(encoding[:4]))), tuple(fields))


def check_version(header: Header) -> None:
    """Refuse what is no version 2 of HL7."""
    version = header.component(12)
    if version not in _VERSIONS:
        reason = f"MSH-12 is {version[:20]!r}: a version of HL7 from 2.1 to 2.9 is expected"
        raise Unusable("unknown version", reason, 203, "MSH^1^12", "AR")
