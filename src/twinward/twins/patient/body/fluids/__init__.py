"""Fluids: capillaries, lymph, kidneys, electrolytes."""
