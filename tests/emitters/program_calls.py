"""What such a program sends, whatever a log holds.

A test class per language inherits this and names its emitter.
"""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logreq.model.call import Arg, Argument, Env
from tests.emitters.program_base import (
    AUTHS,
    ENV,
    OK,
    RESERVED,
    Programs,
    after_login,
    calls,
    encode_text,
    with_value,
)
from tests.support.panel import FakePanel
from tests.support.profile import examples
from tests.support.recorder import Pairs, RecordingServer
from tests.support.strategies import HOSTILE, pairs, panel_encode

# A line of a name and its value.
PAIR = re.compile(r""" +\[?(\w+|(["']).*?\2)( =>|,) .*,(  ?(#|//) user:password)?""")


class Calls(Programs):
    """Bytes, order, secrets, comments."""

    @settings(max_examples=examples(12), suppress_health_check=[HealthCheck.differing_executors])
    @given(st.lists(pairs(), min_size=8, max_size=40))
    def test_any_bytes_arrive_unchanged(self, batch: list[Pairs]) -> None:
        batch = [[p for p in one if p[0] not in RESERVED] for one in batch]
        found = calls(*(b"func=f.%d&" % n + panel_encode(one) for n, one in enumerate(batch)))
        with RecordingServer() as server:
            ran = self.run(self.text(server.base, found))
        assert (ran.status, ran.err, ran.out) == (0, b"", b'{"ok":{}}\n' * len(batch))
        tail = [(b"out", b"json"), (b"authinfo", b"root:secret")]
        assert server.pairs == [
            [(b"func", b"f.%d" % n), *one, *tail] for n, one in enumerate(batch)
        ]

    def test_hostile_values_arrive_unchanged_in_a_script(self) -> None:
        found = [
            with_value(calls(b"func=a")[0], f"p{n}", encode_text(value))
            for n, value in enumerate(HOSTILE)
        ]
        with RecordingServer() as server:
            ran = self.run(self.script(server.base, found, auth="none"))
        assert ran.status == 0, ran.err
        assert [p[1][1] for p in server.pairs] == list(HOSTILE)

    def test_an_argument_is_any_text(self) -> None:
        call = with_value(calls(b"func=a")[0], "x", ("www.", Arg("the-name"), ".", Env("SECRET")))
        call = with_value(call, "y", Env("SECRET"))
        with RecordingServer() as server:
            text = self.script(server.base, [call], Argument("the-name", "'\"$x @y"), auth="none")
            for value in HOSTILE:
                form = [b"--the-name=" + value] if value[:1] == b"=" else [b"--the-name", value]
                ran = self.run(text, {"SECRET": "s'$x"}, form)
                assert ran.status == 0, ran.err
            assert self.run(text, {"SECRET": "s"}, ["--the-name=a=b"]).status == 0
            assert self.run(text, {"SECRET": "0"}).status == 0
        sent = [p[1:3] for p in server.pairs]
        secret = (b"y", b"s'$x")
        assert sent[: len(HOSTILE)] == [
            [(b"x", b"www." + value + b".s'$x"), secret] for value in HOSTILE
        ]
        assert sent[len(HOSTILE) :] == [
            [(b"x", b"www.a=b.s"), (b"y", b"s")],
            [(b"x", b"www.'\"$x @y.0"), (b"y", b"0")],
        ]

    def test_the_order_is_the_guides(self) -> None:
        with RecordingServer() as server:
            self.result(server.base, b"b=1&func=f&a=2", lang="ru", su="www-root")
        for request in server.requests:
            assert request.body == (
                b"func=f&b=1&a=2&out=json&lang=ru&su=www-root&authinfo=root%3Asecret"
            )
        assert server.requests[0].path == "/ispmgr"

    def test_a_secret_comes_from_the_environment(self) -> None:
        found = calls(b"func=user.edit&passwd=geheim&confirm=geheim", secrets="env")
        with RecordingServer() as server:
            text = self.text(server.base, found)
            ran = self.run(text, {**ENV, "PASSWD": "p'$x\\"})
            assert self.run(text, {**ENV, "PASSWD": "0"}).status == 0
            missing = [self.run(text, {**ENV, "PASSWD": ""}), self.run(text, {"PASSWD": "x"})]
        assert ran.status == 0
        assert "geheim" not in text
        assert [pair[1:3] for pair in server.pairs] == [
            [(b"passwd", b"p'$x\\"), (b"confirm", b"p'$x\\")],
            [(b"passwd", b"0"), (b"confirm", b"0")],
        ]
        assert "PASSWD is not set" in self.failure(missing[0])
        assert "PANEL_AUTHINFO is not set" in self.failure(missing[1])

    @pytest.mark.parametrize(
        "word",
        [
            b"\ntouch pwned\n",
            b"\r`touch pwned`",
            b"?><?php touch('pwned');",
            b"?\r>\n<?php touch('pwned');",
            b"\n=pod\n",
            b"\n__END__\n",
            b"*/ touch('pwned');",
            b"\xe2\x80\xa8touch",
            b"\x1b]0;x\x07\xe2\x80\xae\xff",
        ],
    )
    def test_nothing_breaks_out_of_a_comment(self, word: bytes) -> None:
        call = calls(b"func=" + panel_encode([(b"x", word)])[2:])[0]
        request = call.request._replace(
            user=word.decode("utf-8", "surrogateescape"),
            caller=word.decode("utf-8", "surrogateescape"),
            source=word.decode("utf-8", "surrogateescape"),
        )
        call = call._replace(request=request, notes=[encode_text(word)])
        with RecordingServer() as server:
            text = self.text(server.base, [call, call])
            ran = self.run(text)
            script = self.run(self.script(server.base, [call]))
        assert (ran.status, ran.out) == (0, b'{"ok":{}}\n' * 2), ran.err
        assert script.status == 0
        assert [p[0] for p in server.pairs] == [(b"func", word)] * 3
        assert text.replace("\n", " ").isprintable()
        text.encode()

    def test_a_refusal_is_no_program(self) -> None:
        found = calls(b"func=a")[0]
        emitter = self.emitter("http://127.0.0.1:1", auth="none")
        text = emitter.refusal(found, "because\n?> of") + emitter.separator
        with RecordingServer() as server:
            ran = self.run(text + self.text(server.base, [found], auth="none"))
        assert ran.status == 0, ran.err
        assert len(server.requests) == 1

    @pytest.mark.parametrize("auth", AUTHS)
    def test_odd_bytes_and_repeats_with_every_login(self, auth: str) -> None:
        sent = [(b"a", b"\xff'"), (b"a", b"\0"), (b"1", b""), (b"a", b"\n"), (b"1", b"x")]
        found = calls(b"func=%FF&" + panel_encode(sent), secrets="env")
        with after_login(OK) as server:
            for text in (
                self.text(server.base, found, auth=auth),
                self.script(server.base, found, auth=auth),
            ):
                ran = self.run(text)
                assert ran.status == 0, ran.err
                pairs = [p for p in server.pairs if p[0] == (b"func", b"\xff")]
                assert pairs[-1][: len(sent) + 2] == [(b"func", b"\xff"), *sent, (b"out", b"json")]
        assert len(pairs) == 2

    def test_own_parameters_are_not_sent_twice(self) -> None:
        with RecordingServer() as server:
            for query in (b"func=f&out=csv&lang=ru", b"func=f&out=text&out=csv&lang=a&lang=b"):
                for ran in self.both(server.base, query, lang="en", auth="none"):
                    assert ran.status == 0, ran.err
        short, long = [(b"out", b"csv"), (b"lang", b"ru")], [b"text", b"csv"]
        assert [p[1:] for p in server.pairs[:2]] == [short] * 2
        assert [[v for n, v in p if n == b"out"] for p in server.pairs[2:]] == [long] * 2
        assert [[v for n, v in p if n == b"lang"] for p in server.pairs[2:]] == [[b"a", b"b"]] * 2

    @pytest.mark.parametrize("insecure", [False, True])
    @pytest.mark.parametrize("func", ["user.edit", "%FF", "%D0%B8%1B"])
    def test_a_snippet_is_of_a_persons_length(self, func: str, insecure: bool) -> None:
        """Lines that are neither comment, blank nor a pair."""
        odd = ("name=a", "name=b", "passwd=x", "NOTIFY_PASSWORD=y", "x=%FF", "%FF=x", "x=%0A")
        for count in range(len(odd) + 1):
            for more in combinations(odd, count):
                query = "&".join([f"func={func}", "sok=ok", *more]).encode()
                (call,) = calls(query, secrets="env")
                text = self.emitter("https://localhost:1500", insecure=insecure).snippet(call)
                lines = [line for line in text.split("\n") if line and line[:1] not in "#/"]
                pairs = [line for line in lines if PAIR.fullmatch(line)]
                assert len(pairs) == query.count(b"&") + 3
                assert len(lines) - len(pairs) <= 12, text

    def test_snippets_of_several_runs_are_one_file(self) -> None:
        with FakePanel() as panel:
            texts = [
                self.text(panel.base, calls(query), auth=auth, out=out)
                for query in (b"func=domain&a=1&a=2", b"func=iplist", b"func=iplist&x=%FF")
                for auth in AUTHS[:3]
                for out in ("json", "text")
            ]
            ran = self.run("".join(texts))
        assert (ran.status, ran.err) == (0, b"")
        assert ran.out.count(b"\n") == 18 + 3
        assert b"\n\n" not in ran.out
