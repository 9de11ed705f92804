"""Reflexes: baro- and chemoreceptors, and what the nerves do with heart and vessels."""
