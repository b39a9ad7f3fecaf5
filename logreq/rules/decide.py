"""Rules over requests: requests -> calls.

Logs repeat the same pairs of the same functions. What becomes of a pair is therefore
decided once and remembered, as long as it depends on nothing else. A
request that holds a pair whose fate does depend on more (a condition, a secret, a
doubt) is decided as a whole, by the same definition.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Callable, Optional

from logreq.model.call import Call, Decision, Env
from logreq.model.outcome import Outcome
from logreq.model.request import MASK, Param, Request
from logreq.rules import notes, secret
from logreq.rules.advice import Advice, is_purpose
from logreq.rules.model import Rule, RuleSet
from logreq.rules.secret import CREDENTIALS, LOGIN_NAMES
from logreq.rules.variables import Variables
from logreq.text.cache import BoundedCache
from logreq.text.escape import visible
from logreq.text.percent import unquote

SECRETS = ("env", "keep", "drop")

# Why the connection's own value goes where a logged one stood.
_SUPPLIED = ("credential", "connection")


class Decider:
    """Makes calls of requests by a set of rules; remembers what it decided."""

    PAIRS = 5_000

    def __init__(
        self,
        rules: RuleSet,
        *,
        secrets: str = "env",
        overridden: Sequence[str] = (),
        advice: Optional[RuleSet] = None,
        kinds: bool = False,
        notes: bool = True,
        out: str = "",
    ) -> None:
        """Prepare.

        `secrets`: `env` puts references to variables in their place, `keep` leaves them,
        `drop` drops them. `overridden`: parameters that the connection supplies. `advice`:
        rules that keep what can matter; where they keep what the guide's rules drop, the
        call carries a note. `kinds`: calls tell their requests' kinds. `notes`: somebody
        reads the notes; else they may be missing. `out`: the format that the connection
        asks for, of which the notes on formats tell.
        """
        self.rules = rules
        self.secrets = secrets
        self.overridden = frozenset(overridden)
        self._advice = Advice(advice if notes else None, out)
        self.kinds = kinds
        self.variables = Variables()
        self._pairs = BoundedCache(self.decided, self.PAIRS)

    def __call__(self, request: Request) -> Call:
        """Make a call of a request."""
        return self.whole(request, self._pairs.__getitem__)

    def exceptions(self, raw_name: str) -> Optional[frozenset[str]]:
        """Give the raw values that `decided` may treat otherwise than all other ones of a name.

        None: it may treat each one otherwise.
        """
        name = unquote(raw_name)
        told = self._advice.exceptions(name)
        if told is None:
            return None
        values = [rule.values for rule in self.rules.named(name) if rule.values is not None]
        return frozenset((MASK, "")).union(told, *values)

    def decided(self, piece: str) -> Optional[Decision]:
        """Settle a pair whose fate depends on nothing else; None if it needs the whole request."""
        param = Param(piece)
        if not piece or self.special(param):
            return None
        if param.name == "func":
            return _function(param)
        decision = self._settle(param, self.rules.decide(param))
        if param.masked and decision.rule not in _SUPPLIED:
            decision = secret.left_out(decision, self.secrets != "drop")
        return self._advice.on(decision)

    def particular(self, request: Request, special: Sequence[str]) -> Optional[list[Decision]]:
        """Decide the pairs of a request that `decided` leaves open, beside others that it settles.

        None where the request has to be decided as a whole: an open pair bears on another
        one, or there is something to say of the request itself.
        """
        params = list(map(Param, special))
        for param in params:
            # Of money there is a note that depends on the function and the kind alone.
            if notes.is_file(param.name) or (param.name == "func" and not _only_pays(param)):
                return None
        values = secret.values(self.rules, request, params)
        if values and secret.stands_elsewhere(values, request.query, special):
            return None
        decisions = [
            self._paying(param, request)
            if param.name == "func"
            else self._in_request(param, values, request)
            for param in params
        ]
        for decision in decisions:
            # What a masked value that is kept needs is told by the whole call.
            if decision.keep and decision.param.masked:
                return None
        return decisions

    def _paying(self, param: Param, request: Request) -> Decision:
        spends = notes.spends(request, self.rules.kind(request))
        return _function(param).noting(notes.money(request.func) if spends else "")

    # What follows is the plain definition; `special` says where `decided` alone is not it.

    def whole(
        self, request: Request, settled: Callable[[str], Optional[Decision]] = lambda piece: None
    ) -> Call:
        """Decide about a request by the plain definition, one parameter after another.

        `settled` may give the decisions that `decided` gives, to save the work.
        """
        decisions: list[Decision] = []
        named = False
        pieces = [piece for piece in request.query.split("&") if piece]
        known = [settled(piece) for piece in pieces]
        rest = {piece: Param(piece) for piece, decision in zip(pieces, known) if decision is None}
        # A secret's name is never settled.
        values = secret.values(self.rules, request, rest.values())
        for piece, decision in zip(pieces, known):
            if (
                decision is not None
                and decision.rule != "function"
                and decision.value not in values
            ):
                decisions.append(decision)
                continue
            param = rest[piece] if decision is None else decision.param
            function = param.name == "func" and param.value == request.func
            if function and not named:
                named = True
                decision = _function(param)
            else:
                decision = self._in_request(param, values, request)
            decisions.append(decision)
        secret.unmask(self.rules, self.variables, request, decisions)
        about = notes.about(request, self.rules.kind, secret.object_of(decisions))
        return self._call(request, decisions, about)

    def _in_request(self, param: Param, values: dict[str, Param], request: Request) -> Decision:
        """Decide about one parameter of a request whose secret values are known."""
        decision = self._settle(param, self.rules.decide(param, request))
        return self._advice.on(self._secret(decision, values, request), request)

    def _call(self, request: Request, decisions: list[Decision], about: Sequence[str] = ()) -> Call:
        found = [request.doubt] if request.doubt else []
        outcome = self._outcome(request, decisions)
        if outcome is not None and outcome.failed:
            found.append(f"the panel refused this: {outcome.short}")
        found += about
        found += [decision.note for decision in decisions if decision.note]
        kind = self.rules.kind(request) if self.kinds else ""
        return Call(request, decisions, found, kind, outcome)

    def _outcome(self, request: Request, decisions: Iterable[Decision]) -> Optional[Outcome]:
        """Give a request's outcome with its secrets hidden: panels quote what they refuse."""
        outcome = request.outcome
        if outcome is None:
            return None
        private = [d.param for d in decisions if d.private and not d.param.masked]
        values = {text for param in private for text in (param.value, param.raw_value)}
        return outcome.hiding(values, self.rules.is_secret_in(request, outcome.object))

    def special(self, param: Param) -> bool:
        """Tell whether a parameter's fate, or a note on it, depends on the whole request."""
        if param.name in CREDENTIALS:
            # Without a value to find elsewhere it is dropped like any other.
            return bool(param.value) and not param.masked
        if param.name == "func" and (
            # The function may be named twice, or there is something to say about it.
            param.raw_name != "func" or not param.value or notes.telling(param.value)
        ):
            return True
        if notes.is_file(param.name):
            return True
        candidates = self.rules.candidates(param)
        if any(rule.when for rule in candidates):
            return True
        rule = candidates[0] if candidates else None
        if param.masked:
            # Kept on purpose, it needs a variable.
            return rule is not None and rule.keep
        if self.rules.can_be_secret(param.name) or param.name in LOGIN_NAMES:
            return True
        return rule is not None and not rule.keep and self._advice.depends(param)

    def _settle(self, param: Param, rule: Optional[Rule]) -> Decision:
        """Decide about one parameter by itself; `rule` is the one that decides, if any does."""
        if param.name in CREDENTIALS:
            why = "a credential of the one who clicked"
            return Decision(param, keep=False, rule="credential", why=why, private=True)
        if param.name in self.overridden and not is_purpose(param):
            return self._supplied(param)
        if rule is None:
            return Decision(param, keep=True, why="no rule matches")
        return Decision(param, rule.keep, rule.origin, rule.why)

    @staticmethod
    def _supplied(param: Param) -> Decision:
        return Decision(param, keep=False, rule="connection", why="the connection has its own")

    def _secret(self, decision: Decision, values: dict[str, Param], request: Request) -> Decision:
        """Put a reference in a secret's place, or drop it; a masked one may stay for `unmask`."""
        param = decision.param
        if decision.rule in _SUPPLIED:
            return secret.hidden(decision) if param.value in values else decision
        if param.masked:
            # Kept on purpose, or left out.
            if decision.keep and decision.rule is not None and self.secrets != "drop":
                return decision
            return secret.left_out(decision, self.secrets != "drop")
        owner = values.get(param.value)
        if owner is None or not secret.is_same(param, owner, self.rules, request):
            return decision
        if param.name in self.overridden:
            return secret.hidden(self._supplied(param))
        if not decision.keep:
            return secret.hidden(decision)
        # A session's id does not even go where its name is not said.
        if self.secrets == "keep" and not any(
            p.value == param.value and p.name in CREDENTIALS for p in request.params
        ):
            return Decision(param, True, decision.rule, decision.why, private=True)
        if self.secrets == "drop":
            note = f"{visible(param.name)} is left out: it is a secret"
            return Decision(param, False, "secret", "--secrets drop", private=True, note=note)
        name = self.variables.name(param if owner.name in CREDENTIALS else owner)
        return Decision(param, True, decision.rule, decision.why, Env(name), private=True)


def _function(param: Param) -> Decision:
    return Decision(param, keep=False, rule="function", why="the function's name")


def _only_pays(param: Param) -> bool:
    """Tell whether all there is to say of a function is that it may book money."""
    return param.raw_name == "func" and notes.pays(param.value)
