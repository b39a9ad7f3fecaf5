"""Hypothesis strategies for parameters, and log lines written as a panel writes them."""

from __future__ import annotations

import string
from typing import Optional

from hypothesis import strategies as st

from tests.support.recorder import Pairs

PLAIN = frozenset((string.ascii_letters + string.digits + ".").encode())

# What breaks out of a literal, is expanded, or is an option or a file to some tool.
# Every one that runs something leaves a file or calls a program: canaries see it.
HOSTILE = (
    b"'; touch pwned; '",
    b'"; touch pwned; "',
    b"$(touch pwned)",
    b"`touch pwned`",
    b"${PATH}",
    b"$HOME",
    b"$x @x %x {$x} #{x}",
    b"\\",
    b"\\'",
    b"\\\\'",
    b'\\"',
    b"'''",
    b'"""',
    b"\n'\ntouch pwned\n",
    b"\r\n",
    b"\n",
    b" \t leading and trailing \t ",
    b"@/etc/passwd",
    b"@-",
    b"<file",
    b"-e",
    b"--config",
    b"[1-2]{a,b}",
    b"!history!",
    b"~root",
    b"* ? [a]",
    b"a=b=c",
    b"&func=user.delete&elid=root",
    b"%2F %% %s %n",
    b"+",
    b"*",
    b"?>",
    b"<?php",
    b"</script>",
    b"EOF",
    b"\nEOF\n",
    b"*/",
    b"#",
    b"//",
    b"\x1b[2J\x1b]52;c;Zm9v\x07",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xc3",
    "\u202ekcart\u2028\u2029\ufeff\u0085".encode(),
    "\u043f\u0440\u0438\u043c\u0435\u0440 \U0001f600".encode(),
)


def values(*, nul: bool = True, min_size: int = 0) -> st.SearchStrategy[bytes]:
    """Arbitrary bytes, text and hostile text, of at least `min_size` bytes; NUL may be left out."""
    piece = st.one_of(
        st.binary(max_size=40),
        st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace")),
        st.sampled_from(HOSTILE),
        st.lists(st.sampled_from(HOSTILE), min_size=2, max_size=4).map(b"".join),
    )
    if not nul:
        piece = piece.map(lambda value: value.replace(b"\0", b"0"))
    return piece.filter(lambda value: len(value) >= min_size)


def pairs(*, nul: bool = True, min_size: int = 0, max_size: int = 6) -> st.SearchStrategy[Pairs]:
    """Ordered pairs of arbitrary bytes; names are not empty and may repeat."""
    pair = st.tuples(values(nul=nul, min_size=1), values(nul=nul))
    return st.lists(pair, min_size=min_size, max_size=max_size)


# By the byte: tests quote megabytes.
_QUOTED = [bytes((c,)) if c in PLAIN else b"%%%02X" % c for c in range(256)]


def panel_quote(data: bytes) -> bytes:
    """Encode as a panel does: letters, digits and `.` plain, all else `%XX` (seen in logs)."""
    return b"".join(map(_QUOTED.__getitem__, data))


def panel_encode(params: Pairs) -> bytes:
    """Write pairs as the query of a Request line, in the given order."""
    return b"&".join(panel_quote(name) + b"=" + panel_quote(value) for name, value in params)


def log_line(
    query: bytes,
    *,
    time: bytes = b"Feb  6 08:08:07",
    pid: int = 2346,
    tid: Optional[int] = 23826,
    module: bytes = b"core_module",
    caller: bytes = b"192.0.2.33",
    user: bytes = b"root",
    colour: bool = False,
) -> bytes:
    """Write a whole Request line; `tid` None and `module` empty leave theirs out (seen in logs)."""
    thread = b"[%d]" % pid if tid is None else b"[%d:%d]" % (pid, tid)
    before, after = (b"\x1b[1;32m", b"\x1b[0m") if colour else (b"", b"")
    request = b"INFO Request [%s][%s] '%s'" % (caller, user, query)
    head = b" ".join(part for part in (time, thread, module) if part)
    return head + b" " + before + request + after + b"\n"
