"""The whole body, compiled: one coherent model made of parts that tell each other what they do."""
