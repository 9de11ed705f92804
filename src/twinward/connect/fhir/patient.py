"""A Patient resource: sex, year of birth, and which records are of one and the same person."""

import msgspec

from twinward.connect.fhir import resources
from twinward.connect.fhir.references import relative
from twinward.connect.fhir.rows import Rows
from twinward.errors import BadInput

_DECODER = msgspec.json.Decoder(resources.Patient)
_SEXES = frozenset({"male", "female"})


def read(raw: bytes, id: str, said: float, rows: Rows) -> None:
    """Signals "sex" and "birth_year" (a word; more of the date nobody needs), where they are told.

    Args:
        raw: JSON that has been checked.
        id: of the resource.
        said: POSIX seconds at which it was said; since ever where that is not known.
    """
    found = _DECODER.decode(raw)
    year = found.birthDate[:4]
    for signal, word in (("sex", found.gender if found.gender in _SEXES else ""), ("birth_year", year)):
        if word:
            rows.add(f"Patient/{id}", signal, said, word, "", "")


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
