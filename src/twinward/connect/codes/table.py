"""Reads the tables that lie beside this file."""

import csv
from importlib.resources import files


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a CSV table; lines that begin with # are remarks."""
    text = files("twinward.connect.codes").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
