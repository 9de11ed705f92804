"""A Patient resource: sex, year of birth, and which records are of one and the same person."""

import msgspec

from twinward.connect.fhir import resources
from twinward.connect.fhir.references import relative
from twinward.connect.fhir.rows import Rows
from twinward.errors import BadInput

_DECODER = msgspec.json.Decoder(resources.Patient)
_SEXES = frozenset({"male", "female"})


def read(raw: bytes, id: str, said: float, rows: Rows) -> tuple[tuple[str, str], ...]:
    """Signals "sex" and "birth_year" (a word; more of the date nobody needs), where they are told.

    Args:
        raw: JSON that has been checked.
        id: of the resource.
        said: POSIX seconds at which it was said; since ever where that is not known.

    Returns:
        (record that is no more, record that it has become), from Patient.link.
    """
    found = _DECODER.decode(raw)
    sex = found.gender if found.gender in _SEXES else ""
    for signal, word in (("sex", sex), ("birth_year", found.birthDate[:4])):
        if word:
            rows.add(f"Patient/{id}", signal, said, word, "", "")
    return _merges(found, id, rows)


def _merges(patient: resources.Patient, id: str, rows: Rows) -> tuple[tuple[str, str], ...]:
    found = []
    for link in patient.link:
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
