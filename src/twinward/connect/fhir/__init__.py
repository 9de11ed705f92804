"""FHIR R4 in and out: resources, bundles and bulk files as messages; estimates and forecasts as resources."""

from twinward.connect.fhir.audit_event import audit_event
from twinward.connect.fhir.bulk import Line, Lines, Progress, read_file, read_lines
from twinward.connect.fhir.bundle import Entry, entries, split, urls
from twinward.connect.fhir.capability import capability
from twinward.connect.fhir.moments import instant, interval, written
from twinward.connect.fhir.out import SIGNALS, Estimate, Risk, codings, observation, risk_assessment
from twinward.connect.fhir.outcome import Issue, NotFhir, outcome
from twinward.connect.fhir.reading import Named, message, named, plain, read, refused
from twinward.connect.fhir.structure import is_resource
from twinward.connect.fhir.superseding import superseding
from twinward.connect.fhir.validate import issues

__all__ = [
    "SIGNALS",
    "Entry",
    "Estimate",
    "Issue",
    "Line",
    "Lines",
    "Named",
    "NotFhir",
    "Progress",
    "Risk",
    "audit_event",
    "capability",
    "codings",
    "entries",
    "instant",
    "interval",
    "is_resource",
    "issues",
    "message",
    "named",
    "observation",
    "outcome",
    "plain",
    "read",
    "read_file",
    "read_lines",
    "refused",
    "risk_assessment",
    "split",
    "superseding",
    "urls",
    "written",
]
