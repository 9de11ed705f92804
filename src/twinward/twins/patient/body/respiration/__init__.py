"""Respiration: breathing, the ventilator, gas exchange, gases in blood."""
