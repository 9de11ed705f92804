"""One open page: its parts, and how they are kept up to date.

The order of one update: a change is told (or ten seconds have gone by) -> about half a second since the last one
-> the snapshot is taken -> every part is drawn anew -> only those that differ are sent.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from nicegui import background_tasks, ui
from nicegui.element import Element

from twinward.live.facts import Change
from twinward.web.centre.history import History
from twinward.web.centre.parts.chart import Chart
from twinward.web.centre.parts.markup import Markup
from twinward.web.centre.ports import Centre
from twinward.web.centre.snapshot import Snapshot, past, present
from twinward.web.centre.visitor import Visitor
from twinward.web.report.html import Html, tag

_LOG = logging.getLogger("twinward.web.centre")
APART = 0.475  # seconds between two updates of one page at least: two a second, and not one more
TICK = 10.0  # seconds after which "6 min late" and the clock are drawn again although nothing has changed

Draw = Callable[[Snapshot], Html]


class Screen:
    """A page of one browser.

    Args:
        centre: the running system.
        visitor: who looks.
        history: what changes seldom, kept for all pages.
        moment: POSIX seconds of the past to show; None for now.
    """

    def __init__(self, centre: Centre, visitor: Visitor, history: History, moment: float | None = None) -> None:
        self.centre, self.visitor, self.history = centre, visitor, history
        self.moment = moment
        self.shown: Snapshot = present(centre, visitor, history)
        self.trouble = ""
        self._parts: list[Callable[[Snapshot], None]] = []
        self._late: list[Callable[[], None]] = []
        self._is_due = asyncio.Event()
        self._is_closed = False
        self.client = ui.context.client

    async def load(self) -> None:
        """Take the snapshot anew."""
        try:
            await self.history.refresh()
            if self.moment is None:
                self.shown = present(self.centre, self.visitor, self.history)
            else:
                self.shown = await past(self.centre, self.visitor, self.history, self.moment)
            self.trouble = ""
        except Exception as error:
            # The page stays open and says so; what it showed before stays, as stale as it is.
            _LOG.exception("a page could not be brought up to date")
            self.trouble = str(error) or type(error).__name__

    # -- parts -------------------------------------------------------------------------------------------------

    def part(self, draw: Draw, tag: str = "div", on_do: Callable[[dict[str, Any]], Any] | None = None) -> Markup:
        """A part as HTML, drawn anew with each update."""
        element = Markup(self._drawn(draw, self.shown), tag, on_do)
        self._parts.append(lambda shown: element.show(self._drawn(draw, shown)) and None)
        return element

    def chart(
        self,
        options: Callable[[Snapshot], dict[str, Any]],
        words: Callable[[Snapshot], str],
        height: str = "250px",
        table: Draw | None = None,
    ) -> None:
        """A chart with its text alternative: a sentence, and a table where one is given.

        The picture comes when the page stands: the numbers must not wait for the chart library.
        """
        room = ui.element("div").style(f"height:{height}")

        def arrive() -> None:
            with room:
                element = Chart(options(self.shown), words(self.shown), height)
            self._parts.append(lambda shown: element.show(options(shown), words(shown)) and None)

        self._late.append(arrive)
        if table is not None:
            self.part(table)

    def every(self, update: Callable[[Snapshot], None]) -> None:
        """Something else to be done with each update."""
        self._parts.append(update)

    def draw(self) -> None:
        """Draw all parts from the snapshot; what differs is sent."""
        for update in self._parts:
            try:
                update(self.shown)
            except Exception:
                _LOG.exception("a part of a page could not be drawn")

    @staticmethod
    def _drawn(draw: Draw, shown: Snapshot) -> Html:
        try:
            return draw(shown)
        except Exception:
            # One card that fails must not take the others with it.
            _LOG.exception("a part of a page could not be drawn")
            return tag(
                "p",
                tag("strong", "This card could not be drawn"),
                "The log says why; the others go on.",
                class_="empty",
                role="alert",
            )

    # -- live --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Follow the centre until the browser is gone."""
        end = self.centre.subscribe(self._told)
        forget = self.history.subscribe(self._is_due.set)

        def closed() -> None:
            self._is_closed = True
            self._is_due.set()
            end()
            forget()

        self.client.on_delete(closed)
        self.client.on_connect(self._connected)
        background_tasks.create(self._follow(), name=f"page {self.client.id}")

    def _connected(self) -> None:
        late, self._late = self._late, []
        with self.client:
            for arrive in late:
                arrive()

    def _told(self, changes: Sequence[Change]) -> None:
        if self.moment is None:
            self._is_due.set()

    async def refresh(self) -> None:
        """Bring the page up to date now."""
        await self.load()
        with self.client:
            self.draw()

    async def go(self, moment: float | None) -> None:
        """Show another moment: the past, or (None) the present again."""
        self.moment = moment
        await self.refresh()
        where = f"?at={moment:.0f}" if moment is not None else ""
        with self.client:
            ui.run_javascript(f"history.replaceState(null, '', location.pathname + {where!r})")

    async def _follow(self) -> None:
        last = time.monotonic()
        while not self._is_closed:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._is_due.wait(), TICK)
            if (early := last + APART - time.monotonic()) > 0:
                await asyncio.sleep(early)
            if self._is_closed:
                return
            self._is_due.clear()
            last = time.monotonic()
            if self.moment is None and self.client.has_socket_connection:
                await self.refresh()


class Shown:
    """A part of the page that shows what it was last given, also when the page is drawn anew."""

    def __init__(self, screen: Screen, html: Html, live: bool = False) -> None:
        self._html = html
        self._part = screen.part(lambda _: self._html)
        if live:
            self._part.props('aria-live="polite"')

    def show(self, html: Html) -> None:
        """Show other HTML."""
        self._html = html
        self._part.show(html)


def card(
    title: str | Draw, screen: Screen, sub: str | Draw = "", wide: str = "", *, legend: Html | None = None
) -> Element:
    """A card with its heading; what is drawn inside `with` follows.

    Args:
        title, sub: words, or what draws them from the snapshot.
        wide: classes that say how wide.
        legend: at the right end of the heading.
    """

    def heading(shown: Snapshot) -> Html:
        name, words = (part(shown) if callable(part) else part for part in (title, sub))
        return Html(tag("h2", name) + (tag("span", words, class_="sub") if words else "") + (legend or ""))

    found = ui.element("section").classes(f"card {wide}".strip())
    if isinstance(title, str):
        found.props(f'aria-label="{title}"')
    with found:
        screen.part(heading).classes("hh")
    return found
