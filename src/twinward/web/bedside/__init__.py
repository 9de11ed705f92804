"""The bedside: a monitor's waveforms at the pace of the screen, drawn from the twin's own body."""
