"""Weakens scripts that are run again, one place at a time; tests must notice.

python -m tests.mutation.again
"""

from __future__ import annotations

from tests.mutation.run import run

INFER = "convert/infer.py"
NAMING = "convert/naming.py"
COMPARE = "convert/compare.py"
ALIGN = "convert/align.py"
LINKING = "convert/linking.py"
ARGUMENTS = "convert/arguments.py"
CLI, OPTIONS = "cli/again.py", "cli/scripts.py"
MADE = "convert/again.py"
TESTS = (
    "tests/unit/test_infer.py", "tests/unit/test_linking.py", "tests/unit/test_again.py",
    "tests/unit/test_script.py", "tests/cli/test_again.py",
)  # fmt: skip

MUTANTS: list[tuple[str, str, str]] = [
    (INFER, "if (around.isdigit() and edge.isdigit()) or", "if"),
    (INFER, "or (short and around.isalnum())", ""),
    (INFER, "state[:2] < row[other][:2]", "False"),
    (INFER, "state[:2] < row[other][:2]", "True"),
    (INFER, 'scope = param if _WORDS(pair.here) and _WORDS(pair.there) else ""', 'scope = ""'),
    (INFER, "count > 1]", "count > 2]"),
    (
        INFER,
        "key=lambda one: (len(one[0].here), len(one[0].there), one)",
        "key=lambda one: (-len(one[0].here), len(one[0].there), one)",
    ),
    (INFER, "if not one.isalnum() and here", "if here"),
    (INFER, "len(pair.here) + len(pair.there), pair", "-len(pair.here) - len(pair.there), pair"),
    (INFER, "if telling(cut):", "if True:"),
    (INFER, "if steps > _STEPS:", "if False:"),
    (INFER, "_apart(pair.here, at, core.here, short) and ", ""),
    (INFER, " and _apart(pair.there, other, core.there, short)", ""),
    (NAMING, "and telling(Pair(default, default))", ""),
    (NAMING, "if found.there == text:", "if False:"),
    (NAMING, "begin + end >= len(there)", "False"),
    (NAMING, "for _ in range(before.count(sign)):", "for _ in range(1):"),
    (NAMING, "if sign.isalnum():", "if False:"),
    (NAMING, "for whole in (True, False):", "for whole in (False, True):"),
    (NAMING, "most_common(1)", "most_common()[::-1][:1]"),
    (
        NAMING,
        "shortest = sorted(found, key=lambda one: len(one.pair.here))",
        "shortest = found[::-1]",
    ),
    (NAMING, '(*used, "elname")', "used"),
    (COMPARE, "number and any(acts[: one.call])", "number"),
    (COMPARE, "number and any(acts[: one.call])", "False"),
    (COMPARE, "if not one.answered]", "]"),
    (COMPARE, "one.here.private or one.there.private", "False"),
    (COMPARE, "_secrets((*first.calls, *second.calls))", "_secrets(first.calls)"),
    (COMPARE, "calls[: first[pair]]", "calls[: where[0]]"),
    (COMPARE, "(same or new or found)", "(new or found)"),
    (COMPARE, "(same or new or found)", "(same or found)"),
    (COMPARE, "variables.setdefault(values[0], values[1]) != values[1]", "False"),
    (COMPARE, "if argument.name not in names.values()]", "]"),
    (COMPARE, "param = lookup.field if lookup else name", "param = name"),
    (ALIGN, "if name and name[0] not in others[at:]:", "if name and name[0] not in others:"),
    (ALIGN, 'for field in ("panel", "func"):', 'for field in ("func",):'),
    (LINKING, "key=lambda link: last[link.func], reverse=True", "key=lambda link: last[link.func]"),
    (LINKING, 'decision.value != ""', "True"),
    (LINKING, "if field != question.param else None", ""),
    (LINKING, "for before in reversed(calls[:at]):", "for before in calls[:at]:"),
    (LINKING, "if len(known) == len(found):", "if True:"),
    (ARGUMENTS, "if lookup_in(value)", ""),
    (ARGUMENTS, "if lookup_in(value)", "if False"),
    (CLI, "new = Unique() if job.new is not None else None", "new = job.new"),
    (OPTIONS, '(name != "safe" or _typed(name))', "True"),
    (MADE, "again = bool(second or any(asked))", "again = bool(second)"),
    (MADE, "again = bool(second or any(asked))", "again = bool(any(asked))"),
    (INFER, "counts.subtract(some)", "pass"),
    (INFER, "if core.part]", "]"),
    (INFER, "[*known, *shared(wholes)]", "known"),
    (LINKING, "and not decision.private:", "and True:"),
    (ALIGN, "outcome.failed for outcome", "True for outcome"),
    (COMPARE, "if not (found or lines):", "if not found:"),
    (CLI, "if second is not None and job.emitter.by_user:", "if second is not None:"),
    (CLI, "if here != there:", "if True:"),
]


if __name__ == "__main__":
    # The fast ones first.
    run(MUTANTS, TESTS, ("not in_time", "in_time"))
