"""A randomised comparison analysed, with twins and without: one method a file, `base` puts them side by side."""
