"""HTML and SVG elements as strings; whatever is not itself an element is escaped."""

from collections.abc import Iterable
from html import escape

_VOID = frozenset({"meta", "br", "hr"})


class Html(str):
    """Text that is already HTML."""

    __slots__ = ()


def tag(element: str, /, *children: object, **attributes: object) -> Html:
    """One element.

    Args:
        element: its name.
        children: elements, or values whose text is escaped; None and "" leave nothing.
        attributes: `class_` is class, `aria_label` is aria-label; None and False are left out, True has no value.

    Example:
        >>> tag("p", "a < b", tag("b", 3), class_="note")
        '<p class="note">a &lt; b<b>3</b></p>'
    """
    words = [element]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        label = key.rstrip("_").replace("_", "-")
        words.append(label if value is True else f'{label}="{escape(str(value))}"')
    if element in _VOID:
        return Html(f"<{' '.join(words)}>")
    return Html(f"<{' '.join(words)}>{join(children)}</{element}>")


def join(children: Iterable[object]) -> Html:
    """Elements side by side."""
    return Html("".join(c if isinstance(c, Html) else "" if c is None else escape(str(c)) for c in children))
