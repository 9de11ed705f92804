"""The API under /api/v1: what the twins know, forecast and rehearse, and where observations come in."""

from twinward.web.api.build import build

__all__ = ["build"]
