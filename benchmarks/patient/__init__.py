"""Benchmarks of the patient twin, one file a subject."""
