"""Clients of others, run against the fake panel."""
