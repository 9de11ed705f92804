"""Open, live digital twins for healthcare."""
