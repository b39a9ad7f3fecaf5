"""Weakens what is remembered of decisions and texts: `python -m tests.mutation.rendering`.

A row: the file, what stands there, what stands there in the mutant. Exits with 1 if the tests
that compare remembered texts with plain ones pass with a mutant in place.
"""

from __future__ import annotations

from tests.mutation.run import run

RENDER, PAIRS, DECIDE = "convert/render.py", "convert/pairs.py", "rules/decide.py"
TESTS = ("tests/unit/test_render.py", "tests/unit/test_rules.py", "tests/unit/test_secrets.py")

MUTANTS: list[tuple[str, str, str]] = [
    (RENDER, "if request.doubt or request.outcome or", "if request.outcome or"),
    (RENDER, 'query.count("func=") != 1', "False"),
    (RENDER, "(emitter.mapping and self._repeat(pieces))", "False"),
    (RENDER, "if self.decider.kinds else", "if False else"),
    (RENDER, "self._contexts[context], context.secrets", "self._contexts[context], ()"),
    (
        RENDER,
        "if found.marked and emitter.tells_request:",
        "if False:",
    ),
    (RENDER, "(*request[3:6], *request[7:10], kind)", '("", *request[4:6], *request[7:10], kind)'),
    (RENDER, "(*request[3:6], *request[7:10], kind)", '(*request[3:5], "", *request[7:10], kind)'),
    (RENDER, "(*request[3:6], *request[7:10], kind)", '(*request[3:6], *request[7:10], "")'),
    (RENDER, "if frame.pair is not None:", "if False:"),
    (RENDER, "self._tables[frame.pair].of(pieces, request, found.decided)", "found"),
    (RENDER, "self._cut = -len(emitter.joint) or None", "self._cut = None"),
    (RENDER, "self._texts.dropped(pieces, found.decided)", "self._texts.dropped(pieces, {})"),
    (RENDER, "for piece in pieces}) < len(pieces)", "for piece in pieces}) < 0"),
    (RENDER, "Call(request, kept, (), kind)", 'Call(request, kept, (), "")'),
    (RENDER, "if kept:", "if False:"),
    (PAIRS, "len(marked) + len(left))", "len(marked))"),
    (PAIRS, "marked.insert(place, decision)", "marked.append(decision)"),
    (PAIRS, 'if decision.keep else ""\n                )', 'if True else ""\n                )'),
    (PAIRS, "if piece not in special)", "if False)"),
    (PAIRS, 'raise WholeCallError("the pairs depend on each other")', "return {}"),
    (PAIRS, 'if not piece:\n            found = ""\n        elif not found:', "if not found:"),
    (
        PAIRS,
        "if plan is None or value in plan.exceptions:\n                found",
        "if plan is None:\n                found",
    ),
    (
        PAIRS,
        "if plan is None or value in plan.exceptions:\n            decision",
        "if plan is None:\n            decision",
    ),
    (PAIRS, "value = unquote(value)", "pass"),
    (PAIRS, "if plan.told or not plain(value):", "if not plain(value):"),
    (PAIRS, "if plan.told or not plain(value):", "if plan.told:"),
    (
        PAIRS,
        "if decision is None:\n            return _OPEN",
        'if decision is None:\n            return ""',
    ),
    (PAIRS, "noted = bool(decision.note) and", "noted = False and"),
    (PAIRS, 'return _Mark("", decision) if noted else ""', 'return ""'),
    (PAIRS, "if noted or self._shows(name, value) else text", "if noted else text"),
    (
        PAIRS,
        "if noted or self._shows(name, value) else text",
        "if self._shows(name, value) else text",
    ),
    (PAIRS, "name in self._own or not (plain(name)", "not (plain(name)"),
    (
        PAIRS,
        "name in self._own or not (plain(name) and plain(value))",
        "name in self._own or not plain(value)",
    ),
    (
        PAIRS,
        "return self._pair(name, value) + self._joint",
        "return self._pair(name, value)",
    ),
    (PAIRS, "texts[at] = self._told_dropped(decision)", "pass"),
    (
        PAIRS,
        "plan.decision if plan.decision.keep else plan.decision.of(Param(piece))",
        "plan.decision",
    ),
    (PAIRS, "while value in exceptions:", "while False:"),
    (PAIRS, 'or decision.note or decision.rule == "function"', 'or decision.rule == "function"'),
    (PAIRS, "if room:\n            self._rooms[name] = room - 1", "if room:\n            pass"),
    (PAIRS, "if len(self._known) >= PAIRS:", "if False:"),
    (DECIDE, "if name in notes.SPENDS or (name", "if (name"),
    (DECIDE, " + (self.advice.named(name) if self.advice else ())", ""),
    (
        DECIDE,
        'if any(param.name == "func" or notes.is_file(param.name) for param in params):',
        "if any(notes.is_file(param.name) for param in params):",
    ),
    (
        DECIDE,
        'if any(param.name == "func" or notes.is_file(param.name) for param in params):',
        'if any(param.name == "func" for param in params):',
    ),
    (DECIDE, "frozenset((MASK,))", "frozenset()"),
    (DECIDE, "        if values:", "        if False:"),
    (DECIDE, "values.keys().isdisjoint(texts)", "values.keys().isdisjoint(raw)"),
    (
        DECIDE,
        "return None if any(d.keep and d.param.masked for d in decisions) else decisions",
        "return decisions",
    ),
    (DECIDE, "                and decision.value not in values\n", ""),
    (DECIDE, "if not piece or self.special(param):", "if not piece:"),
    (DECIDE, "return bool(param.value) and not param.masked", "return False"),
    (
        DECIDE,
        'param.raw_name != "func" or not param.value or notes.telling(param.value)',
        'param.raw_name != "func" or not param.value',
    ),
    (DECIDE, "if any(rule.when for rule in candidates):", "if False:"),
    (
        DECIDE,
        "self.rules.can_be_secret(param.name) or param.name in LOGIN_NAMES",
        "self.rules.can_be_secret(param.name)",
    ),
    (DECIDE, "and any(advice.when for advice in self.advice.candidates(param))", "and False"),
]


if __name__ == "__main__":
    run(MUTANTS, TESTS, ("every_kind", "not every_kind"))
