"""mgrctl snippets and scripts in real shells, against a stand-in that tells what it was given."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings

from logreq.convert.summary import of_script
from logreq.errors import EmitError
from logreq.model.call import Call, Env
from tests.support import shell
from tests.support.mgrctl import Mgrctl, run_mgrctl
from tests.support.profile import examples
from tests.support.recorder import Pairs
from tests.support.run import each, other_shells, run_sh
from tests.support.shellcheck import complaints, shellcheck
from tests.support.strategies import HOSTILE, pairs

SHELLS = each("dash", "bash")
SITE: Pairs = [(b"name", b"example.com"), (b"ns", b"ns1.example.com. ns2"), (b"sok", b"ok")]
SECRETS: Pairs = [(b"passwd", b"one"), (b"a", b"b"), (b"ipmipass", b"two"), (b"confirm", b"one")]
ENV = {"PASSWD": b"s3cret $x\n'", "IPMIPASS": b"-e s3cret"}
BYTES = settings(
    max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def stand_in(tmp_path: Path) -> Mgrctl:
    return Mgrctl(tmp_path / "mgrctl")


def expressible(params: Pairs) -> bool:
    """Whether mgrctl's arguments can hold these pairs."""
    return all(
        name and not name.startswith(b"-") and b"=" not in name and b"\0" not in name + value
        for name, value in params
    )


def sent(params: Pairs, *more: tuple[bytes, bytes]) -> Pairs:
    kept = [pair for pair in params if pair[0] not in shell.NOT_SENT]
    return [(b"func", b"domain.edit"), *kept, *more]


def test_the_form_of_a_call() -> None:
    made = shell.emitter("mgrctl", out="xml", lang="ru")
    call = shell.call([*SITE, (b"passwd", b"x"), (b"it's", b"$y")], user=b"www-root")
    line = shell.snippet(made, call).decode().splitlines()[-1]
    assert shlex.split(line) == [
        "PASSWD=${PASSWD:?must hold the value}",
        *("/usr/local/mgr5/sbin/mgrctl", "-m", "ispmgr", "-o", "xml", "domain.edit"),
        *("name=example.com", "ns=ns1.example.com. ns2", "sok=ok", "it's=$y"),
        *("lang=ru", "su=www-root", "-e", "passwd=$PASSWD"),
    ]


@pytest.mark.parametrize(
    ("user", "su", "wanted"),
    [
        (b"www-root", None, b" su=www-root"),
        (b"root", None, b""),
        (b"root#admin(1)", None, b""),
        (b"a@example.com", None, b" su=a@example.com"),
        (b"o'brien+x@example.com", None, b" 'su=o'\\''brien+x@example.com'"),
        (
            "ivan@\u0434\u043e\u043c.\u0440\u0444".encode(),
            None,
            " 'su=ivan@\u0434\u043e\u043c.\u0440\u0444'".encode(),
        ),
        (b"", None, b""),
        (b"www-root", "", b""),
        (b"www-root", "other", b" su=other"),
    ],
)
def test_su(user: bytes, su: str | None, wanted: bytes) -> None:
    made = shell.emitter("mgrctl", su=su)
    *before, line = shell.snippet(made, shell.call([], user=user)).splitlines()
    assert line == b"/usr/local/mgr5/sbin/mgrctl -m ispmgr domain.edit" + wanted
    note = b"# note: root#admin(1) clicked, whom no su can name: this runs as root"
    assert before[1:] == ([note] if user == b"root#admin(1)" else [])


def test_a_user_whom_no_su_can_name_is_told_unless_another_one_is() -> None:
    for options, sent in (({"su": ""}, []), ({"su": "x"}, []), ({}, [(b"su", b"x")])):
        call = shell.call(sent, user=b"a b")
        assert b"no su" not in shell.snippet(shell.emitter("mgrctl", **options), call)
    calls = [shell.call([], user=user) for user in (b"a b", b"root", b"bob")]
    found = of_script(calls, shell.emitter("mgrctl"))
    assert found[1:] == ["no su can name a b: that runs as root"]
    assert len(of_script(calls, shell.emitter("curl"))) == 1


def test_su_of_the_log_is_not_repeated() -> None:
    call = shell.call([(b"su", b"client")], user=b"reseller")
    for text in (
        shell.snippet(shell.emitter("mgrctl"), call),
        shell.script(shell.emitter("mgrctl"), [call]),
    ):
        assert b"su=client" in text
        assert b"su=reseller" not in text


REFUSED = [
    ([(b"", b"x")], b"f", "parameter's name"),
    ([(b"-e", b"x")], b"f", "parameter's name"),
    ([(b"a=b", b"x")], b"f", "parameter's name"),
    ([(b"a\0b", b"x")], b"f", "parameter's name"),
    ([(b"a", b"x\0")], b"f", "NUL byte"),
    ([], b"-i", "function's name"),
    ([], b"a=b", "function's name"),
    ([], b"a\0b", "NUL byte"),
]


@pytest.mark.parametrize(("params", "func", "message"), REFUSED)
def test_what_cannot_be_told_is_refused(params: Pairs, func: bytes, message: str) -> None:
    made = shell.emitter("mgrctl")
    with pytest.raises(EmitError, match=message):
        shell.snippet(made, shell.call(params, func))
    with pytest.raises(EmitError, match=message):
        shell.script(made, [shell.call(params, func)])


def test_a_script_refuses_a_function_that_does_not_show() -> None:
    with pytest.raises(EmitError, match="does not show"):
        shell.script(shell.emitter("mgrctl"), [shell.call([], b"a\nb")])


@pytest.mark.interpreter
@pytest.mark.parametrize("name", SHELLS)
def test_hostile_text_arrives(name: str, stand_in: Mgrctl) -> None:
    params: Pairs = [(b"n%d" % n, text) for n, text in enumerate(HOSTILE)]
    params += [(text, b"x") for text in HOSTILE if expressible([(text, b"")])]
    text = shell.snippet(shell.emitter("mgrctl"), shell.call(params, secrets="keep"))
    assert run_mgrctl(text, stand_in, name) == [sent(params)]
    assert b"note: unprintable bytes in n" in text


@pytest.mark.interpreter
@BYTES
@given(pairs())
def test_any_bytes_arrive_or_are_refused(stand_in: Mgrctl, params: Pairs) -> None:
    made = shell.emitter("mgrctl")
    call = shell.call(params, secrets="keep")
    if not expressible([pair for pair in params if pair[0] not in shell.NOT_SENT]):
        with pytest.raises(EmitError):
            made.snippet(call)
        return
    for name in ("dash", "bash"):
        assert run_mgrctl(shell.snippet(made, call), stand_in, name) == [sent(params)]


@pytest.mark.interpreter
@pytest.mark.parametrize("name", SHELLS)
def test_secrets_come_by_the_environment(name: str, stand_in: Mgrctl) -> None:
    made = shell.emitter("mgrctl")
    call = shell.call(SECRETS)
    for text in (shell.snippet(made, call), shell.script(made, [call])):
        ran = run_sh(stand_in.redirect(text), name, env=ENV)
        assert (ran.status, ran.files) == (0, [])
        run = stand_in.dumps[-1]
        assert not any(b"s3cret" in word for word in run.argv)
        assert stand_in.calls[-1].pairs == [
            *((b"func", b"domain.edit"), (b"a", b"b"), (b"passwd", ENV["PASSWD"])),
            *((b"ipmipass", ENV["IPMIPASS"]), (b"confirm", ENV["PASSWD"])),
        ]
    assert len(stand_in.calls) == 2


@pytest.mark.interpreter
@pytest.mark.parametrize("name", SHELLS)
def test_unset_variables_stop_everything(name: str, stand_in: Mgrctl) -> None:
    made = shell.emitter("mgrctl")
    snippets = shell.snippet(made, shell.call(SECRETS), shell.call(SITE))
    script = shell.script(made, [shell.call(SITE), shell.call(SECRETS)])
    for text in (snippets, script):
        for missing in ENV:
            for more in ({}, {missing: b""}):
                env = {**{key: value for key, value in ENV.items() if key != missing}, **more}
                ran = run_sh(stand_in.redirect(text), name, env=env)
                assert ran.status != 0
                assert f"{missing}: must hold the value".encode() in ran.err
    assert stand_in.dumps == []


def session_of_clicks() -> list[Call]:
    site: Pairs = [(b"name", b"www.example.com"), (b"x", b"\xff\n\x01 \xd1\x8f example.com\n")]
    return [
        shell.call(SITE, user=b"client"),
        shell.call(site, b"webdomain.edit", panel="billmgr"),
    ]


@pytest.mark.interpreter
@pytest.mark.parametrize("out", ["", "text", "xml", "json"])
@pytest.mark.parametrize("name", SHELLS)
def test_script_with_another_argument(name: str, out: str, stand_in: Mgrctl) -> None:
    check_another_argument(name, out, b"it's \n\xd1\xff", stand_in)


@pytest.mark.interpreter
@pytest.mark.parametrize("name", other_shells())
def test_other_shells(name: str, stand_in: Mgrctl) -> None:
    if name != "yash":
        check_another_argument(name, None, b"it's\n100% $x\xff\n", stand_in)
        return
    # It knows characters only.
    ran = run_sh(shell.script(shell.emitter("mgrctl"), session_of_clicks()), name)
    assert (ran.status, ran.err) == (2, b"this shell loses bytes that are no characters\n")
    text = shell.script(shell.emitter("mgrctl"), session_of_clicks()[:1], domain="example.com")
    value = "it's\n100% $x \u044f\n"
    ran = run_sh(stand_in.redirect(text), name, args=["--domain", value])
    assert (ran.status, ran.err) == (0, b"domain.edit: ok\n")
    assert stand_in.calls[0].pairs[1] == (b"name", value.encode())


def check_another_argument(name: str, out: str | None, another: bytes, stand_in: Mgrctl) -> None:
    made = shell.emitter("mgrctl", out=out, lang="ru")
    text = stand_in.redirect(shell.script(made, session_of_clicks(), domain="example.com"))
    assert text.replace(b"\n", b"").decode().isprintable()
    for args, value in (
        ([], b"example.com"),
        ([b"--domain", another], another),
    ):
        ran = run_sh(text, name, args=args)
        assert (ran.status, ran.err, ran.files) == (0, b"domain.edit: ok\nwebdomain.edit: ok\n", [])
        first, second = stand_in.calls[-2:]
        assert (first.panel, second.panel) == (b"ispmgr", b"billmgr")
        assert first.out == ("xml" if out is None else out or "text").encode()
        assert first.pairs == [
            *((b"func", b"domain.edit"), (b"name", value), (b"ns", b"ns1." + value + b". ns2")),
            *((b"sok", b"ok"), (b"lang", b"ru"), (b"su", b"client")),
        ]
        assert second.pairs[1:3] == [
            (b"name", b"www." + value),
            (b"x", b"\xff\n\x01 \xd1\x8f " + value + b"\n"),
        ]


ANSWERS = [
    ("", b"ERROR exists(user) It is there", 0, "It is there"),
    ("text", b"ERROR exists(user)", 1, "exists(user)"),
    ("", b"", 3, "mgrctl ended with status 3"),
    (None, b"ERROR missed(feature)\n", 1, "missed(feature)"),
    (None, b'<doc><error type="a" object="b"/></doc>', 0, "a(b)"),
    (None, b'<doc><error type="a" object="b"><msg>c</msg></error></doc>', 1, "c"),
    (None, b"<doc><ok/></doc>", 1, "mgrctl ended with status 1"),
    ("json", b'{"doc":{"error":{"$type":"a"}}}', 0, '{"error":{"$type":"a"}}}'),
    ("xml", b"oops", 0, "no document in the answer: oops"),
    (None, b"", 0, "no document in the answer: "),
]


@pytest.mark.interpreter
@pytest.mark.parametrize(("out", "answer", "status", "message"), ANSWERS)
@pytest.mark.parametrize("name", SHELLS)
def test_script_stops_at_an_error(
    name: str, out: str | None, answer: bytes, status: int, message: str, stand_in: Mgrctl
) -> None:
    made = shell.emitter("mgrctl", out=out)
    stand_in.answer(answer, status, b"user.edit")
    calls = [shell.call([]), shell.call([], b"user.edit"), shell.call([])]
    ran = run_sh(stand_in.redirect(shell.script(made, calls)), name)
    assert ran.status == 1
    assert ran.err.decode() == f"domain.edit: ok\nuser.edit: {message}\n"
    assert len(stand_in.calls) == 2


@pytest.mark.interpreter
@pytest.mark.parametrize("option", [[], ["--restart"]])
def test_restart(option: list[str], stand_in: Mgrctl) -> None:
    stand_in.answer(b"<doc><ok>restart</ok></doc>", 0, b"domain.edit")
    calls = [*session_of_clicks(), shell.call([])]
    ran = run_sh(stand_in.redirect(shell.script(shell.emitter("mgrctl"), calls)), args=option)
    assert ran.status == 0
    assert ran.err.count(b"web server has to be restarted: func=restart\n") == 2
    restarts = [call.panel for call in stand_in.calls if call.pairs[0][1] == b"restart"]
    assert restarts == [b"ispmgr"] * len(option)


@pytest.mark.interpreter
def test_usage_and_misuse() -> None:
    text = shell.script(shell.emitter("mgrctl"), [shell.call(SECRETS)], domain="example.com")
    ran = run_sh(text, args=["--help"])
    assert (ran.status, ran.err) == (0, b"")
    for word in (b"--domain VALUE", b"instead of example.com", b"--restart", b"PASSWD"):
        assert word in ran.out
    assert b"--url" not in ran.out
    assert run_sh(text, args=["--url", "x"]).status == 2


@pytest.mark.interpreter
def test_another_place(stand_in: Mgrctl) -> None:
    for arguments in ({}, {"domain": "example.com"}):
        text = shell.script(shell.emitter("mgrctl"), [shell.call(SITE)], **arguments)
        assert run_sh(text).status == 1
        ran = run_sh(text, env={"MGRCTL": str(stand_in.path)})
        assert (ran.status, ran.err) == (0, b"domain.edit: ok\n")
    assert len(stand_in.calls) == 2


@pytest.mark.interpreter
def test_a_call_with_a_format_of_its_own(stand_in: Mgrctl) -> None:
    calls = [shell.call(SITE), shell.call([(b"out", b"csv")], b"user"), shell.call(SITE)]
    stand_in.answer(b"a;b\n1;2\n", 0, b"user")
    ran = run_sh(stand_in.redirect(shell.script(shell.emitter("mgrctl"), calls)))
    assert (ran.status, ran.out.count(b"a;b\n1;2\n")) == (0, 1)
    assert [b"-o" in run.argv for run in stand_in.dumps] == [True, False, True]


@pytest.mark.interpreter
def test_a_secret_inside_a_longer_value(stand_in: Mgrctl) -> None:
    call = shell.call([(b"x", b""), (b"y", b"")])
    call = shell.joined(call, "user:", Env("PASSWD"))
    ran = run_sh(stand_in.redirect(shell.script(shell.emitter("mgrctl"), [call])), env=ENV)
    assert ran.status == 0
    assert stand_in.calls[0].pairs[1:] == [(n, b"user:" + ENV["PASSWD"]) for n in (b"x", b"y")]
    assert not any(b"s3cret" in word for word in stand_in.dumps[0].argv)


@pytest.mark.interpreter
@BYTES
@given(pairs(nul=False))
def test_any_bytes_arrive_from_a_script(stand_in: Mgrctl, params: Pairs) -> None:
    assume(expressible(params))
    made = shell.emitter("mgrctl")
    text = shell.script(made, [shell.call(params, secrets="keep")], thing="a")
    ran = run_sh(stand_in.redirect(text), "dash")
    assert (ran.status, ran.files) == (0, [])
    assert stand_in.calls[-1].pairs == sent(params)


@pytest.mark.interpreter
@shellcheck
@pytest.mark.parametrize("out", ["", None])
def test_shellcheck_is_content(out: str | None) -> None:
    made = shell.emitter("mgrctl", out=out, lang="ru")
    text = shell.script(made, [*session_of_clicks(), shell.call(SECRETS)], domain="example.com")
    assert complaints(text) == ""
