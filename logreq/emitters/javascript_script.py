"""JavaScript scripts: the helpers that their calls need, the settings, the calls one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import indent

from logreq.emitters import javascript_text as js
from logreq.emitters.again import asks
from logreq.emitters.base import Emitter, title
from logreq.emitters.context import (
    Context,
    code,
    extra_pairs,
    family,
    key_user,
    output_format,
    parts,
    variables,
)  # fmt: skip
from logreq.errors import EmitError
from logreq.model.call import Argument, Call, Id, Lookup, Value
from logreq.text.codec import is_utf8


def script(
    emitter: Emitter, calls: Sequence[Call], arguments: Sequence[Argument], again: bool
) -> Iterator[str]:
    """Give one file for `node`, as a module or not; `--url` where all calls go to one panel.

    EmitError if an argument's default or a value that is looked up is not UTF-8.
    """
    connection = emitter.connection
    contexts = [Context.of(call) for call in calls]
    addresses = {emitter.address(context.panel) for context in contexts}
    options = [*arguments, *(Argument("url", url) for url in addresses if len(addresses) == 1)]
    for name, default in options:
        if not is_utf8(default):
            raise EmitError(f"the default of --{name} is not UTF-8")
    login = connection.auth in ("session", "key")
    text = {family(output_format(connection, context)) for context in contexts} != {"json"}
    text |= any(n == "out" and type(v) is tuple for call in calls for n, v in call.arguments)
    files = {
        "panel": True,
        "again" if again else "run": True,
        "rows": again and bool(arguments),
        "ids": _ids(calls),
        "xml": text and _ids(calls),
        "text": text,
        "login": login,
    }
    plural = "" if len(calls) == 1 else "s"
    told = f"Made by logreq from {len(calls)} logged request{plural}; --help tells more."
    yield f"#!/usr/bin/env node\n{emitter.comment(told)}\n"
    yield from (code(f"javascript/{name}.mjs") + "\n" for name in files if files[name])
    common = extra_pairs(connection, Context("", "", "", "", "", ""))
    asked = ", ".join(map(js.text, asks(calls)))
    yield (
        f"const settings = {{\n  options: {js.mapping(dict(options))},\n"
        f"  variables: {js.mapping(variables(connection, calls))},\n"
        f"  common: {js.mapping(dict(common))},\n"
        f"  insecure: {str(connection.insecure).lower()},\n"
        + "  login,\n  over,\n" * login
        + f"  asks: [{asked}],\n" * again
        + "  rows,\n" * files["rows"]
        + f"}};\nrun(settings, async (args{', call' * again}) => {{\n"
    )
    for number, (call, context) in enumerate(zip(calls, contexts)):
        where: dict[str, Value] = {}
        if len(addresses) > 1:
            where["url"] = emitter.address(context.panel)
        if connection.auth == "key":
            where["user"] = key_user(connection, context)
        place = js.mapping(where) if where else ""
        given = [js.text(context.func)]
        if call.arguments or place:
            given += [js.pairs(call.arguments, place), *filter(None, [place])]
        comments = [title(call), *(f"note: {note}" for note in call.notes)]
        lines = "".join(map(emitter.comment, comments)) + f"await call({', '.join(given)});\n"
        yield "\n" * bool(number) + indent(lines, "  ")
    yield "});\n"


def _ids(calls: Sequence[Call]) -> bool:
    """Tell whether a value is an id that the panel answers."""
    values = (value for call in calls for _, value in call.arguments)
    return any(isinstance(part, (Id, Lookup)) for value in values for part in parts(value))
