"""What the emitters of PHP and Perl share: literals, signs of failure, the parts of a script."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Optional

from logreq.emitters.context import Context, code, family, key_user, output_format, variables
from logreq.model.call import Argument, Call
from logreq.model.connection import Connection
from logreq.text.codec import encode
from logreq.text.escape import plain

# `@` is written as a number: PHP knows no `\@`.
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\", "$": "\\$", "@": "\\x40"}
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


class Plan:
    """What the text around a script's calls depends on.

    `places`: each call's address, and the user whom a key logs in (else empty). `arguments`:
    the given ones and `url`, if there is one address (`self.url`). `common`: pairs that all calls
    send, unless they have their own. `variables`: name to meaning. `login`,
    `text`: whether there are sessions, and answers that are not JSON.
    """

    def __init__(
        self, connection: Connection, calls: Sequence[Call], arguments: Sequence[Argument]
    ) -> None:
        contexts = [Context.of(call) for call in calls]
        key = connection.auth == "key"
        self.places = [
            (connection.address(one.panel), key_user(connection, one) if key else "")
            for one in contexts
        ]
        addresses = sorted({address for address, _ in self.places})
        self.arguments = list(arguments)
        self.url = len(addresses) == 1
        if self.url:
            self.arguments.append(Argument("url", *addresses))
        # A key logs in as the user himself: nothing is left for `su` to say.
        self.common = [pair for pair in connection.extra if not (key and pair[0] == "su")]
        self.variables = variables(connection, calls)
        self.login = connection.auth in ("session", "key")
        formats = {output_format(connection, one) for one in contexts}
        given = {v for call in calls for n, v in call.arguments if n == "out" and type(v) is tuple}
        self.text = bool(given) or any(family(out) != "json" for out in formats)

    def moves(self, calls: Sequence[Call]) -> Iterator[tuple[Call, Optional[tuple[str, str]]]]:
        """Give each call with its place, None where it is that of the call before."""
        before = self.places[0]
        for call, place in zip(calls, self.places):
            yield call, None if place == before else place
            before = place

    def files(self, language: str, suffix: str) -> str:
        """Give the code of the functions that the calls need."""
        wanted = {"panel": True, "text": self.text, "login": self.login}
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
        found = self.variables.items()
        return lines + [f"Environment: {name}  {meaning}" for name, meaning in found]
