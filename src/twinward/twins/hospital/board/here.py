"""Who is here, in the words of a board."""

from collections.abc import Mapping
from dataclasses import dataclass

from twinward.core.belief import Belief
from twinward.core.observation import Observations
from twinward.twins.hospital.file import HospitalFile
from twinward.twins.hospital.forecaster import HospitalForecaster
from twinward.twins.hospital.learned import LearnedHospital
from twinward.twins.hospital.model import HospitalModel
from twinward.twins.hospital.network import shares_after
from twinward.twins.hospital.tracking import UNKNOWN, Patient, Phase

WAITING, UNDER_WAY, BOARDING = "waiting", "under way", "boarding"
BED = "bed"  # the signal that names a bed


@dataclass(frozen=True, slots=True)
class Person:
    """One patient who is here.

    Args:
        case: reference of the encounter.
        home: index of the unit where they stay; place: of the one where they are counted.
        keeps_bed: they keep a bed of `home`.
        klass: name of the class; "" until known.
        arrived: POSIX seconds of the first event.
        step: name of the step last seen; "" before the first.
        phase: `WAITING`, `UNDER_WAY`, `BOARDING`, or "" where the feed does not tell.
        since: POSIX seconds since when.
    """

    case: str
    home: int
    place: int
    keeps_bed: bool
    klass: str
    arrived: float
    step: str
    phase: str
    since: float


def people(model: HospitalForecaster, belief: Belief, time: float) -> list[Person]:
    """Everybody who is (or, of a log that tells no exits, may be) here, in the order of the futures' patients."""
    if isinstance(model, HospitalModel):
        return [_declared(model, patient) for patient in model.present(belief, time)]
    if isinstance(model, LearnedHospital):
        return _learned(model, belief, time)
    raise TypeError(f"no board is known for {type(model).__name__}")


def _declared(model: HospitalModel, patient: Patient) -> Person:
    hospital = model.hospital
    place, home = model.place_of(patient), model.home_of(patient)
    step = "" if patient.step == UNKNOWN else list(hospital.steps)[patient.step]
    klass = "" if patient.klass == UNKNOWN else list(hospital.classes)[patient.klass]
    phase = UNDER_WAY if patient.phase == Phase.SERVING else WAITING
    if patient.phase == Phase.DONE and step and _boards(model, patient, step, klass, home):
        phase = BOARDING
    keeps_bed = patient.bed != UNKNOWN
    return Person(patient.case, home, place, keeps_bed, klass, patient.arrived, step, phase, patient.since)


def _boards(model: HospitalModel, patient: Patient, step: str, klass: str, home: int) -> bool:
    """Whether what comes next is rather a bed elsewhere.

    Who leaves does so at once, so that of somebody who is still here after a step only the ways on count.
    """
    hospital = model.hospital
    passed = model.builder.modes.passed(model.builder.modes.of(patient.passed))
    shares = shares_after(hospital.steps[step], klass, passed)
    ways = {target: share for target, share in shares.items() if target in hospital.steps}
    units = list(hospital.units)
    elsewhere = sum(
        share
        for target, share in ways.items()
        if hospital.steps[target].takes_bed and units.index(hospital.steps[target].unit) != home
    )
    return elsewhere > 0 and elsewhere >= 0.5 * sum(ways.values())


def _learned(model: LearnedHospital, belief: Belief, time: float) -> list[Person]:
    activities = model.learned.schema.activities
    rows = dict(zip(belief["case"].tolist(), belief["patients"], strict=True))
    found = []
    for case in model.cases(belief, time):
        row = rows[case]
        unit, last = int(row["unit"]), int(row["last_activity"])
        step = activities[last] if 0 <= last < len(activities) else ""
        found.append(Person(case, unit, unit, False, "", float(row["first"]), step, "", float(row["last"])))
    return found


def beds_named(seen: Observations | None, until: float) -> Mapping[str, str]:
    """Case -> the bed last named of it."""
    if seen is None:
        return {}
    rows = (seen.signal == BED) & (seen.time <= until)
    return dict(zip(seen.subject[rows].tolist(), seen.text[rows].tolist(), strict=True))


def floor(hospital: HospitalFile) -> tuple[str, ...]:
    """The units in the order in which a floor plan shows them: as patients come through them.

    Example:
        >>> from twinward.twins.hospital import reference_hospital
        >>> floor(reference_hospital())[:3]
        ('ED', 'Imaging', 'AMU')
    """
    kinds = ("emergency", "diagnostic", "assessment", "theatre", "intensive", "ward", "clinic", "other")
    return tuple(sorted(hospital.units, key=lambda name: kinds.index(hospital.units[name].kind)))
