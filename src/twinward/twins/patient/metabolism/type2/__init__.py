"""Glucose with a pancreas that answers: the meal model of normal subjects and type 2 diabetes."""
