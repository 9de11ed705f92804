"""One board from a belief, its futures and what was seen lately."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from twinward.core.belief import Belief
from twinward.core.observation import Observations
from twinward.core.streams import Streams
from twinward.core.times import HOUR
from twinward.twins.hospital.board import bottleneck
from twinward.twins.hospital.board.arriving import arrivals, first_seen
from twinward.twins.hospital.board.base import NEAR_HOURS, Board, EdBoard
from twinward.twins.hospital.board.emergency import emergency
from twinward.twins.hospital.board.futures import Futures, expected
from twinward.twins.hospital.board.here import Person, beds_named, boarding, floor, people
from twinward.twins.hospital.board.leavers import leavers
from twinward.twins.hospital.board.outlook import inpatient_units, outlook
from twinward.twins.hospital.board.staff import staff_need
from twinward.twins.hospital.board.units import units_now, when_left
from twinward.twins.hospital.forecaster import HospitalForecaster
from twinward.twins.hospital.model import HospitalModel


def board(
    model: HospitalForecaster, belief: Belief, time: float, futures: xr.Dataset, seen: Observations | None = None
) -> Board:
    """What a command centre shows.

    Args:
        model: a hospital file's model, or one learned from a log (it has no beds, staff and classes, and their parts of
            the board are empty).
        belief: what is known at `time`.
        time: POSIX seconds of now.
        futures: what `model.simulate` gave from `time` on without a change, hour by hour (48 h are usual).
        seen: the observations of the last day at least (two or three are better); without them what came in the past
            stays empty.

    Raises:
        BadInput: the futures are of other patients or of another time.

    Example:
        >>> from twinward.core import Twin
        >>> from twinward.twins.hospital import reference_hospital
        >>> twin = Twin(HospitalModel(reference_hospital()), "Organization/reference", members=20)
        >>> noon = 1768910400.0
        >>> futures = twin.forecast("8 h", step="1 h", at=noon).data
        >>> found = board(twin.model, twin.belief, noon, futures)
        >>> found.patients, found.units[0].name, found.units[0].pressure
        (0, 'ED', 'calm')
    """
    ahead = Futures(time, futures)
    here = people(model, belief, time)
    ahead.check([person.case for person in here])
    hospital = model.hospital if isinstance(model, HospitalModel) else None
    here = here if hospital is None else boarding(hospital, here, ahead)
    names = model.places
    now = model.estimate(belief, time)
    occupied = np.asarray(now["unit_census"].mean("member").to_numpy(), dtype=np.float64)
    came = None if seen is None else _came(model, seen, here, time)
    left_place = when_left(here, ahead, hospital is not None)
    order = names if hospital is None else floor(hospital)
    units = {unit.name: unit for unit in units_now(names, hospital, here, occupied, ahead, left_place)}
    total = float(occupied.sum())
    stays = inpatient_units(names, hospital)
    view = outlook(names, hospital, ahead)
    series = {row.name: row for row in view.units}
    left_home = ahead.values("leaves_unit_at") if hospital is not None else left_place
    streams = Streams(belief.seed).child("board", time)
    return Board(
        name=hospital.name if hospital else "",
        timezone=hospital.timezone if hospital else "UTC",
        time=time,
        patients=int(total) if total.is_integer() else total,
        beds=view.inpatients.capacity if view.inpatients else None,
        beds_taken=sum(person.keeps_bed and person.home in stays for person in here) if stays else None,
        leaving=expected((ahead.values("leaves_at") <= time + NEAR_HOURS * HOUR).sum(axis=1).astype(np.float64)),
        floor=tuple(order),
        units=tuple(units[name] for name in order),
        emergency=_emergency(model, belief, here, ahead, came, seen),
        outlook=type(view)(
            view.times, view.total, view.inpatients, tuple(series[name] for name in order), view.departures
        ),
        arrivals=arrivals(ahead, None if came is None else list(came.values())),
        leavers=leavers(names, here, ahead, left_home, model.remaining(belief, time, streams), beds_named(seen, time)),
        ahead=bottleneck.ahead(model, ahead) if isinstance(model, HospitalModel) else (),
        past=bottleneck.past(model, seen, here, ahead) if isinstance(model, HospitalModel) and seen is not None else (),
        staff=staff_need(model, ahead) if isinstance(model, HospitalModel) else (),
    )


def _came(model: HospitalForecaster, seen: Observations, here: Sequence[Person], time: float) -> dict[str, float]:
    if not isinstance(model, HospitalModel):
        return first_seen(seen, here, None, {}, time)
    first = {patients.first for patients in model.hospital.classes.values()}
    return first_seen(seen, here, first, model.hospital.events, time)


def _emergency(
    model: HospitalForecaster,
    belief: Belief,
    here: Sequence[Person],
    ahead: Futures,
    came: dict[str, float] | None,
    seen: Observations | None,
) -> EdBoard | None:
    if not isinstance(model, HospitalModel):
        return None
    lately = None
    if came is not None and seen is not None:
        classes = _classes(model, seen)
        lately = [classes.get(case, "") for case, at in came.items() if ahead.now - HOUR < at <= ahead.now]
    return emergency(model, belief, here, ahead, lately)


def _classes(model: HospitalModel, seen: Observations) -> dict[str, str]:
    """Case -> name of the class last seen."""
    signal = model.hospital.class_signal
    rows = seen.signal == signal.signal
    return {
        case: signal.codes.get(text, text)
        for case, text in zip(seen.subject[rows].tolist(), seen.text[rows].tolist(), strict=True)
    }
