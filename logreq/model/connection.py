"""How a call reaches a panel."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

from logreq.errors import UsageError
from logreq.text.percent import quote

# Formats that panels' interfaces and programs ask for as a habit; any other one (`csv`,
# `print`, a custom one) is what the call was made for.
INTERFACE_FORMATS = frozenset(("json", "xjson", "bjson", "xml", "text", "devel"))
# What `out` can be: those, and what reports and lists are exported as (seen, and vendor guide).
FORMATS = INTERFACE_FORMATS | {"csv", "jsondata", "pdf_print", "print", "sjson"}
# As `su`: each call runs as the user who clicked it.
AUTO = "auto"
AUTHS = ("authinfo", "session", "key", "none")


class Connection(NamedTuple):
    """How a call reaches a panel. `out` None: as the emitter prefers; `su` None: nothing said."""

    url: str = "https://localhost:1500"
    auth: Optional[str] = None
    out: Optional[str] = None
    lang: Optional[str] = None
    su: Optional[str] = None
    insecure: bool = False

    def address(self, panel: str) -> str:
        """Give the URL of a panel: its name is appended unless the URL has a path of its own.

        No path, or a path that ends in `/` or `/manager`: the panel's name is appended.
        """
        name = quote(panel.encode(), "/")
        _, _, path = self.url.partition("://")[2].partition("/")
        if not path:
            return f"{self.url.rstrip('/')}/{name}"
        if path.endswith("/"):
            return self.url + name
        if ("/" + path).endswith("/manager"):
            return f"{self.url}/{name}"
        return self.url

    @property
    def extra(self) -> list[tuple[str, str]]:
        """The parameters that the connection adds to each call, in the order they are sent.

        Not a `su` that is another one for each user.
        """
        su = None if self.su == AUTO else self.su
        pairs = (("out", self.out), ("lang", self.lang), ("su", su))
        return [(name, value) for name, value in pairs if value]


def check_url(url: str) -> str:
    """Give a usable panel address or raise UsageError: `http` or `https`, a host, no query."""
    match = re.fullmatch(r"(https?)://([^/?#\s@]+)(/[^?#\s]*)?", url)
    if match is None or "@" in url or not url.isascii() or not url.isprintable():
        if "@" in url:
            raise UsageError(
                f"{_shown(url)} holds a user or password; an address such as https://panel.example:1500"
                " is expected, and PANEL_AUTHINFO for user:password"
            )
        raise UsageError(
            f"{_shown(url)} is no panel address; expected http(s)://HOST[:PORT][/PATH],"
            f" such as https://localhost:1500{_schemed(url)}"
        )
    _check_host(url, match[2])
    return url


# A name or an IPv4 address, or an IPv6 address in brackets; then a port.
_HOST = re.compile(r"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+(?:%25[\w.~-]+)?\])(?::(\d*))?")


def _shown(url: str) -> str:
    """Give a URL for a message, which a mail or a log may keep: without what may be a password."""
    url = re.sub("(?s)((?:.*://)?).*@", r"\1...@", url)
    return repr(re.sub("(?s)[?#].*", "?...", url))


def _schemed(url: str) -> str:
    """Suggest the address where only its beginning is missing (`panel.example:1500`)."""
    with_scheme = f"https://{url}"
    return f"; did you mean {with_scheme!r}?" if re.fullmatch(r"[\w.-]+(:\d+)?", url) else ""


def _check_host(url: str, host: str) -> None:
    found = _HOST.fullmatch(host)
    if found is None:
        raise UsageError(f"{url!r}: {host!r} is no host and port; expected such as localhost:1500")
    if found[1] is not None and not 1 <= int(found[1] or 0) <= 65535:
        raise UsageError(f"{url!r}: the port {found[1]!r} is no number from 1 to 65535")
