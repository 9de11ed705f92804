"""The trial twin beside its targets and peers."""
