"""Everything that the hospital's systems send, in the order of time.

The order at one instant: what was to be put right in this visit before its next event, the event, its results.
"""

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf

from twinward.demo.feed import START, feed
from twinward.demo.protocol import adt
from twinward.demo.protocol.adt import Notice
from twinward.demo.protocol.base import Outgoing
from twinward.demo.protocol.devices import Devices
from twinward.demo.protocol.mess import Correction, Mess, Rates
from twinward.demo.protocol.people import Person
from twinward.demo.protocol.results import LABORATORY, VITAL_SIGNS, bundle, report
from twinward.demo.protocol.stays import Stay, Stays
from twinward.demo.settings import BLOODS, DAY, EXITS, HOUR, MINUTE, REFERENCE, Hospital
from twinward.demo.world import Event

_EVERY = {"ED": 15 * MINUTE, "Imaging": 15 * MINUTE, "Theatre": 15 * MINUTE, "ICU": HOUR, "Step-down": HOUR}
_WARD_EVERY = 4 * HOUR
_THINNED = 6  # so many times rarer are vital signs in the far past
_METERS, _VENTILATORS = 15 * MINUTE, 5 * MINUTE


@dataclass(frozen=True, slots=True)
class Settings:
    """What is sent.

    Args:
        start: POSIX seconds of the instant that is called now; before it is the past.
        days_before: how long before `start` the hospital opens, empty; it needs about ten days to fill.
        days: how long it goes on after `start`.
        seed: the same seed sends the same bytes.
        full_days: for so long before `start` vital signs are complete, and devices publish; before, vital signs are
            six times rarer.
        fhir_unit: the unit whose vital signs go out as FHIR Bundles; "": none does.
        mqtt: devices publish.
        rates: how often things go wrong.
    """

    start: float = START
    days_before: float = 12.0
    days: float = 3.0
    seed: int = 1
    full_days: float = 2.0
    fhir_unit: str = ""
    mqtt: bool = False
    rates: Rates = field(default_factory=Rates)


def outgoing(settings: Settings, hospital: Hospital = REFERENCE) -> Iterator[Outgoing]:
    """Every message from the opening of the hospital to `start + days`; made only as far as they are asked for.

    Example:
        >>> first = next(outgoing(Settings(days_before=0, days=1)))
        >>> first.channel, first.body[:12].decode()
        ('hl7', 'MSH|^~\\\\&|PAS')
    """
    return _Outside(settings, hospital).run()


class _Outside:
    def __init__(self, settings: Settings, hospital: Hospital) -> None:
        self._settings, self._hospital = settings, hospital
        self._stays = Stays(hospital, settings.seed)
        self._mess = Mess(settings.rates, hospital, settings.seed)
        self._chance = random.Random(f"{settings.seed}/rounds")
        self._full_from = settings.start - settings.full_days * DAY
        opens = settings.start - settings.days_before * DAY
        self._devices_from = max(self._full_from, opens)
        self._devices = Devices(hospital, settings.seed, self._devices_from)
        self._agenda: list[tuple[float, int, str, str, int]] = []  # time, tie, what, visit, plan
        self._entries = 0
        self._corrections: dict[str, Correction] = {}  # visit -> what is still to be put right
        self._names: dict[str, Person] = {}  # visit -> who the unnamed patient really is

    def run(self) -> Iterator[Outgoing]:
        settings = self._settings
        if settings.mqtt:
            self._plan(self._devices_from + _METERS, "meters")
            self._plan(self._devices_from + _VENTILATORS, "ventilators")
        told = feed(
            settings.days, settings.seed, warm_up_days=settings.days_before, start=settings.start,
            hospital=self._hospital,
        )  # fmt: skip
        for sent in self._all(told):
            yield sent
            if sent.channel == "hl7" and self._mess.twice():
                yield sent

    def _all(self, told: Iterator[Event]) -> Iterator[Outgoing]:
        for event in told:
            yield from self._until(event.time)
            yield from self._put_right(event.case, event.time)
            yield from self._event(event)
        yield from self._until(self._settings.start + self._settings.days * DAY)

    def _plan(self, time: float, what: str, case: str = "", plan: int = 0) -> None:
        self._entries += 1
        heapq.heappush(self._agenda, (time, self._entries, what, case, plan))

    def _until(self, time: float) -> Iterator[Outgoing]:
        while self._agenda and self._agenda[0][0] < time:
            due, _, what, case, plan = heapq.heappop(self._agenda)
            if what == "vitals":
                yield from self._vitals(due, case, plan)
            elif what == "correction":
                if self._corrections.get(case, _NOTHING).due <= due:
                    yield from self._put_right(case, due)
            elif what == "name":
                yield from self._name(case, due)
            elif what == "early discharge":
                yield from self._discharge_too_early(case, due, plan)
            elif what == "meters":
                yield from self._devices.meters(due, self._stays.units())
                self._plan(due + _METERS, what)
            else:
                beds = [stay.bed for stay in self._stays.here.values() if stay.unit == "ICU" and stay.bed]
                yield from self._devices.ventilators(due, beds)
                self._plan(due + (_VENTILATORS if due >= self._settings.start else HOUR), what)

    def _event(self, event: Event) -> Iterator[Outgoing]:
        if event.activity in EXITS:
            yield from self._name(event.case, event.time)
        stay, trigger, before = self._stays.follow(event)
        if not before:
            self._arrived(stay, event.time)
        what = (event.activity, event.phase)
        right = Notice.of(stay, trigger, stay.occurred, what, before=before, resource=event.resource)
        notices, correction = self._mess.told(right)
        yield from (adt.written(notice, event.time) for notice in notices)
        if correction is not None:
            self._put_off(event.case, correction)
        if event.activity == BLOODS and event.phase == "complete":
            yield report(stay, stay.body.labs(event.time), event.time, LABORATORY)
        if event.activity in EXITS:
            return
        if _every(stay.unit) != _every(before) or not stay.plan:
            self._rounds(stay, event.time)
        if stay.unit != before and stay.unit.startswith("Ward"):
            early = self._mess.early_discharge(event.time)
            if early is not None:
                self._plan(early, "early discharge", stay.case, stay.plan)

    def _arrived(self, stay: Stay, time: float) -> None:
        unnamed = None if stay.inpatient else self._mess.unnamed(stay.person)
        if unnamed is not None:
            self._names[stay.case] = stay.person
            stay.person = unnamed
            self._plan(time + self._mess.named_after(), "name", stay.case)

    def _name(self, case: str, time: float) -> Iterator[Outgoing]:
        known = self._names.pop(case, None)
        if known is not None:
            stay = self._stays.here[case]
            yield adt.merged(known, stay.person.id, case, time)
            stay.person = known
            held = self._corrections.get(case)
            if held is not None:
                named = tuple(notice.but(person=known) for notice in held.notices)
                self._corrections[case] = Correction(held.due, named)

    def _put_off(self, case: str, correction: Correction) -> None:
        self._corrections[case] = correction
        self._plan(correction.due, "correction", case)

    def _put_right(self, case: str, time: float) -> Iterator[Outgoing]:
        correction = self._corrections.pop(case, None)
        for notice in correction.notices if correction is not None else ():
            recorded = self._stays.here[case].tick(time)
            if notice.trigger == "A02":  # entered anew, and stamped by the system with the time of entry
                notice = notice.but(occurred=recorded)
            yield adt.written(notice, time, recorded)

    def _discharge_too_early(self, case: str, time: float, plan: int) -> Iterator[Outgoing]:
        stay = self._stays.here.get(case)
        if stay is not None and stay.plan == plan and case not in self._corrections:
            wrong, correction = self._mess.discharge_too_early(stay, time)
            yield adt.written(wrong, time)
            self._put_off(case, correction)

    def _rounds(self, stay: Stay, time: float) -> None:
        """Vital signs from now on as often as this unit takes them; in the emergency department from triage on."""
        if stay.unit == "ED" and not stay.triage:
            return
        stay.plan += 1
        soon = self._chance.uniform(1, 10) * MINUTE
        self._plan(time + soon, "vitals", stay.case, stay.plan)

    def _vitals(self, time: float, case: str, plan: int) -> Iterator[Outgoing]:
        stay = self._stays.here.get(case)
        if stay is None or stay.plan != plan:
            return
        values = stay.body.vitals(time)
        if stay.unit == self._settings.fhir_unit:
            yield bundle(stay, values, time)
        else:
            yield report(stay, values, time, VITAL_SIGNS)
        interval = _every(stay.unit) * (1 if time >= self._full_from else _THINNED)
        self._plan(time + interval * self._chance.uniform(0.95, 1.05), "vitals", case, plan)


_NOTHING = Correction(inf, ())


def _every(unit: str) -> float:
    """Seconds between two rounds."""
    return _EVERY.get(unit, _WARD_EVERY) if unit else 0.0
