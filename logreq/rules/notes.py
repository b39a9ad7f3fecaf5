"""What the reader of a call should know of its function: money, files, another user's session."""

from __future__ import annotations

import re
from typing import Callable

from logreq.model.request import Request
from logreq.rules.secret import shown

# Last parts of functions that book or spend money (BILLmanager's modules, and orders).
_MONEY = frozenset((
    "setpaid", "setinpay", "setnopay", "unpay", "charge", "refund", "withdraw", "buy",
    "prolong", "renew",
))  # fmt: skip
# A payment system's confirmation.
_RECEIPT = "payment_receipt.success"
# Parameters of a file that was sent as multipart: the log has its name at most.
is_file = re.compile(r"file_\d+", re.ASCII).fullmatch


def verb(func: str) -> str:
    """Give the last part of a function's name."""
    return func.rpartition(".")[2]


def telling(func: str) -> bool:
    """Tell whether `about` can say something of a function by its name."""
    return verb(func) in _MONEY or verb(func) in ("su", "upload") or func == _RECEIPT


def spends(request: Request, kind: str) -> bool:
    """Tell whether a request of this kind books or spends money by what its function does."""
    return kind == "action" and (verb(request.func) in _MONEY or request.func == _RECEIPT)


def uploads(request: Request) -> bool:
    """Tell whether a file came with the request."""
    if verb(request.func) == "upload":
        return True
    return "file" in request.query and any(is_file(param.name) for param in request.params)


def about(request: Request, kind_of: Callable[[Request], str], subject: str) -> list[str]:
    """Give the notes on a request; `subject` is the object that it is about."""
    notes = []
    if telling(request.func) and spends(request, kind_of(request)):
        notes.append(f"{shown(request.func)} books money each time this runs")
    if uploads(request):
        notes.append("a file was uploaded: it is not in the log, and this call sends none")
    if verb(request.func) == "su":
        user = shown(subject) or "another user"
        notes.append(f"from here on the session was that of {user}")
    return notes
