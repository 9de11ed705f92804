"""Learning a prognostic twin: features by name and level, learners, the twin itself."""
