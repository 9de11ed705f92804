"""What is pinned is what pyproject.toml asks for: whoever changes one and forgets `make lock` is told."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def _pinned(name: str) -> dict[str, Version]:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return {canonicalize_name(m[1]): Version(m[2]) for m in re.finditer(r"^([\w.\-]+)==(\S+) \\$", text, re.M)}


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("run.txt", PROJECT["dependencies"] + EXTRAS["postgres"]),
        ("dev.txt", PROJECT["dependencies"] + [one for extra in EXTRAS.values() for one in extra]),
    ],
)
def test_every_dependency_is_pinned_as_asked(file: str, wanted: list[str]) -> None:
    pinned = _pinned(file)
    for text in wanted:
        requirement = Requirement(text)
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not in requirements/{file}: run `make lock`"
        assert version in requirement.specifier, f"{requirement} is pinned to {version}: run `make lock`"


def test_every_pin_has_a_hash_and_none_names_where_it_came_from() -> None:
    for file in ("run.txt", "dev.txt"):
        text = (ROOT / "requirements" / file).read_text(encoding="utf-8")
        assert text.count(" \\\n    --hash=sha256:") >= len(_pinned(file)) > 50
        assert "://" not in text
