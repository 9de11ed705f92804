"""Metabolism: what tissues ask for, fuel, heat."""
