"""FHIR R4 resources as facts of a record."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import msgspec

from twinward.connect.fhir import instant, message, named, urls
from twinward.connect.fhir.references import relative, resolved
from twinward.connect.fhir.resources import Bundle, CodeableConcept, Head, Period, Reference
from twinward.core.observation import Observations
from twinward.errors import BadInput
from twinward.twins.patient.record import resources
from twinward.twins.patient.record.coding import names
from twinward.twins.patient.record.facts import Diagnosis, Medication, PatientRecord, Procedure, Refused, Report
from twinward.twins.patient.record.units import in_own_units

_HEAD, _OWNED = msgspec.json.Decoder(Head), msgspec.json.Decoder(resources.Owned)
_PERSON, _CONDITION = msgspec.json.Decoder(resources.Person), msgspec.json.Decoder(resources.Condition)
_MEDICATION, _PROCEDURE = msgspec.json.Decoder(resources.Medication), msgspec.json.Decoder(resources.Procedure)
_REPORT, _DRUG = msgspec.json.Decoder(resources.Report), msgspec.json.Decoder(resources.Contained)
_BUNDLE = msgspec.json.Decoder(Bundle)

_MEDICATIONS = ("MedicationRequest", "MedicationAdministration", "MedicationStatement")
_REPORTS = ("DiagnosticReport", "ImagingStudy")
# What says nothing about the body that is not said elsewhere; counted and not read.
_UNREAD = frozenset(
    {
        "Claim", "ExplanationOfBenefit", "Organization", "Practitioner", "PractitionerRole", "Location", "Encounter",
        "CareTeam", "CarePlan", "Goal", "Immunization", "DocumentReference", "Provenance", "Coverage", "Device",
        "SupplyDelivery", "AllergyIntolerance", "Media", "List", "OperationOutcome",
    }
)  # fmt: skip
_HELD = {"active", "recurrence", "relapse"}
_WITHDRAWN = {"entered-in-error", "refuted"}
_Held = Diagnosis | Medication | Procedure | Report


class Collector:
    """Gathers the facts of patients from resources as they come; a later version of a resource replaces an earlier one.

    Args:
        source: name of the feed or file, for provenance.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.people: dict[str, resources.Person] = {}
        self.counts: Counter[str] = Counter()
        self._seen: dict[str, Observations] = {}
        self._facts: dict[str, tuple[str, _Held]] = {}
        self._asked: dict[str, tuple[str, str, resources.Medication]] = {}
        self._drugs: dict[str, CodeableConcept] = {}
        self._updated: dict[str, float] = {}
        self._refused: list[tuple[str, Refused]] = []

    def bundle(self, raw: bytes) -> None:
        """A Bundle of any type: transaction, batch, collection, searchset, document.

        Raises:
            BadInput: no JSON, or not a Bundle.
        """
        try:
            bundle = _BUNDLE.decode(raw)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as why:
            raise BadInput(self.source, _plain(why), "a FHIR Bundle in JSON") from None
        if bundle.resourceType != "Bundle":
            raise BadInput(self.source, bundle.resourceType[:40], "a FHIR Bundle")
        known = urls(bundle, self.source)
        for i, entry in enumerate(bundle.entry):
            if entry.resource:
                self.resource(resolved(bytes(entry.resource), known), entry.fullUrl)
            else:
                self.refuse(f"Bundle.entry[{i}]", "it has no resource")

    def resource(self, raw: bytes, full_url: str = "") -> None:
        """One resource; what cannot be used is kept among the refused."""
        try:
            head = _HEAD.decode(raw)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as why:
            self.counts["not FHIR"] += 1
            self.refuse(f"part #{sum(self.counts.values())}", f"not FHIR: {_plain(why)}")
            return
        kind = head.resourceType
        self.counts[kind] += 1
        place = f"{kind}/{head.id}" if head.id else full_url or f"{kind} #{self.counts[kind]}"
        whose = ""
        try:
            whose = self._whose(raw)
            if self._is_newest(place, head.meta.lastUpdated):
                self._read(kind, raw, full_url, place, whose)
            else:
                self.refuse(place, "a later version of it was read", whose)
        except (msgspec.DecodeError, BadInput) as why:
            self.refuse(place, _plain(why), whose)

    def add(self, place: str, whose: str, fact: _Held) -> None:
        """A fact of a patient, known by where it stands."""
        self._facts[place] = (whose, fact)

    def observe(self, place: str, seen: Observations) -> None:
        """Measurements, known by where they stand."""
        self._seen[place] = seen

    def refuse(self, what: str, reason: str, whose: str = "") -> None:
        """A part that could not be used."""
        self._refused.append((whose, Refused(what, reason, self.source)))

    def record(self, patient: str = "") -> PatientRecord:
        """What was gathered of one patient.

        Args:
            patient: its reference, where the resources are of several; may be left out where they are of one.

        Raises:
            BadInput: resources of several patients and none named, or of none.
        """
        who = self._who(patient)
        person = self.people.get(who, resources.Person())
        refused = [one for whose, one in self._refused if whose in ("", who)]

        def moment(text: str, field: str) -> float:
            try:
                return instant(text, field) if text else math.nan
            except BadInput as why:
                refused.append(Refused(who, str(why), self.source))
                return math.nan

        everyone = Observations.concatenate(list(self._seen.values()))
        mine = everyone[everyone.subject == who] if len(everyone) else everyone
        facts = [fact for whose, fact in self._facts.values() if whose in ("", who)]
        facts += [self._medication(*asked, place) for place, asked in self._asked.items() if asked[0] in ("", who)]
        reports = tuple(one for one in facts if isinstance(one, Report))
        refused += [
            Refused(one.source, f"its result {reference} is not in the record", self.source)
            for one in reports
            for reference in one.results
            if reference not in self._updated
        ]
        return PatientRecord(
            who, person.gender if person.gender in ("male", "female") else "", moment(person.birthDate, "birthDate"),
            in_own_units(mine[mine.time.argsort(kind="stable")]),
            tuple(one for one in facts if isinstance(one, Diagnosis)),
            tuple(one for one in facts if isinstance(one, Medication)),
            tuple(one for one in facts if isinstance(one, Procedure)),
            tuple(refused), dict(self.counts), moment(person.deceasedDateTime, "deceasedDateTime"), reports,
        )  # fmt: skip

    def _who(self, patient: str) -> str:
        told = {str(s) for batch in self._seen.values() for s in batch.subject}
        told |= {whose for whose, _ in self._facts.values()} | {whose for whose, _, _ in self._asked.values()}
        known = sorted(set(self.people) | {s for s in told if s.startswith("Patient/")})
        if patient:
            wanted = patient if "/" in patient else f"Patient/{patient}"
            if wanted not in known:
                raise BadInput("patient", patient, f"one of: {', '.join(known[:20]) or 'none is in it'}")
            return wanted
        if len(known) != 1:
            count = f"{len(known)} patients: {', '.join(known[:5])}" if known else "no patient"
            raise BadInput(self.source, count, "the record of one patient (name it with --patient)")
        return known[0]

    def _whose(self, raw: bytes) -> str:
        """The patient of a resource; "" where it names none."""
        owned = _OWNED.decode(raw)
        about = owned.subject or owned.patient
        return relative(about, "subject") if about is not None and about.reference else ""

    def _is_newest(self, place: str, updated: str) -> bool:
        """Whether this version may be used; the one before is forgotten then."""
        at = instant(updated, "meta.lastUpdated") if updated else -math.inf
        before = self._updated.get(place, -math.inf)
        if math.isfinite(at) and at < before:
            return False
        self._updated[place] = at
        self._facts.pop(place, None)
        self._seen.pop(place, None)
        self._asked.pop(place, None)
        return True

    def _read(self, kind: str, raw: bytes, full_url: str, place: str, whose: str) -> None:
        if kind == "Observation":
            self._observation(raw, full_url, place, whose)
        elif kind == "Patient":
            self.people[named(raw, self.source, full_url).reference] = _PERSON.decode(raw)
        elif kind == "Condition":
            self._condition(_CONDITION.decode(raw), place, whose)
        elif kind in _MEDICATIONS:
            found = _MEDICATION.decode(raw)
            if found.medicationCodeableConcept is None and found.medicationReference is None:
                raise BadInput(f"{place}.medication", "nothing", "a code, a text or a reference")
            if found.status in ("entered-in-error", "not-done", "cancelled"):
                self.refuse(place, f"its status is {found.status}", whose)
                return
            _period(found), _moment(found.authoredOn)  # a time that cannot be read refuses it here, not later
            self._asked[place] = (whose, kind, found)
        elif kind == "Medication":
            self._drugs[place] = _DRUG.decode(raw).code or CodeableConcept()
        elif kind == "Procedure":
            self._procedure(_PROCEDURE.decode(raw), place, whose)
        elif kind in _REPORTS:
            self._report(_REPORT.decode(raw), place, whose)
        elif kind not in _UNREAD:
            self.refuse(place, f"a {kind} is not read", whose)

    def _observation(self, raw: bytes, full_url: str, place: str, whose: str) -> None:
        found = message(raw, self.source, full_url)
        for one in found.refused:
            self.refuse(place, one.reason, whose)
        if len(found.seen):
            ids = found.seen.id.copy()
            ids[:] = place
            kept = ~found.seen.retracted
            if not kept.all():
                self.refuse(place, "its status is entered-in-error", whose)
            self.observe(place, found.seen.replace(id=ids)[kept])

    def _condition(self, found: resources.Condition, place: str, whose: str) -> None:
        if found.verificationStatus is not None and (said := _codes(found.verificationStatus) & _WITHDRAWN):
            self.refuse(place, f"its verification is {min(said)}", whose)
            return
        if found.code is None:
            raise BadInput(f"{place}.code", "nothing", "a code or a text")
        status = _codes(found.clinicalStatus) if found.clinicalStatus is not None else set()
        until = _moment(found.abatementDateTime)
        onset = found.onsetDateTime or (found.onsetPeriod.start if found.onsetPeriod else "") or found.recordedDate
        codings = [(c.system, c.code) for c in found.code.coding]
        known = Diagnosis(
            names().condition(codings), _label(found.code), _first(codings), _moment(onset), until,
            bool(status & _HELD) if status else math.isnan(until), place,
        )  # fmt: skip
        self.add(place, whose, known)

    def _medication(self, whose: str, kind: str, found: resources.Medication, place: str) -> Medication:
        concept = found.medicationCodeableConcept or self._referred(found)
        codings = [(c.system, c.code) for c in concept.coding]
        label, (dose, unit) = _label(concept), _dose(found)
        given = kind == "MedicationAdministration"
        since, until = _period(found)
        if given and math.isnan(until):
            until = since
        active = found.status in ("active", "in-progress", "on-hold", "")
        return Medication(
            names().drug(label, codings), label, _first(codings), dose, unit, since, until, active, given, place
        )

    def _referred(self, found: resources.Medication) -> CodeableConcept:
        """The drug that a reference means: contained, elsewhere in the record, or else the words beside it."""
        reference = found.medicationReference or Reference()
        inside = {f"#{one.id}": one.code for one in found.contained if one.code is not None}
        known = inside.get(reference.reference) or self._drugs.get(reference.reference)
        return known or CodeableConcept(text=reference.display or reference.reference)

    def _procedure(self, found: resources.Procedure, place: str, whose: str) -> None:
        if found.status in ("entered-in-error", "not-done"):
            self.refuse(place, f"its status is {found.status}", whose)
            return
        concept = found.code or CodeableConcept()
        when = found.performedDateTime or (found.performedPeriod.start if found.performedPeriod else "")
        codings = [(c.system, c.code) for c in concept.coding]
        self.add(place, whose, Procedure(_label(concept), _first(codings), _moment(when), place))

    def _report(self, found: resources.Report, place: str, whose: str) -> None:
        if found.status == "entered-in-error":
            self.refuse(place, "its status is entered-in-error", whose)
            return
        concept = found.code or next(iter(found.procedureCode), CodeableConcept(found.modality, found.description))
        codings = [(c.system, c.code) for c in concept.coding]
        period = found.effectivePeriod or Period()
        when = found.effectiveDateTime or period.end or period.start or found.started or found.issued
        inside = self._inside(found, place, whose, when)
        results = tuple(r.reference for r in found.result if r.reference and r.reference not in inside)
        told = found.conclusion or found.description
        self.add(place, whose, Report(_label(concept), _first(codings), _moment(when), told, results, place))

    def _inside(self, found: resources.Report, place: str, whose: str, when: str) -> set[str]:
        """Read the measurements that a report carries inside itself; they are of its patient and its time."""
        read = set()
        for raw in map(bytes, found.contained):
            head = _HEAD.decode(raw)
            if head.resourceType != "Observation":
                continue
            told = msgspec.json.decode(raw)
            told.setdefault("subject", {"reference": whose})
            if when and not any(key.startswith("effective") for key in told):
                told["effectiveDateTime"] = when
            self._observation(msgspec.json.encode(told), "", f"{place}#{head.id}", whose)
            read.add(f"#{head.id}")
        return read


def _codes(concept: CodeableConcept) -> set[str]:
    return {c.code for c in concept.coding}


def _label(concept: CodeableConcept) -> str:
    return concept.text or next((c.display or c.code for c in concept.coding if c.display or c.code), "")


def _first(codings: Iterable[tuple[str, str]]) -> str:
    return next((f"{system}|{code}" for system, code in codings), "")


def _moment(text: str) -> float:
    return instant(text) if text else math.nan


def _period(found: resources.Medication) -> tuple[float, float]:
    """From when until when a drug was ordered, taken or given."""
    period = found.effectivePeriod or Period()
    return _moment(period.start or found.effectiveDateTime or found.authoredOn), _moment(period.end)


def _plain(why: Exception) -> str:
    """What is wrong, in one line."""
    return str(why).splitlines()[0][:300]


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
