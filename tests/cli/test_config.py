"""The config file, connections, and what counts more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from logreq.cli.commands.config import Value, _values
from logreq.cli.config import leaves, use
from logreq.cli.options import OPTIONS
from tests.support.cli import logreq

ROOT = Path(__file__).parents[2]
LINE = "Feb  6 08:08:07 [1:2] core_module INFO Request [192.0.2.1][root] 'func=a&sok=ok'\n"
PROD = """\
connections:
  prod: {url: "https://prod.example", auth: session, lang: en, insecure: yes, out: xml, su: bob}
  bill: {panel: bill, url: "https://bill.example"}
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the path of the user's config file, in a folder of the test's own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "logreq").mkdir()
    return tmp_path / "logreq" / "config.yaml"


def convert(*args: object) -> str:
    done = logreq("convert", "-q", *args, stdin=LINE)
    assert done.err == ""
    return done.text


def shown(*args: str) -> dict[str, tuple[str, str]]:
    """Give what `config show` shows: value and origin of each option."""
    done = logreq("config", "show", *args)
    assert done.err == ""
    rows = [line.split(None, 1) for line in done.text.splitlines()[1:]]
    return {name: (rest[: rest.index("  ")], rest.split("  ")[-1].strip()) for name, rest in rows}


def test_path(config: Path) -> None:
    assert logreq("config", "path").text == f"{config}\n"


def test_any_option_of_any_command(config: Path) -> None:
    config.write_text("to: url\nurl: http://c\nkeep-empty: true\nrules: [minimal]\ndrop: x\n")
    assert convert() == "http://c/ispmgr?func=a&sok=ok\n"
    config.write_text("to: url\nconvert: {to: json, keep_empty: off}\nlist: {actions: yes}\n")
    assert convert().startswith("{")
    assert logreq("tail", "-q", "-", stdin=LINE).text.startswith("https://localhost")
    assert logreq("list", "-q", stdin=LINE.replace("&sok=ok", "")).status == 1


def test_what_counts_more(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Command line > environment > config file > default."""
    assert shown()["to"] == ("curl", "default")
    config.write_text("to: url\n")
    assert shown()["to"] == ("url", f"{config}:1")
    monkeypatch.setenv("LOGREQ_TO", "mgrctl")
    assert shown()["to"] == ("mgrctl", "environment, LOGREQ_TO")
    assert "mgrctl" in convert()
    assert convert("-t", "json").startswith("{")


def test_an_empty_variable(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is `--su ''`; of other options it says nothing."""
    line = LINE.replace("[root]", "[client]")
    assert " su=client\n" in logreq("convert", "-t", "mgrctl", stdin=line).text
    for name in ("SU", "TO", "OUT", "KEEP"):
        monkeypatch.setenv(f"LOGREQ_{name}", "")
    config.write_text("to: mgrctl\nsu: bob\n")
    assert logreq("convert", stdin=line).text.endswith("-m ispmgr a sok=ok\n")
    assert shown()["su"] == ("''", "environment, LOGREQ_SU")
    assert shown()["to"] == ("mgrctl", f"{config}:1")
    assert logreq("convert", "--su", "bob", stdin=line).text.endswith(" su=bob\n")
    monkeypatch.setenv("LOGREQ_SU", "eve")
    assert logreq("convert", stdin=line).text.endswith(" su=eve\n")


def test_show_tells_every_option_and_its_source(config: Path) -> None:
    config.write_text("tail:\n  lines: 5\n  to: url\nrules: [careful, minimal]\nsu: ''\n")
    rows = shown()
    assert rows["lines"] == ("5", f"{config}:2")
    assert rows["tail.to"] == ("url", f"{config}:3")
    assert rows["convert.to"] == ("curl", "default")
    assert rows["rules"] == ("careful, minimal", f"{config}:4")
    assert rows["su"] == ("''", f"{config}:5")
    assert rows["auth"] == ("-", "default")
    assert rows["quiet"] == ("no", "default")
    assert {"nth", "last", "copy", "param", "where", "connection"} <= set(rows)
    assert logreq("config", "show").text.startswith(f"# {config}\n")
    config.unlink()
    assert logreq("config", "show").text.startswith(f"# {config} (does not exist)\n")


def test_a_connection(config: Path) -> None:
    config.write_text(PROD)
    text = convert("--connection", "prod")
    for part in ("https://prod.example/ispmgr", "PANEL_USER", "--insecure", "lang=en", "su=bob"):
        assert part in text
    assert "out=xml" in text
    assert (
        convert("--connection", "bill", "-t", "url")
        == "https://bill.example/billmgr?func=a&sok=ok\n"
    )
    rows = shown("--connection", "prod")
    assert rows["url"] == ("https://prod.example", f"connection prod, {config}:2")
    assert rows["connection"] == ("prod", "command line")
    assert rows["panel"] == ("-", "default")


def test_options_beside_a_connection(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said where the connection is named, or nearer, counts more than what it says."""
    config.write_text("url: http://file\n" + PROD)
    args = ("-t", "url", "--connection", "bill")
    assert convert("-t", "url").startswith("http://file/")
    assert convert(*args).startswith("https://bill.example/")
    assert convert(*args, "-u", "http://given").startswith("http://given/")
    monkeypatch.setenv("LOGREQ_URL", "http://env")
    assert convert(*args).startswith("https://bill.example/")
    monkeypatch.setenv("LOGREQ_CONNECTION", "bill")
    assert convert("-t", "url").startswith("http://env/")
    monkeypatch.delenv("LOGREQ_URL")
    assert convert("-t", "url").startswith("https://bill.example/")
    assert convert("-t", "url", "--connection", "").startswith("http://file/")
    monkeypatch.delenv("LOGREQ_CONNECTION")
    config.write_text("url: http://file\nconnection: bill\n" + PROD)
    assert convert("-t", "url").startswith("https://bill.example/")
    assert shown()["url"] == ("https://bill.example", f"connection bill, {config}:5")


def test_a_default_auth_is_for_emitters_that_take_it(config: Path) -> None:
    config.write_text("auth: session\n" + PROD)
    assert "mgrctl" in convert("-t", "mgrctl")
    assert "mgrctl" in convert("-t", "mgrctl", "--connection", "prod")
    done = logreq("convert", "-t", "mgrctl", "--auth", "session", stdin=LINE)
    assert "--auth session is not for mgrctl" in done.err


def test_unknown_connections(config: Path) -> None:
    done = logreq("convert", "--connection", "prod", stdin=LINE)
    assert (done.status, done.err) == (2, f"logreq: no connection 'prod': there is no {config}\n")
    config.write_text(PROD)
    done = logreq("convert", "--connection", "prd", stdin=LINE)
    assert done.err == "logreq: no connection 'prd'; known: prod, bill; did you mean 'prod'?\n"
    config.write_text("to: curl\n")
    assert "no connection 'x'; known: none" in logreq("convert", "--connection", "x").err
    assert "no connection 'x'" in logreq("config", "show", "--connection", "x").err


@pytest.mark.parametrize(
    "key", ["authinfo", "password", "PASSWD", "user", "token", "panel_password"]
)
@pytest.mark.parametrize("where", ["{}: x\n", "tail:\n  {}: x\n", "connections:\n  p: {{{}: x}}\n"])
def test_no_password_is_read(key: str, where: str, config: Path) -> None:
    config.write_text(where.format(key))
    done = logreq("convert", stdin=LINE)
    assert done.status == 2
    line, column = where.count("\n"), where.split("\n")[-2].index("{}") - where.count("{{") + 1
    assert done.err.startswith(f"logreq: {config}:{line}:{column}: '{key}': logins and passwords")
    assert "PANEL_AUTHINFO" in done.err
    assert "PANEL_PASSWORD" in done.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("too: url\n", "1:1: unknown key 'too'; did you mean 'to'?"),
        ("xyzzy: 1\n", "1:1: unknown key 'xyzzy'; known: to, panel"),
        ("tail:\n  nth: 1\n", "2:3: unknown key 'nth'; known: "),
        ("tail:\n  lnes: 1\n", "2:3: unknown key 'lnes'; did you mean 'lines'?"),
        ("connections:\n  p: {urls: x}\n", "2:7: unknown key 'urls'; did you mean 'url'?"),
        ("to: crul\n", "1:5: unknown target 'crul'; known: "),
        ("url: localhost\n", "1:6: 'localhost' is no panel address"),
        ("url: https://u:p@h\n", "1:6: 'https://...@h' holds a user or password"),
        ("panel: a/b\n", "1:8: 'a/b' is no panel's name"),
        ("auth: sesion\n", "1:7: auth: 'sesion' is "),
        ("tail: {lines: x}\n", "1:15: lines: 'x' is "),
        ("actions: maybe\n", "1:10: actions: 'maybe' is "),
        ("nth: 0\n", "1:6: nth: '0': numbers begin with 1"),
        ("to:\n", "1:4: to needs a value, not nothing"),
        ("to: {a: b}\n", "1:5: to needs a value, not a mapping"),
        ("to: [url]\n", "1:5: to takes one value, not a list"),
        ("keep: [[a]]\n", "1:8: keep takes texts, not a list"),
        ("to: url\nto: json\n", "2:1: 'to' stands here twice"),
        ("tail: {to: url, to: url}\n", "1:17: 'to' stands here twice"),
        ("connections:\n  p: {}\n  p: {}\n", "3:3: 'p' stands here twice"),
        ("connections:\n  p: {url: http://h, url: http://h}\n", "2:22: 'url' stands here twice"),
        ("- a\n", "1:1: a config file is a mapping (name: value), not a list"),
        ("tail: x\n", "1:7: tail is a mapping (name: value), not the text 'x'"),
        ("connections: [a]\n", "1:14: connections is a mapping (name: value), not a list"),
        (
            "connections: {p: x}\n",
            "1:18: a connection is a mapping (name: value), not the text 'x'",
        ),
        ("? [a]\n: b\n", "1:3: a name is a text, not a list"),
        ("connection: q\nconnections: {p: {}}\n", "1:13: no connection 'q'; known: p"),
        ("to: &a url\n", "1:5: an anchor (&) has no place in a config file"),
        ("a: [\n", "not YAML"),
        ('"\\e[2J": x\n', "1:1: unknown key '\\\\x1b[2J'"),
    ],
)
def test_what_is_wrong_is_shown_with_its_place(text: str, message: str, config: Path) -> None:
    config.write_text(text)
    for command in (["convert"], ["tail", "-"], ["list"], ["config", "show"]):
        done = logreq(*command, stdin=LINE)
        assert done.status == 2
        assert done.err.startswith(f"logreq: {config}:")
        assert message in done.err
        assert done.out == b""
    assert logreq("config", "path").status == 0


def test_rules_are_an_option_and_a_command(config: Path) -> None:
    config.write_text("rules: [minimal]\n")
    assert shown()["rules"] == ("minimal", f"{config}:1")
    config.write_text("rules: {rules: careful, drop: sok}\n")
    rows = shown()
    assert rows["rules.explain.rules"] == ("careful", f"{config}:1")
    assert rows["convert.rules"] == ("-", "default")
    (row,) = [
        row for row in logreq("rules", "explain", stdin=LINE).text.splitlines() if "sok=" in row
    ]
    assert row.split()[:2] == ["drop", "sok=ok"]


def test_commands_of_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.group()
    def top() -> None:
        pass

    @top.group(context_settings=OPTIONS)
    def rules() -> None:
        pass

    @rules.command(context_settings=OPTIONS)
    @click.option("--keep", multiple=True)
    @click.option("--why")
    def explain(keep: tuple[str, ...], why: str) -> None:
        click.echo(f"{keep} {why}")

    top.add_command(click.Command("convert", params=[click.Option(["--url"])]))
    ctx = click.Context(top, info_name="logreq")
    words = ("rules", "explain")
    assert {path for path, _ in leaves(ctx)} == {words, ("convert",)}
    file = tmp_path / "config.yaml"
    file.write_text("keep: [a, b]\nrules: {why: x}\n")
    use(ctx, str(file))
    monkeypatch.setenv("LOGREQ_WHY", "y")
    assert _values(ctx, words, explain, None) == {
        "keep": Value("a, b", f"{file}:1"),
        "why": Value("y", "environment, LOGREQ_WHY"),
    }


def test_a_file_that_cannot_be_read(config: Path) -> None:
    config.mkdir()
    assert "cannot read it: Is a directory" in logreq("convert", stdin=LINE).err


def test_an_empty_file(config: Path) -> None:
    config.write_text("# nothing yet\n")
    assert "curl" in convert()


def test_no_file_costs_nothing(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom logreq.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print({'logreq.cli.config', 'logreq.cli.connections'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "convert", "-q", "samples/core.log"],
        cwd=ROOT, env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "set()"
