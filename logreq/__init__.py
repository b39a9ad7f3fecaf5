"""Turns the clicks that an ISPsystem panel logged into calls that run."""

__version__ = "0.1.0"
