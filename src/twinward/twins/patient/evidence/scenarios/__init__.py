"""The published tables of signs that follow an action, played on the body and judged row by row."""
