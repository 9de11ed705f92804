"""The same systems, written for the programs we measure ourselves against."""
