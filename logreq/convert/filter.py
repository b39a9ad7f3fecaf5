"""Which requests are wanted: filters over requests and calls, cheap ones first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable, Optional

from logreq.errors import UsageError
from logreq.model.call import Call, Value
from logreq.model.request import Request
from logreq.rules.model import RuleSet

if TYPE_CHECKING:
    from logreq.convert.period import Period

# What it gives is true or false, not always a bool.
Wanted = Callable[[Request], Any]


class Filter:
    """The test that a wanted request passes.

    `fields` are the fields and parameters (`param.NAME`) that it looks at; None: it has to
    see each request, and in order.
    """

    def __init__(self, passes: Wanted, fields: Optional[frozenset[str]]) -> None:
        self.passes = passes
        self.fields = fields

    def __call__(self, request: Request) -> Any:
        """Give something true or false."""
        return self.passes(request)


def chooser(
    rules: RuleSet,
    *,
    where: Optional[str] = None,
    actions: bool = False,
    caller: Optional[str] = None,
    period: Optional[Period] = None,
) -> Optional[Filter]:
    """Make the test that a wanted request passes; None if all are wanted.

    `where`: an expression (ExprError if it is none). `actions`: only those of kind
    `action`. `caller`: only those from this address. `period`: only those of this time.
    """
    tests: list[Filter] = []
    if period is not None:
        tests.append(Filter(period, None))  # the first one: it has to see every request
    if caller is not None:
        tests.append(_condition(f"caller == {caller}", rules))
    if where is not None:
        tests.append(_condition(where, rules))
    if actions:
        tests.append(_condition("kind == action", rules))
    if len(tests) < 2:
        return tests[0] if tests else None
    fields = [test.fields for test in tests if test.fields is not None]
    return Filter(
        lambda request: all(test(request) for test in tests),
        frozenset().union(*fields) if len(fields) == len(tests) else None,
    )


def _condition(text: str, rules: RuleSet) -> Filter:
    from logreq import expr

    condition, kind_of = expr.compile(text), rules.kind
    test, fields = condition.test, condition.fields
    if "kind" in fields:
        fields |= rules.kind_fields
    return Filter(lambda request: test(request, kind_of), fields)


def ssh_address(environment: Mapping[str, str]) -> str:
    """Give the address this SSH session comes from; UsageError if there is none."""
    text = environment.get("SSH_CLIENT", "").partition(" ")[0]
    if not text:
        raise UsageError(
            "--me needs an SSH session: SSH_CLIENT is not set (sudo and su clear it);"
            " --where 'caller == ADDRESS' does the same"
        )
    import ipaddress

    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        raise UsageError("--me: SSH_CLIENT holds no address") from None
    # A dual-stack sshd reports IPv4 clients as mapped addresses, the panel does not.
    return str(getattr(address, "ipv4_mapped", None) or address)


class Unique:
    """Tells whether a call was seen before: same panel, function and parameters in order."""

    # So many different calls are remembered at least, and twice as many at most: 15 MB.
    LIMIT = 100_000

    def __init__(self, by_user: bool = False) -> None:
        """Begin; `by_user`: who clicked is part of the call."""
        self._by_user = by_user
        self._recent: set[int] = set()
        self._older: set[int] = set()

    def __call__(self, call: Call) -> bool:
        """Say once of each different call that it is new."""
        arguments: tuple[tuple[str, Value], ...] = tuple(call.arguments)
        # Hashes of 64 bits instead of the calls: memory must not grow with what they hold.
        user = call.request.user if self._by_user else ""
        key = hash((call.request.panel, user, call.request.func, arguments))
        if key in self._recent:
            return False
        if len(self._recent) >= self.LIMIT:
            self._older, self._recent = self._recent, set()
        self._recent.add(key)
        return key not in self._older
