"""PHP 7.4 or later without extensions. The snippet throws on an error document."""

from __future__ import annotations

from textwrap import indent

from logreq.emitters import _php_code as code
from logreq.emitters import _php_script as script
from logreq.emitters._program import Program, fill, single_or_hex
from logreq.model.call import Arg, Call, Env, Part

_php_quote = single_or_hex
_WHO = "[$env('PANEL_USER'), $env('PANEL_PASSWORD')]"


class Php(Program):
    """A list of pairs, one POST, the result in `$result`: rows, fields, `ok` or bytes.

    Each snippet is a `<?php ... ?>` of its own, so that several in one file run.
    """

    summary = "PHP with streams, no extensions"
    prefix = "// "
    program = "php SCRIPT"
    concatenation = " . "
    tag = "<?php "
    pairs_begin = code.ENV + "$call = [\n"
    pairs_end = "];\n"
    assignment = "${} = {};\n"
    script_call = "$run([{}, {}], [\n{}]);\n"

    def comment(self, text: str) -> str:
        """Make one comment line of any text: nothing breaks out of it."""
        # This ends PHP even in a comment.
        return super().comment(text.replace("?>", "?\\x3e"))

    def refusal(self, call: Call, reason: str) -> str:
        """Give comment lines in place of a snippet that cannot be."""
        return self.tag + super().refusal(call, reason) + "?>\n"

    def reference(self, part: Part) -> str:
        """Give the expression for a variable of the environment or a script's argument."""
        if isinstance(part, Env):
            return f"$env({_php_quote(part.name)})"
        assert isinstance(part, Arg)  # noqa: S101 - literals never come here
        return self.argument(part.name)

    def argument(self, name: str) -> str:
        """Give the expression for a script's argument."""
        return f"$arg[{_php_quote(name)}]"

    def _library(self, restart: str, more: str = "") -> str:
        auth = self.connection.auth or "none"
        text = code.SEND
        if self.parser:
            text += (code.JSON if self.parser == "json" else code.XML) + code.DOCUMENT
        text += code.VALUE if self.kind else code.RAW
        if auth in ("session", "key"):
            text += code.SESSION + (code.KEY if auth == "key" else code.LOGIN)
        filled = fill(
            text,
            WITH_COOKIE=code.WITH_COOKIE if auth == "key" else "",
            VERIFY=code.UNVERIFIED if self.connection.insecure else "",
            BJSON=code.BJSON if self.connection.out == "bjson" else "",
            RESTART=restart,
            COOKIES=code.COOKIES if auth == "key" else "",
            PARSER=self.parser,
        )
        return f"$panel = new class {{{indent(filled + more, '    ')}}};\n"

    def snippet_code(self) -> str:
        """Give the text after a snippet's address: it sends the call and reads the answer."""
        auth = self.connection.auth
        text = self._library(code.RESTART)
        if auth in ("session", "key"):
            user = ", $user" if auth == "key" else ""
            text += f"[$auth, $cookie] = $panel->login($url, {_WHO}{user});\n"
            text += "$reply = $panel->send($url, array_merge($call, $auth), $cookie);\n"
        else:
            text += "$reply = $panel->send($url, $call);\n"
        return text + "$result = $panel->value($reply);\n?>\n"

    def script_begin(self, usage: str, arguments: str, variables: str) -> str:
        """Give a script's text before its calls, from lists of literals."""
        auth = self.connection.auth or "none"
        frame = fill(
            script.ARGUMENTS, ARGS=arguments, USAGE=indent(usage, "        "), VARIABLES=variables
        )
        who = _WHO + (", $user" if auth == "key" else "")
        more = fill(script.CALL, ANSWER=fill(script.ANSWER[auth], WHO_IS=who))
        run = fill(script.RUN, PRINT=script.JSON_LINE if self.kind else script.BYTES)
        library = self._library(code.RESTART + code.STALE, more)
        return (
            "#!/usr/bin/env php\n<?php\n// Made by logreq from a panel's log; --help tells more.\n"
            f"{code.ENV}{library}{frame}{run}"
        )

    def script_end(self) -> str:
        """Give a script's text after its calls."""
        return fill(script.END, FORMAT=self.parser if self.kind else "text")
