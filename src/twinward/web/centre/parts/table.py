"""A table that scrolls on a small screen and says what it is."""

from collections.abc import Iterable, Sequence

from twinward.web.report.html import Html, tag


def table(
    head: Sequence[object], rows: Iterable[Sequence[object]], label: str, numbers: Sequence[int] | None = None
) -> Html:
    """One table.

    Args:
        head: names of the columns.
        rows: cells; text is escaped.
        label: what a screen reader calls it.
        numbers: indices of the columns that hold numbers; all but the first where left out.
    """
    columns = set(numbers) if numbers is not None else set(range(1, len(head)))
    kind = ["num" if i in columns else None for i in range(len(head))]
    top = tag("tr", *(tag("th", words, scope="col", class_=kind[i]) for i, words in enumerate(head)))
    body = [tag("tr", *(tag("td", cell, class_=kind[i]) for i, cell in enumerate(row))) for row in rows]
    whole = tag("table", tag("thead", top) if any(head) else None, tag("tbody", *body))
    return tag("div", whole, class_="scroll", tabindex="0", role="region", aria_label=label)
