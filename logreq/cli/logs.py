"""Where panels' logs are found by the panels' names."""

from __future__ import annotations

import os

from logreq.errors import UsageError, suggest
from logreq.model.panels import PANELS, check_panel
from logreq.text.escape import visible

# Where panels keep their logs (vendor guide).
LOG_DIR = "/usr/local/mgr5/var"


def path_of(log: str) -> str:
    """Give the path that a LOG argument stands for: itself, or a panel's log."""
    if log == "-" or "/" in log or "." in log or os.path.exists(log):
        return log
    names = [*PANELS, *(panel[:-3] for panel in PANELS if panel.endswith("mgr"))]
    if log not in names and not log.endswith("mgr"):
        raise UsageError(
            f"{visible(log)!r} is neither a file nor a panel; a path has a / or a ."
            f"{suggest(log, names)}"
        )
    folder = os.environ.get("LOGREQ_LOG_DIR") or LOG_DIR
    return os.path.join(folder, f"{check_panel(log)}.log")
