"""What the eye needs: contrast in both themes, and no state told by colour alone."""

import pytest

from twinward.web.centre import look
from twinward.web.centre.look.icons import STATES, mark


def _luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(a: str, b: str) -> float:
    light, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [look.DARK, look.LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("ground", look.GROUNDS)
@pytest.mark.parametrize("role", look.TEXT)
def test_text_can_be_read_on_every_ground(theme: dict[str, str], ground: str, role: str) -> None:
    assert _contrast(theme[role], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [look.DARK, look.LIGHT], ids=["dark", "light"])
def test_buttons_and_counts_can_be_read(theme: dict[str, str]) -> None:
    assert _contrast(theme["press-text"], theme["press"]) >= 4.5
    assert _contrast(theme["surface"], theme["act"]) >= 4.5  # the count of open alerts


def test_every_colour_named_in_the_style_sheet_is_declared_in_both_themes() -> None:
    sheet = look.css()
    named = {part.split(")")[0].split(",")[0] for part in sheet.split("var(--")[1:]} - {"fill", "p"}
    assert named <= set(look.DARK) and named <= set(look.LIGHT)


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert "http" not in look.css() and "url(" not in look.css() and "http" not in look.script()


def test_each_state_has_a_shape_and_a_word_of_its_own() -> None:
    assert len({shape for _, shape, _ in STATES.values()}) == len(STATES)
    assert "act now" in mark("act") and "▲" in mark("act")
