"""A rehearsal as a file to take away."""
