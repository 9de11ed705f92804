"""What prevention must know of a person: PREVENT's inputs, and what single steps need besides."""

from collections.abc import Mapping
from typing import Any

from twinward.core.signal import LOINC, Code
from twinward.errors import BadInput
from twinward.twins.patient.risk.base import Input, Value
from twinward.twins.patient.risk.prevent import Prevent

# None: not known; a step that needs it is then not offered, and says so.
MORE: tuple[Input, ...] = (
    Input(
        "ldl_cholesterol", "mmol/L", "LDL cholesterol", (0.3, 15.0),
        code=Code(LOINC, "22748-8", "Cholesterol in LDL [Moles/volume] in Serum or Plasma"),
    ),
    Input("weight", "kg", "Weight", (30.0, 300.0), code=Code(LOINC, "29463-7", "Body weight")),
    Input("active", "1", "150 minutes of moderate activity a week", flag=True),
    Input("mediterranean_diet", "1", "Eats a Mediterranean diet", flag=True),
    Input("type_2_diabetes", "1", "Type 2 diabetes", flag=True),
    Input("sglt2_inhibitor", "1", "Takes an SGLT2 inhibitor", flag=True),
    Input("aspirin", "1", "Takes aspirin", flag=True),
)  # fmt: skip


def checked(person: Mapping[str, Any], years: int) -> dict[str, Value | None]:
    """The person's values, checked; what is not known of `MORE` is None.

    Raises:
        BadInput: names the field, the value and what was expected.
    """
    score = Prevent(years)
    base = {i.name for i in score.inputs}
    more = {i.name: i for i in MORE}
    for name in person:
        if name not in base and name not in more:
            raise BadInput("person", name, f"one of {', '.join(sorted(base | set(more)))}")
    known: dict[str, Value | None] = dict(score.checked({n: v for n, v in person.items() if n in base}))
    for name, declared in more.items():
        value = person.get(name)
        known[name] = None if value is None else declared.check(value, "prevention")
    if known["type_2_diabetes"] and not known["diabetes"]:
        raise BadInput("prevention: type_2_diabetes", True, "False where `diabetes` is False")
    return known
