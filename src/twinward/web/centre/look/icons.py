"""Icons as inline drawings of lines, and the three shapes of a state."""

from twinward.web.report.html import Html, tag

_PATHS = {
    "overview": "M4 4h7v7H4zM13 4h7v4h-7zM13 11h7v9h-7zM4 14h7v6H4z",
    "rehearse": "M4 7h9m4 0h3M4 17h3m4 0h9M15 4v6M9 14v6",
    "alerts": "M12 3.5 21 19.5H3ZM12 10v4M12 16.6v.4",
    "twins": "M9 8a3 3 0 1 0 0 .01M17 15a3 3 0 1 0 0 .01M3.5 20c0-4 2.5-6 5.5-6M8 8c3 0 4 4 6 7",
    "wall": "M3 5h18v11H3zM8 20h8M12 16v4M6 12l3-3 3 2 5-4",
    "skill": "M4 20V4M4 20h16M8 16l4-6 3 3 5-8",
    "trial": "M12 4v16M12 8H6a3 3 0 0 0-3 3v2M12 8h6a3 3 0 0 1 3 3v2M3 13h0M2 16h4M18 16h4M10 20h4",
    "evidence": "M9 3h6M10 3v6l-5 9a2 2 0 0 0 2 3h10a2 2 0 0 0 2-3l-5-9V3M8 15h8",
    "quality": "M4 6h16M4 12h10M4 18h6M17 17l2 2 3-4",
    "quarantine": "M12 3l8 3v6c0 5-3.5 8-8 9-4.500-1-8-4-8-9V6zM9 9l6 6M15 9l-6 6",
    "theme": "M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16",
    "logout": "M10 4H5v16h5M14 8l4 4-4 4M9 12h9",
    "search": "M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13M15.500 15.500 21 21",
}
STATES = {"calm": ("fine", "●", "fine"), "busy": ("watch", "◆", "busy"), "full": ("act", "▲", "full")}
LEVELS = {"fine": "●", "watch": "◆", "act": "▲"}


def icon(name: str) -> Html:
    """A drawing that says nothing to a screen reader; its link or button does."""
    path = tag("path", d=_PATHS[name])
    return tag("svg", path, class_="icon", viewBox="0 0 24 24", aria_hidden="true", focusable="false")


def mark(level: str, words: str = "") -> Html:
    """The shape of a level ("fine", "watch", "act") in its colour, with words for those who do not see it."""
    said = words or {"fine": "fine", "watch": "watch", "act": "act now"}[level]
    shape = tag("span", LEVELS[level], aria_hidden="true")
    return tag("span", shape, tag("span", f" {said}", class_="hidden"), class_=f"mark {level}")
