"""Alerts as people live with them: they come in time, do not flutter, stay as decided, and outlive a restart."""

import pytest

from twinward.errors import BadInput
from twinward.live.alerts import STORM, Alerts
from twinward.live.facts import Alert
from twinward.live.rules import Verdict, rule

HOUR = 3600.0
FULL = rule("P(census > 40 within 4 h) > 0.7", "Ward full")


def said(probability: float, lead: float | None = HOUR) -> list[Verdict]:
    return [Verdict(FULL.text, probability, lead, f"{probability:.0%}")]


def raised(book: Alerts, at: float = 0.0, probability: float = 0.8) -> Alert:
    (alert,) = book.judge("Organization/1", at, [FULL], said(probability))
    return alert


def test_an_alert_says_how_likely_how_soon_and_why() -> None:
    alert = raised(Alerts(), 60.0)
    assert (alert.state, alert.probability, alert.lead, alert.why) == ("open", 0.8, HOUR, "80%")
    assert (alert.raised, alert.forecast, alert.name) == (60.0, 60.0, "Ward full")


def test_below_the_rule_nothing_is_raised() -> None:
    assert Alerts().judge("Organization/1", 0.0, [FULL], said(0.7)) == []


def test_it_does_not_flutter_at_the_edge() -> None:
    book = Alerts()
    raised(book)
    states = []
    for i, probability in enumerate((0.69, 0.72, 0.65, 0.71)):
        book.judge("Organization/1", float(i + 1), [FULL], said(probability))
        states.append(book.all()[0].state)
    assert states == ["open"] * 4
    assert book.judge("Organization/1", 9.0, [FULL], said(0.6))[0].state == "resolved"
    assert book.all(open_only=True) == []


def test_what_a_person_would_not_see_is_not_written_down() -> None:
    book = Alerts()
    raised(book)
    assert book.judge("Organization/1", 1.0, [FULL], said(0.8001, HOUR + 5.0)) == []
    assert book.judge("Organization/1", 2.0, [FULL], said(0.8001, HOUR + 61.0)) != []
    assert book.judge("Organization/1", 3.0, [FULL], said(0.83, HOUR + 61.0)) != []


def test_acknowledged_stays_acknowledged_while_it_lasts() -> None:
    book = Alerts()
    id = raised(book).id
    assert book.act(id, "acknowledge", by="ann", now=10.0, why="bed 4 is being cleaned").by == "ann"
    (told,) = book.judge("Organization/1", 20.0, [FULL], said(0.95))
    assert (told.state, told.by, told.probability) == ("acknowledged", "ann", 0.95)
    assert book.escalate(1e9, {FULL.text: 60.0}) == []


def test_a_snooze_ends_by_itself() -> None:
    book = Alerts()
    id = raised(book).id
    assert book.act(id, "snooze", by="ann", now=10.0, until=100.0).until == 100.0
    assert book.wake(99.0) == []
    (woken,) = book.wake(100.0)
    assert (woken.state, woken.until) == ("open", None)
    assert book.wake(101.0) == []


@pytest.mark.parametrize("until", [None, 10.0, 9.0])
def test_a_snooze_needs_an_end_in_the_future(until: float | None) -> None:
    book = Alerts()
    with pytest.raises(BadInput, match="until"):
        book.act(raised(book).id, "snooze", by="ann", now=10.0, until=until)


def test_what_nobody_acts_on_grows_graver_with_time_alone() -> None:
    book, after = Alerts(), {FULL.text: 600.0}
    raised(book)
    assert book.escalate(599.0, after) == []
    (once,) = book.escalate(600.0, after)
    assert (once.severity, once.escalated) == ("critical", 1)
    assert book.escalate(700.0, after) == []
    (twice,) = book.escalate(1200.0, after)
    assert (twice.severity, twice.escalated) == ("critical", 2)


def test_what_a_person_resolved_comes_back_only_as_new_trouble() -> None:
    book = Alerts()
    first = raised(book)
    book.act(first.id, "resolve", by="ann", now=10.0)
    assert book.judge("Organization/1", 20.0, [FULL], said(0.9)) == []
    assert book.all(open_only=True) == []
    book.judge("Organization/1", 30.0, [FULL], said(0.1))
    (second,) = book.judge("Organization/1", 40.0, [FULL], said(0.9))
    assert (second.state, second.raised) == ("open", 40.0)
    assert second.id != first.id


def test_the_resolved_can_only_be_reopened() -> None:
    book = Alerts()
    id = raised(book).id
    book.act(id, "resolve", by="ann", now=1.0)
    for action in ("acknowledge", "snooze", "resolve"):
        with pytest.raises(BadInput, match="resolved"):
            book.act(id, action, by="ann", now=2.0, until=9.0)
    assert book.act(id, "reopen", by="ann", now=3.0).state == "open"


def test_unknown_ids_and_actions_are_named() -> None:
    book = Alerts()
    with pytest.raises(BadInput, match="nothing"):
        book.act("nothing", "acknowledge", by="ann", now=0.0)
    with pytest.raises(BadInput, match="shout"):
        book.act(raised(book).id, "shout", by="ann", now=0.0)


def units(n: int) -> list:
    return [rule(f"P(unit_census[W{i}] > 4 within 4 h) > 0.5", f"W{i} full") for i in range(n)]


def test_a_storm_is_one_group() -> None:
    book, rules = Alerts(), units(STORM)
    told = book.judge("Organization/1", 0.0, rules, [Verdict(r.text, 0.9, HOUR, "") for r in rules])
    assert len({alert.id for alert in told}) == len(told) == STORM
    assert len({alert.group for alert in book.all()}) == 1
    assert book.all()[0].group


def test_few_alerts_and_late_ones_are_no_storm() -> None:
    book, rules = Alerts(), units(STORM)
    for i, one in enumerate(rules):
        book.judge("Organization/1", 1000.0 * i, [one], [Verdict(one.text, 0.9, HOUR, "")])
    assert {alert.group for alert in book.all()} == {""}


def test_the_gravest_comes_first() -> None:
    book = Alerts()
    rules = [rule("P(a > 1 within 1 h) > 0.5", "a", "info"), rule("P(b > 1 within 1 h) > 0.5", "b", "critical")]
    book.judge("Organization/1", 0.0, rules, [Verdict(r.text, 0.9, HOUR, "") for r in rules])
    assert [alert.name for alert in book.all()] == ["b", "a"]


def test_two_twins_with_the_same_rule_have_two_alerts_and_ids_name_nobody() -> None:
    book = Alerts()
    ids = {book.judge(f"Patient/{i}", 0.0, [FULL], said(0.9))[0].id for i in (4711, 4712)}
    assert len(ids) == 2
    assert not any("471" in id for id in ids)
    assert all(id.replace("-", "").isalnum() for id in ids)


def test_the_book_is_the_same_when_its_transitions_are_read_again() -> None:
    book, written = Alerts(), []
    rules = units(5)
    for step in range(40):
        at = 300.0 * step
        verdicts = [Verdict(r.text, (0.37 * step * (i + 1)) % 1.0, HOUR, str(step)) for i, r in enumerate(rules)]
        written += book.judge("Organization/1", at, rules, verdicts)
        if step % 5 == 2 and (due := book.all(open_only=True)):
            written.append(book.act(due[0].id, "snooze", by="ann", now=at + 1, until=at + 900))
        if step % 7 == 3 and (due := book.all(open_only=True)):
            written.append(book.act(due[-1].id, "resolve", by="ann", now=at + 2))
        written += book.wake(at + 3)
        written += book.escalate(at + 4, {r.text: 600.0 for r in rules})
    again = Alerts()
    again.restore(written)
    assert again.all() == book.all()
    verdicts = [Verdict(r.text, 0.55, HOUR, "next") for r in rules]
    assert again.judge("O", 1e6, rules, verdicts) == book.judge("O", 1e6, rules, verdicts)
