"""JavaScript scripts that are run again: what is JavaScript's own of it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Optional

import pytest

from logreq.emitters.javascript import JavaScript
from logreq.model.call import Arg, Argument, Call, Decision, Env, Id, Lookup, Value
from logreq.model.connection import Connection
from logreq.model.request import Param
from logreq.text.codec import encode
from tests.emitters.test_javascript import ENV, call
from tests.support import run
from tests.support.documents import Failure
from tests.support.panel import FakePanel
from tests.support.recorder import Answer, Recorded, RecordingServer, Reply
from tests.support.strategies import panel_encode
from tests.support.terminal import Terminal

pytestmark = run.requires("node")


def node(
    text: bytes, *args: str, env: Optional[Mapping[str, str]] = None, suffix: str = ".mjs",
    stdin: Optional[bytes] = None,
) -> run.Ran:  # fmt: skip
    variables = ENV if env is None else env
    return run.run("node", text, args=args, env=variables, stdin=stdin, suffix=suffix)


def made(func: str, *pairs: tuple[str, Value], panel: str = "ispmgr", user: str = "root") -> Call:
    one = call(panel_encode([(b"func", encode(func))]), panel=panel, user=user.encode())
    return one._replace(decisions=[Decision(Param(name), True, value=v) for name, v in pairs])


def again(connection: Connection, *calls: Call, arguments: Sequence[str] = ()) -> bytes:
    given = [Argument(name, f"old-{name}") for name in arguments]
    return "".join(JavaScript(connection).script(calls, given, again=True)).encode()


def body_of(script: bytes) -> str:
    return script.decode().partition("\nrun(settings, ")[2]


def test_calls_read_as_calls() -> None:
    calls = [
        made("server.edit", ("name", (Arg("the-name"),))),
        made(
            "server.rename",
            ("elid", (Id("server.edit"),)),
            ("site", ("x", Lookup("webdomain", "name", ("www.", Arg("name"))), "y")),
            ("empty", (Lookup("a", "b", ()),)),
        ),
    ]
    assert body_of(again(Connection(), *calls, arguments=["name", "the-name"])) == (
        "async (args, call) => {\n"
        "  // Feb  6 08:08:07  root from 192.0.2.33  server.edit  ispmgr.log:1\n"
        '  await call("server.edit", {\n'
        '    name: args["the-name"],\n'
        "  });\n\n"
        "  // Feb  6 08:08:07  root from 192.0.2.33  server.rename  ispmgr.log:1\n"
        '  await call("server.rename", {\n'
        '    elid: theId("server.edit"),\n'
        '    site: "x" + await lookup("webdomain", "name", "www." + args.name) + "y",\n'
        '    empty: await lookup("a", "b", ""),\n'
        "  });\n"
        "});\n"
    )


def test_a_script_has_no_more_helpers_than_it_needs() -> None:
    def helpers(*calls: Call, out: str = "json", arguments: Sequence[str] = ()) -> set[str]:
        text = again(Connection(out=out), *calls, arguments=arguments)
        names = (
            "const again ",
            "const readRows ",
            "const theId ",
            "const xmlId ",
            "const readText ",
        )
        return {name.split()[1] for name in names if name.encode() in text}

    plain = made("f", ("a", "1"))
    for reference in (Id("g"), Lookup("g", "a", ("b",))):
        given = made("f", ("a", (reference,)))
        assert helpers(given) == {"again", "theId"}
        assert helpers(plain, given, out="xml") == {"again", "theId", "xmlId", "readText"}
    assert helpers(plain) == {"again"}
    assert helpers(plain, out="text") == {"again", "readText"}
    argument = made("f", ("a", (Arg("b"),)))
    assert helpers(argument, arguments=["b"]) == {"again", "readRows"}
    once = "".join(JavaScript(Connection()).script([argument], [Argument("b", "c")]))
    assert "const again " not in once
    assert "const readRows " not in once
    assert "\nrun(settings, async (args) => {\n" in once


@pytest.mark.parametrize(("auth", "out"), [("authinfo", "json"), ("session", "xml"), ("key", "")])
@pytest.mark.parametrize("suffix", [".mjs", ".cjs", ".js", ""])
def test_node_finds_no_fault_in_it(auth: str, out: str, suffix: str) -> None:
    calls = [
        made("f", ("a", (Id("g"), Lookup("h", "i", ("j", "\udcff")), Env("PASSWD"), Arg("b")))),
        made("\udcff.delete", ("__proto__", ("\udcff", Lookup("\udcff", "\udcff", (Id("g"),))))),
        made("g", panel="billmgr"),
    ]
    script = again(Connection(auth=auth, out=out, insecure=True), *calls, arguments=["b"])
    shown = node(script, "--dry-run", env={}, suffix=suffix)
    assert (shown.status, shown.err) == (0, b"")
    assert shown.out.decode().splitlines() == [
        "f",
        "  a=<id of g><id of h where i=j%FF>$PASSWDold-b",
        "%FF.delete",
        "  __proto__=%FF%3Cid%20of%20%25FF%20where%20%25FF%3D%3Cid%20of%20g%3E%3E",
        "g",
    ]


def test_values_and_questions_drive_no_terminal() -> None:
    found = made("x\x1b\u202e.delete", ("a\x9b", "\x07\n\u2028 b"), ("b", (Arg("c"),)))
    script = again(Connection(), found, arguments=["c"])
    ran = node(script, "--dry-run", "--c", "\x1b[2J")
    assert ran.out.decode() == (
        "x\\u001b\\u202e.delete\n  a\\u009b=\\u0007\\n\\u2028 b\n  b=\\u001b[2J\n"
    )
    ran = node(script)
    told = b"x\\u001b\\u202e.delete deletes or spends: --yes runs it unasked\n"
    assert (ran.status, ran.out, ran.err) == (2, b"", told)
    ran = node(script, "--each", "no\x1bfile")
    assert ran.status == 2
    assert ran.err.startswith(b"no\\u001bfile: ENOENT: no such file")


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"a,b\n1,2\n\xff,4\n5,6\n", 3),
        (b"a,b\r\n\xc3\xa9,\xc3", 2),
        (b"a,b\n1,\0\n", 2),
        ("a,b\n1,2\n".encode("utf-16"), 1),
        ("\ufeffa,\u0436\n".encode("koi8-r", "replace"), 1),
    ],
)
def test_a_file_that_is_not_utf_8_is_refused_by_line(data: bytes, line: int) -> None:
    with RecordingServer() as server:
        found = made("f", ("a", (Arg("a"),)), ("b", (Arg("b"),)))
        script = again(Connection(server.base), found, arguments=["a", "b"])
        ran = node(script, "--each", "-", env=ENV, stdin=data)
        assert server.requests == []
    assert (ran.status, ran.err) == (2, f"-:{line}: not UTF-8\n".encode())


SERVERS = {
    "json": b'{"doc":{"id":{"$":"47&11"},"elem":[{"id":{"$":"1"}}],"ok":{}}}',
    "bjson": b'{"ok":true,"id":"47&11"}',
    "xml": b"<doc><elem><id>1</id></elem><id>47&amp;11</id><ok/></doc>",
    "devel": b"<doc><metadata><id>1</id></metadata><id>47&amp;11</id></doc>",
}


@pytest.mark.parametrize("out", SERVERS)
def test_an_id_is_read_in_each_format(out: str) -> None:
    found = [made("server.edit"), made("b", ("elid", ("<", Id("server.edit"), ">")))]
    with RecordingServer(lambda request: Reply(SERVERS[out])) as server:
        ran = node(again(Connection(server.base, out=out), *found))
    assert ran.status == 0, ran.err
    assert server.requests[1].get(b"elid") == b"<47&11>"


def test_a_format_that_is_not_read_tells_no_id() -> None:
    found = [made("\udcffa"), made("b", ("elid", (Id("\udcffa"),)))]
    with RecordingServer(lambda request: Reply(b"OK\nid=7\n")) as server:
        ran = node(again(Connection(server.base, out="text"), *found))
        assert len(server.requests) == 1
    assert (ran.status, ran.out) == (1, b"OK\nid=7\n")
    assert ran.err == b"%FFa: ok\nb: %FFa answered no id\n"


@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
@pytest.mark.parametrize("out", ["json", "bjson", "JSONdata", "xml", "text", "csv", ""])
def test_a_row_is_looked_up_whatever_the_calls_print(out: str, auth: str) -> None:
    found = made("domain.edit", ("elid", (Lookup("webdomain", "name", ("a&<",)),)))
    with FakePanel() as panel:
        panel.state.tables["webdomain"] = [
            {"name": "a&<", "id": "7", "owner": "x"},
            {"name": "other", "id": "8", "owner": "x"},
        ]
        ran = node(again(Connection(panel.base, auth, out), found))
        sent = [one for one in panel.calls if one.func != "session.newkey"]
    assert [one.func for one in sent] == ["webdomain", "domain.edit"]
    assert dict(sent[1].params)[b"elid"] == b"7"
    assert b"other" not in ran.out + ran.err
    assert b"webdomain" not in ran.err


def test_rows_of_other_shapes_are_looked_up() -> None:
    found = made("f", ("elid", (Lookup("list", "name", ("7",)),)))
    shapes = {
        '[{"name":7,"id":8}]': b"8",
        '{"elem":{"name":"7","id":"8"}}': b"8",
        '{"doc":{"elem":[null,{"name":null,"id":"9"},{"name":{"$":7},"id":{"$":8}}]}}': b"8",
        '{"doc":{}}': b"no list where name=7",
        '{"doc":{"elem":[{"id":"8"},{"name":"77","id":"8"}]}}': b"no list where name=7",
        '{"elem":[{"name":"7","id":"8"},{"name":{"$":"7"}}]}': b"2 list where name=7",
        '[{"name":"7","id":""}]': b"list where name=7 has no id",
    }
    with RecordingServer() as server:
        script = again(Connection(server.base), found)
        for shape, told in shapes.items():
            server.requests.clear()
            server.answer = lambda request, body=shape: Reply(
                body.encode() if request.get(b"func") == b"list" else b"{}"
            )
            ran = node(script)
            if told == b"8":
                assert (ran.status, server.requests[1].get(b"elid")) == (0, told)
            else:
                assert (ran.status, ran.out, ran.err) == (1, b"", b"f: " + told + b"\n")
                assert len(server.requests) == 1


def test_a_lookup_asks_the_panel_and_the_user_of_its_call() -> None:
    row = {"name": "a", "id": "7", "owner": "client"}
    value = (Lookup("webdomain", "name", ("a",)),)
    calls = [
        made("domain.edit", ("elid", value), panel="billmgr", user="client"),
        made("domain", ("x", value), user="www-root"),
    ]
    with FakePanel() as panel:
        panel.state.tables["webdomain"] = [row, {**row, "owner": "www-root"}]
        ran = node(again(Connection(panel.base, "key"), calls[1], calls[0]))
        sent = [(one.panel, one.user, one.func) for one in panel.calls]
    assert b"elid: " not in ran.err
    assert sent[1:3] == [("ispmgr", "www-root", "webdomain"), ("ispmgr", "www-root", "domain")]
    assert sent[4:] == [("billmgr", "client", "webdomain"), ("billmgr", "client", "domain.edit")]


def test_a_lookup_logs_in_once_more_when_the_session_is_over() -> None:
    value = (Lookup("domain", "name", ("a",)),)
    with FakePanel() as panel:
        panel.state.tables["domain"] = [{"name": "a", "id": "7"}]
        real: Answer = panel._answer

        def answer(request: Recorded) -> Reply:
            if len(panel.requests) == 3:
                panel.auth.sessions.clear()
            return real(request)

        panel.answer = answer
        found = [made("iplist"), made("iplist", ("x", value))]
        ran = node(again(Connection(panel.base, "session"), *found))
        assert (ran.status, ran.err) == (0, b"iplist: ok\niplist: ok\n")
        assert [one.func for one in panel.calls] == ["iplist", "domain", "iplist"]
        panel.answer = real
        panel.fail["domain"] = FAILED
        for auth in ("session", "authinfo"):
            ran = node(again(Connection(panel.base, auth), *found))
            assert (ran.status, ran.err) == (1, b"iplist: ok\ndomain: no\n")


FAILED = Failure("no", "typed", type="access", object="x")


@pytest.mark.parametrize("key", ["\x03", "\x04", "\r", "no\r", "oy\r"])
def test_what_is_no_yes_sends_nothing(key: str, tmp_path: Path) -> None:
    with FakePanel() as panel:
        file = tmp_path / "x.mjs"
        file.write_bytes(again(Connection(panel.base), made("domain.delete", ("elid", "a"))))
        program = run.find("node")
        assert program is not None
        with Terminal([program, str(file)], env=ENV, cwd=str(tmp_path), columns=200) as terminal:
            terminal.expect("This deletes or spends: domain.delete. Go on\\? \\[y/N\\] ")
            terminal.type(key)
            terminal.expect("nothing was sent")
            assert terminal.end() == 1
        assert panel.requests == []


def test_the_file_of_failed_rows_takes_no_other_files_place(tmp_path: Path) -> None:
    elsewhere, file = tmp_path / "elsewhere", tmp_path / "rows.failed.csv"
    elsewhere.write_text("mine")
    file.symlink_to(elsewhere)
    rows = tmp_path / "rows.csv"
    rows.write_text('a\n\n1\n"2\n"')
    with RecordingServer(lambda request: Reply(b'{"error":"no"}')) as server:
        script = again(Connection(server.base), made("f", ("a", (Arg("a"),))), arguments=["a"])
        ran = node(script, "--each", str(rows), "--keep-going")
        assert ran.status == 1
        assert ran.err.splitlines()[-1] == f"2 of 2 rows failed; they are in {file}".encode()
        assert (elsewhere.read_text(), file.read_text()) == ("mine", 'a\n1\n"2\n"\n')
        assert (file.is_symlink(), file.stat().st_mode & 0o777) == (False, 0o600)
        file.unlink()
        file.mkdir()
        ran = node(script, "--each", str(rows), "--keep-going")
    assert ran.status == 1
    assert ran.err.startswith(b"row 1: f: no\n")
    assert b"rows.failed.csv" in ran.err


def test_a_large_pause_is_a_long_one() -> None:
    with RecordingServer() as server:
        script = again(Connection(server.base), made("f"), made("g"))
        with pytest.raises(TimeoutError):
            run.run("node", script, args=["--pause", "99999999999"], env=ENV, timeout=3)
    assert len(server.requests) == 1


def test_the_format_may_be_an_argument() -> None:
    found = made("domain", ("out", (Arg("format"),)))
    with FakePanel() as panel:
        for script in (
            again(Connection(panel.base), found, arguments=["format"]),
            "".join(JavaScript(Connection(panel.base)).script([found], [Argument("format", "x")])),
        ):
            text = script if isinstance(script, bytes) else script.encode()
            for out, first in (("json", b"{"), ("csv", b"n"), ("xml", b"<")):
                ran = node(text, "--format", out)
                assert (ran.status, ran.out[:1]) == (0, first), ran.err


def test_the_command_of_node_itself_checks_it(tmp_path: Path) -> None:
    program = run.find("node")
    assert program is not None
    value = (Id("a"), Lookup("b", "c", (Arg("d"),)), "\x1b\u2028</script>'\"`${x}")
    for auth in ("authinfo", "key"):
        for suffix in ("mjs", "cjs"):
            file = tmp_path / f"x.{suffix}"
            script = again(
                Connection(auth=auth, out="xml"), made("x.delete", ("y", value)), arguments=["d"]
            )
            file.write_bytes(script)
            subprocess.run([program, "--check", file], check=True, timeout=60)
            assert all(char.isprintable() or char == "\n" for char in script.decode())


@pytest.mark.parametrize("out", ["json", "xml", "text"])
def test_only_what_exists_is_skipped(out: str) -> None:
    with FakePanel() as panel:
        script = again(Connection(panel.base, out=out), made("domain"))
        for kind, status in (("exists", 0), ("existsnot", 1), ("not_exists", 1), ("value", 1)):
            panel.fail["domain"] = Failure("no", "typed", type=kind, object="exists")
            ran = node(script, "--existing", "skip")
            told = b"exists, skipped" if status == 0 else b"no"
            assert (ran.status, ran.err) == (status, b"domain: " + told + b"\n")


def test_an_id_is_that_of_the_last_call_in_the_row() -> None:
    calls = [
        made("f", ("x", (Arg("a"),))),
        made("f", ("x", (Arg("b"),))),
        made("g", ("x", (Id("f"),))),
    ]

    def answer(request: Recorded) -> Reply:
        value = request.get(b"x") or b""
        if value == b"there":
            return Reply(b'{"error":{"$type":"exists"}}')
        return Reply(b'{"id":"%s"}' % value if value != b"none" else b"{}")

    with RecordingServer(answer) as server:
        script = again(Connection(server.base), *calls, arguments=["a", "b"])
        rows = b"a,b\n1,2\n3,there\n5,none\nthere,8\n"
        ran = node(script, "--each", "-", "--existing=skip", "--keep-going", stdin=rows)
        assert [line for line in ran.err.decode().splitlines() if "row" in line] == [
            "row 1: ok", "row 2: g: f answered no id", "row 3: g: f answered no id", "row 4: ok",
            "2 of 4 rows failed; they are in failed.csv",
        ]  # fmt: skip
        assert [one.get(b"x") for one in server.requests if one.get(b"func") == b"g"] == [
            b"2", b"8",
        ]  # fmt: skip


def test_rows_that_are_typed_leave_no_answer_to_a_question(tmp_path: Path) -> None:
    with FakePanel() as panel:
        file = tmp_path / "x.mjs"
        found = made("domain.delete", ("elid", (Arg("a"),)))
        file.write_bytes(again(Connection(panel.base), found, arguments=["a"]))
        program = run.find("node")
        assert program is not None
        command = [program, str(file), "--each", "-"]
        with Terminal(command, env=ENV, cwd=str(tmp_path), columns=200) as terminal:
            terminal.type("a\rx\r\x04")
            terminal.expect("domain.delete deletes or spends: --yes runs it unasked")
            assert terminal.end() == 2
        assert panel.requests == []
