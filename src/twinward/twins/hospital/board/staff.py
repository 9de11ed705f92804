"""Staff and equipment against what is asked of them, hour by hour."""

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.scenario import Scenario
from twinward.engines.events import Calendar
from twinward.twins.hospital.board.base import StaffNeed
from twinward.twins.hospital.board.causes import declared, lacking
from twinward.twins.hospital.board.futures import Futures
from twinward.twins.hospital.model import HospitalModel
from twinward.twins.hospital.network import Plan


def staff_need(model: HospitalModel, futures: Futures) -> tuple[StaffNeed, ...]:
    """One row a pool: on duty, and the offered load: who is busy and who is asked for.

    Those who wait count for a pool while it has nobody free for them; who waits for a bed asks nobody.
    """
    hospital = model.hospital
    if not hospital.pools:
        return ()
    _, ends = futures.hourly()
    times = futures.times[ends]
    duty = staffed(model, times)
    resources = futures.data["resource"].to_numpy().tolist()
    busy = futures.values("busy")[:, ends]
    asked = _asked(model, futures)
    rows = []
    for name, pool in hospital.pools.items():
        r = resources.index(model.builder.pools[name])
        load = busy[:, :, r] + asked[name][:, ends]
        need = load.mean(axis=0)
        rows.append(
            StaffNeed(
                pool=name,
                label=pool.label or name,
                kind=pool.kind,
                times=tuple(times.tolist()),
                staffed=tuple(int(count) for count in duty[name]),
                need=tuple(need.tolist()),
                need_high=tuple(np.quantile(load, 0.9, axis=0).tolist()),
                short=tuple((need > duty[name]).tolist()),
            )
        )
    return tuple(rows)


def staffed(model: HospitalModel, times: FloatArray) -> dict[str, FloatArray]:
    """Pool -> how many are on duty at each instant, by the shifts of the hospital file."""
    plan = Plan(model.hospital, Scenario.baseline(), float(times[0]), float(times[-1]) + 1.0)
    found = {}
    for name, pool in model.hospital.pools.items():
        level = plan.staffed(pool, name)
        levels = [level.level(float(t)) if isinstance(level, Calendar) else float(level) for t in times]
        found[name] = np.array(levels)
    return found


def _asked(model: HospitalModel, futures: Futures) -> dict[str, FloatArray]:
    """Pool -> (members, instants) how many are asked for by those who wait for them."""
    waiting = futures.values("waiting")
    asked = {name: np.zeros(waiting.shape[:2]) for name in model.hospital.pools}
    for step, lacks in lacking(model, futures).items():
        i = futures.data["step"].to_numpy().tolist().index(step)
        for name, count in declared(model.hospital, step).needs.items():
            asked[name] += count * waiting[:, :, i] * lacks[model.builder.pools[name]]
    return asked
