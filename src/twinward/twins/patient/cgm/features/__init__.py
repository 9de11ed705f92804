"""What a forecast may look at: columns that at each row use that row and earlier ones only."""

from twinward.twins.patient.cgm.features.table import NAMES, REFERENCE, SIMPLE, columns

__all__ = ["NAMES", "REFERENCE", "SIMPLE", "columns"]
