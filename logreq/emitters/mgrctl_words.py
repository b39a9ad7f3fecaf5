"""Words of a mgrctl command line, and what mgrctl would take for something else."""

from __future__ import annotations

from logreq.emitters import shell
from logreq.emitters.context import parts
from logreq.errors import EmitError
from logreq.model.call import Call
from logreq.text.codec import encode
from logreq.text.escape import visible

MGRCTL = "/usr/local/mgr5/sbin/mgrctl"


def reference(name: str, variable: str) -> str:
    """Make the words that hand over a secret: `mgrctl` itself reads the variable."""
    return f"-e {shell.word(shell.check_argument(f'{name}=${variable}'))}"


def check_function(func: str) -> None:
    """Refuse a function that mgrctl would take for something else."""
    if "\0" in func:
        raise EmitError("the function's name holds a NUL byte, which no argument can")
    if func.startswith("-") or "=" in func:
        raise EmitError("mgrctl would not take the function's name for one")
    shell.check_argument(func)


def check_name(name: str) -> None:
    """Refuse a parameter's name that mgrctl would take for something else."""
    if not name or name.startswith("-") or "=" in name or "\0" in name:
        raise EmitError(f"mgrctl would not take {visible(name)!r} for a parameter's name")


def check_arguments(call: Call) -> None:
    """Refuse a call whose parameters are too long for a command line."""
    # Each has an equals sign, a NUL and a pointer.
    length = sum(
        len(encode(name)) + 10 + sum(len(encode(p)) for p in parts(value) if type(p) is str)
        for name, value in call.arguments
    )
    if length > shell.MAX_ARGUMENTS:
        raise EmitError(
            f"parameters of {length} bytes are longer than a command line can be"
            f" ({shell.MAX_ARGUMENTS} bytes)"
        )
