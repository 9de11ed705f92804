"""A Patient resource: which records are of one and the same person."""

import msgspec

from twinward.connect.fhir import resources
from twinward.connect.fhir.references import relative
from twinward.connect.fhir.rows import Rows
from twinward.errors import BadInput

_DECODER = msgspec.json.Decoder(resources.Patient)


def merges(raw: bytes, id: str, rows: Rows) -> tuple[tuple[str, str], ...]:
    """(record that is no more, record that it has become), from Patient.link.

    Args:
        raw: JSON that has been checked.
        id: of the resource.
    """
    found = []
    for link in _DECODER.decode(raw).link:
        if link.type not in ("replaced-by", "replaces"):
            continue
        try:
            other = relative(link.other, "Patient.link.other", frozenset({"Patient", "RelatedPerson"}))
        except BadInput as why:
            rows.refuse(str(why), "unusable link")
            continue
        own = f"Patient/{id}"
        if other == own:
            rows.refuse(f"Patient.link: {own} cannot replace itself", "unusable link")
            continue
        found.append((own, other) if link.type == "replaced-by" else (other, own))
    return tuple(found)
