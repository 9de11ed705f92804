"""What is read of the FHIR R4 resources that make a record besides observations: only the fields that are used."""

from __future__ import annotations

import msgspec

from twinward.connect.fhir.resources import CodeableConcept, Period, Quantity, Reference


class Person(msgspec.Struct):
    """A Patient."""

    id: str = ""
    gender: str = ""
    birthDate: str = ""


class Condition(msgspec.Struct):
    """A Condition."""

    id: str = ""
    clinicalStatus: CodeableConcept | None = None
    verificationStatus: CodeableConcept | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    onsetDateTime: str = ""
    onsetPeriod: Period | None = None
    abatementDateTime: str = ""
    recordedDate: str = ""


class DoseAndRate(msgspec.Struct):
    """How much, or how much a time."""

    doseQuantity: Quantity | None = None
    rateQuantity: Quantity | None = None


class Instruction(msgspec.Struct):
    """One line of a prescription."""

    doseAndRate: list[DoseAndRate] = []


class Given(msgspec.Struct):
    """What an administration says of its amount."""

    dose: Quantity | None = None
    rateQuantity: Quantity | None = None


class Medication(msgspec.Struct):
    """A MedicationRequest, MedicationAdministration or MedicationStatement."""

    id: str = ""
    status: str = ""
    medicationCodeableConcept: CodeableConcept | None = None
    medicationReference: Reference | None = None
    subject: Reference | None = None
    authoredOn: str = ""
    effectiveDateTime: str = ""
    effectivePeriod: Period | None = None
    dosageInstruction: list[Instruction] = []
    dosage: Given | list[Instruction] | None = None


class Procedure(msgspec.Struct):
    """A Procedure."""

    id: str = ""
    status: str = ""
    code: CodeableConcept | None = None
    subject: Reference | None = None
    performedDateTime: str = ""
    performedPeriod: Period | None = None
