"""What is read of FHIR R4 resources: only the fields from which observations are made."""

from typing import Any

import msgspec


class Coding(msgspec.Struct):
    """A code of a code system."""

    system: str = ""
    code: str = ""
    display: str = ""


class CodeableConcept(msgspec.Struct):
    """A concept, by codes and by words."""

    coding: list[Coding] = []
    text: str = ""


class Identifier(msgspec.Struct):
    """A business identifier."""

    system: str = ""
    value: str = ""


class Reference(msgspec.Struct):
    """What another resource is meant by."""

    reference: str = ""
    identifier: Identifier | None = None
    display: str = ""


class Period(msgspec.Struct):
    """From when until when."""

    start: str = ""
    end: str = ""


class Quantity(msgspec.Struct):
    """A measured amount."""

    value: float | None = None
    comparator: str = ""
    unit: str = ""
    system: str = ""
    code: str = ""


class Meta(msgspec.Struct):
    """What the sender's server says of the resource."""

    versionId: str = ""
    lastUpdated: str = ""


class Head(msgspec.Struct):
    """What every resource has."""

    resourceType: str
    id: str = ""
    meta: Meta = msgspec.field(default_factory=Meta)


class Valued(msgspec.Struct, kw_only=True):
    """What has a code and a value: an Observation, and each of its components."""

    code: CodeableConcept
    valueQuantity: Quantity | None = None
    valueCodeableConcept: CodeableConcept | None = None
    valueString: str | None = None
    valueBoolean: bool | None = None
    valueInteger: int | None = None
    valueDateTime: str | None = None
    valueTime: str | None = None
    valueRange: Any = None
    valueRatio: Any = None
    valueSampledData: Any = None
    valuePeriod: Any = None
    dataAbsentReason: CodeableConcept | None = None


class Observation(Valued, kw_only=True):
    """One measurement, or a panel of several."""

    id: str = ""
    meta: Meta = msgspec.field(default_factory=Meta)
    status: str = ""
    subject: Reference | None = None
    encounter: Reference | None = None
    effectiveDateTime: str = ""
    effectiveInstant: str = ""
    effectivePeriod: Period | None = None
    effectiveTiming: Any = None
    issued: str = ""
    component: list[Valued] = []
    hasMember: list[Reference] = []


class Status(msgspec.Struct):
    """A status, and while it held."""

    status: str = ""
    period: Period = msgspec.field(default_factory=Period)


class Place(msgspec.Struct):
    """Where a patient was, and while."""

    location: Reference
    status: str = ""
    physicalType: CodeableConcept | None = None
    period: Period = msgspec.field(default_factory=Period)


class Encounter(msgspec.Struct, kw_only=True):
    """A stay or a visit."""

    id: str = ""
    meta: Meta = msgspec.field(default_factory=Meta)
    status: str = ""
    statusHistory: list[Status] = []
    class_: Coding = msgspec.field(default_factory=Coding, name="class")
    priority: CodeableConcept | None = None
    subject: Reference | None = None
    period: Period = msgspec.field(default_factory=Period)
    location: list[Place] = []


class Link(msgspec.Struct):
    """Another record of the same patient."""

    other: Reference
    type: str = ""


class Patient(msgspec.Struct, kw_only=True):
    """A person who is cared for."""

    id: str = ""
    link: list[Link] = []
    gender: str = ""
    birthDate: str = ""


class Device(msgspec.Struct, kw_only=True):
    """A device, a way of measuring (DeviceMetric) or a place (Location): each has a state."""

    id: str = ""
    meta: Meta = msgspec.field(default_factory=Meta)
    status: str = ""
    patient: Reference | None = None
    source: Reference | None = None
    operationalStatus: str | Coding = ""


class Request(msgspec.Struct):
    """What is to be done with an entry of a bundle."""

    method: str = ""
    url: str = ""
    ifNoneExist: str = ""
    ifMatch: str = ""


class BundleEntry(msgspec.Struct):
    """One resource of a bundle, not yet read."""

    fullUrl: str = ""
    resource: msgspec.Raw = msgspec.Raw()
    request: Request | None = None


class Bundle(msgspec.Struct, kw_only=True):
    """Several resources sent together."""

    resourceType: str
    type: str = ""
    timestamp: str = ""
    entry: list[BundleEntry] = []
