"""Colours by role, dark and light; text on every surface meets WCAG 2.2 AA (a test computes it)."""

DARK = {
    "bg": "#0a101c", "surface": "#111b2e", "surface-2": "#16233b", "line": "#1f2d49", "text": "#e8eef8",
    "muted": "#8fa3c4", "faint": "#5b7096", "accent": "#38bdf8", "past": "#a78bfa", "fine": "#34d399",
    "watch": "#fbbf24", "act": "#fb7185", "measured": "#ffffff",
}  # fmt: skip
LIGHT = {
    "bg": "#f3f6fb", "surface": "#ffffff", "surface-2": "#edf2f9", "line": "#d3dcea", "text": "#0f1b2d",
    "muted": "#44566f", "faint": "#6b7c96", "accent": "#0369a1", "past": "#6d28d9", "fine": "#046c4e",
    "watch": "#92400e", "act": "#be123c", "measured": "#0f1b2d",
}  # fmt: skip


def css() -> str:
    """Custom properties: dark unless the system or the reader asks for light; paper is light."""
    dark, light = (";".join(f"--{role}:{colour}" for role, colour in theme.items()) for theme in (DARK, LIGHT))
    return (
        f":root{{color-scheme:dark;{dark}}}\n"
        f"@media (prefers-color-scheme:light){{:root:not([data-theme=dark]){{color-scheme:light;{light}}}}}\n"
        f":root[data-theme=light]{{color-scheme:light;{light}}}\n"
        f"@media print{{:root,:root[data-theme]{{color-scheme:light;{light}}}}}\n"
    )
