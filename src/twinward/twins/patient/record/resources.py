"""What is read of the FHIR R4 resources that make a record besides observations: only the fields that are used."""

from __future__ import annotations

import msgspec

from twinward.connect.fhir.resources import CodeableConcept, Coding, Period, Quantity, Reference


class Owned(msgspec.Struct):
    """Whose a resource is; a Patient is nobody's."""

    subject: Reference | None = None
    patient: Reference | None = None


class Person(msgspec.Struct):
    """A Patient."""

    id: str = ""
    gender: str = ""
    birthDate: str = ""
    deceasedDateTime: str = ""
    deceasedBoolean: bool = False


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


class Contained(msgspec.Struct):
    """What a resource carries inside itself, or a Medication: only how it is called."""

    resourceType: str = ""
    id: str = ""
    code: CodeableConcept | None = None


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
    contained: list[Contained] = []


class Procedure(msgspec.Struct):
    """A Procedure."""

    id: str = ""
    status: str = ""
    code: CodeableConcept | None = None
    subject: Reference | None = None
    performedDateTime: str = ""
    performedPeriod: Period | None = None


class Report(msgspec.Struct):
    """A DiagnosticReport or an ImagingStudy."""

    id: str = ""
    status: str = ""
    code: CodeableConcept | None = None
    procedureCode: list[CodeableConcept] = []
    modality: list[Coding] = []
    subject: Reference | None = None
    effectiveDateTime: str = ""
    effectivePeriod: Period | None = None
    issued: str = ""
    started: str = ""
    description: str = ""
    conclusion: str = ""
    result: list[Reference] = []
    contained: list[msgspec.Raw] = []
