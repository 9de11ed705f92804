"""Type 1 diabetes: the UVA/Padova simulator of 2008 and its 30 virtual patients."""
