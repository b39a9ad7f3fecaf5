"""Bytes of a saved log -> requests."""
