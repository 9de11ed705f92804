"""A watched folder: files dropped into it are read once they are complete, in batches, each row once."""

from twinward.connect.folder.base import Batch, Dropped, Reader
from twinward.connect.folder.readers import hl7_reader, log_reader, ndjson_reader
from twinward.connect.folder.watch import FolderStatus, WatchedFolder

__all__ = [
    "Batch",
    "Dropped",
    "FolderStatus",
    "Reader",
    "WatchedFolder",
    "hl7_reader",
    "log_reader",
    "ndjson_reader",
]
