"""What all emitters share."""

from __future__ import annotations

import sys

import pytest

from logreq import emitters
from logreq.emitters.base import Emitter
from logreq.emitters.context import Context
from logreq.emitters.frame import PAIRS, Frame
from logreq.errors import EmitError, UsageError
from logreq.log.line import parse_line
from logreq.model.call import Value
from logreq.model.connection import Connection
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.model import RuleSet
from tests.support.cli import logreq


@pytest.mark.parametrize("name", emitters.names())
def test_each_tells_what_it_is(name: str) -> None:
    emitter = emitters.load(name)
    assert emitter.summary
    assert emitter.__doc__
    assert set(emitter.auths) <= {"authinfo", "session", "key", "none"}
    assert bool(emitter.auths) == emitter.http or name == "url"
    assert emitter(Connection()).connection.out == emitter.default_out


@pytest.mark.parametrize("name", ["url", "json", "har", "ansible"])
def test_what_has_no_scripts_says_so(name: str) -> None:
    with pytest.raises(EmitError, match="snippets, no scripts"):
        list(emitters.load(name)(Connection()).script([], []))


@pytest.mark.parametrize("name", ["_base", "a.b", "url.", "..call", "", "é", "cúrl", "a\udc80"])
def test_what_is_none_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="unknown target"):
        emitters.load(name)


def test_a_missing_module_of_an_emitter_is_no_missing_emitter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "logreq.emitters.url", raising=False)
    monkeypatch.setitem(sys.modules, "logreq.emitters.base", None)
    with pytest.raises(ModuleNotFoundError, match=r"base"):
        emitters.load("url")


@pytest.mark.parametrize(("to", "count"), [("mgrctl", 2), ("url", 1), ("json", 1)])
def test_who_clicked_can_be_a_part_of_the_call(to: str, count: int) -> None:
    line = "Feb  6 08:08:07 [1:2] m INFO Request [][{}] 'func=a&x=1'\n"
    log = line.format("joe") + line.format("bob") + line.format("joe")
    done = logreq("convert", "-q", "-t", to, "--unique", stdin=log)
    assert done.text.count("x") == count or to == "json"
    assert (
        len([text for text in done.text.splitlines() if text.startswith(("/", "h", "{"))]) == count
    )


def test_what_is_too_long_for_a_target_is_refused() -> None:
    class Short(Emitter):
        limit = 10

        def pair(self, name: str, value: Value) -> str:
            return f"{name}={value} "

        def frame(self, context: Context) -> Frame:
            return Frame(PAIRS, "\n")

    made = Short(Connection())
    request = parse_line("Feb  6 08:08:07 [1:2] m INFO Request [][] 'func=a&x=1&y=123456789'")
    assert isinstance(request, Request)
    with pytest.raises(EmitError, match="too long for this target"):
        made.snippet(Decider(RuleSet([]))(request))
