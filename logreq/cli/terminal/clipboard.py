"""The terminal's clipboard."""

from __future__ import annotations

import os

import click

from logreq.text.codec import encode
from logreq.text.escape import plain, visible


class Copier:
    """Puts text on the terminal's clipboard by OSC 52, which works over SSH."""

    # Terminals take about so much (bytes, in base64).
    LIMIT = 100_000

    def __init__(self) -> None:
        self._told = False

    def __call__(self, text: str, what: str) -> None:
        """Copy text; `what` is said to have been sent."""
        import base64

        if not all(map(plain, text.split("\n"))):
            # Where pasting is not bracketed, a control character in it is a key that is
            # pressed: it can end a quote.
            reason = "it holds unprintable characters and has to run as a file"
            click.echo(f"logreq: {visible(what)} is not copied: {reason}", err=True)
            return
        data = base64.b64encode(encode(text))
        if len(data) > self.LIMIT:
            click.echo(f"logreq: {visible(what)} is too long for the clipboard", err=True)
            return
        try:
            # Standard output may be a file; the terminal is where the user is.
            with open("/dev/tty", "wb", buffering=0) as terminal:
                terminal.write(b"\x1b]52;c;" + data + b"\x07")
        except OSError:
            click.echo("logreq: --copy needs a terminal", err=True)
            return
        # Nothing tells whether it took it.
        click.echo(f"logreq: {visible(what)}: sent to the terminal to copy", err=True)
        if os.environ.get("TMUX") and not self._told:
            self._told = True
            advice = "`tmux set -g set-clipboard on` lets it through to the clipboard"
            click.echo(f"logreq: {advice}", err=True)
