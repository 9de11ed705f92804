"""From topics to signals: which topics are listened to, and where subject, value, unit and time stand."""

import re
from dataclasses import dataclass, field

from twinward.errors import BadInput

_PART = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class TopicRule:
    """What the messages of some topics say.

    Args:
        name: of the rule; the feed is called "mqtt/<name>".
        topic: the topics: levels between "/", each a word, "+" (any word), "{part}" (any word, known by that name
            in `subject`, `signal` and `unit`), or "#" at the end (all that follows).
        subject: reference of whom or what it is about, such as "Device/{meter}".
        signal: name of the quantity, such as "energy" or "{quantity}".
        unit: UCUM unit where the payload names none.
        value: path of the value in a JSON payload, keys (and numbers of list elements) joined by "."; "": the whole
            payload, as JSON or plain text.
        time: path of the time in the payload (ISO 8601 with an offset, or seconds since 1970-01-01T00:00Z); where it
            is "" or absent from a payload, the reading is of the moment it came.
        time_unit: "s" or "ms": what a number at `time` counts.
        unit_path: path of the unit in the payload.
        id: path of the sender's own identifier of the message; "": it has none, and equal content is one message.
        text: the value is a word or code, not a number.

    Raises:
        BadInput: the topic is no MQTT filter, or a name in braces is not in the topic.

    Example:
        >>> rule = TopicRule("energy", "hospital/{unit}/energy/{meter}", "Device/{meter}", "energy", "kW.h")
        >>> rule.filter, rule.match("hospital/ICU/energy/EM-1")
        ('hospital/+/energy/+', {'unit': 'ICU', 'meter': 'EM-1'})
        >>> rule.match("hospital/ICU/water/EM-1") is None
        True
    """

    name: str
    topic: str
    subject: str
    signal: str
    unit: str = ""
    value: str = "value"
    time: str = "time"
    time_unit: str = "s"
    unit_path: str = "unit"
    id: str = ""
    text: bool = False
    filter: str = field(init=False)
    _levels: tuple[str, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        levels = self.topic.split("/")
        named = [match[1] for level in levels if (match := _PART.fullmatch(level))]
        plain = [level for level in levels if not _PART.fullmatch(level) and level not in ("+", "#")]
        if not self.topic or "#" in levels[:-1] or any(set("+#{}\0") & set(level) for level in plain):
            raise BadInput(f"rule {self.name}: topic", self.topic, "levels that are words, +, {name}, or a last #")
        if len(set(named)) < len(named):
            raise BadInput(f"rule {self.name}: topic", self.topic, "each name in braces once")
        for where, text in (("subject", self.subject), ("signal", self.signal)):
            if not text or not set(_PART.findall(text)) <= set(named):
                raise BadInput(f"rule {self.name}: {where}", text, f"a text whose {{names}} are in {self.topic!r}")
        if self.time_unit not in ("s", "ms"):
            raise BadInput(f"rule {self.name}: time_unit", self.time_unit, "s or ms")
        object.__setattr__(self, "filter", "/".join("+" if _PART.fullmatch(level) else level for level in levels))
        object.__setattr__(self, "_levels", tuple(levels))

    def match(self, topic: str) -> dict[str, str] | None:
        """The named parts of a topic; None where the rule is not for it."""
        words, levels = topic.split("/"), self._levels
        if levels[-1] == "#":
            if len(words) < len(levels) - 1 or topic.startswith("$"):  # "a/#" matches "a" too (MQTT 4.7.1.2)
                return None
            levels = levels[:-1]
            words = words[: len(levels)]
        if len(words) != len(levels):
            return None
        parts = {}
        for word, level in zip(words, levels, strict=True):
            if named := _PART.fullmatch(level):
                parts[named[1]] = word
            elif level != "+" and level != word:
                return None
        return parts

    def filled(self, text: str, parts: dict[str, str]) -> str:
        """`text` with the parts in the place of their names; other braces stay as they are."""
        return _PART.sub(lambda found: parts.get(found[1], found[0]), text)
