"""The trial twin: each participant's course under control, and trials that need fewer patients for it."""
