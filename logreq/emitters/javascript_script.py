"""JavaScript scripts: the helpers that their calls need, the settings, the calls one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import indent

from logreq.emitters import javascript_text as js
from logreq.emitters.again import asks
from logreq.emitters.base import Emitter, title
from logreq.emitters.context import code
from logreq.emitters.plan import Plan
from logreq.errors import EmitError
from logreq.model.call import Argument, Call, Env, Value
from logreq.text.codec import is_utf8


def script(
    emitter: Emitter, calls: Sequence[Call], arguments: Sequence[Argument], again: bool
) -> Iterator[str]:
    """Give one file for `node`, as a module or not; `--url` where all calls go to one panel.

    EmitError if an argument's default or a value that is looked up is not UTF-8.
    """
    plan = Plan(emitter.connection, calls, arguments, again)
    for name, default in plan.arguments:
        if not is_utf8(default):
            raise EmitError(f"the default of --{name} is not UTF-8")
    files = {
        "panel": True,
        "again" if again else "run": True,
        "rows": plan.rows,
        "ids": plan.ids,
        "xml": plan.text and plan.ids,
        "text": plan.text,
        "login": plan.login,
    }
    plural = "" if len(calls) == 1 else "s"
    told = f"Made by logreq from {len(calls)} logged request{plural}; --help tells more."
    yield f"#!/usr/bin/env node\n{emitter.comment(told)}\n"
    yield from (code(f"javascript/{name}.mjs") + "\n" for name in files if files[name])
    common: dict[str, Value] = {**dict(plan.common)}
    if plan.connection.auth == "authinfo":
        common["authinfo"] = Env("PANEL_AUTHINFO")
    asked = ", ".join(map(js.text, asks(calls)))
    yield (
        f"const settings = {{\n  options: {js.mapping(dict(plan.arguments))},\n"
        f"  variables: {js.mapping(plan.variables)},\n"
        f"  common: {js.mapping(common)},\n"
        f"  insecure: {str(plan.connection.insecure).lower()},\n"
        + "  login,\n  over,\n" * plan.login
        + f"  name: {js.literal(plan.panel)},\n" * bool(plan.panel)
        + f"  asks: [{asked}],\n" * again
        + "  rows,\n" * plan.rows
        + f"}};\nrun(settings, async (args{', call' * again}) => {{\n"
    )
    for number, (call, (address, user)) in enumerate(zip(calls, plan.places)):
        where: dict[str, Value] = {} if plan.url else {"url": address}
        if user:
            where["user"] = user
        place = js.mapping(where) if where else ""
        given = [js.text(call.func)]
        if call.arguments or place:
            given += [js.pairs(call.arguments, place), *filter(None, [place])]
        comments = [title(call), *(f"note: {note}" for note in call.notes)]
        lines = "".join(map(emitter.comment, comments)) + f"await call({', '.join(given)});\n"
        yield "\n" * bool(number) + indent(lines, "  ")
    yield "});\n"
