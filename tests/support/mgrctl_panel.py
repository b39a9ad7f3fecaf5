"""A stand-in for `mgrctl` that asks a fake panel, as the real one asks the panel beside it.

The same file is the program and the tests' side of it, as with `mgrctl.Mgrctl`.
"""

from __future__ import annotations

import http.client
import os
import re
import sys
from pathlib import Path
from urllib.parse import urlencode

from tests.support.mgrctl import MgrctlError, interpret

# How documents of errors begin, in the formats that mgrctl has.
_ERROR = re.compile(rb'ERROR |(<\?xml[^>]*>\s*)?<doc>(<metadata[^>]*/>)?<(error|authfail)|\{"doc": '
                    rb'\{"(error|authfail)"')  # fmt: skip


def make(directory: Path, port: int) -> Path:
    """Make the program in a directory: it asks the panel at this port, as its root."""
    program = directory / "mgrctl"
    top = str(Path(__file__).resolve().parents[2])
    program.write_text(
        f"#!{sys.executable} -IS\nimport sys\nsys.path.insert(0, {top!r})\n"
        f"from tests.support.mgrctl_panel import main\nmain({port})\n"
    )
    program.chmod(0o755)
    return program


def main(port: int) -> None:
    """Be mgrctl: ask, print the answer; exit status 1 if it is an error."""
    try:
        call = interpret([os.fsencode(word) for word in sys.argv[1:]], os.environb)
    except MgrctlError as error:
        print(f"ERROR usage({error})")
        sys.exit(1)
    form = urlencode([*call.pairs, (b"out", call.out), (b"authinfo", b"root:secret")])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", f"/{call.panel.decode()}", form, headers)
    body = connection.getresponse().read()
    sys.stdout.buffer.write(body)
    sys.stdout.flush()
    sys.exit(1 if _ERROR.match(body) else 0)
