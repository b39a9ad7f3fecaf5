"""Runs the code of Python scripts that are run again here, without a process for each."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import pytest

from tests.emitters.test_panel_py import load
from tests.support.panel import FakePanel


def module(monkeypatch: pytest.MonkeyPatch, folder: Path) -> ModuleType:
    """Give the module beside panel.py, as scripts have it, and go to an empty folder."""
    monkeypatch.setitem(sys.modules, "panel", load("panel"))
    monkeypatch.chdir(folder)
    monkeypatch.delenv("PASSWD", raising=False)
    monkeypatch.setattr(signal, "signal", mock.Mock())
    return load("again")


class Runs:
    """Runs calls as a script does; `err` and `out` are what it wrote, in lines."""

    def __init__(self, code: ModuleType, panel: FakePanel, capsys: pytest.CaptureFixture[str]):
        self.code, self.panel, self.capsys = code, panel, capsys
        self.stdin: Any = io.TextIOWrapper(io.BytesIO(b""))
        self.out: list[str] = []
        self.err: list[str] = []

    def __call__(
        self,
        calls: Sequence[Callable[[Any], object]],
        *args: str,
        names: Sequence[str] = ("name", "its-mail"),
        variables: Sequence[str] = ("PANEL_AUTHINFO", "PASSWD"),
        asks: Sequence[str] = (),
        **common: Any,
    ) -> object:
        """Give the exit status, or the text that a script ends with."""
        defaults = {**{name: f"old {name}" for name in names}, "url": self.panel.url()}
        common = {"out": "json", "authinfo": "root:secret", **common}
        common = {name: text for name, text in common.items() if text}
        status: object = 0
        with (
            mock.patch.object(sys, "argv", ["script", *args]),
            mock.patch.object(sys, "stdin", self.stdin),
        ):
            try:
                again = self.code.Again([*variables], defaults, len(calls), asks, **common)
                again.run(lambda: [one(again) for one in calls])
            except SystemExit as ended:
                status = ended.code
        found = self.capsys.readouterr()
        self.out, self.err = found.out.splitlines(), found.err.splitlines()
        return status

    @property
    def sent(self) -> list[dict[str, str]]:
        """The pairs of the panel's calls since it was asked last, without the connection's."""
        found = [dict(one.params) for one in self.panel.calls]
        self.panel.calls.clear()
        return [
            {name.decode(): value.decode("utf-8", "surrogateescape") for name, value in one.items()
             if name not in (b"out", b"authinfo")} for one in found
        ]  # fmt: skip


@contextlib.contextmanager
def running(code: ModuleType, capsys: pytest.CaptureFixture[str]) -> Iterator[Runs]:
    """Give what runs calls against a panel of its own."""
    with FakePanel() as panel, mock.patch.dict(os.environ, {"PANEL_AUTHINFO": "root:secret"}):
        yield Runs(code, panel, capsys)


def mail(again: Any) -> None:
    again.once("user.edit", name=again.options["name"], mail=again.options["its_mail"])


def cert(again: Any) -> None:
    again.once("sslcert.edit", ("name", again.options["name"]), sok="ok")


def server(again: Any) -> None:
    again.once("server.edit", name=again.options["name"], sok="ok")


def rows(data: bytes, name: str = "rows.csv") -> tuple[str, str]:
    Path(name).write_bytes(data)
    return ("--each", name)
