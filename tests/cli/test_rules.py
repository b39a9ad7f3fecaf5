"""`logreq rules`, and the options that select requests and rules."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from logreq.cli import main
from logreq.expr import syntax_text
from logreq.rules import load as rulefile
from logreq.rules.load import BUNDLED
from tests.support.rulecases import SAMPLES

ISP = str(SAMPLES / "ispmgr.log")
SECRETS = str(SAMPLES / "shapes" / "secrets.log")


class Ran(NamedTuple):
    status: object
    out: str
    err: str


class Tool:
    """Runs the command line in this process, as its user would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch = monkeypatch
        self.capfd = capfd

    def __call__(self, *words: str) -> Ran:
        self.monkeypatch.setattr("sys.argv", ["logreq", *words])
        with pytest.raises(SystemExit) as caught:
            main()
        out, err = self.capfd.readouterr()
        return Ran(caught.value.code, out, err)


@pytest.fixture
def tool(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Tool:
    for name in [*os.environ]:
        if name.startswith("LOGREQ_") or name in ("SSH_CLIENT", "SSH_CONNECTION"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("sys.platform", "linux")
    return Tool(monkeypatch, capfd)


def own_rules(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config" / "logreq" / "rules.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_list(tool: Tool) -> None:
    ran = tool("rules", "list")
    assert (ran.status, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert [line.split()[0] for line in lines] == list(BUNDLED)
    assert lines[0] == (
        "default  What the vendor guide's recipe strips from a logged request, and nothing else."
    )


def test_help_names_the_commands(tool: Tool) -> None:
    assert "rules" in tool("--help").out
    ran = tool("rules", "--help")
    commands = ran.out.split("Commands:\n")[1].split("\n\n")[0]
    first = [line.split()[0] for line in commands.splitlines() if line[:4].strip()]
    assert first == [
        "check", "explain", "functions", "list", "schema", "show", "syntax",
    ]  # fmt: skip
    assert "Logs have no years" in " ".join(tool("rules", "explain", "--help").out.split())


def test_show_is_a_rules_file_itself(tool: Tool, tmp_path: Path) -> None:
    user = own_rules(tmp_path, "secrets: [mine]\n")
    ran = tool("rules", "show", "-r", "careful", "--keep", "a*", "--drop", "b", "--keep-empty")
    assert (ran.status, ran.err) == (0, "")
    shown = yaml.safe_load(ran.out)
    assert shown["extends"] == "none"
    assert shown["params"][0]["drop"][0] == "sfrom"
    assert shown["params"][1] == {
        "drop": "*", "value": "*", "why": "optional (empty), or a secret that the panel masked",
    }  # fmt: skip
    assert [entry.get("keep") or entry["drop"] for entry in shown["params"][-2:]] == ["b", "a*"]
    assert shown["secrets"][-1] == "mine"
    for origin in ("default.yaml:3", "careful.yaml:4", "--keep", "--drop", str(user)):
        assert f"# {origin}\n" in ran.out
    assert ran.out.startswith(f"# The user's own file: {user}\n")
    file = tmp_path / "again.yaml"
    file.write_text(ran.out)
    assert tool("rules", "check", str(file)).status == 0
    again = tool("rules", "show", "-r", str(file))
    assert again.status == 0
    assert yaml.safe_load(again.out) == shown


def test_check(tool: Tool, tmp_path: Path) -> None:
    good = tmp_path / "good.yaml"
    good.write_text("params: [{drop: a}]\nsecrets: [x, y]\n")
    bad = tmp_path / "bad\x1b.yaml"
    bad.write_text("params:\n- drop: a\n  when: usr == x\n")
    ran = tool("rules", "check", str(good))
    assert ran == (0, f"{good}: 1 rule, 2 secrets, 0 kinds\n", "")
    assert tool("rules", "check", "-q", str(good)) == (0, "", "")
    ran = tool("rules", "check", str(bad), str(good), str(tmp_path / "none.yaml"))
    assert ran.status == 2
    assert ran.out == f"{good}: 1 rule, 2 secrets, 0 kinds\n"
    assert ran.err == (
        f"logreq: {tmp_path}/bad\\x1b.yaml:3:9: bad expression: unknown field 'usr'"
        "; did you mean 'user'?\n    usr == x\n    ^\n"
        "    `logreq rules syntax` describes expressions\n"
        f"logreq: {tmp_path}/none.yaml: cannot read the rules: No such file or directory\n"
    )
    assert tool("rules", "check").status == 2
    assert not any((tmp_path / "config").rglob("*"))


def test_check_names_every_mistake_of_a_file(tool: Tool, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        "params:\n- drop: x\n  why: [a]\n- drop: y\n- keep:\n- {drop: z, wen: a}\n"
        "foo: 1\nkinds: {}\nkinds: []\nsecrets: [[a], b, {when: c}]\nextends: nix\n"
    )
    ran = tool("rules", "check", str(bad))
    told = [line.partition("bad.yaml:")[2].split(": ", 1) for line in ran.err.splitlines()]
    assert ran.status == 2
    assert [place for place, _ in told] == [
        "3:8", "5:8", "6:13", "7:1", "8:8", "9:1", "10:11", "10:19", "11:10",
    ]  # fmt: skip
    # What goes on without these rules names the first.
    ran = tool("convert", "-r", str(bad), "x.log")
    assert ran.err.splitlines() == [f"logreq: {bad}:3:8: why is a text, not a list"]


def test_syntax_is_the_tables(tool: Tool) -> None:
    ran = tool("rules", "syntax")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.split() == syntax_text().split()
    assert max(map(len, ran.out.splitlines())) <= 110
    assert "  like        func like *.delete" in ran.out


def test_schema(tool: Tool) -> None:
    ran = tool("rules", "schema")
    assert ran.status == 0
    assert ran.out == rulefile.bundled_text("schema.json").decode()


def test_explain(tool: Tool) -> None:
    ran = tool("rules", "explain", ISP, "-w", "func == domain.edit")
    assert ran.status == 0
    assert ran.out == (
        f"Feb  6 08:08:07  root from 188.120.252.33  domain.edit  {ISP}:4  action\n"
        + "".join(
            f"  {verdict}  {pair:<36}  {rule:<14}  {why}\n"
            for verdict, pair, rule, why in (
                ("drop", "clicked_button=ok", "default.yaml:3", GUIDE),
                ("drop", "email_inaccess=", "default.yaml:5", OPTIONAL),
                ("keep", "ip=8.8.8.8", "-", "no rule matches"),
                ("drop", "ip_existing=", "default.yaml:5", OPTIONAL),
                ("keep", "maildomain=off", "-", "no rule matches"),
                ("keep", "name=domain.name", "-", "no rule matches"),
                ("keep", "ns=ns1.example.com. ns2.example.com.", "-", "no rule matches"),
                ("drop", "operafake=1486357687433", "default.yaml:3", GUIDE),
                ("keep", "owner=www-root", "-", "no rule matches"),
                ("keep", "owner_admins=off", "-", "no rule matches"),
                ("drop", "progressid=false", "default.yaml:3", GUIDE),
                ("drop", "reversezone=", "default.yaml:5", OPTIONAL),
                ("drop", "sfrom=ajax", "default.yaml:3", GUIDE),
                ("keep", "sok=ok", "-", "no rule matches"),
                ("drop", "web_inaccess=", "default.yaml:5", OPTIONAL),
                ("keep", "webdomain=off", "-", "no rule matches"),
                ("drop", "zoom-ip=", "default.yaml:5", OPTIONAL),
                ("drop", "zoom-ns=", "default.yaml:5", OPTIONAL),
            )
        )
    )
    assert ran.err == "logreq: 41 lines, 12 requests, 1 explained, 0 malformed\n"


@pytest.mark.parametrize(
    ("options", "functions"),
    [
        (["--last", "1"], ["webscript.wizard"]),
        (["--nth", "1,9"], ["domain.edit", "user.edit"]),
        (["--last", "2", "--unique"], ["webscript.wizard", "webscript.wizard"]),
    ],
)
def test_explain_takes_requests_by_number(
    tool: Tool, options: list[str], functions: list[str]
) -> None:
    ran = tool("rules", "explain", "-q", *options, ISP)
    heads = [line.split("  ") for line in ran.out.splitlines() if line[:3] == "Feb"]
    assert [head[3] for head in heads] == functions


GUIDE = "added by the panel's web interface"
OPTIONAL = "optional (empty), or a secret that the panel masked"


@pytest.mark.parametrize("secrets", ["env", "keep", "drop"])
def test_explain_shows_no_secret(tool: Tool, secrets: str) -> None:
    ran = tool("rules", "explain", SECRETS, "--secrets", secrets, "-q")
    assert ran.status == 0
    assert ran.err == ""
    values = """example-ipmi example-snmp 0123456789 fedcba example-pass example-login other-pass
        example-api example-db example-mail example-secret example-token $HOME"""
    assert [value for value in values.split() if value in ran.out] == []
    assert ran.out.count("(hidden)") > 10 if secrets != "env" else "$PASSWD_2" in ran.out


def test_explain_escapes_and_cuts(tool: Tool, tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(
        b"Feb  6 08:08:07 [1:2] core_module INFO Request [192.0.2.1][\x1b[2J\x07] "
        b"'func=f%1b&a%0ab=%1b[2J\xff&long=" + b"x" * 100 + b"&dir=%E2%80%AE'\n"
        b"Feb  6 08:08:08 [1:2] core_module INFO Request [192.0.2.1][root] 'func=f'\n"
    )
    rules = tmp_path / "r\x1b.yaml"
    rules.write_text('params: [{drop: "dir", why: "be\\eep"}]\n')
    ran = tool("rules", "explain", str(log), "-r", str(rules), "-q")
    assert ran.status == 0
    blank = "-".ljust(len(f"{tmp_path}/r-x1b.yaml:1"))
    assert ran.out == (
        f"Feb  6 08:08:07  \\x1b[2J\\x07 from 192.0.2.1  f\\x1b  {log}:1  view\n"
        f"  keep  a\\x0ab=\\x1b[2J\\xff{' ' * 30}  {blank}  no rule matches\n"
        f"  keep  long={'x' * 40}...  {blank}  no rule matches\n"
        f"  drop  dir=\\u202e{' ' * 38}  {tmp_path}/r\\x1b.yaml:1  be\\x1bep\n"
        f"\nFeb  6 08:08:08  root from 192.0.2.1  f  {log}:2  view\n"
    )


def test_explain_tells_what_convert_does(tool: Tool, tmp_path: Path) -> None:
    own_rules(tmp_path, "params: [{drop: 'site_*', when: func like 'web*'}]\n")
    for options in ([], ["-r", "minimal"], ["--keep", "*"], ["--keep-empty", "--drop", "e*"]):
        for log in sorted(SAMPLES.glob("*.log")):
            explained = tool("rules", "explain", str(log), "-t", "json", "-q", *options)
            converted = tool("convert", str(log), "-t", "json", "-q", *options)
            tables = explained.out.split("\n\n")
            results = [json.loads(line) for line in converted.out.splitlines()]
            assert len(tables) == len(results)
            for text, result in zip(tables, results):
                rows = [line.split() for line in text.splitlines()[1:]]
                assert [row[0] for row in rows].count("keep") == len(result["params"])
                assert [row[0] for row in rows].count("drop") == len(result["dropped"])
                assert [row[0] for row in rows].count("note:") == len(result["notes"])
                names = [row[1].partition("=")[0] for row in rows if row[0] == "keep"]
                assert names == [name for name, _ in result["params"]]


def test_explain_ends_as_convert_does(tool: Tool, tmp_path: Path) -> None:
    assert tool("rules", "explain", ISP, "-w", "func == never").status == 1
    ran = tool("rules", "explain", str(tmp_path / "none.log"), ISP)
    assert ran.status == 2
    assert "none.log" in ran.err
    assert ran.out
    assert tool("rules", "explain", ISP, "-r", "none.yaml").status == 2
    ran = tool("rules", "explain", ISP, "-w", "func = x")
    assert (ran.status, ran.out) == (2, "")
    assert "did you mean '=='?" in ran.err


def funcs(ran: Ran) -> list[str]:
    return [json.loads(line)["func"] for line in ran.out.splitlines()]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--actions"], ["domain.edit", "webdomain.edit", "user.edit", "webdomain.delete",
                         "webscript.wizard", "webscript.wizard"]),
        (["-w", "kind == background"], ["dashboard.info", "webdomain.edit", "periodic"]),
        (["--me", "-w", "func like user*"], ["user.edit", "user.edit"]),
        (["--since", "2017-02-06 08:08:08", "--until", "2017-02-06 08:08"],
         ["domain", "dashboard.info", "webdomain.edit", "webdomain.edit", "webdomain.edit"]),
        (["--since", "3d"], []),
    ],
)  # fmt: skip
def test_selection(
    tool: Tool, tmp_path: Path, options: Sequence[str], expected: Sequence[str]
) -> None:
    tool.monkeypatch.setenv("SSH_CLIENT", "::ffff:188.120.252.33 50022 22")
    log = tmp_path / "ispmgr.log.20170207"
    log.write_bytes(Path(ISP).read_bytes())
    ran = tool("convert", str(log), "-t", "json", "-q", *options)
    assert funcs(ran) == expected
    assert ran.status == (0 if expected else 1)


def test_selection_errors(tool: Tool) -> None:
    assert "neither SSH_CLIENT nor SSH_CONNECTION is set" in tool("convert", ISP, "--me").err
    assert "--since 'x' is no time" in tool("convert", ISP, "--since", "x").err
    assert tool("convert", ISP, "--since", "9:00", "--until", "8:00").status == 2


def test_unique(tool: Tool) -> None:
    log = str(SAMPLES / "shapes" / "progress.log")
    every = funcs(tool("convert", log, "-t", "json"))
    assert every.count("progress.get") == 3
    assert funcs(tool("convert", log, "-t", "json", "--unique")).count("progress.get") == 1
    assert tool("rules", "explain", log, "--unique").out.count("  progress.get  ") == 1


def test_the_users_own_rules(tool: Tool, tmp_path: Path) -> None:
    line = ["convert", ISP, "-t", "url", "-w", "func == domain.edit"]
    plain = tool(*line).out
    user = own_rules(tmp_path, "params: [{drop: name}]\n")
    assert "&name=" in plain
    assert "&name=" not in tool(*line).out
    assert "&name=" in tool(*line, "--keep", "name").out
    user.write_text("parms: []\n")
    ran = tool(*line)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        f"logreq: {user}:1:1: unknown key 'parms' in a rules file; did you mean 'params'?\n"
    )
    user.unlink()
    user.symlink_to(tmp_path / "gone")
    assert "cannot read the rules" in tool(*line).err  # a broken link is no missing file


def test_rules_by_the_environment(tool: Tool) -> None:
    tool.monkeypatch.setenv("LOGREQ_KEEP", "oper*")
    assert "operafake=" in tool("convert", ISP, "-t", "url").out
    assert 'keep: "oper*"' in tool("rules", "show").out
