"""Samples and what each emitter makes of them."""
