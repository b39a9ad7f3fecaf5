"""The panels: their internal names and short names, and what tells whose log a log is."""

from __future__ import annotations

import re
from typing import Optional

from logreq.errors import UsageError, suggest
from logreq.text.escape import visible

# Internal names of the panels (vendor documentation).
PANELS = (
    "ispmgr", "billmgr", "vmmgr", "vemgr", "vdsmgr", "dcimgr", "dsmgr", "dnsmgr", "ipmgr", "core",
)  # fmt: skip
# Taken where nothing tells.
ASSUMED = "ispmgr"
_SHORT = {name[:-3]: name for name in PANELS if name.endswith("mgr")}
_FAMILY = re.compile(r"[A-Za-z][A-Za-z0-9_]*mgr").fullmatch
# In a file's name: an internal name wherever it is a word (2019-03-01_billmgr.log.gz), a short
# one at the beginning (bill-old.log; not vm1.log, which is a host's), and whatever begins with
# bill (billing.log), since no other word does; last, a name of the family (ourmgr.log).
_WORD = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(PANELS[:-1])})(?![A-Za-z])")
_BEGIN = re.compile(rf"(core|{'|'.join(_SHORT)})(?![A-Za-z0-9])|(bill)")
_OURS = re.compile(r"[A-Za-z][A-Za-z0-9_]*mgr(?![A-Za-z])")

# Functions, by their first part, that one panel alone has (vendor documentation).
_FUNCTIONS = {
    "ispmgr": "webdomain site emaildomain webscript phpconf phpextensions perlext pythonext ftp",
    "billmgr": "payment paymethod clientticket account processing pricelist subaccount"
    " payment_receipt stored_method stored_paymethod availableprice",
    "dcimgr": "rack chassis",
}
_OWNERS = {name: panel for panel, names in _FUNCTIONS.items() for name in names.split()}


def is_panel(name: str) -> bool:
    """Tell whether a word is a panel's internal name, one of the family's own plug-ins included."""
    return name in PANELS or _FAMILY(name) is not None


def panel_named(name: str) -> Optional[str]:
    """Give the internal name of a known panel for any of its names; None if there is none.

    `ispmgr`, `isp` or the product's, `ISPmanager`; in any case of letters.
    """
    word = name.lower()
    stem = word[: -len("manager")] if word.endswith("manager") else word
    found = _SHORT.get(stem, stem)
    return found if found in PANELS else None


def check_panel(name: str) -> str:
    """Give a panel's internal name for any of its names (`isp` -> `ispmgr`); else UsageError."""
    found = panel_named(name)
    if found is not None:
        return found
    if _FAMILY(name):
        return name  # a panel of the family that is not in the table
    known = ", ".join(panel[:-3] if panel.endswith("mgr") else panel for panel in PANELS)
    near = suggest(name.lower(), [*PANELS, *_SHORT])
    raise UsageError(
        f"{visible(name)!r} is no panel's name; known: {known}; ispmgr and ISPmanager are isp{near}"
    )


def panel_in_name(name: str) -> Optional[str]:
    """Tell the panel from a log's file name, without its folders; None if it names none."""
    word = _WORD.search(name)
    if word:
        return word[0]
    begin = _BEGIN.match(name)
    if begin:
        short = begin[1] or begin[2]
        return _SHORT.get(short, short)
    ours = _OURS.match(name)
    return ours[0] if ours else None


def panel_of_function(func: str) -> Optional[str]:
    """Tell the one panel that has a function; None if several can, or it is not known."""
    return _OWNERS.get(func.partition(".")[0])


def panel_in_url(url: str) -> Optional[str]:
    """Tell the panel that a checked address names by the end of its path; None if none."""
    _, _, path = url.partition("://")[2].partition("/")
    last = path.rpartition("/")[2]
    return last if is_panel(last) else None
