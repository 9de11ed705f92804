"""Pages of the built-in kinds, found through the entry-point group `twinward.views`."""
