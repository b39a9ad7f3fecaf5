"""Help: `-h` on one screen, `--help` with everything, the nearest word where one is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Callable, NoReturn, Optional, TypeVar

import click

from logreq.errors import suggest
from logreq.text.escape import visible

# Purposes of options, in the order in which help shows them.
GROUPS = ("Output", "Connection", "Rules", "Selection", "Script", "Display")
# What a newcomer needs, in the order in which the short help shows it; it leaves out the others.
_FIRST = (
    "to", "form", "functions", "panel", "url", "actions", "where", "grep", "since", "nth", "last",
    "script", "param", "quiet",
)  # fmt: skip
# So many options are all shown.
_FEW = 8

# What other tools call an option, and what does it here: by the option that a command has.
_WHERE = {"--where": "-w 'user == bob', -w 'func == user.edit' and the like choose requests"}
_FILE = {"--out": "> FILE writes to a file (-o is the format of answers)"}
_MEANT: dict[str, dict[str, str]] = {
    "--last": {"--lines": "-n N shows the last N that are already in the log"},
    "--tail": {
        "--lines": "-n N shows the last N that are already in the log",
        "--last": "--last N takes the last N",
    },
    "--lines": {"--last": "--last N takes the last N"},
    "-n": {"--last": "--last N takes the last N, --nth N the Nth"},
    "--nth": {"--lines": "-n N shows the last N that are in the log; convert has --nth"},
    "-f": {"--last": "logreq tail follows a log"},
    "--follow": {"--last": "logreq tail follows a log"},
    "--user": _WHERE,
    "--func": _WHERE,
    "--function": _WHERE,
    "--caller": _WHERE,
    "--filter": _WHERE,
    "--exclude": {"--drop": "--drop GLOB drops parameters, -w 'not ...' requests"},
    "--search": {"--grep": "-g TEXT looks for a text in all values"},
    "--target": {"--to": "-t NAME names the target"},
    "--format": {"--to": "-t NAME names the target (-o is the format of answers)"},
    "--output": _FILE,
    "--file": _FILE,
    "--again": dict.fromkeys(
        ("--script", "--nth"), "logreq convert --script --nth 3-6 --again 9-12 compares two runs"
    ),
    "--each": {"--script": "a script that --script --param makes takes --each FILE"},
    "--from": {"--since": "--since TIME"},
    "--host": {"--url": "-u URL is the panel's address"},
}

Function = TypeVar("Function", bound=Callable[..., Any])
Example = tuple[str, str]


def grouped(name: str, options: Iterable[Callable[[Any], Any]]) -> Callable[[Function], Function]:
    """Make one decorator of several options that serve a purpose."""

    def decorate(function: Function) -> Function:
        for option in reversed(list(options)):
            function = option(function)
            params: list[Any] = getattr(function, "__click_params__")  # noqa: B009 - click's own
            params[-1].purpose = name
        return function

    return decorate


class Choice(click.Choice):  # type: ignore[type-arg, unused-ignore] # generic from click 8.2 on
    """Takes words in any case; refuses a word with the nearest one."""

    def __init__(self, choices: Sequence[str]) -> None:
        super().__init__(choices, case_sensitive=False)

    def convert(self, value: Any, param: Optional[click.Parameter], ctx: Any) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            near = suggest(str(value), map(str, self.choices))
            self.fail(f"{error.message.rstrip('.')}{near}", param, ctx)


class Helpful(click.Command):
    """A command with two helps and examples."""

    def __init__(
        self,
        *args: Any,
        examples: Sequence[Example] = (),
        first: Sequence[str] = _FIRST,
        **kwargs: Any,
    ) -> None:
        """Make a command.

        `examples`: what is done, and the command line that does it. `first`: the options that
        the short help shows, by name.
        """
        kwargs["add_help_option"] = False
        super().__init__(*args, **kwargs)
        self.first = tuple(first)
        self.examples = tuple(examples)
        self._short = _help_option("-h", "Show the help that fits on one screen.", short_help)
        self.params.append(_help_option("--help", "Show all there is to know.", long_help))

    def get_help_option(self, ctx: click.Context) -> click.Option:
        return self._short

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            known = [name for param in self.params for name in param.opts]
            hint = _option_meant(error.option_name, known)
            message = f"No such option {visible(error.option_name)!r}{hint}"
            raise click.UsageError(message, ctx) from None

    def invoke(self, ctx: click.Context) -> Any:
        if ctx.params.get("connection"):
            from logreq.cli import connections

            connections.apply(ctx)
        return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for name, options in by_purpose(self, ctx):
            records = [record for record in (p.get_help_record(ctx) for p in options) if record]
            with formatter.section(name):
                formatter.write_dl(records)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.examples:
            with formatter.section("Examples"):
                for text, command in self.examples:
                    formatter.write_text(f"{text}:")
                    with formatter.indentation():
                        formatter.write(f"{'':>{formatter.current_indent}}{command}\n")
        super().format_epilog(ctx, formatter)


class HelpfulGroup(Helpful, click.Group):
    """A group of commands with two helps, that suggests the nearest command."""

    command_class = Helpful

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            click.echo(short_help(ctx), color=ctx.color)
            ctx.exit()
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with the whole first sentence of each; click would cut it."""
        found = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        with formatter.section("Commands"):
            formatter.write_dl([(name, _sentence(one)) for name, one in found if one])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> Any:
        """Give what a shell may complete: commands with the whole first line of their help."""
        items = super().shell_complete(ctx, incomplete)
        for item in items:
            command = self.get_command(ctx, item.value)
            if command is not None:  # click would cut it
                item.help = _sentence(command)
        return items

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        name = args[0]
        if name[:1] != "-" and self.get_command(ctx, name) is None and not ctx.resilient_parsing:
            self._unknown(ctx, name)
        return super().resolve_command(ctx, args)

    def _unknown(self, ctx: click.Context, name: str) -> NoReturn:
        hint = suggest(name, self.list_commands(ctx))
        if not hint and ("/" in name or "." in name):
            hint = "; a log needs a command before it: convert, or tail while it grows"
        raise click.UsageError(f"No such command {visible(name)!r}{hint}", ctx)


def _option_meant(word: str, known: Sequence[str]) -> str:
    """Tell which option of a command does what an unknown one was probably meant to do."""
    for option, what in _MEANT.get(word.lower(), {}).items():
        if option in known:
            return f"; {what}"
    # The dashes, which all have, would make short names alike.
    hint = suggest(word.lstrip("-").lower(), [name[2:] for name in known if name[:2] == "--"])
    return hint.replace("'", "'--", 1)


def by_purpose(command: click.Command, ctx: click.Context) -> list[tuple[str, list[click.Option]]]:
    """Give a command's options by purpose; those without one come last."""
    found: dict[str, list[click.Option]] = {name: [] for name in (*GROUPS, "Options")}
    for param in command.get_params(ctx):
        if isinstance(param, click.Option):
            found[getattr(param, "purpose", "Options")].append(param)
    return [(name, options) for name, options in found.items() if options]


def _help_option(name: str, text: str, show: Callable[[click.Context], str]) -> click.Option:
    def callback(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            click.echo(show(ctx), color=ctx.color)
            ctx.exit()

    return click.Option(
        [name, f"_help{len(name)}"], is_flag=True, is_eager=True, expose_value=False,
        callback=callback, help=text,
    )  # fmt: skip


def long_help(ctx: click.Context) -> str:
    """Give the whole help."""
    return ctx.command.get_help(ctx)


def short_help(ctx: click.Context) -> str:
    """Give the help that fits on one screen of 24 lines and 80 columns: what is used most."""
    command = ctx.command
    formatter = click.HelpFormatter(width=79)
    command.format_usage(ctx, formatter)
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(_sentence(command))
    examples = getattr(command, "examples", ())[:3]
    if examples:
        formatter.write_paragraph()
    for _, example in examples:
        formatter.write(f"    {example}\n")
    if isinstance(command, click.Group):
        command.format_commands(ctx, formatter)
    options = [p for p in command.params if isinstance(p, click.Option) and "--help" not in p.opts]
    if len(options) > _FEW:
        first = getattr(command, "first", _FIRST)
        options = [option for name in first for option in options if option.name == name]
    records = [record for record in (option.get_help_record(ctx) for option in options) if record]
    if records:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_dl([(names, _brief(text)) for names, text in records])
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(f"All options and more examples: {ctx.command_path} --help")
    return formatter.getvalue().rstrip("\n")


def _sentence(command: click.Command) -> str:
    """Give the first line of a command's help."""
    return (command.help or "").partition("\n")[0]


def _brief(text: str) -> str:
    """Give as much of an option's help as fits beside it: its first sentence."""
    sentence = text.partition(". ")[0].partition("; ")[0].partition("  [")[0]
    return sentence.rstrip(".")
