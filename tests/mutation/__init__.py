"""Mutants: code that is weakened to see a test fail."""
