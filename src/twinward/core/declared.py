"""Files of declarations (TOML), read against what they may say."""

import tomllib
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from twinward.errors import BadFile

Declared = TypeVar("Declared", bound=BaseModel)


def parse_toml(text: str, what: type[Declared], name: str) -> Declared:
    """What a text of TOML declares.

    Args:
        name: of such a text, as a person says it.

    Raises:
        BadFile: it is no TOML, or says what may not be said; one line a fault, each with the path of its field.

    Example:
        >>> class Bed(BaseModel):
        ...     ward: str
        >>> parse_toml("ward = 'east'", Bed, "bed").ward
        'east'
        >>> parse_toml("", Bed, "bed")
        Traceback (most recent call last):
        twinward.errors.BadFile: 1 fault in the bed:
          ward: Field required
    """
    try:
        return what.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadFile(f"the {name} is not TOML: {error}") from None
    except ValidationError as error:
        lines = [f"{'.'.join(str(part) for part in row['loc']) or 'file'}: {row['msg']}" for row in error.errors()]
        head = f"{len(lines)} fault{'s' if len(lines) > 1 else ''} in the {name}:"
        raise BadFile("\n  ".join([head, *lines])) from None
