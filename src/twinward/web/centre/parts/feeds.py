"""How the feeds are: which one is late, and by how much."""

from twinward.live.facts import FeedHealth
from twinward.web.centre.look.icons import mark
from twinward.web.centre.snapshot import Snapshot
from twinward.web.centre.words import ago, span
from twinward.web.report.html import Html, tag

_LEVELS = {"live": "fine", "late": "watch", "silent": "act"}


def pills(shown: Snapshot) -> Html:
    """The two pills of the top bar: whether it lives, and how each kind of feed is."""
    if shown.is_past:
        return tag("span", tag("span", "past", class_="past-word"), class_="pill")
    if not shown.feeds:
        return tag("span", tag("span", class_="dot watch", aria_hidden="true"), "No feed yet", class_="pill")
    late = shown.late_feeds
    worst = "act" if any(feed.state == "silent" for feed in late) else "watch" if late or shown.is_stale else ""
    word = "Stale" if shown.is_stale else "Live" if not late else f"{len(late)} of {len(shown.feeds)} feeds late"
    names = [feed.source for feed in shown.feeds if feed.state == "live"]
    live = tag("span", tag("span", class_=f"dot {worst}", aria_hidden="true"), tag("b", word), class_="pill")
    told = [tag("span", f"{name} ✓") for name in names[:4]]
    told += [
        tag("span", f"▲ {feed.source} {span(shown.now - feed.last)} {feed.state}", class_="watch")
        for feed in late[:3]
    ]  # fmt: skip
    return tag("span", live, " ", tag("span", *told, class_="pill feeds-pill"), style="display:contents")


def listed(shown: Snapshot) -> Html:
    """One row a feed."""
    if not shown.feeds:
        words = "Feeds are shown as they are now." if shown.is_past else "Point a feed at this system's ports."
        return tag(
            "p", tag("strong", "Nothing has come yet" if not shown.is_past else "Not kept"), words, class_="empty"
        )
    return tag("ul", *(tag("li", _row(shown, feed), class_="feed") for feed in shown.feeds), class_="feeds")


def _row(shown: Snapshot, feed: FeedHealth) -> Html:
    lag = f" · {feed.lag:.1f} s behind" if feed.lag is not None and feed.lag >= 1 else ""
    usual = f", usually every {span(feed.expected)}" if feed.expected is not None and feed.state != "live" else ""
    refused = f" · {feed.refused:,} refused" if feed.refused else ""
    came = f"{feed.messages:,} messages · {feed.observations:,} observations{refused}{lag}"
    state = tag("div", f"{feed.state}{usual}", class_="sub")
    return tag(
        "div",
        tag("div", mark(_LEVELS.get(feed.state, "watch"), feed.state)),
        tag("div", feed.source, tag("div", came, class_="sub")),
        tag("div", ago(feed.last, shown.now), state, style="text-align:right"),
        style="display:contents",
    )
