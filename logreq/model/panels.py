"""The panels: their internal names and short names."""

from __future__ import annotations

import re

from logreq.errors import UsageError, suggest

# Internal names of the panels (vendor documentation).
PANELS = (
    "ispmgr", "billmgr", "vmmgr", "vemgr", "vdsmgr", "dcimgr", "dsmgr", "dnsmgr", "ipmgr", "core",
)  # fmt: skip


def check_panel(name: str) -> str:
    """Give a panel's internal name for it or its short name (`isp` -> `ispmgr`)."""
    if name in PANELS:
        return name
    if name + "mgr" in PANELS:
        return name + "mgr"
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*mgr", name):
        return name  # a panel of the family that is not in the table
    names = [*PANELS, *(panel[:-3] for panel in PANELS if panel.endswith("mgr"))]
    raise UsageError(
        f"{name!r} is no panel's name; expected one such as ispmgr{suggest(name, names)}"
    )
