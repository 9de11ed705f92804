"""FHIR R4 resources as facts of a record."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import msgspec

from twinward.connect.fhir import NotFhir, instant, message
from twinward.connect.fhir.bundle import Bundle, urls
from twinward.connect.fhir.references import resolved
from twinward.connect.fhir.resources import CodeableConcept, Head, Period
from twinward.core.observation import Observations
from twinward.errors import BadInput
from twinward.twins.patient.record import resources
from twinward.twins.patient.record.coding import names
from twinward.twins.patient.record.facts import Diagnosis, Medication, PatientRecord, Procedure, Refused

_HEAD = msgspec.json.Decoder(Head)
_PERSON, _CONDITION = msgspec.json.Decoder(resources.Person), msgspec.json.Decoder(resources.Condition)
_MEDICATION, _PROCEDURE = msgspec.json.Decoder(resources.Medication), msgspec.json.Decoder(resources.Procedure)
_BUNDLE = msgspec.json.Decoder(Bundle)

_MEDICATIONS = ("MedicationRequest", "MedicationAdministration", "MedicationStatement")
# What says nothing about the body that is not said elsewhere; counted and not read. A DiagnosticReport and an ImagingStudy
# carry their numbers as Observations of their own.
_UNREAD = frozenset(
    {
        "Claim", "ExplanationOfBenefit", "Organization", "Practitioner", "PractitionerRole", "Location", "Encounter",
        "CareTeam", "CarePlan", "Goal", "Immunization", "DiagnosticReport", "ImagingStudy", "DocumentReference",
        "Provenance", "Coverage", "Medication", "Device", "SupplyDelivery", "AllergyIntolerance", "Media", "List",
    }
)  # fmt: skip
_HELD = {"active", "recurrence", "relapse"}
_WITHDRAWN = {"entered-in-error", "refuted"}


class Collector:
    """Gathers the facts of one patient from resources as they come.

    Args:
        source: name of the feed or file, for provenance.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.people: dict[str, resources.Person] = {}
        self.batches: list[Observations] = []
        self.diagnoses: list[Diagnosis] = []
        self.medications: list[Medication] = []
        self.procedures: list[Procedure] = []
        self.refused: list[Refused] = []
        self.counts: Counter[str] = Counter()

    def bundle(self, raw: bytes) -> None:
        """A Bundle of any type: transaction, batch, collection, searchset, document.

        Raises:
            BadInput: no JSON, or not a Bundle.
        """
        try:
            bundle = _BUNDLE.decode(raw)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as why:
            raise BadInput(self.source, str(why)[:200], "a FHIR Bundle in JSON") from None
        known = urls(bundle, self.source)
        for entry in bundle.entry:
            if entry.resource:
                self.resource(resolved(bytes(entry.resource), known), entry.fullUrl)
            else:
                self.refused.append(Refused("Bundle.entry", "it has no resource", self.source))

    def resource(self, raw: bytes, full_url: str = "") -> None:
        """One resource; what cannot be used is kept in `refused`."""
        try:
            head = _HEAD.decode(raw)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as why:
            self.refused.append(Refused(raw[:80].decode("utf-8", "replace"), f"not FHIR: {why}", self.source))
            return
        kind = head.resourceType
        self.counts[kind] += 1
        place = f"{kind}/{head.id}" if head.id else f"{kind} #{self.counts[kind]}"
        try:
            if kind == "Observation":
                self._observation(raw, full_url, place)
            elif kind == "Patient":
                person = _PERSON.decode(raw)
                self.people[f"Patient/{person.id or full_url.rsplit(':', 1)[-1]}"] = person
            elif kind == "Condition":
                self._condition(_CONDITION.decode(raw), place)
            elif kind in _MEDICATIONS:
                self._medication(_MEDICATION.decode(raw), kind, place)
            elif kind == "Procedure":
                self._procedure(_PROCEDURE.decode(raw), place)
            elif kind not in _UNREAD:
                self.refused.append(Refused(place, f"a {kind} is not read", self.source))
        except (msgspec.DecodeError, BadInput) as why:
            self.refused.append(Refused(place, str(why)[:300], self.source))

    def record(self, patient: str = "") -> PatientRecord:
        """What was gathered of one patient.

        Args:
            patient: its reference, where the resources are of several; may be left out where they are of one.

        Raises:
            BadInput: resources of several patients and none named, or of none.
        """
        who = self._who(patient)
        person = self.people.get(who)
        sex = person.gender if person is not None and person.gender in ("male", "female") else ""
        born = math.nan
        if person is not None and person.birthDate:
            try:
                born = instant(person.birthDate, "birthDate")
            except BadInput as why:
                self.refused.append(Refused(who, str(why), self.source))
        seen = Observations.concatenate(self.batches)
        if len(seen):
            mine = seen[seen.subject == who]
            seen = mine[mine.time.argsort(kind="stable")]
        return PatientRecord(
            who, sex, born, seen, tuple(self.diagnoses), tuple(self.medications), tuple(self.procedures),
            tuple(self.refused), dict(self.counts),
        )  # fmt: skip

    def _who(self, patient: str) -> str:
        subjects = {str(s) for batch in self.batches for s in batch.subject}
        known = sorted(set(self.people) | {s for s in subjects if s.startswith("Patient/")})
        if patient:
            wanted = patient if "/" in patient else f"Patient/{patient}"
            if wanted not in known:
                raise BadInput("patient", patient, f"one of: {', '.join(known[:20]) or 'none is in it'}")
            return wanted
        if len(known) != 1:
            told = f"{len(known)} patients: {', '.join(known[:5])}" if known else "no patient"
            raise BadInput(self.source, told, "the record of one patient (name it with --patient)")
        return known[0]

    def _observation(self, raw: bytes, full_url: str, place: str) -> None:
        try:
            found = message(raw, self.source, full_url)
        except NotFhir as why:
            self.refused.append(Refused(place, str(why), self.source))
            return
        self.refused += [Refused(place, one.reason, self.source) for one in found.refused]
        if len(found.seen):
            ids = found.seen.id.copy()
            ids[:] = place
            kept = ~found.seen.retracted
            self.batches.append(found.seen.replace(id=ids)[kept])

    def _condition(self, found: resources.Condition, place: str) -> None:
        if found.verificationStatus is not None and _codes(found.verificationStatus) & _WITHDRAWN:
            return
        if found.code is None:
            raise BadInput(f"{place}.code", "nothing", "a code or a text")
        status = _codes(found.clinicalStatus) if found.clinicalStatus is not None else set()
        until = _moment(found.abatementDateTime)
        onset = found.onsetDateTime or (found.onsetPeriod.start if found.onsetPeriod else "") or found.recordedDate
        codings = [(c.system, c.code) for c in found.code.coding]
        self.diagnoses.append(
            Diagnosis(
                names().condition(codings), _label(found.code), _first(codings), _moment(onset), until,
                bool(status & _HELD) if status else math.isnan(until), place,
            )
        )  # fmt: skip

    def _medication(self, found: resources.Medication, kind: str, place: str) -> None:
        if found.status in ("entered-in-error", "not-done", "cancelled"):
            return
        concept = found.medicationCodeableConcept
        if concept is None:
            if found.medicationReference is None:
                raise BadInput(f"{place}.medication", "nothing", "a code, a text or a reference")
            concept = CodeableConcept(text=found.medicationReference.display or found.medicationReference.reference)
        codings = [(c.system, c.code) for c in concept.coding]
        label, (dose, unit) = _label(concept), _dose(found)
        given = kind == "MedicationAdministration"
        period = found.effectivePeriod or Period()
        since = _moment(period.start or found.effectiveDateTime or found.authoredOn)
        until = _moment(period.end)
        if given and math.isnan(until):
            until = since
        active = found.status in ("active", "in-progress", "on-hold", "")
        self.medications.append(
            Medication(
                names().drug(label, codings), label, _first(codings), dose, unit, since, until, active, given, place
            )
        )

    def _procedure(self, found: resources.Procedure, place: str) -> None:
        if found.status in ("entered-in-error", "not-done"):
            return
        concept = found.code or CodeableConcept()
        when = found.performedDateTime or (found.performedPeriod.start if found.performedPeriod else "")
        codings = [(c.system, c.code) for c in concept.coding]
        self.procedures.append(Procedure(_label(concept), _first(codings), _moment(when), place))


def _codes(concept: CodeableConcept) -> set[str]:
    return {c.code for c in concept.coding}


def _label(concept: CodeableConcept) -> str:
    return concept.text or next((c.display or c.code for c in concept.coding if c.display or c.code), "")


def _first(codings: Iterable[tuple[str, str]]) -> str:
    return next((f"{system}|{code}" for system, code in codings), "")


def _moment(text: str) -> float:
    return instant(text) if text else math.nan


def _dose(found: resources.Medication) -> tuple[float, str]:
    """Rate before dose: an infusion says both."""
    told = found.dosage
    if isinstance(told, resources.Given):
        quantities = [told.rateQuantity, told.dose]
    else:
        lines = [*found.dosageInstruction, *(told or [])]
        parts = [part for line in lines for part in line.doseAndRate]
        quantities = [q for part in parts for q in (part.rateQuantity, part.doseQuantity)]
    for quantity in quantities:
        if quantity is not None and quantity.value is not None:
            return float(quantity.value), quantity.code or quantity.unit
    return math.nan, ""
