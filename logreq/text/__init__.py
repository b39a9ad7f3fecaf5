"""Bytes and text: what stands for what, and what may be shown."""
