"""What FHIR reads: resources by id, observations by patient, code and date, kept in step with the journal."""

from twinward.live.repository.reader import Found, Stored
from twinward.live.repository.repository import Repository
from twinward.live.repository.search import MOST, Search, When, token, when

__all__ = ["MOST", "Found", "Repository", "Search", "Stored", "When", "token", "when"]
