"""Meals as people write them ("Rice 75 g", one food a line) read into grams by kind of food."""

import re
from dataclasses import dataclass

KINDS = ("sugar", "starch", "fruit", "milk", "other")

# Words -> kind, first match wins. No carbohydrate content is claimed here: the forecaster learns from glucose how
# strongly a gram of each kind acts. "other" holds vegetables, meat, fish, eggs, nuts and soups.
_WORDS: tuple[tuple[str, str], ...] = (
    ("other", r"sugar[- ]free (milk )?tea|bean sprout|soybean|bean curd|green bean|lotus nut|bread ?crab"),
    ("sugar", r"glucose|sugar pill|candy|honey|juice|coke|soda|sugar water|chocolate|ice cream|jam\b"),
    (
        "starch",
        r"rice|bread|bun\b|buns\b|noodle|dumpling|wonton|porridge|congee|cereal|oat|pancake|cake|biscuit|cookie|pastry"
        r"|toast|potato|taro|\byam|corn|millet|buckwheat|vermicelli|grain|wheat|sorghum|mung|red bean|pea\b|cowpea"
        r"|pasta|pizza|hamburger|sandwich|dough|twist|pie\b|meal replacement|powder|puff|wafer|croissant|pumpkin"
        r"|lotus root|starch|coix|sago|tortilla|pudding|chestnut|broad bean|staple|burger",
    ),
    (
        "fruit",
        r"apple|orange|orance|kiwi|peach|pear\b|banana|melon|grape|fruit|mandarin|strawberry|blueberry|plum|loquat"
        r"|cherry|dekopon|kumquat|\bdates?\b|mango|dragon|pomelo|lychee|persimmon|wolfberry",
    ),
    ("milk", r"milk|yogurt|yoghurt|latte|soymilk"),
)  # fmt: skip
_UNKNOWN = re.compile(r"not\s+available|^\s*fasting", re.IGNORECASE)
_ITEM = re.compile(r"(?P<name>.*?)(?P<grams>\d+(?:\.\d+)?)\s*(?P<unit>g|ml|kg)?", re.IGNORECASE)
_TRAILING = " \t.,;，。"


@dataclass(frozen=True, slots=True)
class Meal:
    """What was eaten at once.

    Args:
        grams: by kind of food, in the order of `KINDS` (millilitres count as grams).
        known: whether amounts were written down; False: something was eaten, nobody knows what.
        unread: lines that name a food without grams.
    """

    grams: tuple[float, ...]
    known: bool
    unread: tuple[str, ...] = ()


def read_meal(text: str) -> Meal | None:
    """The meal written in `text`, one food a line with grams or millilitres; None where it says that nothing was eaten.

    Example:
        >>> read_meal("Rice 75 g\\nVegetable 50 g").grams
        (0.0, 75.0, 0.0, 0.0, 50.0)
        >>> read_meal("data not available").known
        False
    """
    if re.match(r"\s*fasting", text, re.IGNORECASE):
        return None
    if _UNKNOWN.search(text):
        return Meal((0.0,) * len(KINDS), known=False)
    grams, unread = dict.fromkeys(KINDS, 0.0), []
    for line in text.replace("\xa0", " ").splitlines():
        item = line.strip(_TRAILING)
        if not item:
            continue
        match = _ITEM.fullmatch(item)
        if match is None or not match["name"].strip():
            unread.append(item)
            continue
        factor = 1000.0 if (match["unit"] or "").lower() == "kg" else 1.0
        grams[_kind(match["name"])] += float(match["grams"]) * factor
    return Meal(tuple(grams[kind] for kind in KINDS), known=sum(grams.values()) > 0, unread=tuple(unread))


def _kind(name: str) -> str:
    for kind, pattern in _WORDS:
        if re.search(pattern, name, re.IGNORECASE):
            return kind
    return "other"
