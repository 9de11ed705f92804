"""The element that sweeps waveforms over the screen."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from nicegui.element import Element

from twinward.core.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Channel:
    """One trace.

    Args:
        name: of its samples in what is pushed.
        label: what a person reads.
        colour: a CSS property of the page ("--fine"), or a colour.
        low, high: the values at the trace's lower and upper edge.
    """

    name: str
    label: str
    colour: str
    low: float
    high: float


class Waves(Element, component="waves.js"):
    """Traces one below the other, six seconds wide.

    Args:
        channels: from top to bottom.
        words: what they show, for those who do not see them.
    """

    def __init__(self, channels: Sequence[Channel], words: str) -> None:
        super().__init__()
        self.props["channels"] = [asdict(channel) for channel in channels]
        self.props["words"] = words

    def push(self, start: float, step: float, data: Mapping[str, FloatArray]) -> None:
        """Send a chunk: samples from `start` on, `step` seconds apart, in the body's clock."""
        count = min(len(values) for values in data.values())
        rounded = {name: np.round(values[:count], 3).tolist() for name, values in data.items()}
        self.run_method("push", {"start": start, "step": step, "count": count, "data": rounded})
