"""How the command centre looks: colours by role, one style sheet, icons."""

from importlib.resources import files

from twinward.web.report import tokens

# Beside the house's colours: the rail, a button that asks to be pressed (its ground, edge and words), and the screen of
# a bedside monitor, which is dark by day too.
DARK = tokens.DARK | {
    "rail": "#0d1526", "press": "#12324a", "press-line": "#24496a", "press-text": "#bfe6fb", "monitor": "#05080f",
}  # fmt: skip
LIGHT = tokens.LIGHT | {
    "rail": "#ffffff", "press": "#e0f2fe", "press-line": "#7cc4ea", "press-text": "#075985", "monitor": "#05080f",
}  # fmt: skip
# What is read as text, and what it stands on: a test computes the contrast of every pair.
TEXT = ("text", "muted", "accent", "past", "fine", "watch", "act", "measured")
GROUNDS = ("bg", "surface", "surface-2", "rail")


def css() -> str:
    """Everything between <style> and </style>."""
    dark, light = (";".join(f"--{role}:{colour}" for role, colour in theme.items()) for theme in (DARK, LIGHT))
    return (
        f":root{{color-scheme:dark;{dark}}}\n"
        f"@media (prefers-color-scheme:light){{:root:not([data-theme=dark]){{color-scheme:light;{light}}}}}\n"
        f":root[data-theme=light]{{color-scheme:light;{light}}}\n"
        f"@media print{{:root,:root[data-theme]{{color-scheme:light;{light}}}}}\n"
        + (files(__name__) / "centre.css").read_text(encoding="utf-8")
    )


def script() -> str:
    """What runs in the page before anything is drawn: the theme, the keyboard."""
    return (files(__name__) / "centre.js").read_text(encoding="utf-8")
