"""Circulation: four chambers, vessels and beds, closed."""
