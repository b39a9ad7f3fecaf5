"""What the reader of a call should know of its function: money, files, another user's session."""

from __future__ import annotations

import re
from typing import Callable

from logreq.model.call import Call
from logreq.model.request import Request
from logreq.rules.secret import shown

CallTest = Callable[[Call], bool]

# Last parts of functions that book or spend money (BILLmanager's modules, and orders).
_MONEY = frozenset((
    "setpaid", "setinpay", "setnopay", "unpay", "charge", "refund", "withdraw", "buy",
    "prolong", "renew", "pay",
))  # fmt: skip
# A replayed order is paid again.
SPENDS = {"skipbasket": "on", "paynow": "on"}
_DELETES = frozenset(("remove", "clear", "purge", "terminate"))
# A payment system's confirmation.
_RECEIPT = "payment_receipt.success"
# Parameters of a file that was sent as multipart: the log has its name at most.
is_file = re.compile(r"file_\d+", re.ASCII).fullmatch


def verb(func: str) -> str:
    """Give the last part of a function's name."""
    return func.rpartition(".")[2]


def pays(func: str) -> bool:
    """Tell whether a function's name says money; a certificate of one's own is renewed for none."""
    return (verb(func) in _MONEY and not func.startswith("sslcert.")) or func == _RECEIPT


def telling(func: str) -> bool:
    """Tell whether `about` can say something of a function by its name."""
    return pays(func) or verb(func) in ("su", "upload")


def spends(request: Request, kind: str) -> bool:
    """Tell whether a request of this kind books or spends money by what its function does."""
    return kind == "action" and pays(request.func)


def money(func: str) -> str:
    """Give the note on a function that books or spends money."""
    return f"{shown(func)} books money each time this runs"


def deletes(call: Call) -> bool:
    """Tell whether a call takes something away for good."""
    word = verb(call.func)
    if word.endswith("delete") or word in _DELETES:
        return True
    return _sends(call, {"remove_directory": "on"})


def moves_money(call: Call) -> bool:
    """Tell whether a call books or spends money."""
    if pays(call.func):
        return True
    return _sends(call, SPENDS)


def _sends(call: Call, pairs: dict[str, str]) -> bool:
    """Tell whether a call sends one of these pairs, or can: a script's argument decides."""
    return any(
        name in pairs and (value == pairs[name] or type(value) is tuple)
        for name, value in call.arguments
    )


def uploads(request: Request) -> bool:
    """Tell whether a file came with the request."""
    if verb(request.func) == "upload":
        return True
    return "file" in request.query and any(is_file(param.name) for param in request.params)


def about(request: Request, kind_of: Callable[[Request], str], subject: str) -> list[str]:
    """Give the notes on a request; `subject` is the object that it is about."""
    notes = []
    if telling(request.func) and spends(request, kind_of(request)):
        notes.append(money(request.func))
    if uploads(request):
        notes.append("a file was uploaded: it is not in the log, and this call sends none")
    if verb(request.func) == "su":
        user = shown(subject) or "another user"
        notes.append(f"from here on the session was that of {user}")
    return notes
