"""What patients' time can go to in a hospital: what each step waits for, and what being in it is called."""

from collections.abc import Mapping

import numpy as np

from twinward.core.arrays import BoolArray
from twinward.twins.hospital import file as given
from twinward.twins.hospital.board.base import Bottleneck, Cause
from twinward.twins.hospital.board.futures import Futures
from twinward.twins.hospital.board.here import floor
from twinward.twins.hospital.file import HospitalFile
from twinward.twins.hospital.model import HospitalModel
from twinward.twins.hospital.network import AFTER, FAST_TRACK

Key = tuple[str, str]  # (cause, name)
NEXT: Key = ("next", "")
_GROUPS = {
    "intake": "Triage and registration",
    "treatment": "Being treated",
    "examination": "Examinations",
    "results": "Waiting for results",
    "stay": "In a bed",
}


def declared(hospital: HospitalFile, step: str) -> given.Step:
    """The step of the file that a step of the futures stands for (a fast-track lane has steps of its own)."""
    return hospital.steps[step.removesuffix(FAST_TRACK)]


def candidates(model: HospitalModel) -> dict[str, list[tuple[Key, str, int]]]:
    """Step -> what a patient may have to wait for before it: (cause, the engine's name of the resource, how many).

    A bed counts only where a patient can come to the step without having it already.
    """
    hospital, builder = model.hospital, model.builder
    without_bed = _comes_without(hospital)
    found: dict[str, list[tuple[Key, str, int]]] = {}
    for name, step in hospital.steps.items():
        pools: list[tuple[Key, str, int]] = [
            (("staff" if hospital.pools[pool].kind == "staff" else "equipment", pool), builder.pools[pool], count)
            for pool, count in step.needs.items()
        ]
        bed = [(("bed", step.unit), builder.beds[step.unit], 1)] if step.takes_bed and name in without_bed else []
        found[name] = [*bed, *pools]
        found[name + FAST_TRACK] = pools
    return found


def _comes_without(hospital: HospitalFile) -> set[str]:
    """Steps to which a patient can come without a bed of their unit."""
    held: dict[str, set[str]] = {name: set() for name in hospital.steps}  # beds with which patients come; "": none
    for patients in hospital.classes.values():
        held[patients.first].add("")
    changed = True
    while changed:
        changed = False
        for step_name, step in hospital.steps.items():
            after = {step.unit} if step.takes_bed else held[step_name]
            for target in targets(step):
                if target in held and not after <= held[target]:
                    held[target] |= after
                    changed = True
    return {name for name, beds in held.items() if beds - {hospital.steps[name].unit}}


def targets(step: given.Step) -> set[str]:
    """What can follow a step, giving up included."""
    shares = (step.next, *step.next_by_class.values(), *step.next_after.values())
    return {target for share in shares for target in share} | ({step.leaves_to} if step.patience else set())


def under_way(hospital: HospitalFile) -> dict[str, Key]:
    """Step (or pause, or step of a fast-track lane) -> what being in it is called."""
    door = _at_the_door(hospital)
    found: dict[str, Key] = {}
    for name, step in hospital.steps.items():
        kind = hospital.units[step.unit].kind
        if kind == "diagnostic":
            cause = "examination"
        elif step.needs:
            cause = "intake" if kind == "emergency" and name in door else "treatment"
        elif not step.takes_bed:
            cause = "results"
        else:
            cause = "treatment" if kind in ("emergency", "theatre") else "stay"
        found[name] = found[name + FAST_TRACK] = cause, name
        found[AFTER + name] = "results", name
    return found


def _at_the_door(hospital: HospitalFile) -> set[str]:
    """Steps that lead to a bed and that nobody comes to who has had one: registration, triage."""
    follows = {name: targets(step) & set(hospital.steps) for name, step in hospital.steps.items()}
    beds = {name for name, step in hospital.steps.items() if step.takes_bed}
    late, front = set(beds), list(beds)
    while front:
        more = follows[front.pop()] - late
        late |= more
        front += more
    leads = set(beds)
    while more := {name for name in hospital.steps if follows[name] & leads} - leads:
        leads |= more
    return leads - late


def lacking(model: HospitalModel, futures: Futures) -> dict[str, dict[str, BoolArray]]:
    """Step -> the engine's name of a resource -> (members, instants) whether there was too little of it to start.

    Steps of the futures that wait for nothing are left out.
    """
    resources = futures.data["resource"].to_numpy().tolist()
    free = futures.values("free")
    able = candidates(model)
    return {
        step: {resource: free[:, :, resources.index(resource)] < count for _, resource, count in able[step]}
        for step in futures.data["step"].to_numpy().tolist()
        if able.get(step)
    }


def label(hospital: HospitalFile, key: Key) -> str:
    """A cause as people read it."""
    cause, name = key
    match cause:
        case "bed":
            return "Waiting for a bed" + (f": {hospital.units[name].label or name}" if name else "")
        case "staff" | "equipment":
            return f"Waiting for: {hospital.pools[name].label or name}"
        case "next":
            return "Waiting for what comes next"
        case _:
            if not name:
                return _GROUPS[cause]
            text = hospital.steps[name].label or name
            return f"Waiting for results: {text}" if cause == "results" else text


def table(
    hospital: HospitalFile, scope: str, title: str, since: float, until: float, hours: Mapping[Key, float]
) -> Bottleneck:
    """Hours by cause as a table, the largest first."""
    total = sum(hours.values())
    rows = [
        Cause(key[0], key[1], label(hospital, key), spent, spent / total)
        for key, spent in sorted(hours.items(), key=lambda item: (-item[1], item[0]))
        if spent > 0
    ]
    return Bottleneck(scope, title, since, until, total, tuple(rows))


def grouped(found: Bottleneck) -> Bottleneck:
    """The same with beds elsewhere taken together and what is under way by its kind: few rows, for a chart.

    A bed of the scope's own unit stays apart.
    """
    merged: dict[Key, tuple[str, float, float]] = {}
    for cause in found.causes:
        alone = cause.cause in ("staff", "equipment", "next") or (cause.cause == "bed" and cause.name == found.scope)
        key = (cause.cause, cause.name if alone else "")
        text = (
            cause.label if alone else _GROUPS.get(cause.cause, "Waiting for a bed" + " elsewhere" * bool(found.scope))
        )
        before = merged.get(key, (text, 0.0, 0.0))
        merged[key] = (text, before[1] + cause.hours, before[2] + cause.share)
    rows = [Cause(key[0], key[1], text, hours, share) for key, (text, hours, share) in merged.items()]
    causes = tuple(sorted(rows, key=lambda row: -row.hours))
    return Bottleneck(found.scope, found.label, found.since, found.until, found.hours, causes)


def blame(hours: float, shares: Mapping[Key, float]) -> dict[Key, float]:
    """Hours divided in proportion to shares; equally where all are zero.

    Example:
        >>> blame(4.0, {("bed", "Ward"): 3.0, ("staff", "nurse"): 1.0})
        {('bed', 'Ward'): 3.0, ('staff', 'nurse'): 1.0}
    """
    total = sum(shares.values())
    weights = {key: share / total if total > 0 else 1 / len(shares) for key, share in shares.items()}
    return {key: hours * weight for key, weight in weights.items()}


def add(to: dict[Key, float], more: Mapping[Key, float]) -> None:
    """Hours on top of hours."""
    for key, hours in more.items():
        to[key] = to.get(key, 0.0) + hours


def scopes(hospital: HospitalFile) -> list[tuple[str, str, list[int]]]:
    """(scope, title, indices of its units): the whole hospital, then each unit in the floor's order."""
    units = list(hospital.units)
    rooms = [i for i, unit in enumerate(hospital.units.values()) if unit.kind == "diagnostic" and unit.beds is None]
    departments = [name for name, unit in hospital.units.items() if unit.kind == "emergency"]
    found: list[tuple[str, str, list[int]]] = [("", hospital.name, list(range(len(units))))]
    for name in floor(hospital):
        title, places = hospital.units[name].label or name, [units.index(name)]
        if departments == [name] and rooms:
            title, places = f"{title} with examinations", [*places, *rooms]
        found.append((name, title, places))
    return found


def tables(
    hospital: HospitalFile, since: float, until: float, by_unit: list[dict[Key, float]]
) -> tuple[Bottleneck, ...]:
    """A table for each scope, from hours by cause of every unit."""
    found = []
    for scope, title, places in scopes(hospital):
        hours: dict[Key, float] = {}
        for place in places:
            add(hours, by_unit[place])
        found.append(table(hospital, scope, title, since, until, hours))
    return tuple(found)


def short_share(waiting: np.ndarray, lacks: Mapping[str, BoolArray]) -> dict[str, float]:
    """Of those who waited at the instants sampled, how many for each resource; several at once share equally."""
    several = np.maximum(sum(lack.astype(np.int64) for lack in lacks.values()), 1)
    return {resource: float((waiting * lack / several).sum()) for resource, lack in lacks.items()}
