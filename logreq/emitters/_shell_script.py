"""The frame of a POSIX shell script: usage, arguments, checks; how an answer is judged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from logreq.emitters import _shell
from logreq.emitters._shell_check import program
from logreq.model.call import Argument, Call, Env, Value
from logreq.text.escape import visible

_PARSE = """\
misuse() {
  printf '%s\\n' "$1; --help tells more" >&2
  exit 2
}

while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit ;;
    --restart) restart=yes ;;
CASES\
    *) misuse "unknown argument: $1" ;;
  esac
  shift
done
"""
_CASE = """\
    --NAME) [ $# -gt 1 ] || misuse '--NAME needs a value'; VARIABLE=$2; shift ;;
    --NAME=*) VARIABLE=${1#*=} ;;
"""
_JUDGE = """\
fail() {
  printf '%s\\n' "$1" >&2
  exit 1
}

# Prints nothing for a result, `restart`, or `error ...`.
verdict() {
  printf '%s\\n' "$answer" | LC_ALL=C awk 'PROGRAM'
}

# Prints an answer, or ends the script if it tells of an error.
finish() {
  verdict=$(verdict)
  case $verdict in
    'error '*) fail "$func: $verdict" ;;
    restart)
      printf '%s\\n' "$func: the panel's web server has to be restarted: func=restart" >&2
      case " $restarts " in *" $panel "*) ;; *) restarts="$restarts $panel" ;; esac ;;
  esac
  [ -z "$answer" ] || printf '%s\\n' "$answer"
  printf '%s\\n' "$func: ok" >&2
}
"""


def secrets(values: Iterable[Value]) -> list[str]:
    """Give the environment variables that values refer to, each once, in order."""
    found = (part.name for value in values for part in _shell.parts(value) if type(part) is Env)
    return list(dict.fromkeys(found))


def begin(
    calls: Sequence[Call],
    arguments: Sequence[Argument],
    variables: Iterable[str],
    url: str = "",
) -> str:
    """Give what stands before the calls' own functions: shebang to checked variables.

    `variables` must be set before anything is sent. `url`: the address that `--url` replaces.
    """
    needed = list(dict.fromkeys(variables))
    options = [(a.name, _shell.argument_variable(a.name), a.default) for a in arguments]
    settings = [f"{variable}={_shell.printable(text)}" for _, variable, text in options]
    if url:
        options.append(("url", "url", url))
        settings.append(f"url={_shell.printable(url)}")
    cases = "".join(
        _CASE.replace("NAME", name).replace("VARIABLE", variable) for name, variable, _ in options
    )
    plural = "" if len(calls) == 1 else "s"
    lines = [
        "#!/bin/sh",
        f"# {len(calls)} call{plural} made by logreq; --help tells how to run this.",
        "# shellcheck disable=SC2016 # a dollar sign in single quotes is meant as one",
        "set -fu",
        "",
        *_usage(options, needed),
        "",
        *settings,
        "restart=",
        "restarts=",
        "",
        _PARSE.replace("CASES", cases),
    ]
    checks = "".join(f"{_shell.checks([name])}\n" for name in needed)
    return "\n".join(lines) + (f"\n{checks}\n" if checks else "\n")


def judge(out: str) -> str:
    """Give the functions that judge `$answer` to `$func` of `$panel`, asked for as `out`."""
    return _JUDGE.replace("PROGRAM", program(out).rstrip("\n"))


def _usage(options: Sequence[tuple[str, str, str]], needed: Sequence[str]) -> list[str]:
    rows = [(f"--{name} VALUE", f"instead of {visible(text)}") for name, _, text in options]
    rows.append(("--restart", "restart the panel's web server at the end if a call asks for it"))
    rows.append(("-h, --help", "show this text"))
    lines = ["Usage: sh SCRIPT [OPTION]...", "", *_table(rows)]
    if needed:
        meanings = [
            (name, _shell.MEANINGS.get(name, "must hold the value of a secret")) for name in needed
        ]
        lines += ["", "Environment:", *_table(meanings)]
    return ["usage() {", "  cat <<'END'", *lines, "END", "}"]


def _table(rows: Sequence[tuple[str, str]]) -> list[str]:
    width = max(len(first) for first, _ in rows)
    return [f"  {first:<{width}}  {second}" for first, second in rows]
