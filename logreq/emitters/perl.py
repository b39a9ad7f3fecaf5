"""Perl 5.10 or later with its core modules. The snippet dies on an error document."""

from __future__ import annotations

from textwrap import indent

from logreq.emitters import _perl_code as code
from logreq.emitters import _perl_script as script
from logreq.emitters._program import Program, fill, single_or_hex
from logreq.model.call import Arg, Env, Part

_perl_quote = single_or_hex
_MODULES = "use strict;\nuse warnings;\nuse HTTP::Tiny 0.025;\n"
_JSON = "use JSON::PP ();\n"


class Perl(Program):
    """A list of pairs, one POST, the result in `$result`: rows, fields, `ok` or bytes."""

    summary = "Perl, core modules only"
    program = "perl SCRIPT"
    concatenation = " . "
    pairs_begin = code.ENV + "my @call = (\n"
    pairs_end = ");\n"
    assignment = "my ${} = {};\n"
    script_call = "$run->([{}, {}],\n{});\n"

    def comment(self, text: str) -> str:
        """Make one comment line of any text: nothing breaks out of it."""
        # "# line 5" would set the line number that messages tell.
        if text.lstrip().startswith("line"):
            text = text.replace("line", "l\\x69ne", 1)
        return super().comment(text)

    def reference(self, part: Part) -> str:
        """Give the expression for a variable of the environment or a script's argument."""
        if isinstance(part, Env):
            return f"$env->({_perl_quote(part.name)})"
        assert isinstance(part, Arg)  # noqa: S101 - literals never come here
        return self.argument(part.name)

    def argument(self, name: str) -> str:
        """Give the expression for a script's argument."""
        return f"$arg{{{_perl_quote(name)}}}"

    def _library(self, restart: str) -> str:
        auth = self.connection.auth or "none"
        text = code.SEND
        if self.parser:
            text += (code.JSON if self.parser == "json" else code.XML) + code.DOCUMENT
        text += code.VALUE if self.kind else code.RAW
        if auth in ("session", "key"):
            text += code.SESSION + (code.KEY if auth == "key" else code.LOGIN)
        return fill(
            text,
            HTTPS=code.HTTPS if self.connection.url.startswith("https:") else "",
            VERIFY="0" if self.connection.insecure else "1",
            BJSON=code.BJSON if self.connection.out == "bjson" else "",
            RESTART=restart,
            WITH_COOKIE=code.WITH_COOKIE if auth == "key" else "",
            COOKIES=code.COOKIES if auth == "key" else "",
            PARSER=self.parser,
        )

    def snippet_code(self) -> str:
        """Give the text after a snippet's address: it sends the call and reads the answer."""
        auth = self.connection.auth
        text = _MODULES + _JSON * (self.parser == "json") + code.FAIL + self._library(code.RESTART)
        if auth in ("session", "key"):
            user = ", $user" if auth == "key" else ""
            text += f"\nmy ($auth, $cookie) = $login->($url{user});\n"
            text += "$value->($send->($url, [@call, @$auth], $cookie));\n"
        else:
            text += "\n$value->($send->($url, \\@call));\n"
        return "my $result = do {\n" + indent(text.replace("\n\n", "\n"), "    ") + "};\n"

    def script_begin(self, usage: str, arguments: str, variables: str) -> str:
        """Give a script's text before its calls, from lists of literals."""
        auth = self.connection.auth or "none"
        frame = fill(
            script.ARGUMENTS, ARGS=arguments, USAGE=indent(usage, "        "), VARIABLES=variables
        )
        run = fill(
            script.RUN,
            ANSWER=script.ANSWER[auth],
            PRINT=script.JSON_LINE if self.kind else script.BYTES,
        )
        return (
            "#!/usr/bin/env perl\n# Made by logreq from a panel's log; --help tells more.\n"
            f"{_MODULES}{_JSON}binmode STDOUT;\n\n{code.ENV}{code.FAIL}{frame}"
            f"{self._library(code.RESTART + code.STALE)}{run}"
        )

    def script_end(self) -> str:
        """Give a script's text after its calls."""
        return fill(script.END, FORMAT=self.parser if self.kind else "text")
