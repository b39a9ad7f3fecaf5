"""`logreq rules`: show, check and explain what decides about parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import fill
from typing import Any

import click

from logreq.cli import completion as complete
from logreq.cli import numbering, options
from logreq.cli.help import HelpfulGroup
from logreq.cli.job import Job, make_rules, user_rules
from logreq.cli.terminal import fault
from logreq.cli.terminal.output import Writer, counted
from logreq.convert import pipeline
from logreq.emitters.base import title
from logreq.errors import RulesError
from logreq.model.call import Call, Decision, Env
from logreq.rules.dump import rules_text
from logreq.rules.load import BUNDLED, bundled_text, load_bundled, load_file
from logreq.rules.model import RuleSet
from logreq.text.escape import visible

# Cells of a table that are longer are cut: the log's values can be of any length.
_WIDTH = 48


EXAMPLES = (
    ("What becomes of each parameter, and why", "logreq rules explain -a ispmgr.log"),
    ("All rules in effect", "logreq rules show"),
    (
        "What changes something, exactly; then -r ispmgr.yaml",
        "mgrctl -m ispmgr -i lang=en | logreq rules functions - > ispmgr.yaml",
    ),
)


@click.group("rules", cls=HelpfulGroup, context_settings=options.OPTIONS, examples=EXAMPLES)
def command() -> None:
    """Show, check and explain rules."""


@command.command("list", context_settings=options.OPTIONS)
def list_sets() -> None:
    """List the bundled sets, for --rules and for extends."""
    width = max(map(len, BUNDLED))
    for name in BUNDLED:
        summary = bundled_text(f"{name}.yaml").decode().partition("\n")[0].lstrip("# ")
        click.echo(f"{name:<{width}}  {summary}")


@command.command("show", context_settings=options.OPTIONS)
@options.rules
def show(**given: Any) -> None:
    """Print the rules in effect and where each comes from.

    The output is a rules file itself. Bundled ones, the user's rules.yaml, --rules and
    --keep and --drop are stacked in this order; the last rule that matches a parameter decides.
    """
    found = make_rules(given)
    click.echo(f"# The user's own file: {visible(user_rules())}")
    click.echo(rules_text(found), nl=False)


@command.command("check", context_settings=options.OPTIONS)
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(readable=False)
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing of files without faults.")
def check(files: tuple[str, ...], quiet: bool) -> int:
    """Read rules files and tell what is wrong; exit status 2 if anything is."""
    status = 0
    for file in files:
        try:
            layer = load_file(file)
        except RulesError as error:
            for message in error.args:
                fault.tell(RulesError(message))
            status = 2
            continue
        if not quiet:
            parts = {"rule": layer.rules, "secret": layer.secrets, "kind": layer.kinds}
            counts = ", ".join(counted(len(found), noun) for noun, found in parts.items())
            click.echo(f"{visible(file)}: {counts}")
    return status


# The options by which a click is found and decided.
_FIRST = (
    "panel", "rules", "keep", "drop", "actions", "where", "grep", "since", "nth", "last", "quiet",
)  # fmt: skip


@command.command("explain", context_settings=options.OPTIONS, first=_FIRST)
@click.argument("logs", metavar="[LOG]...", nargs=-1, type=click.Path(readable=False),
                shell_complete=complete.logs)  # fmt: skip
@options.shared
@numbering.options
def explain(logs: tuple[str, ...], to: str, quiet: bool, **given: Any) -> int:
    """Tell of each request's parameters what becomes of them, by which rule, and why.

    Takes what `logreq convert` takes, and tells what it would do. Values of secrets are
    not shown.
    """
    job = Job(to, quiet, given)
    job.decider.kinds = True
    files = job.files(logs)
    found = pipeline.read(files, job.report, job.stats, outcomes=True)
    writer = Writer(job.emitter, plain=True)
    for call in numbering.calls(found, job, given["nth"], given["last"]):
        writer.write(("\n" if writer.count else "") + table(call))
    writer.close()
    return job.end(writer.count, "explained")


@command.command("functions", context_settings=options.OPTIONS)
@click.argument("file", metavar="FILE", type=click.Path(readable=False))
def functions(file: str) -> None:
    """Make a rules file of an installation's functions: the kinds of requests, exactly.

    FILE, or - for standard input, holds what `mgrctl -m PANEL -i lang=en` prints on the panel's
    server. The result is for --rules.
    """
    from logreq.rules.functions import MAX_SIZE, kinds_text, read

    try:
        with click.open_file(file, "rb") as stream:
            data = stream.read(MAX_SIZE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RulesError(f"{visible(file)}: cannot read the functions: {reason}") from None
    default = RuleSet([load_bundled("default")])
    click.echo(kinds_text(read(data, file), default, file), nl=False)


@command.command("syntax", context_settings=options.OPTIONS)
def syntax() -> None:
    """Describe the expressions of --where, when and kinds."""
    from logreq.expr import syntax_text

    for line in syntax_text().split("\n"):
        # Tables are indented and stay as they are.
        click.echo(line if line[:1] == " " else fill(line, 88, break_on_hyphens=False))


@command.command("schema", context_settings=options.OPTIONS)
def schema() -> None:
    """Print the JSON Schema of rules files, by which editors complete and check them."""
    click.echo(bundled_text("schema.json").decode(), nl=False)


def table(call: Call) -> str:
    """Make the table of a call: a line per parameter in the log's order, then the notes."""
    rows = [_row(o) for o in call.decisions if o.rule != "function"]
    lines = [f"{visible(title(call))}  {call.kind}", *_columns(rows)]
    lines += [f"  note: {visible(note)}" for note in call.notes]
    return "".join(f"{line}\n" for line in lines)


def _row(decision: Decision) -> tuple[str, str, str, str]:
    verdict = "keep" if decision.keep else "drop"
    pair = f"{visible(decision.param.name)}={_value(decision)}"
    return verdict, _cut(pair), visible(decision.rule or "-"), visible(decision.why) or "-"


def _value(decision: Decision) -> str:
    if isinstance(decision.value, Env):
        return f"${decision.value.name}"
    return "(hidden)" if decision.private else visible(str(decision.value))


def _cut(text: str) -> str:
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..."


def _columns(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths))
        yield f"  {'  '.join(cells)}".rstrip()
