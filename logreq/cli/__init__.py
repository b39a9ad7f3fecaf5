"""The command line: options -> one call into the library. Only this package prints."""

from logreq.cli.main import main

__all__ = ["main"]
