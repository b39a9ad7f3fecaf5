"""Which requests are wanted: filters over requests and calls, cheap ones first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable, Optional

from logreq.call import Call, Value
from logreq.errors import UsageError
from logreq.request import Request
from logreq.rules import RuleSet

Wanted = Callable[[Request], bool]


def chooser(
    rules: RuleSet,
    *,
    where: Optional[str] = None,
    actions: bool = False,
    caller: Optional[str] = None,
) -> Optional[Wanted]:
    """Make the test that a wanted request passes; None if all are wanted.

    `where`: an expression (ExprError if it is none). `actions`: only those of kind
    `action`. `caller`: only those from this address.
    """
    tests: list[Wanted] = []
    if caller is not None:
        tests.append(lambda request: request.caller == caller)
    if where is not None:
        from logreq import expr

        condition = expr.compile(where)
        tests.append(lambda request: condition(request, rules.kind))
    if actions:
        tests.append(lambda request: rules.kind(request) == "action")
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda request: all(test(request) for test in tests)


def ssh_address(environment: Mapping[str, str]) -> str:
    """Give the address this SSH session comes from; UsageError if it is none."""
    address = environment.get("SSH_CLIENT", "").partition(" ")[0]
    if not address:
        raise UsageError("--me needs an SSH session: SSH_CLIENT is not set")
    # A dual-stack sshd reports IPv4 clients as mapped addresses, the panel does not.
    return address[7:] if address.startswith("::ffff:") else address


class Unique:
    """Tells whether a call was seen before: same panel, function and parameters in order."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def __call__(self, call: Call) -> bool:
        """Say once of each different call that it is new."""
        arguments: tuple[tuple[str, Value], ...] = tuple(call.arguments)
        # Hashes of 64 bits instead of the calls: memory must not grow with what they hold.
        key = hash((call.request.panel, call.request.func, arguments))
        if key in self._seen:
            return False
        self._seen.add(key)
        return True
