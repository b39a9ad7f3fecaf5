"""Scripts in Python, by either client, and how values become Python's literals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from keyword import iskeyword
from textwrap import indent

from logreq.emitters.again import asks
from logreq.emitters.base import Emitter, title
from logreq.emitters.context import code, leaves, parts
from logreq.emitters.plan import Plan
from logreq.model.call import Arg, Argument, Call, Env, Id, Lookup, Part
from logreq.text.codec import encode
from logreq.text.escape import plain

# Columns of a line, as formatters of Python have it.
_WIDTH = 100
# Parameters of a call that are written as arguments with names.
_NAMED = 256
_IMPORT = re.compile(r"^(?:import|from) .*\n", re.MULTILINE)
_DOCSTRING = re.compile(r'^""".*?"""\n', re.MULTILINE | re.DOTALL)
# Such parts do not contain one another.
_ONLY = re.compile(r"^ *# only (\w+)\n(.*?)^ *# end\n", re.MULTILINE | re.DOTALL)


def literal(text: str) -> str:
    """Make a Python literal of text; of bytes where the text's are not UTF-8.

    Nothing in it is unprintable, also where `repr` leaves it so.
    """
    return _double(repr(encode(text))) if re.search("[\udc80-\udcff]", text) else quoted(text)


def quoted(text: str) -> str:
    """Make a Python literal of text; bytes that are not UTF-8 are lone surrogates in it."""
    shown = repr(text)
    return _double(shown if plain(shown) else ascii(text))


def _double(shown: str) -> str:
    """Give a literal double quotes where nothing in it is a quote."""
    opening, _, inner = shown.partition("'")
    return shown if '"' in inner else f'{opening}"{inner[:-1]}"'


def script(
    emitter: Emitter,
    calls: Sequence[Call],
    arguments: Sequence[Argument],
    again: bool,
    client: str = "",
) -> Iterator[str]:
    """Give a script; `client`: the file whose `post` goes in place of panel.py's own.

    `again`: it has the options of scripts that are run again, and rows (`code/python/again.py`).
    """
    plan = Plan(emitter.connection, calls, arguments, again)
    wanted = {"login"} if plan.login else set()
    wanted |= {"xml"} if "xml" in plan.families else set()
    wanted |= {"raw"} if "" in plan.families else set()
    asked = asks(calls) if again else []
    if again:
        wanted |= _needs(plan, asked)
    yield "#!/usr/bin/env python3\n"
    number = "1 call" if len(calls) == 1 else f"{len(calls)} calls"
    yield emitter.comment(f"{number}, made by logreq; --help tells how to run this.")
    yield _preamble(wanted, client) + "\n"
    names = ", ".join(map(quoted, plan.variables))
    texts = ", ".join(f"{quoted(name)}: {quoted(text)}" for name, text in plan.arguments)
    words = [f"[{names}]", f"{{{texts}}}"]
    if again:
        words.append(f"calls={len(calls)}")
        words += [f"asks=[{', '.join(map(quoted, asked))}]"] if asked else []
    words += [f"panel={quoted(plan.panel)}"] if plan.panel else []
    words += ["insecure=True"] if plan.connection.insecure else []
    common = [f"{name}={quoted(text)}" for name, text in plan.common]
    if plan.connection.auth == "authinfo":
        common.append('authinfo=os.environ.get("PANEL_AUTHINFO")')
    yield _statement("panel = Again" if again else "panel = Panel", [*words, *common])
    values = [name for name in ("the_id", "look_up") if name in wanted]
    functions = [f"panel.{name}" for name in ("once" if again else "call", "options", *values)]
    yield f"{', '.join(['call', 'options', *values])} = {', '.join(functions)}\n"
    told = _calls(emitter, plan)
    if again:
        body = "\n".join(told) or "pass\n"
        yield f"\n\ndef run():\n{indent(body, '    ')}\n\npanel.run(run)\n"
    else:
        yield "".join(f"\n{text}" for text in told)
        yield "\npanel.restart()\n"


def _needs(plan: Plan, asked: Sequence[str]) -> set[str]:
    """Give the parts of `code/python/again.py` that a script needs."""
    values = (value for call in plan.calls for _, value in call.arguments)
    found = {type(part) for value in values for part in leaves(value)}
    needs = {"again": True, "rows": plan.rows, "asks": asked, "later": plan.ids}
    needs.update(the_id=found & {Id}, look_up=found & {Lookup})
    return {name for name, needed in needs.items() if needed}


def _calls(emitter: Emitter, plan: Plan) -> Iterator[str]:
    """Give the lines of each call, those that lead to its place first."""
    last = None
    for call, place in zip(plan.calls, plan.places):
        address, user = place
        text = emitter.comment(title(call))
        text += "".join(emitter.comment(f"note: {note}") for note in call.notes)
        if place != last and not plan.url:
            text += f"panel.url = {quoted(address)}\n"
        if place != last and plan.login:
            text += f"panel.log_in({quoted(user) if user else ''})\n"
        last = place
        yield text + _call(call, plan.again)


def _call(call: Call, again: bool) -> str:
    """Give a call: by names, unless Python has another use for one or one comes twice."""
    names = [name for name, _ in call.arguments]
    # Python compares each name with all others.
    named = len({*names}) == len(names) < _NAMED and all(map(_usable, names))
    words = [quoted(call.func)]
    for name, value in call.arguments:
        text = _expression(parts(value), again)
        words.append(f"{name}={text}" if named else f"({quoted(name)}, {text})")
    return _statement("call", words, 4 * again)


def _statement(head: str, words: list[str], column: int = 0) -> str:
    """Give a call of Python's, as formatters lay it out where it begins in a column."""
    line = f"{head}({', '.join(words)})\n"
    if len(line) + column <= _WIDTH + 1:
        return line
    return f"{head}(\n    " + ",\n    ".join(words) + ",\n)\n"


def _usable(name: str) -> bool:
    """Tell whether a parameter's name can be that of an argument; other letters may be changed."""
    word = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)
    return bool(word) and not iskeyword(name) and name != "__debug__"


def _expression(value: Sequence[Part], again: bool) -> str:
    text = _sum(value, again)
    # It is asked for when the call is made, if it is.
    return f"lambda: {text}" if {Id, Lookup} & {*map(type, value)} else text


def _sum(value: Sequence[Part], again: bool) -> str:
    return " + ".join(_part(part, again) for part in value) or '""'


def _part(part: Part, again: bool) -> str:
    if isinstance(part, Env):
        # Of scripts that are run again, a column can take the variable's place.
        return f"{'options' if again else 'os.environ'}[{quoted(part.name)}]"
    if isinstance(part, Arg):  # as argparse calls it
        return f"options[{quoted(part.name.replace('-', '_'))}]"
    if isinstance(part, Id):
        return f"the_id({quoted(part.func)})"
    if isinstance(part, Lookup):
        words = f"{quoted(part.func)}, {quoted(part.field)}, {_sum(part.value, again)}"
        return f"look_up({words})"
    return quoted(part)


def _preamble(wanted: set[str], client: str) -> str:
    """Give the code that calls need, its imports in one line."""
    text = code("python/panel.py")
    if "again" in wanted:
        text += "\n\n" + code("python/again.py")
    if client:
        text = code(client) + text
    else:
        wanted = {*wanted, "urllib"}
    text = _ONLY.sub(lambda part: part[2] if part[1] in wanted else "", text)
    text = _DOCSTRING.sub("", text)
    lines = _IMPORT.findall(text)
    text = _IMPORT.sub("", text)
    modules = {line.split()[1] for line in lines if line.startswith("import ")}
    used = [name for name in modules if re.search(rf"(?<![\w.]){re.escape(name)}\.", text)]
    others = "".join(x for x in lines if x.startswith("from ") and not x.startswith("from panel "))
    text = re.sub(r"\n{3,}", "\n\n", text).strip("\n")
    return f"import {', '.join(sorted(used))}\n{others}\n{text}\n"
