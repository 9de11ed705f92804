"""The patient twin: one body that lives, is measured, and is treated."""
