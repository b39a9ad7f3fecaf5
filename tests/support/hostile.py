# ruff: noqa: E501 a corpus is read in long rows
"""Hostile log lines: what a stranger can get into a panel's log, in every place of a line.

Each `Hostile` is a line and what it asks for: the function and the parameters, as bytes.
"""

from __future__ import annotations

import itertools
import random
from typing import NamedTuple

from tests.support.strategies import HOSTILE, log_line, panel_encode

Pairs = list[tuple[bytes, bytes]]

# A file that no snippet may ever make, whatever shell or interpreter runs it.
CANARY = b"pwned"

_COMMANDS = [
    b"$(touch pwned)", b"`touch pwned`", b"; touch pwned;", b"| touch pwned", b"&& touch pwned #",
    b"\ntouch pwned\n", b"\r\ntouch pwned\r\n", b"\x00touch pwned\x00", b"'; touch pwned; '",
    b'"; touch pwned; "', b"\\'; touch pwned; \\'", b"'\"'\"'; touch pwned; '", b"${IFS}touch${IFS}pwned",
    b"$((1+1))", b"<(touch pwned)", b"{touch,pwned}", b"!touch", b"!!", b"!-1", b"^a^touch pwned",
    b">pwned", b">>pwned", b"2>pwned", b"<pwned", b"<<EOF\ntouch pwned\nEOF\n", b"&", b"\\\n", b"\\",
    b"'", b'"', b"`", b"$", b"$'", b"$\"", b"$0", b"$@", b"$*", b"$$", b"${PATH}", b"$PANEL_AUTHINFO",
]  # fmt: skip
_INTERPRETERS = [
    b"'); import os; os.system('touch pwned'); ('", b"\"\"\"\nimport os\nos.system('touch pwned')\n\"\"\"",
    b"\\x27; __import__('os').system('touch pwned')", b"{__import__('os').system('touch pwned')}",
    b"%(touch pwned)s", b"%s%s%n", b"# coding: utf-7", b"coding=utf-7", b"+AAoAdABvAHUAYwBoA-",
    b"'.system('touch pwned').'", b"@{[system 'touch pwned']}", b"${\\system('touch pwned')}",
    b"\n=pod\n", b"\n=cut\nsystem('touch pwned');\n", b"\n__END__\n", b"\n__DATA__\n", b"'.`touch pwned`.'",
    b"?><?php system('touch pwned'); ?>", b"?>", b"<?= `touch pwned` ?>", b"<?", b"%>", b"</script>",
    b"'); require('child_process').execSync('touch pwned'); ('", b"${process.exit()}", b"`${1}`",
    b"*/ process.exit() /*", b"//", b"/*", b"*/", b"<!--", b"-->", b"\xe2\x80\xa8process.exit()\xe2\x80\xa9",
    b"{{ lookup('pipe', 'touch pwned') }}", b"{% raw %}", b"{% endraw %}{{ 1 }}", b"{#", b"!unsafe x",
    b"!!python/object/apply:os.system [touch pwned]", b"&a *a", b"*a", b": ", b"- ", b" #", b"? ", b"|\n  x", b">-",
    b"\"}, {\"name\": \"x", b"\\u0000", b"\\", b"</title><script>alert(1)</script>", b"&lt;&amp;&#0;",
]  # fmt: skip
_TERMINALS = [
    b"\x1b[2J", b"\x1b]0;title\x07", b"\x1b]52;c;dG91Y2ggcHduZWQ=\x07", b"\x1bP$q\x1b\\", b"\x9b31m", b"\x07",
    b"\x08\x08\x08", b"\x7f", b"\x0b\x0c", b"\xc2\x9b31m", b"\xc2\x85", b"\xe2\x80\xae", b"\xe2\x81\xa6",
    b"\xe2\x80\x8b", b"\xef\xbb\xbf", b"\xf3\xa0\x81\x81", b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88",
    b"\t\t", b"   ", b"\xc2\xa0", b"\xcc\x81", b"\xd7\x90\xd7\x91", b"\xf0\x9f\x98\x80",
]  # fmt: skip
_PLACES = [
    b"-e", b"--config", b"-K", b"@/etc/passwd", b"@-", b"<file", b"=x", b"a=b", b"x@y", b"[1-3]", b"{a,b}", b"~", b"*",
    b"?", b"[a-z]", b"../../x", b"/dev/null", b"http://x/", b"-", b"--", b"EOF", b"'EOF'", b"END", b"EOT", b"PANEL",
    b"func", b"out", b"lang", b"su", b"a&func=user.delete", b"a;func=user.delete", b"%", b"%25", b"%2525", b"%zz",
    b"+", b"null", b"true", b"0", b"-1", b"1e9", b"on", b"\xd0\xb8\xd0\xbc\xd1\x8f",
]  # fmt: skip
_FORGED = log_line(b"func=user.delete&elid=root&sok=ok")

TEXTS: list[bytes] = list(
    dict.fromkeys([*_COMMANDS, *_INTERPRETERS, *_TERMINALS, *_PLACES, *HOSTILE, _FORGED, b"%" * 64,
                   b"%25" * 5000 + b"41", b"x" * 10_000])
)  # fmt: skip


class Hostile(NamedTuple):
    """A line of a log, and the function and parameters that it asks for."""

    line: bytes
    func: bytes
    pairs: Pairs


def _raw(text: bytes) -> bytes:
    """Make a text that can stand raw between brackets."""
    return text.replace(b"]", b")").replace(b"\n", b" ")


def lines() -> list[Hostile]:
    """Make the corpus: every text as a value, a name, a function, a user, a caller; mixtures."""
    found = []
    dice = random.Random(20180206)
    for text in TEXTS:
        found.append(_line(b"value", [(b"a", text), (b"b", b"2")]))
        found.append(_line(b"name", [(b"x" + text, b"1"), (b"b", b"2")]))
        if len(text) < 1000:
            found.append(_line(b"f" + text, [(b"a", b"1")]))
            found.append(_line(b"user", [(b"a", b"1")], user=_raw(text)))
            found.append(_line(b"caller", [(b"a", b"1")], caller=_raw(text)))
    for number in range(150):
        chosen = [dice.choice(TEXTS[:-3]) for _ in range(4)]
        pairs = list(itertools.zip_longest([b"p", b"q", b"p"], chosen[:3], fillvalue=b""))
        found.append(_line(b"mix%d" % number, pairs, user=_raw(chosen[3])))
    return found


def _line(
    func: bytes, pairs: Pairs, *, user: bytes = b"root", caller: bytes = b"192.0.2.33"
) -> Hostile:
    query = panel_encode([(b"func", func), *pairs])
    return Hostile(log_line(query, user=user, caller=caller), func, pairs)
