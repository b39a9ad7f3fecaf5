"""Lists of functions as panels print them, in two languages, wrapped at every column."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import wrap
from typing import Optional

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from logreq.errors import RulesError
from logreq.rules import functions as rules_functions
from logreq.rules.functions import Function, kinds_text, read
from logreq.rules.load import load_bundled
from logreq.rules.model import RuleSet
from logreq.rules.parse import parse
from tests.support.cli import logreq
from tests.support.rulecases import request

DEFAULT = RuleSet([load_bundled("default")])
LISTED = {
    "aps.install.start": "form",
    "backup2.list.files.restore": "group operation",
    "check.domain": "validator",
    "dashboard": "dashboard",
    "dashboard.limit": "list",
    "helpboard": "helpboard",
    "longtask": "list",
    "mainusage": "report",
    "odd.type": "wizard",
    "panel.update": "external function",
    "reboot": "none",
    "site.install": "form",
    "user": "list",
    "user.delete": "group operation",
    "user.edit": "form",
    "user.filter": "form",
    "whoami": None,
    "zone.copy": None,
}
TITLES = {
    "en": ("Web users. The list of users of this server.", "Function type", "not available"),
    "ru": ("Пользователи. Список пользователей сервера, которым он виден.", "Тип функции", "нет"),
}


def listed(language: str = "en", width: int = 47, indent: bool = True) -> str:
    """Print `LISTED` as mgrctl does, descriptions wrapped at a width."""
    title, word, nothing = TITLES[language]
    column = max(map(len, LISTED)) + 1
    lines = []
    for name, kind in LISTED.items():
        text = f"{title} {word}: {kind}" if kind else f"Description is {nothing}"
        rows = wrap(text, width)
        lines.append(f"{name:<{column}}{rows[0]}")
        lines += [" " * (column if indent else 1) + row for row in rows[1:]]
    return "".join(f"{line}\n" for line in lines)


def expected() -> list[Function]:
    return [Function(name, (kind or "").replace(" ", "")) for name, kind in LISTED.items()]


@pytest.mark.parametrize("width", range(1, 90))
def test_every_wrap(width: int) -> None:
    assert read(listed(width=width).encode(), "x") == expected()
    with pytest.raises(RulesError, match=r"^x:1:1: no line tells a 'Function type'; .*lang=en"):
        read(listed("ru", width).encode(), "x")


def test_titles_of_another_language_with_types_in_english() -> None:
    text = listed("ru").replace("Тип функции", "Function type").replace("Тип\n", "Function\n")
    found = read(text.encode(), "x")
    assert [function.name for function in found] == list(LISTED)
    assert sum(bool(function.type) for function in found) > 10
    broken = read(listed().replace("Web", "\udcff").encode("utf-8", "surrogateescape"), "x")
    assert broken == expected()


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + listed(),
        listed().replace("\n", "\r\n"),
        listed() + "\n\n",
        listed(indent=False),
        listed().rstrip("\n"),
        re.sub(r"(operation|form|list)\n", r"\1.\n", listed()),
    ],
    ids=["mark", "dos", "blank lines", "indent", "no end", "full stop"],
)
def test_what_editors_and_terminals_make_of_it(text: str) -> None:
    assert read(text.encode(), "x") == expected()


def test_a_type_in_the_middle_is_a_word_of_the_description() -> None:
    text = "a   See Function type: list. Function type: form\nb.c Function type: list of sorts.\n"
    assert read(text.encode(), "x") == [
        Function("a", "form"),
        Function("b.c", "listofsorts"),  # no type that is known: it tells nothing
    ]


HINT = "expected what mgrctl -m ispmgr -i lang=en prints"
HEAD = "user  Function type: list\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"1:1: no line tells a 'Function type'; {HINT}"),
        ("\n \n", f"1:1: no line tells a 'Function type'; {HINT}"),
        ("user Description is not available\n", f"1:1: no line tells a 'Function type'; {HINT}"),
        ("ERROR value(x): y\n", f"1:1: no line tells a 'Function type'; {HINT}"),
        (" user\n", f"1:1: ' user' is no function and its description; {HINT}"),
        (f"{HEAD}alone\n", f"2:1: 'alone' is no function and its description; {HINT}"),
        (f"{HEAD}a\x1b[0m b\n", f"2:1: 'a\\\\x1b[0m b' is no function and its description; {HINT}"),
        (f"{HEAD}{'é' * 90} b\n", f"2:1: '{'é' * 40}' is no function and its description; {HINT}"),
        (f"{HEAD}a  Function type: form\n",
         f"2:4: the description of 'a' does not stand under the others; {HINT}"),
        (f"{HEAD}{HEAD}", f"2:1: 'user' stands here twice; {HINT}"),
        ("Feb  6 08:08:07 [1:2] core_module INFO Request [a][b] 'func=c'\n" * 2,
         f"2:1: 'Feb' stands here twice; {HINT}"),
    ],
)  # fmt: skip
def test_broken_and_foreign_input(text: str, message: str) -> None:
    with pytest.raises(RulesError) as caught:
        read(text.encode(), "x\x1b")
    assert str(caught.value) == f"x\\x1b:{message}"


def test_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_functions, "MAX_SIZE", 10)
    with pytest.raises(RulesError, match=r"^x:1:1: a list of functions has at most 10 bytes"):
        read(listed().encode(), "x")


@given(st.binary(max_size=80) | st.lists(st.sampled_from(
    ["a", "b.c", " ", "  ", "\n", "Function type: form", "é", "\x1b[0m", ":", "\t"]
)).map(lambda pieces: "".join(pieces).encode()))  # fmt: skip
def test_any_bytes_are_functions_or_an_error_with_its_place(data: bytes) -> None:
    try:
        found = read(data, "x")
    except RulesError as error:
        found, message = [], str(error)
    else:
        message = ""
        assert any(function.type for function in found)
        assert parse(kinds_text(found, DEFAULT, "x").encode(), "x").origin == "x"
    assert bool(found) or re.match(r"x:\d+:\d+: .*lang=en prints\Z", message)


KINDS = [
    ("func=user", "view"),
    ("func=user.edit", "view"),
    ("func=user.edit&sok=ok", "action"),
    ("func=user.edit&sok=", "view"),
    ("func=user.edit&snext=ok", "action"),
    ("func=user.delete&elid=1", "action"),
    ("func=backup2.list.files.restore", "action"),
    ("func=panel.update", "action"),
    ("func=site.install", "view"),  # a form, whatever its verb says
    ("func=site.install&sok=ok", "action"),
    ("func=aps.install.start", "view"),
    ("func=user.edit&sv_field=name", "background"),
    ("func=user.delete&hint_field=name&sok=", "background"),
    ("func=user.edit&sv_field=name&sok=ok", "action"),
    ("func=user.filter&sok=ok", "view"),
    ("func=mainusage&sok=ok", "view"),
    ("func=check.domain", "background"),
    ("func=dashboard", "background"),
    ("func=helpboard", "background"),
    ("func=dashboard.limit", "background"),  # the interface asks for it
    ("func=longtask", "background"),
    ("func=whoami", "background"),
    ("func=reboot", "action"),
    ("func=zone.copy", "action"),
    ("func=new.delete", "action"),
    ("func=new", "view"),
]


@pytest.mark.parametrize("chunk", [1, 40, 6_000])
def test_kinds(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_functions, "_CHUNK", chunk)
    text = kinds_text(expected(), DEFAULT, "my\x1b.txt")
    assert "by their types in my\\x1b.txt.\n" in text
    assert max(map(len, text.splitlines())) <= 110
    rules = RuleSet([load_bundled("default"), parse(text.encode(), "x.yaml")])
    assert {query: rules.kind(request(query)) for query, _ in KINDS} == dict(KINDS)
    assert rules.kind_fields == {"func"}


def test_a_type_that_nobody_has_makes_no_entry() -> None:
    text = kinds_text([Function("a", "list")], DEFAULT, "x")
    assert len(yaml.safe_load(text)["kinds"]) == 2
    assert "action" not in text


@pytest.mark.parametrize("reserved", ["in", "and", "not", "like", "or"])
def test_a_function_with_a_name_of_the_language(reserved: str) -> None:
    text = kinds_text([Function(reserved, "externalfunction")], DEFAULT, "x")
    rules = RuleSet([load_bundled("default"), parse(text.encode(), "x.yaml")])
    assert rules.kind(request(f"func={reserved}")) == "action"


def test_as_large_as_a_panel_s() -> None:
    many = [Function(f"some.function{number}.edit", "form") for number in range(3_000)]
    rules = RuleSet([load_bundled("default"), parse(kinds_text(many, DEFAULT, "x").encode(), "x")])
    assert rules.kind(request("func=some.function2999.edit&sok=ok")) == "action"
    assert len(rules.kinds) < 30


def run(text: bytes, *words: str, stdin: Optional[bytes] = None) -> tuple[int, str, str]:
    done = logreq("rules", "functions", *words, stdin=text if stdin is None else stdin)
    return done.status, done.text, done.err


def test_the_command(tmp_path: Path) -> None:
    file = tmp_path / "functions.txt"
    file.write_text(listed())
    done = logreq("rules", "functions", file)
    assert (done.status, done.err) == (0, "")
    assert done.text == kinds_text(expected(), DEFAULT, str(file))
    assert run(listed().encode(), "-")[1] == kinds_text(expected(), DEFAULT, "-")
    made = tmp_path / "made.yaml"
    made.write_bytes(done.out)
    log = b"Feb  6 08:08:07 [1:2] core_module INFO Request [a][root] 'func=site.install&elid=1'\n"
    for options, count in (([], 1), (["-r", made], 0)):
        assert (
            len(logreq("convert", "-q", "-a", "-t", "url", *options, stdin=log).text.split())
            == count
        )


def test_the_command_fails(tmp_path: Path) -> None:
    done = logreq("rules", "functions", tmp_path / "none")
    assert (done.status, done.text) == (2, "")
    assert done.err == (
        f"logreq: {tmp_path}/none: cannot read the functions: No such file or directory\n"
    )
    status, out, err = run(b"x\n", "-")
    assert (status, out) == (2, "")
    assert err.startswith("logreq: -:1:1: 'x' is no function")
    assert run(listed("ru").encode(), "-")[2].endswith("-i lang=en prints\n")
    assert run(b"")[0] == 2
