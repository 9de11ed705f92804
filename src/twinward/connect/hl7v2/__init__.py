"""HL7 v2: messages from blocks of bytes, their acknowledgement, and the MLLP server that carries both."""

from twinward.connect.hl7v2.ack import acknowledge
from twinward.connect.hl7v2.feed import Hl7Feed
from twinward.connect.hl7v2.framing import Broken, Frames, frame
from twinward.connect.hl7v2.mllp import Limits, MllpServer
from twinward.connect.hl7v2.parse import parse
from twinward.connect.hl7v2.refusal import Refusal

__all__ = ["Broken", "Frames", "Hl7Feed", "Limits", "MllpServer", "Refusal", "acknowledge", "frame", "parse"]
