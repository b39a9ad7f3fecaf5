"""A whole POSIX shell script of mgrctl calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from logreq.call import Call, Env
from logreq.emitters import _shell, _shell_script
from logreq.emitters._base import Argument
from logreq.emitters.mgrctl import (
    MGRCTL,
    check_arguments,
    check_function,
    check_name,
    reference,
)
from logreq.errors import EmitError
from logreq.escape import plain

if TYPE_CHECKING:
    from logreq.emitters.mgrctl import Mgrctl

_CALL = """\
# call PANEL FUNCTION [NAME=VALUE]...: one call
call() {
  panel=$1 func=$2
  shift 2
  status=0
  answer=$(MGRCTL -m "$panel" OPTIONS"$func" "$@" </dev/null) || status=$?
  if [ "$status" != 0 ]; then
    verdict=$(verdict)
    fail "$func: mgrctl ended with status $status${verdict:+: $verdict}"
  fi
  finish
}
"""
_RESTART = """\
if [ "$restart" ]; then
  for panel in $restarts; do
    call "$panel" restart
  done
fi
"""


def script(emitter: Mgrctl, calls: Sequence[Call], arguments: Sequence[Argument]) -> Iterator[str]:
    """Give the script of an emitter's calls; EmitError before anything is given."""
    secrets = _shell_script.secrets(value for call in calls for _, value in call.arguments)
    texts = [_shell_script.begin(calls, arguments, secrets)]
    if secrets:
        texts.append(f"# For mgrctl's -e.\nexport {' '.join(secrets)}\n\n")
    texts.append(_shell_script.judge(emitter.connection.out or "") + "\n")
    function = _CALL.replace("MGRCTL", MGRCTL).replace("OPTIONS", emitter.options)
    texts.append(function + "\n")
    texts += [f"{emitter.header(call)}{_call(emitter, call)}\n\n" for call in calls]
    texts.append(_RESTART)
    return iter(texts)


def _call(emitter: Mgrctl, call: Call) -> str:
    func = call.request.func
    check_function(func)
    if not plain(func):
        raise EmitError("the function's name does not show as it is")
    check_arguments(call)
    words = [f"call {_shell.word(call.request.panel)} {_shell.word(func)}"]
    joined: list[str] = []
    references: list[str] = []
    for name, value in call.arguments:
        check_name(name)
        parts = _shell.parts(value)
        # Of an argument the script itself learns how long it is.
        literal = "".join(part for part in parts if isinstance(part, str))
        _shell.check_argument(f"{name}={literal}")
        secret = [part for part in parts if isinstance(part, Env)]
        if not secret:
            head = [parts[0]] if parts and isinstance(parts[0], str) else []
            words.append(_shell.printable(f"{name}={''.join(head)}", *parts[len(head) :]))
        elif len(parts) == 1:
            references.append(reference(name, secret[0].name))
        else:
            # mgrctl takes a whole value from a variable.
            variable = f"LOGREQ_VALUE_{len(joined) + 1}"
            joined.append(f"{variable}={_shell.printable(*parts)}\nexport {variable}\n")
            references.append(reference(name, variable))
    words += [text.lstrip() for text in (emitter.tail, emitter.su(call), *references) if text]
    return "".join(joined) + " \\\n  ".join(words)
