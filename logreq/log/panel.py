"""A log's first lines -> the panel whose log it is."""

from __future__ import annotations

import re
from typing import Optional

from logreq.log.line import NEEDLE, parse_line
from logreq.model.panels import is_panel, panel_of_function
from logreq.model.request import Request

# A record's module, behind the process; codes of colours may stand around it.
_COLOUR = rb"\x1b\[[\d;]*m"
_MODULE = re.compile(
    rb"^(?:%b|[^\[\n\x1b]){0,60}\[ *\d+(?::\d+)?\] (?:%b)?(\w+)" % (_COLOUR, _COLOUR), re.M
)


def panel_in_lines(block: bytes) -> Optional[str]:
    """Tell the panel by modules of its name and by functions that one panel alone has.

    None unless all that tell say the same; empty where no request stands in the lines.
    """
    words = (word.decode() for word in set(_MODULE.findall(block)))
    found: set[Optional[str]] = {word for word in words if is_panel(word)}
    lines = (line for line in block.split(b"\n") if NEEDLE in line)
    requests = [r for r in map(parse_line, lines) if isinstance(r, Request)]
    found.update(panel_of_function(request.func) for request in requests)
    found.discard(None)
    if len(found) == 1:
        return found.pop()
    return None if requests or found else ""
