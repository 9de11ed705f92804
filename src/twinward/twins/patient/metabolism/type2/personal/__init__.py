"""One person with type 2 diabetes as a twin: what is uncertain, how it is learnt, what the data could tell."""
