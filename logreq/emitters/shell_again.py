"""POSIX shell scripts that are made to be run again: rows of arguments, ids, safeguards."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Callable

from logreq.emitters import shell
from logreq.emitters.again import asks
from logreq.emitters.context import family, leaves
from logreq.emitters.shell_script import DIRECTIVE, Script, end, heading, helper
from logreq.model.call import Arg, Call, Id, Lookup, Part
from logreq.text.escape import visible

INDENT = "  "
_OPTIONS = [
    ("--from N", "leave out the calls before the Nth"),
    ("--dry-run", "show the calls and send nothing"),
    ("--existing skip", "go on where something exists already"),
    ("--pause S", "wait S seconds between two calls"),
    ("--yes", "do not ask before calls that delete or spend"),
]
_ROWS = [
    ("--each FILE", "run once per row of a CSV file, whose first line names the arguments"),
    ("--keep-going", "go on after a row that fails; FILE.failed.csv gets it"),
    ("--from N", "leave out the rows before the Nth, without --each the calls"),
    *_OPTIONS[1:],
]
_VALUES = ["--from", "--existing", "--pause"]


def learned(calls: Sequence[Call]) -> list[str]:
    """Give the functions whose answers' ids are used, each once."""
    values = (value for call in calls for _, value in call.arguments)
    found = (part for value in values for part in leaves(value))
    return list(dict.fromkeys(part.func for part in found if isinstance(part, Id)))


def settle(call: Call, word: Callable[[str], str], common: Sequence[str]) -> tuple[Call, list[str]]:
    """Put variables in place of ids; give the call, and the commands before it that set them.

    `word`: makes a function's word. `common`: the words of pairs that the connection adds.
    No argument's name begins with a digit: `arg_1` is the first id.
    """
    commands = [f"func={word(call.func)}"]
    known: dict[Part, Arg] = {}

    def settled(part: Part) -> Part:
        if not isinstance(part, (Id, Lookup)):
            return part
        if part not in known:
            words = [word(part.func)]
            if isinstance(part, Lookup):
                value = [settled(inner) for inner in part.value]
                words += [shell.printable(part.field), shell.printable(*value), *common]
            known[part] = Arg(str(len(known) + 1))
            name = "look_up" if isinstance(part, Lookup) else "the_id"
            commands.append(" ".join([name, shell.variable(known[part]), *words]))
        return known[part]

    decisions = [
        one.having(tuple(map(settled, one.value))) if type(one.value) is tuple else one
        for one in call.decisions
    ]
    return (call._replace(decisions=decisions), commands) if known else (call, [])


def step(call: Call, before: str, words: Sequence[str], common: Sequence[str]) -> str:
    """Give a call: `before` stands between its comments and the words."""
    comments = "".join(f"{INDENT}{line}\n" for line in heading(call).split("\n")[:-1])
    added = ["-- " + " ".join(common)] if common else []
    return f"{comments}{before}{INDENT}" + f" \\\n{INDENT * 2}".join([*words, *added]) + "\n"


def asked_for(call: Call, out: str, wanted: Collection[str]) -> str:
    """Give the format of a call that asks for `out`: an id is found in XML alone."""
    return shell.SCRIPT_OUT if call.func in wanted and family(out) != "xml" else out


def whole(
    script: Script,
    files: Sequence[str],
    told: Sequence[str],
    wanted: Sequence[str],
    exports: str = "",
) -> Iterator[str]:
    """Give the whole script around the calls that are `told`.

    `wanted`: the functions whose answers' ids are used, as the calls name them. `exports`:
    lines that come after the checks of variables.
    """
    rows = bool(script.arguments)
    secrets = [name for name in script.needed if not name.startswith("PANEL_")]
    data = script.data + script.values() + script.names([*["--each"] * rows, *_VALUES])
    data += f"takes='{' '.join(a.name for a in script.arguments)}'\n"
    data += f"secrets='{''.join(f'{name} ' for name in secrets)}'\n"
    data += f"needed='{''.join(f'{name} ' for name in script.needed)}'\n"
    data += f"wanted={shell.printable(''.join(f' {func} ' for func in wanted))}\n"
    data += f"asks={shell.word(visible(', '.join(asks(script.calls))))}\n"
    data += f"total={len(script.calls)}\n"
    ids = any(f"\n{INDENT}{name} " in text for text in told for name in ("the_id", "look_up"))
    files = ["check", "typed", *files, "again", *["ids"] * ids, *["rows"] * rows]
    texts = [
        f"{script.usage(_ROWS if rows else _OPTIONS)}\n{DIRECTIVE}{data}",
        "\n".join([helper("options") + helper("panel"), *map(helper, files), ""]),
        "run() {\n" + "\n".join(told) + "}\n\n",
        # In a function of mksh an unset variable would end the function only.
        f"{helper('start')}{script.checks()}{exports}{helper('go')}{end()}",
    ]
    return iter([*texts, *[helper("total")] * rows])
