"""The hospital twin: emergency department, wards, staff and every patient, from a hospital file or an event log."""

from collections.abc import Sequence
from importlib.resources import files

import xarray as xr

from twinward.core.belief import Belief
from twinward.core.evidence import Check
from twinward.core.kinds import Kind
from twinward.core.model import Model
from twinward.core.observation import Observations
from twinward.twins.hospital.file import HospitalFile, load, parse

__all__ = ["KIND", "HospitalFile", "load", "parse", "reference_hospital"]


def reference_hospital() -> HospitalFile:
    """The reference hospital as it describes itself; the demo's world sends its events."""
    return parse((files("twinward") / "demo" / "hospital.toml").read_text(encoding="utf-8"))


def _model(file: str | None = None) -> Model:
    """The model of a hospital file; of the reference hospital where none is named."""
    from twinward.twins.hospital.model import HospitalModel

    return HospitalModel(reference_hospital() if file is None else load(file))


def _board(model: Model, belief: Belief, time: float, futures: xr.Dataset, seen: Observations) -> object:
    from twinward.twins.hospital.board import board
    from twinward.twins.hospital.model import HospitalModel

    assert isinstance(model, HospitalModel)
    return board(model, belief, time, futures, seen)


def _evidence() -> Sequence[Check]:
    from twinward.twins.hospital.evidence import checks

    return checks()


def _settings(model: Model) -> Sequence[object]:
    from twinward.twins.hospital.model import HospitalModel
    from twinward.twins.hospital.rehearsal import settings

    assert isinstance(model, HospitalModel)
    return settings(model)


KIND = Kind(
    "hospital",
    "a hospital: who is where, who waits for what, what the next day brings",
    _model,
    _evidence,
    board=_board,
    settings=_settings,
)
