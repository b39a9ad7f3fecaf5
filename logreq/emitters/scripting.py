"""What the emitters of PHP and Perl share: literals, signs of failure, the parts of a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Optional, TypeVar, Union

from logreq.emitters.context import code, parts
from logreq.emitters.plan import Plan
from logreq.model.call import Arg, Call, Env, Lookup, Part, Value
from logreq.text.codec import encode
from logreq.text.escape import plain

_Part = TypeVar("_Part", bound=Part)

# `@` is written as a number: PHP knows no `\@`.
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\", "$": "\\$", "@": "\\x40"}
# What a script that is run again understands besides; the first two if it has arguments.
_AGAIN = (
    "--each FILE  run once for each row of a CSV file that names arguments in its first line",
    "--keep-going  with --each, go on after a row that failed; FILE.failed.csv has those rows",
    "--from N  begin with the Nth call, with --each with the Nth row",
    "--dry-run  show the calls and send nothing",
    "--existing skip  where what a call makes is there already, go on with the next call",
    "--pause SECONDS  wait before every call but the first",
    "--yes  do not ask before what deletes or spends",
)
_ERROR = r"<doc\b[^>]*>\s*<(error|authfail)\b"


def literal(text: str) -> str:
    r"""Quote for Perl and PHP: the literal's value is exactly the text's bytes.

    Text that shows as what it is stands in single quotes, where only `\` and `'` mean
    something. Other text stands in double quotes, where nothing that interpolates is left,
    and what does not show is written as `\xNN`, byte by byte.
    """
    if plain(text):
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    short = _SHORT.get(char, char)
    return short if plain(short) else "".join(f"\\x{byte:02x}" for byte in encode(char))


def failure(out: str) -> str:
    """Give a pattern (PCRE, Perl; a `.` has to match line ends) of failures in a format.

    It is for formats that are not parsed: XML and text.
    """
    if out == "devel":  # the description of the interface comes first
        return _ERROR.replace("<(", r"(<metadata\b([^>]*/>|.*?</metadata>)\s*)?<(")
    if out == "xml":
        return _ERROR
    # A session that is over is answered by a page, which can be what `print` asked for.
    page = r"|(?i:\s*<(!DOCTYPE )?html\b)" if out in ("text", "csv") else ""
    return rf"^(ERROR\b|\s*(<\?xml[^>]*>\s*)?{_ERROR}{page})"


def fill(template: str, **texts: str) -> str:
    """Put texts in the places of words in capitals, in one pass: never in each other's text."""
    return re.sub(rf"\b(?:{'|'.join(texts)})\b", lambda match: texts[match.group()], template)


class ProgramPlan(Plan):
    """The parts of a script that are alike in PHP and Perl."""

    def data(
        self, key: str, *, auth: str, common: str, yes: str, variables: str, arg: str, asks: str
    ) -> str:
        """Give the lines of what a script says of itself: its data, one name a line.

        `key`: how a name is written, with `%s` for it. The others are expressions; `auth` counts
        where it is authinfo that logs in, `yes` where certificates are not checked, `asks` in
        scripts that are run again.
        """
        url, user = self.places[0]
        found = {
            "url": "" if self.url else literal(url),
            "panel": literal(self.panel) * self.url,
            "user": user and literal(user),
            "auth": auth * (self.connection.auth == "authinfo"),
            "common": common,
            "insecure": yes * self.connection.insecure,
            "variables": variables,
            "arg": arg,
            "asks": asks * self.again,
            "calls": str(len(self.calls)) * self.again,
        }
        return "".join(f"    {key % name} => {text},\n" for name, text in found.items() if text)

    @property
    def moving(self) -> bool:
        """Whether calls go to different addresses, or as different users."""
        return len(set(self.places)) > 1

    def moves(self) -> Iterator[tuple[Call, Optional[tuple[str, str]]]]:
        """Give each call with its place, None where it is that of the call before.

        In a script that is run again, the first call comes after the last one of another row.
        """
        before = None if self.again and self.moving else self.places[0]
        for call, place in zip(self.calls, self.places):
            yield call, None if place == before else place
            before = place

    def placed(self, text: str, first: bool) -> str:
        """Give the text of a call as it stands in the script: after others, or in a function."""
        if not self.again:
            return "\n" + text
        return "\n" * (not first) + re.sub("(?m)^(?=.)", "    ", text)

    def files(self, language: str, suffix: str) -> str:
        """Give the code of the functions that the calls need."""
        wanted = {
            "options": True, "again": self.again, "call": not self.again,
            "rows": self.rows, "ids": self.ids,
            "panel": True, "text": self.text, "login": self.login,
        }  # fmt: skip
        files = [code(f"{language}/{name}.{suffix}") for name in wanted if wanted[name]]
        # Several files of PHP begin but once.
        return "\n".join(text.partition("<?php\n")[2] or text for text in files)

    def usage(self, program: str) -> list[str]:
        """Give the lines that `--help` shows, unescaped."""
        lines = ["Made by logreq from a panel's log.", f"usage: {program} [OPTION]..."]
        lines += [f"  --{name} VALUE  default: {default}" for name, default in self.arguments]
        lines += [
            "  --restart  restart the panel's web server where a call asks for it",
            "  -k, --insecure  do not check the panel's certificate",
        ]
        if self.again:
            lines += [f"  {line}" for line in _AGAIN[0 if self.rows else 2 :]]
        found = self.variables.items()
        return lines + [f"Environment: {name}  {meaning}" for name, meaning in found]


def all_given(value: Value) -> Value:
    """Give a value whose secrets are arguments: rows can have them, where a script has rows."""
    return tuple(
        part._replace(value=tuple(map(_given, part.value)))
        if isinstance(part, Lookup)
        else _given(part)
        for part in parts(value)
    )


def _given(part: _Part) -> Union[_Part, Arg]:
    return Arg(part.name) if isinstance(part, Env) else part
