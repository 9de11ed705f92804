"""Trials whose data the evidence reads: their files, told in the package."""

from importlib.resources import files

from twinward.twins.trial.protocol import Protocol, parse

DATA = {"ist": "ist_development.csv.gz", "actg175": "actg175_arms01.csv.gz", "robincar": "robincar2_glm_data.csv"}


def protocol(name: str) -> Protocol:
    """The protocol of one of `DATA`."""
    return parse((files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))
