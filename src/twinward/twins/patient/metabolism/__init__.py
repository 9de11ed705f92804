"""Glucose and insulin of a patient: type 1 and type 2 diabetes, meals, insulin, sensors, exercise."""
