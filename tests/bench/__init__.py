"""Benchmarks, run on demand: `python -m tests.bench --help`."""
