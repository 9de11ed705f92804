"""HL7 v2: messages from blocks of bytes, their acknowledgement, and the MLLP server that carries both."""

from twinward.connect.hl7v2.parse import parse
from twinward.connect.hl7v2.refusal import Refusal

__all__ = ["Refusal", "parse"]
