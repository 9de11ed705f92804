"""Drugs: where they go in the body, and what they do there."""
