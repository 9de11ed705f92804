"""Whether JSON is the FHIR resource it says it is: compiled checkers made from the R4 models of fhir.resources.

fhir.resources checks every field, type, cardinality and pattern, but takes some 200 us a resource. The same rules, read
from its models, become msgspec types here, which decode and check in a few us. Each rule is as strict as its model or
stricter (a number must be a JSON number, null stands for nothing), so what passes here passes there.
"""

import binascii
import sys
import typing
from collections.abc import Callable
from functools import cache
from types import ModuleType, NoneType, UnionType
from typing import Annotated, Any

import msgspec
from fhir.resources.R4B import get_fhir_model_class

_DAY = (
    r"(?:(?!0000)[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    r"|(?!0000)(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
)
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+\-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_PARTIAL = r"(?!0000)[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?"
_HEX = "[0-9a-fA-F]"

# FHIR R4, datatypes: the regular expressions of the primitive types; dates are checked against the calendar as well.
_PATTERNS = {
    "code": r"^\S+(?:\s\S+)*\Z",
    "id": r"^[A-Za-z0-9\-.]{1,64}\Z",
    "uri": r"^\S*\Z",
    "canonical": r"^\S*\Z",
    "oid": r"^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+\Z",
    "uuidversion": rf"^(?:urn:uuid:)?{_HEX}{{8}}-{_HEX}{{4}}-4{_HEX}{{3}}-[89abAB]{_HEX}{{3}}-{_HEX}{{12}}\Z",
    "url": r"^(?:https?://[A-Za-z0-9][A-Za-z0-9.\-]*(?::[0-9]{1,4})?(?:[/?#]\S*)?|/?[A-Za-z0-9\-.#]+(?:/\S*)?)\Z",
    "date": rf"^(?:{_PARTIAL}|{_DAY})\Z",
    "datetime": rf"^(?:{_PARTIAL}|{_DAY}(?:T{_CLOCK}{_ZONE})?)\Z",
    "instant": rf"^{_DAY}T{_CLOCK}{_ZONE}\Z",
    "time": rf"^{_CLOCK}\Z",
    "base64binary": r"^[A-Za-z0-9+/\s]*=?\s*=?\s*\Z",  # and well-formed: see `_rules`
}
_PRIMITIVES: dict[str, Any] = {
    **{name: Annotated[str, msgspec.Meta(pattern=pattern)] for name, pattern in _PATTERNS.items()},
    "string": Annotated[str, msgspec.Meta(min_length=1)],
    "markdown": Annotated[str, msgspec.Meta(min_length=1)],
    "xhtml": Annotated[str, msgspec.Meta(min_length=1)],
    "decimal": float,
    "integer": Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)],
    "integer64": Annotated[int, msgspec.Meta(ge=-(2**63) + 1, le=2**63 - 1)],
    "unsignedint": Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)],
    "positiveint": Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)],
}

# The compiled types name each other (an extension holds any datatype, and each has extensions); msgspec looks the names
# up in a module, and this one is theirs alone.
_HOME = ModuleType(f"{__name__}.compiled")
sys.modules[_HOME.__name__] = _HOME
vars(_HOME).update({f"fhir_{name}": kind for name, kind in _PRIMITIVES.items()})
vars(_HOME).update(UnsetType=msgspec.UnsetType, Raw=msgspec.Raw)


def check(resource_type: str, raw: bytes | msgspec.Raw) -> None:
    """Pass over what is right.

    Args:
        resource_type: "Observation", "Patient" ...
        raw: JSON.

    Raises:
        msgspec.DecodeError: naming what is wrong and its path.

    Example:
        >>> check("Observation", b'{"resourceType": "Observation", "status": "final"}')
        Traceback (most recent call last):
        msgspec.ValidationError: Object missing required field `code`
    """
    try:
        decoder = _decoder(resource_type)
    except LookupError:
        text = f"FHIR R4 has no resource type {resource_type[:40]!r} - at `$.resourceType`"
        raise msgspec.ValidationError(text) from None
    for inner in _inside(decoder.decode(raw)):
        check(msgspec.json.decode(inner, type=_Typed).resourceType, inner)


def plainly(fault: str) -> str:
    """What msgspec says of a fault, with the name of a primitive type instead of its regular expression.

    Example:
        >>> plainly(f"Expected `str` matching regex {_PATTERNS['date']!r}")
        'no valid FHIR date'
    """
    if "matching regex" in fault:
        for name, pattern in _PATTERNS.items():
            if repr(pattern) in fault:
                return f"no valid FHIR {name}"
    return fault


def is_resource(resource_type: str) -> bool:
    """Whether R4 has such a resource.

    Example:
        >>> is_resource("Observation"), is_resource("Hospital"), is_resource("HumanName")
        (True, False, False)
    """
    try:
        _decoder(resource_type)
    except LookupError:
        return False
    return True


class _Typed(msgspec.Struct):
    resourceType: str


@cache
def _decoder(resource_type: str) -> msgspec.json.Decoder[Any]:
    """What decodes a type; a `LookupError` (which is not remembered) where R4 has no such resource."""
    try:
        model = get_fhir_model_class(resource_type)
    except ValueError:
        raise LookupError(resource_type) from None
    if not model.has_resource_base() or model.__name__ in ("Resource", "DomainResource"):
        raise LookupError(resource_type)
    return msgspec.json.Decoder(_compiled(model))


def _inside(found: Any) -> list[msgspec.Raw]:
    """The resources inside a resource."""
    inside = list(getattr(found, "contained", None) or ())
    for name in ("entry", "parameter"):  # of a Bundle and of Parameters
        parts = getattr(found, name, None) or ()
        inside += [part.resource for part in parts if getattr(part, "resource", None)]
    return inside


def _compiled(model: Any) -> type[msgspec.Struct]:
    """The msgspec type of a fhir.resources model; those it is made of are compiled on the way."""
    home, name = vars(_HOME), model.__name__
    if name in home:
        return typing.cast(type[msgspec.Struct], home[name])
    home[name] = msgspec.Struct  # breaks the circle; replaced below, before anything is decoded
    fields: list[Any] = []
    rename: dict[str, str] = {}
    if model.has_resource_base():
        fields.append(("resourceType", typing.Literal[model.get_resource_type()]))
    for attribute, field in model.model_fields.items():
        if attribute == "fhir_comments":
            continue
        rename[attribute] = field.alias or attribute
        kind = _expression(field.annotation)
        if field.is_required():
            fields.append((attribute, kind))
        else:
            fields.append((attribute, f"{kind} | UnsetType", msgspec.UNSET))
    home[name] = msgspec.defstruct(
        name,
        fields,
        namespace=_rules(model),
        module=_HOME.__name__,
        rename=rename,
        kw_only=True,
        forbid_unknown_fields=True,
    )
    return typing.cast(type[msgspec.Struct], home[name])


def _expression(annotation: Any) -> str:
    """A type annotation of fhir.resources as the name of what was compiled from it."""
    if typing.get_origin(annotation) is Annotated:
        names = [type(rule).__name__.lower() for rule in annotation.__metadata__]
        return "fhir_" + next(name for name in reversed(names) if name in _PRIMITIVES)
    if typing.get_origin(annotation) in (typing.Union, UnionType):
        kinds = [kind for kind in typing.get_args(annotation) if kind is not NoneType]
        return _expression(kinds[0])
    if typing.get_origin(annotation) is list:
        (item,) = typing.get_args(annotation)
        gaps = " | None" if NoneType in typing.get_args(item) else ""  # a null keeps the place of a primitive
        return f"list[{_expression(item)}{gaps}]"
    if annotation is bool:
        return "bool"
    model = annotation.get_model_klass()
    if model.__name__ == "Resource":
        return "Raw"
    _compiled(model)
    return str(model.__name__)


def _rules(model: Any) -> dict[str, Callable[[Any], None]]:
    """What FHIR asks of several fields at once: at most one of a choice, and primitives that must be there."""
    if model.__name__ == "FHIRPrimitiveExtension":
        return {"__post_init__": _not_empty}
    blank = model.model_construct()
    choices = []
    for prefix, names in blank.get_one_of_many_fields().items():
        must = model.model_fields[names[0]].json_schema_extra["one_of_many_required"] is True
        choices.append((prefix, tuple(names), must))
    required = tuple(blank.get_required_fields())
    binary = [name for name, field in model.model_fields.items() if "Base64Binary" in str(field.annotation)]
    if not choices and not required and not binary:
        return {}
    unset = msgspec.UNSET

    def rules(found: Any) -> None:
        for name in binary:
            _base64(getattr(found, name))
        for name, extension in required:
            if getattr(found, name) is unset and not _explained(found, extension):
                raise ValueError(f"Object missing required field `{name}`")
        for prefix, names, must in choices:
            given = [name for name in names if getattr(found, name) is not unset]
            if len(given) > 1:
                raise ValueError(f"only one of {prefix}[x] may be there, not {' and '.join(given)}")
            if must and not given:
                raise ValueError(f"Object missing required field `{prefix}[x]`")

    return {"__post_init__": rules}


def _base64(text: Any) -> None:
    if text is not msgspec.UNSET:
        try:
            binascii.a2b_base64("".join(text.split()), strict_mode=True)
        except binascii.Error as why:
            raise ValueError(f"no valid FHIR base64Binary: {why}") from None


def _not_empty(found: Any) -> None:
    if found.id is msgspec.UNSET and found.extension is msgspec.UNSET:
        raise ValueError("what stands beside a primitive needs an id or an extension")


def _explained(found: Any, extension: str | None) -> bool:
    """Whether an extension says why a primitive has no value."""
    said = getattr(found, extension, msgspec.UNSET) if extension else msgspec.UNSET
    return said is not msgspec.UNSET and bool(said.extension)
