"""The report of a hospital replay: one self-contained HTML file."""

from twinward.web.report.page import render

__all__ = ["render"]
