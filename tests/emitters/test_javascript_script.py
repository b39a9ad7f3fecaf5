"""JavaScript scripts: arguments, one login, several panels, restarts, the first failure."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import logreq.emitters
from logreq.emitters import load
from logreq.errors import EmitError
from logreq.model.call import Arg, Argument, Call, Decision, Env
from logreq.model.connection import Connection
from logreq.model.request import Param
from tests.emitters.program_base import ENV
from tests.emitters.test_javascript import EDIT, FORM, LIST, RESTART, call, node, script
from tests.support import run
from tests.support.again import PATHS
from tests.support.documents import Failure
from tests.support.panel import FakePanel
from tests.support.recorder import RecordingServer, Reply
from tests.support.sessions import PAGES, in_turn

pytestmark = run.requires("node")


def with_values(query: bytes, **values: object) -> Call:
    """Make a call in which some values are references."""
    made = call(query)
    decisions = [
        Decision(o.param, o.keep, value=values[o.param.name])  # type: ignore[arg-type]
        if o.param.name in values
        else o
        for o in made.decisions
    ]
    return made._replace(decisions=decisions)


def parts() -> list[Call]:
    return [
        with_values(EDIT, name=Arg("domain"), ip=("192.0.2.", Arg("n"), "")),
        with_values(b"func=webdomain.edit&name=w&sok=ok", name=("www.", Arg("domain"))),
    ]


ARGUMENTS = (Argument("domain", "new.example"), Argument("n", "1"))


def test_a_script_says_how_much_it_was_made_from() -> None:
    assert b"from 1 logged request;" in script(Connection(), *parts()[:1], arguments=ARGUMENTS)
    assert b"from 2 logged requests;" in script(Connection(), *parts(), arguments=ARGUMENTS)


@pytest.mark.parametrize("suffix", [".mjs", ".cjs", ".js", ""])
def test_a_script_takes_arguments(suffix: str) -> None:
    with FakePanel() as panel:
        made = script(Connection(panel.base), *parts(), arguments=ARGUMENTS)
        first = node(made, suffix=suffix)
        second = node(made, "--domain=\u0436'\" =\\\n", "--n", "9", suffix=suffix)
    told = (0, b'{"ok":{}}\n{"ok":{"$":"restart"}}\n')
    assert (first.status, first.out) == told
    assert (second.status, second.out) == told
    sent = [dict(one.params) for one in panel.calls]
    assert [one[b"name"].decode() for one in sent] == [
        "new.example",
        "www.new.example",
        "\u0436'\" =\\\n",
        "www.\u0436'\" =\\\n",
    ]
    assert [one.get(b"ip") for one in sent] == [b"192.0.2.1", None, b"192.0.2.9", None]
    assert [one.func for one in panel.calls] == ["domain.edit", "webdomain.edit"] * 2


def test_a_script_helps() -> None:
    query = b"func=user.edit&passwd=topsecret"
    made = script(Connection(), call(query), arguments=[Argument("domain", "a'\u202e")])
    for option in ("--help", "-h"):
        ran = node(made, option, env={})
        assert (ran.status, ran.err) == (0, b"")
        said = ran.out.decode()
        for word in (
            "--domain VALUE: a'\\u202e unless given\n",
            "--url VALUE",
            "--insecure, -k",
            "--restart",
            "PANEL_AUTHINFO",
            "PASSWD",
        ):
            assert word in said
        assert "\u202e" not in said
        assert "topsecret" not in said


@pytest.mark.parametrize(
    "args",
    [
        ["--other", "x"],
        ["--domain"],
        ["word"],
        ["--restart=yes"],
        ["--__proto__", "x"],
        ["-x"],
        [""],
    ],
)
def test_a_script_refuses_what_it_does_not_know(args: list[str]) -> None:
    with RecordingServer() as server:
        made = script(Connection(server.base), *parts(), arguments=ARGUMENTS)
        ran = node(made, *args)
    assert (ran.status, ran.out) == (2, b"")
    assert b"--help" in ran.err
    assert server.requests == []


def test_a_script_reaches_another_panel() -> None:
    with RecordingServer() as server:
        ran = node(
            script(Connection("http://127.0.0.1:9"), call(LIST)), "--url", server.base + "/x"
        )
    assert ran.status == 0, ran.err
    assert [one.path for one in server.requests] == ["/x"]


def test_a_script_takes_an_address_as_logreq_does() -> None:
    with RecordingServer() as server:
        base = server.base
        for again in (False, True):
            emitter = load("javascript")(Connection("http://127.0.0.1:9/x/y"))
            made = "".join(emitter.script([call(LIST)], [], again=again)).encode()
            for path in ("", *PATHS):
                assert node(made, "--url", base + path).status == 0
        assert [one.path for one in server.requests] == ["/ispmgr", *PATHS.values()] * 2
        server.requests.clear()
        # Of several panels at one address, none is the one to append.
        emitter = load("javascript")(Connection(f"{base}/x"))
        made = "".join(emitter.script([call(LIST), call(LIST, panel="dnsmgr")], [])).encode()
        assert node(made, "--url", f"{base}/").status == 0
        assert [one.path for one in server.requests] == ["/", "/"]


def test_a_script_reaches_several_panels() -> None:
    with FakePanel() as panel:
        made = script(
            Connection(panel.base, "session"), call(LIST), call(LIST, panel="dnsmgr"), call(LIST)
        )
        ran = node(made)
        assert ran.status == 0, ran.err
        assert node(made, "--url", "x").status == 2
    assert [one.panel for one in panel.calls] == ["ispmgr", "dnsmgr", "ispmgr"]
    assert len(panel.auth.sessions) == 2  # one login a panel


def test_a_script_stops_at_the_first_failure() -> None:
    with FakePanel() as panel:
        panel.fail["domain"] = Failure("no\x07", "typed", type="exists", object="user")
        ran = node(script(Connection(panel.base), call(FORM), call(LIST), call(EDIT)))
    assert ran.status == 1
    assert len(ran.out.splitlines()) == 1
    assert ran.err == b"domain.edit: ok\ndomain: no\\u0007\n"
    assert [one.func for one in panel.calls] == ["domain.edit", "domain"]


def test_a_script_tells_what_the_connection_lacked() -> None:
    with RecordingServer() as server:
        base = server.base
    ran = node(script(Connection(base), call(LIST)))
    assert ran.status == 1
    assert ran.err.startswith(b"domain: connect ECONNREFUSED")


@pytest.mark.parametrize("auth", ["session", "key"])
@pytest.mark.parametrize("out", ["json", "xml"])
def test_a_script_logs_in_once_more_when_the_session_is_over(auth: str, out: str) -> None:
    now = [0.0]
    with FakePanel() as panel:

        def clock() -> float:
            now[0] += 3601.0 if len(panel.requests) == late else 1.0
            return now[0]

        panel.auth.clock = clock
        # The second call: after the login, or key and login, and the first call.
        late = 3 if auth == "session" else 4
        ran = node(script(Connection(panel.base, auth, out), call(LIST), call(FORM), call(LIST)))
    assert ran.status == 0, ran.err
    assert ran.err == b"domain: ok\ndomain.edit: ok\ndomain: ok\n"
    funcs = [one.func for one in panel.calls if one.func != "session.newkey"]
    assert funcs == ["domain", "domain.edit", "domain"]


ODD = Reply(b"<p>a session</p>")


@pytest.mark.parametrize("out", ["json", "xml", "csv"])
@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_or_a_redirect_tells_that_a_session_is_over(page: Reply, out: str) -> None:
    good = Reply({"json": b'{"doc":{}}', "xml": b"<doc/>", "csv": b"a;b\n"}[out])

    def sent(*replies: Reply) -> tuple[int, list[bytes]]:
        with RecordingServer(in_turn(*replies)) as server:
            ran = node(script(Connection(server.base, "session", out), *[call(LIST)] * 2))
            return ran.status, [request.get(b"func") or b"" for request in server.requests]

    opened, called = b"auth", b"domain"
    assert sent(good, page, good) == (0, [opened, called, called, opened, called])
    assert sent(good, page, page) == (1, [opened, called, called, opened, called])
    # A session that is new is not over, nor does another odd answer tell it.
    assert sent(page, good) == (1, [opened, called])
    if out != "csv":
        assert sent(good, ODD) == (1, [opened, called, called])
    assert sent(good, Reply(b"", status=404)) == (1, [opened, called, called])


@pytest.mark.parametrize("again", [False, True])
def test_a_reader_who_stops_ends_it_without_a_trace(again: bool) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with FakePanel() as panel:
        made = load("javascript")(Connection(panel.base)).script([call(LIST)] * 3, [], again=again)
        done = subprocess.run(
            [run.find("node") or "", "--input-type=module"], input="".join(made).encode(),
            env={**os.environ, **ENV}, stdout=writing, stderr=subprocess.PIPE, timeout=60,
        )  # fmt: skip
    os.close(writing)
    assert done.returncode == 1
    assert {*done.stderr.splitlines()} == {b"domain: ok", b"write EPIPE"}


def test_a_script_logs_in_again_only_once() -> None:
    with FakePanel() as panel:
        panel.fail["domain"] = Failure("no", "typed", type="access", object="domain")
        ran = node(script(Connection(panel.base, "session"), call(LIST)))
    assert (ran.status, ran.err) == (1, b"domain: no\n")
    assert [one.func for one in panel.calls] == ["domain"]
    with FakePanel() as panel:
        panel.fail["domain"] = Failure("no", "typed", type="access", object="domain")
        ran = node(script(Connection(panel.base, "session"), call(FORM), call(LIST)))
    assert (ran.status, ran.err) == (1, b"domain.edit: ok\ndomain: no\n")
    assert [one.func for one in panel.calls] == ["domain.edit", "domain", "domain"]
    with FakePanel() as panel:
        panel.fail["domain"] = Failure("no", "typed", type="access", object="domain")
        node(script(Connection(panel.base, "authinfo"), call(LIST)))
    assert [one.func for one in panel.calls] == ["domain"]


def test_a_script_logs_each_user_in_by_key() -> None:
    with FakePanel() as panel:
        calls = [call(LIST, user=user) for user in (b"client", b"www-root", b"client")]
        ran = node(script(Connection(panel.base, "key"), *calls))
    assert ran.status == 0, ran.err
    assert [(c.func, c.user) for c in panel.calls] == [
        ("session.newkey", "root"),
        ("domain", "client"),
        ("session.newkey", "root"),
        ("domain", "www-root"),
        ("domain", "client"),
    ]


@pytest.mark.parametrize("auth", ["authinfo", "session"])
def test_a_script_restarts_only_when_asked(auth: str) -> None:
    with FakePanel() as panel:
        made = script(Connection(panel.base, auth), call(RESTART), call(LIST))
        ran = node(made)
        assert ran.status == 0, ran.err
        assert f"{panel.base}/ispmgr asks for a restart: --restart\n".encode() in ran.err
        assert panel.state.restarts == 0
        assert node(made, "--restart").status == 0
        assert panel.state.restarts == 1
        assert panel.calls[-1].func == "restart"
        assert node(script(Connection(panel.base, auth), call(LIST)), "--restart").status == 0
        assert panel.state.restarts == 1
        panel.fail["restart"] = Failure("no")
        failed = node(made, "--restart")
    assert (failed.status, b"restart: " in failed.err) == (1, True)


def test_a_script_passes_other_formats_through() -> None:
    with FakePanel() as panel:
        ran = node(script(Connection(panel.base, out="text"), call(LIST), call(EDIT)))
    assert (ran.status, ran.err) == (0, b"domain: ok\ndomain.edit: ok\n")
    assert ran.out.endswith(b"\nOK\n")


def test_a_script_holds_no_bytes_that_are_no_text() -> None:
    with RecordingServer() as server:
        one = with_values(b"func=x&a=1&%FE=2", a=("\udcff", Arg("n"), Env("PASSWD")))
        two = Decision(Param("%FE=2"), True, value=Arg("n"))
        made = script(
            Connection(server.base, "none", ""),
            one._replace(decisions=[*one.decisions[:2], two]),
            arguments=[Argument("n", "&")],
        )
        ran = node(made, env={"PASSWD": "="})
    assert ran.status == 0, ran.err
    assert server.pairs == [[(b"func", b"x"), (b"a", b"\xff&="), (b"\xfe", b"&")]]
    with pytest.raises(EmitError, match="--n is not UTF-8"):
        script(Connection(), one, arguments=[Argument("n", "\udcff")])


def test_a_script_without_secrets_wants_no_variable() -> None:
    with RecordingServer() as server:
        made = script(Connection(server.base, "none"), call(LIST))
        helped = node(made, "--help", env={})
        ran = node(made, env={})
    assert (ran.status, ran.out, ran.err) == (0, b'{"ok":{}}\n', b"domain: ok\n")
    assert b"environment" not in helped.out


CODE = Path(logreq.emitters.__file__).parent / "code" / "javascript"


def test_the_helpers_pass_their_own_tests() -> None:
    program = run.find("node")
    assert program is not None
    tests = sorted((Path(__file__).parent / "code").glob("*.test.mjs"))
    env = {"PATH": run.search_path(), "PANEL_CODE": str(CODE)}
    done = subprocess.run(
        [program, "--test", *tests], env=env, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout.decode()
    assert b"pass 13\n" in done.stdout


HELPERS = sorted(path.name for path in CODE.glob("*.mjs"))


def test_the_helpers_are_all_here() -> None:
    assert {"again.mjs", "ids.mjs", "panel.mjs", "rows.mjs", "run.mjs", "xml.mjs"} <= {*HELPERS}


@pytest.mark.parametrize("name", HELPERS)
def test_node_takes_the_helpers_as_they_are(name: str) -> None:
    program = run.find("node")
    assert program is not None
    subprocess.run([program, "--check", CODE / name], check=True, timeout=60)
    assert max(map(len, (CODE / name).read_text().splitlines())) <= 100


def test_a_script_has_no_more_helpers_than_it_needs() -> None:
    made = script(Connection(), call(LIST))
    assert made.count(b"\n") <= 140
    assert b"readText = " not in made
    assert b"sessions" not in made
    assert b"readRows" not in made
    assert b"theId" not in made
    assert b"readText = " in script(Connection(), call(LIST), call(LIST + b"&out=csv"))
    assert b"sessions" in script(Connection(auth="session"), call(LIST))


def test_calls_read_as_calls() -> None:
    made = script(Connection(), call(EDIT), call(b"func=a&x=1&x=2"), call(LIST)).decode()
    assert made.partition("\nrun(settings, ")[2] == (
        "async (args) => {\n"
        "  // Feb  6 08:08:07  root from 192.0.2.33  domain.edit  ispmgr.log:1\n"
        '  await call("domain.edit", {\n'
        '    name: "new.example",\n'
        '    ip: "192.0.2.1",\n'
        '    sok: "ok",\n'
        "  });\n\n"
        "  // Feb  6 08:08:07  root from 192.0.2.33  a  ispmgr.log:1\n"
        '  await call("a", [\n'
        '    ["x", "1"],\n'
        '    ["x", "2"],\n'
        "  ]);\n\n"
        "  // Feb  6 08:08:07  root from 192.0.2.33  domain  ispmgr.log:1\n"
        '  await call("domain");\n'
        "});\n"
    )


@pytest.mark.parametrize("option", ["-k", "--insecure"])
def test_a_script_can_be_told_not_to_check_the_certificate(option: str) -> None:
    with FakePanel(tls=True) as panel:
        made = script(Connection(panel.base), call(LIST))
        assert node(made).status == 1
        ran = node(made, option)
    assert ran.status == 0, ran.err
