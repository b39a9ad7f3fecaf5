"""Names of environment variables that stand for secrets."""

from __future__ import annotations

import re
from collections.abc import Hashable

from logreq.model.request import Param

# Variables that shells, loaders and interpreters obey must not be taken for secrets; nor
# must those that emitted code reads for itself.
_RESERVED = (
    "(?:_*|PATH|HOME|IFS|ENV|SHELL|SHELLOPTS|USER|LOGNAME|TERM|PS[0-9]|PWD|OLDPWD|CDPATH|OPTIND"
    "|MAIL|LANG|LANGUAGE|TZ|TMPDIR|EDITOR|U?E?UID|PPID|(?:HTTPS?|ALL|NO|FTP)_PROXY|SSLKEYLOGFILE"
    "|(?:PYTHON|PERL|PHP|RUBY|NODE|BASH).*"
    "|S?RANDOM|SECONDS|LINENO|HOST(?:NAME|TYPE)?|OSTYPE|MACHTYPE|GROUPS|DIRSTACK|FUNCNAME"
    "|PIPESTATUS|SHLVL|COLUMNS|LINES|OPTARG|OPTERR|REPLY|STATUS|F?PATH|USERNAME|ARGV"
    "|(?:EPOCH|HIST|COMP|PROMPT).*"
    "|(?:LD|LC|SSL|SSH|GIT|CURL|REQUESTS|GCONV|MALLOC|PANEL|LOGREQ)_.*)"
)
MAX_LENGTH = 60


class Variables:
    """Gives one name to one value in a run, and another to another."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, Hashable], str] = {}
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = {}

    def name(self, param: Param, call: Hashable = None) -> str:
        """Give the variable of a secret: its name in capitals; a second value's is numbered.

        `call`: what tells calls apart, for a masked value, which is another one in each.
        """
        key: tuple[str, Hashable] = (param.name, param.value if call is None else (call,))
        found = self._names.get(key)
        if found is None:
            found = self._names[key] = self._new(param.name)
        return found

    def _new(self, name: str) -> str:
        base = re.sub(r"[^A-Z0-9_]", "_", name.upper()[:MAX_LENGTH])
        if base[:1].isdigit() or re.fullmatch(_RESERVED, base):
            base = f"SECRET_{base}".rstrip("_")
        number = self._numbers.get(base, 0)
        while True:
            number += 1
            found = base if number == 1 else f"{base}_{number}"
            if found not in self._taken:
                break
        self._numbers[base] = number
        self._taken.add(found)
        return found
