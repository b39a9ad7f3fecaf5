"""Which requests are wanted: tests of requests, cheap ones first; each different call once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Callable, Optional

from logreq.convert.summary import ACTIONS, TIMES, LeftOut
from logreq.errors import UsageError
from logreq.model.request import Request
from logreq.rules.model import RuleSet
from logreq.text.percent import unquote

if TYPE_CHECKING:
    from logreq.convert.period import Period

# What it gives is true or false, not always a bool.
Wanted = Callable[[Request], Any]


def chooser(
    rules: RuleSet,
    *,
    where: Optional[str] = None,
    text: Optional[str] = None,
    actions: bool = False,
    caller: Optional[str] = None,
    period: Optional[Period] = None,
    left: Optional[LeftOut] = None,
    worked: bool = False,
) -> Optional[Wanted]:
    """Make the test that a wanted request passes; None if all are wanted.

    `where`: an expression (ExprError if it is none). `text`: see `holding`. `actions`: only
    those of kind `action`. `caller`: only those from this address. `period`: only those of this
    time. `worked`: none that the panel refused, as far as it is known. `left` counts the others by
    option.
    """
    tests: list[tuple[str, Wanted]] = []
    if period is not None:
        # The first one: it has to see every request.
        tests.append((TIMES, _watched(period, left) if left else period))
    if caller is not None:
        tests.append(("--me", _condition(f"caller == {caller}", rules)))
    if where is not None:
        tests.append(("--where", _condition(where, rules)))
    if text is not None:
        tests.append(("--grep", holding(text)))
    if worked:
        tests.append(("--worked", _worked))
    if actions:
        tests.append((ACTIONS, _actions(rules, left)))
    return _all(tests, left) if tests else None


def also(
    wanted: Optional[Wanted], name: str, test: Wanted, left: Optional[LeftOut] = None
) -> Wanted:
    """Make the test that passes what passes `test` and then `wanted`; see `chooser`."""
    own = _all([(name, test)], left)
    return own if wanted is None else lambda request: own(request) and wanted(request)


def _all(tests: Sequence[tuple[str, Wanted]], left: Optional[LeftOut]) -> Wanted:
    """Make one test of several; what it is that a request does not pass is counted."""
    if left is None:
        return lambda request: all(test(request) for _, test in tests)

    def passes(request: Request) -> bool:
        for name, test in tests:
            if not test(request):
                left.filters[name] += 1
                left.latest = name
                return False
        return True

    return passes


def _watched(period: Wanted, left: LeftOut) -> Wanted:
    def test(request: Request) -> Any:
        left.times = (left.times or (request.time,))[0], request.time
        return period(request)

    return test


def _worked(request: Request) -> bool:
    return not (request.outcome and request.outcome.failed)


def _condition(text: str, rules: RuleSet) -> Wanted:
    from logreq import expr

    test, kind_of = expr.compile(text).test, rules.kind
    return lambda request: test(request, kind_of)


def holding(text: str) -> Wanted:
    """Make the test that a text stands in the function, the user or a parameter's value.

    Values are decoded; case does not matter.
    """
    wanted = text.casefold()

    def holds(request: Request) -> bool:
        if wanted in request.user.casefold():
            return True
        # All values with their names: what is not even here stands in none of them.
        if wanted not in unquote(request.query).casefold():
            return False
        return any(wanted in param.value.casefold() for param in request.params)

    return holds


def _actions(rules: RuleSet, left: Optional[LeftOut]) -> Wanted:
    def is_action(request: Request) -> bool:
        kind = rules.kind(request)
        if kind == "action":
            return True
        if left is not None:
            left.kinds[kind] += 1
        return False

    return is_action


def ssh_address(environment: Mapping[str, str]) -> str:
    """Give the address this SSH session comes from; UsageError if there is none."""
    known = ("SSH_CLIENT", "SSH_CONNECTION")
    name = next((name for name in known if environment.get(name)), "")
    text = environment.get(name, "").partition(" ")[0]
    if not text:
        raise UsageError(
            "--me needs an SSH session: neither SSH_CLIENT nor SSH_CONNECTION is set (sudo and su"
            " clear them); --where 'caller == ADDRESS' does the same"
        )
    import ipaddress

    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        raise UsageError(f"--me: {name} holds no address") from None
    # A dual-stack sshd reports IPv4 clients as mapped addresses, the panel does not.
    return str(getattr(address, "ipv4_mapped", None) or address)


class Unique:
    """Tells whether something was seen before, in bounded memory."""

    # So many different ones are remembered at least, and twice as many at most: 15 MB.
    LIMIT = 100_000

    def __init__(self) -> None:
        self._recent: set[int] = set()
        self._older: set[int] = set()

    def __call__(self, *key: Hashable) -> bool:
        """Say once of each different key that it is new."""
        # Hashes of 64 bits instead of the keys: memory must not grow with what they hold.
        number = hash(key)
        if number in self._recent:
            return False
        if len(self._recent) >= self.LIMIT:
            self._older, self._recent = self._recent, set()
        self._recent.add(number)
        return number not in self._older
