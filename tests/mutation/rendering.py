"""Weakens what is remembered of decisions and texts: `python -m tests.mutation.rendering`.

A row: the file, what stands there, what stands there in the mutant. Exits with 1 if the tests
that compare remembered texts with plain ones pass with a mutant in place.
"""

from __future__ import annotations

from tests.mutation.run import run

RENDER, PAIRS, DECIDE = "convert/render.py", "convert/pairs.py", "rules/decide.py"
ADVICE = "rules/advice.py"
PLANS, DROPPED, SECRET = "convert/plans.py", "convert/dropped.py", "rules/secret.py"
TESTS = ("tests/unit/test_render.py", "tests/unit/test_rules.py", "tests/unit/test_secrets.py")

MUTANTS: list[tuple[str, str, str]] = [
    (RENDER, "if request.doubt or request.outcome or", "if request.outcome or"),
    (RENDER, 'query.count("func=") != 1', "False"),
    (PAIRS, "if self._mapping and self._repeat(pieces):", "if False:"),
    (RENDER, "if self._kinds else", "if False else"),
    (RENDER, "self.emitter.frame(context), context.secrets", "self.emitter.frame(context), ()"),
    (RENDER, "if marked and emitter.tells_request:", "if False:"),
    (RENDER, '("module", "caller"', '("pid", "caller"'),
    (RENDER, '"user", "func"', '"pid", "func"'),
    (RENDER, "self._frames[kept, kind, _head", 'self._frames[kept, "", _head'),
    (RENDER, "self._frames[kept, kind, _head", "self._frames[(), kind, _head"),
    (RENDER, "if frame.pair is not None:", "if False:"),
    (RENDER, "self._tables[frame.pair].of(pieces, request, decided)", "found"),
    (RENDER, "self._cut = -len(emitter.joint) or None", "self._cut = None"),
    (RENDER, "self._dropped.of(pieces, texts, decided)", "self._dropped.of(pieces, texts, {})"),
    (RENDER, "func, kind).sending(kept)", 'func, "").sending(kept)'),
    (RENDER, "func, kind).sending(kept)", "func, kind)"),
    (PAIRS, "        marked.clear()\n", ""),
    (
        PAIRS,
        "        if self._mapping:\n            self._new_names.clear()",
        "        if False:\n            pass",
    ),
    (PAIRS, "marked[marked.index(None)] = decision", "marked.append(decision)"),
    (
        PAIRS,
        "self._values[name, value] if decision.keep else",
        "self._values[name, value] if True else",
    ),
    (PAIRS, "if text == _OPEN]", "if not text]"),
    (PAIRS, "len(names) - (None in names) <", "len(names) <"),
    (PAIRS, "if value not in plan.exceptions:", "if True:"),
    (PAIRS, "plan.around is not None and is_word(value)", "plan.around is not None"),
    (PAIRS, "if plan.asks:", "if False:"),
    (
        PAIRS,
        "if plan.room:\n                    plan.room -= 1",
        "if plan.room:\n                    pass",
    ),
    (PAIRS, "if not piece:", "if False:"),
    (
        PAIRS,
        "plan.decision is not None and value not in plan.exceptions and",
        "plan.decision is not None and",
    ),
    (PAIRS, "plan.exceptions and not plan.told\n", "plan.exceptions\n"),
    (PAIRS, "if settled and plain(unquote(value)):", "if settled:"),
    (PAIRS, "self._text(plan.name, unquote(value))", "self._text(plan.name, value)"),
    (PAIRS, "if len(self._marks) >= MARKS:", "if False:"),
    (PAIRS, "if len(self) >= PAIRS:", "if False:"),
    (
        PAIRS,
        "if decision is None:\n            return Mark(_OPEN, None)",
        'if decision is None:\n            return ""',
    ),
    (PAIRS, "noted = bool(decision.note) and", "noted = False and"),
    (PAIRS, 'return Mark("", decision) if noted else ""', 'return ""'),
    (PAIRS, "if noted or self.plans.shows(name, value) else text", "if noted else text"),
    (
        PAIRS,
        "if noted or self.plans.shows(name, value) else text",
        "if self.plans.shows(name, value) else text",
    ),
    (PAIRS, "self._pair(name, value) + self._emitter.joint", "self._pair(name, value)"),
    (PAIRS, 'raise WholeCallError("the pairs depend on each other")', "return {}"),
    (PLANS, "name in self._own or not (plain(name)", "not (plain(name)"),
    (
        PLANS,
        "name in self._own or not (plain(name) and plain(value))",
        "name in self._own or not plain(value)",
    ),
    (PLANS, "while value in exceptions:", "while False:"),
    (PLANS, '(decision.note or decision.rule == "function")', 'decision.rule == "function"'),
    (PLANS, "if not plan.told:", "if True:"),
    (PLANS, "return first if all(other == first for other in others) else None", "return first"),
    (PLANS, "word) + self._emitter.joint", "word)"),
    (PLANS, "piece))) + self._emitter.joint", "piece)))"),
    (PLANS, "if exceptions is None:", "if False:"),
    (DROPPED, 'told[texts[:at].count("")] = self._told(decision)', "pass"),
    (DROPPED, "if not decision.keep:", "if True:"),
    (DROPPED, "if value not in plan.exceptions:", "if True:"),
    (DROPPED, "is not None and is_word(value) and", "is not None and"),
    (PLANS, "if plan.decision is None or value in plan.exceptions:", "if plan.decision is None:"),
    (PLANS, "return plan.decision.of(Param(piece))", "return plan.decision"),
    (ADVICE, "if name in SPENDS or (name", "if (name"),
    (ADVICE, "self._rules.named(name) if self._rules else ()", "()"),
    (DECIDE, "if notes.is_file(param.name) or (param", "if (param"),
    (DECIDE, ' or (param.name == "func" and not _only_pays(param))', ""),
    (DECIDE, 'param.raw_name == "func" and notes.pays(', "notes.pays("),
    (DECIDE, 'if spends else ""', ""),
    (RENDER, "sorted(marked, key=_is_other)", "marked"),
    (DECIDE, 'frozenset((MASK, ""))', "frozenset()"),
    (DECIDE, "if values and secret.stands_elsewhere(", "if False and secret.stands_elsewhere("),
    (
        SECRET,
        'unquote(piece.partition("=")[2]) == value and',
        'piece.partition("=")[2] == value and',
    ),
    (SECRET, 'return {"="}', 'return {f"={char}"}'),
    (SECRET, 'code, code.upper(), *(["=+"]', 'code, *(["=+"]'),
    (SECRET, 'code, code.upper(), *(["=+"]', 'code.upper(), *(["=+"]'),
    (SECRET, '["=+"] if char == " " else ()', ""),
    (SECRET, "at = query.find(text, end)", "at = -1"),
    (DECIDE, "if decision.keep and decision.param.masked:", "if False:"),
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
    (DECIDE, "not rule.keep and self._advice.depends(param)", "False"),
]


if __name__ == "__main__":
    run(MUTANTS, TESTS, ("every_kind", "not every_kind"))
