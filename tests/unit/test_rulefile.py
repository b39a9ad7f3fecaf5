"""Rules files: what is refused and how, layers, the schema, the text of a rule set."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from logreq.errors import RulesError, UsageError
from logreq.rules import load as rulefile
from logreq.rules import yaml_reader as rulefile_yaml
from logreq.rules.dump import rules_text
from logreq.rules.load import load, load_bundled, load_file, rule_set
from logreq.rules.model import Layer, RuleSet
from logreq.rules.parse import parse
from logreq.rules.schema import BUNDLED, schema, schema_text
from tests.support.rulecases import SAMPLES, layer_of, load_cases

ERRORS = load_cases("errors.yaml")
RULES = sorted((SAMPLES / "rules").iterdir())
GOOD = [
    "",
    "# nothing\n",
    "---\n",
    "~\n",
    "params:\nsecrets:\nkinds:\n",
    "params: []\nsecrets: []\nkinds: ~\n",
    "secrets: a\n",
    "params:\n- drop: a\n  value: false\n- keep: [1, 2.5, 'null', on]\n  value: ''\n  why: ''\n",
    "\ufeffparams: [{drop: é}]\n",
    "params: [{keep: '[[]', when: kind == action}]\nextends: minimal\n",
    "params: [{keep: '*'}]\n...\n",
]


@pytest.mark.parametrize("loader", ["usual", "pure"])
@pytest.mark.parametrize("case", ERRORS, ids=lambda case: case["text"][:60])
def test_errors(case: dict[str, Any], loader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if loader == "pure":
        monkeypatch.setattr(rulefile_yaml, "_Loader", yaml.SafeLoader)
    with pytest.raises(RulesError) as caught:
        parse(case["text"].encode(), "my rules.yaml")
    error = str(caught.value)
    if "not YAML: ..." not in case["error"]:
        assert error == f"my rules.yaml:{case['error']}"
        return
    # The words for which the dots stand are the library's, and so is the place.
    begin, _, end = case["error"].partition("...")
    place = re.match(r"my rules\.yaml:(\d+):\d+: ", error)
    assert place
    assert int(place[1]) in range(1, case["text"].count("\n") + 2)
    assert error[place.end() :].startswith(begin)
    assert error.endswith(end)


@pytest.mark.parametrize("case", ERRORS, ids=lambda case: case["text"][:60])
def test_the_schema_refuses_what_a_schema_can(case: dict[str, Any]) -> None:
    if case.get("schema"):
        document = yaml.safe_load(case["text"])
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(document, schema())


@pytest.mark.parametrize(
    "text",
    [*GOOD, *(path.read_text("utf-8") for path in RULES)]
    + [rulefile.bundled_text(f"{name}.yaml").decode() for name in BUNDLED],
)
def test_good_files_are_read_and_fit_the_schema(text: str) -> None:
    assert isinstance(layer_of(text), Layer)
    jsonschema.validate(yaml.safe_load(text), schema())


def test_the_schema_that_ships_is_up_to_date(pytestconfig: pytest.Config) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    if pytestconfig.getoption("regen"):
        Path(__file__).parents[2].joinpath("rules", "schema.json").write_text(schema_text())
    shipped = rulefile.bundled_text("schema.json").decode()
    assert shipped == schema_text(), "pytest --regen writes it anew"
    assert json.loads(shipped)["$defs"]


def test_scalars_count_as_written() -> None:
    (rule,) = layer_of("params: [{drop: [1.50, on], value: [false, 0x1F, '']}]").rules
    assert rule.names == ("1.50", "on")
    assert rule.values == frozenset(["false", "0x1F", ""])


def test_places_count_characters() -> None:
    with pytest.raises(RulesError, match=r"^t:1:20: unknown key 'x'"):
        parse("params: [{keep: é, x: 1}]".replace("é", "日").encode(), "t")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"params:\n- drop: \xff\n", r"t:2:9: not UTF-8: byte \\xff"),
        ("a: b".encode("utf-16"), r"t:1:1: not UTF-8: byte \\xff"),
        (b"a: 1\r\n\x00", r"t:2:1: not YAML: the character \\x00"),
        (
            b"# " + b"x" * 100 + b"\n" + b"a: &x [*x]\n" * 1_000_000,
            r"t:95\d\d\d:1: a rules file has",
        ),
        (b"a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n", "t:1:4: an anchor"),
        (b"a: " * 100_000, "t:1:"),
        (b"%TAG ! tag:x:\n--- !a b\n", r"t:2:5: a tag \(tag:x:a\)"),
    ],
    ids=["bytes", "utf16", "nul", "aliases", "anchors", "colons", "directive"],
)
def test_hostile_bytes(data: bytes, message: str) -> None:
    with pytest.raises(RulesError, match=f"^{message}"):
        parse(data, "t")


def shallow(text: str, Loader: type) -> Iterator[object]:  # noqa: N803
    """Parse as a library that refuses the 21st level before it gives an event."""
    # Nothing is in quotes here.
    head = re.match("[^\\[{]*([\\[{][^\\[{]*){20}(?=[\\[{])", text)
    if head:
        index = head.end()
        line, column = text.count("\n", 0, index), index - text.rfind("\n", 0, index) - 1
        mark = yaml.Mark("t", index, line, column, None, 0)
        raise yaml.MarkedYAMLError(problem="no", problem_mark=mark)
    yield from events(text, Loader=Loader)


events = yaml.parse
LOADERS: dict[str, tuple[type, Callable[..., Iterator[object]]]] = {
    "pure": (yaml.SafeLoader, events),
    "another": (yaml.SafeLoader, shallow),
}
if yaml.__with_libyaml__:
    LOADERS["libyaml"] = (yaml.CSafeLoader, events)


@pytest.mark.parametrize("library", LOADERS)
@pytest.mark.parametrize(
    ("data", "place"),
    [
        ("[" * 1_000_000, "1:11"),
        ("{" * 1_000_000, "1:11"),
        ("params: " + "[" * 10, "1:18"),
        ("params: " + "[" * 10 + "]" * 10, "1:18"),
        ("params:\n" + " [\n" * 1_100 + " ]\n" * 1_100, "11:2"),
        ("[{a: " * 600, "1:26"),
        ("- " * 100_000, "1:21"),
    ],
    ids=["lists", "mappings", "open", "closed", "lines", "both", "dashes"],
)
def test_deep_nesting_is_refused_in_our_words_by_every_library(
    library: str, data: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader, parse_ = LOADERS[library]
    monkeypatch.setattr(rulefile_yaml, "_Loader", loader)
    monkeypatch.setattr(yaml, "parse", parse_)
    with pytest.raises(RulesError, match=f"^t:{place}: nested too deeply for a rules file$"):
        parse(data.encode(), "t")


@given(
    st.binary(max_size=60)
    | st.lists(
        st.sampled_from(
            ["params:", "\n", "- ", " ", "drop: a", "keep:", "[", "]", "{", "}", "*", "&a", "!b",
             "kinds:", "when:", "'", '"', ",", "?", ":", "#", "|", ">", "secrets:", "view: user"]
        ),
        max_size=14,
    ).map(lambda pieces: "".join(pieces).encode())
)  # fmt: skip
def test_any_bytes_are_rules_or_an_error_with_its_place(data: bytes) -> None:
    try:
        assert isinstance(parse(data, "t"), Layer)
    except RulesError as error:
        place = str(error).split(":")
        assert place[0] == "t"
        assert int(place[1]) > 0
        assert int(place[2]) > 0


def test_unreadable_files(tmp_path: Path) -> None:
    for path, reason in (
        (tmp_path, "Is a directory"),
        (tmp_path / "no\x1b.yaml", "No such file or directory"),
        (tmp_path / "a\0b", "embedded null byte"),
    ):
        with pytest.raises(RulesError) as caught:
            load_file(str(path))
        shown = str(path).replace("\x1b", "\\x1b").replace("\0", "\\x00")
        assert str(caught.value) == f"{shown}: cannot read the rules: {reason}"


def test_names_of_sets_and_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load("careful").origin == "careful.yaml"
    with pytest.raises(UsageError) as caught:
        load("carefull")
    assert str(caught.value) == (
        "no rules file and no bundled set 'carefull'; bundled: default, careful, minimal"
        "; did you mean 'careful'?"
    )
    Path("mine").write_text("secrets: [a]\n")
    assert load("mine").secrets == ("a",)
    Path("careful").write_text("secrets: [b]\n")
    assert load("careful").origin == "careful.yaml"
    assert load("./careful").secrets == ("b",)
    with pytest.raises(RulesError, match=r"^none\.yaml: cannot read"):
        load("none.yaml")


def origins(rules: RuleSet) -> list[str]:
    return [os.path.basename(layer.origin) for layer in rules.layers]


def test_layers(tmp_path: Path) -> None:
    def write(name: str, text: str) -> str:
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    user = write("user.yaml", "secrets: [u]\n")
    plain = write("plain.yaml", "secrets: [p]\n")
    none = write("none.yaml", "extends: none\n")
    default = write("default-too.yaml", "extends: default\n")
    careful = write("careful-too.yaml", "extends: careful\n")
    line = "command line"
    assert origins(rule_set()) == ["default.yaml", line]
    assert origins(rule_set([plain, "minimal"], user=user)) == [
        "default.yaml", "user.yaml", "plain.yaml", "minimal.yaml", line,
    ]  # fmt: skip
    assert origins(rule_set([none, plain], user=user)) == ["none.yaml", "plain.yaml", line]
    assert origins(rule_set([default], user=user)) == ["default.yaml", "default-too.yaml", line]
    assert origins(rule_set([plain, careful])) == [
        "default.yaml", "careful.yaml", "careful-too.yaml", line,
    ]  # fmt: skip
    assert origins(rule_set(user=none)) == ["none.yaml", line]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"keep": [""]}, "--keep needs a parameter's name or a glob such as 'zoom-*'"),
        ({"drop": ["a["]}, "--drop 'a[': this [ is not closed; for the character itself write [[]"),
    ],
)
def test_bad_globs_of_the_command_line(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        rule_set(**options)
    assert str(caught.value) == message


def effective(rules: RuleSet) -> list[object]:
    return [
        [(r.keep, r.names, r.values, r.when and r.when.text, r.why) for r in rules.rules],
        rules.secrets,
        [(kind.name, kind.when.text) for kind in rules.kinds],
    ]


@pytest.mark.parametrize("keep_empty", [False, True])
def test_the_text_of_rules_gives_the_same_rules(keep_empty: bool, tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("params: [{drop: y, value: ''}]\n")
    names = [str(path) for path in RULES if path.name != "from-scratch.yaml"]
    names.append(str(tmp_path / "empty.yaml"))
    rules = rule_set(
        [*BUNDLED, *names],
        keep=["a b", '"\\'],
        drop=["*\x85\u2028\U0001f600é"],
        keep_empty=keep_empty,
    )
    text = rules_text(rules)
    again = RuleSet([layer_of(text)])
    assert effective(again) == effective(rules)
    jsonschema.validate(yaml.safe_load(text), schema())
    assert "default.yaml:3" in text
    assert rules_text(RuleSet([])).count("\n") == 4
    layer_of(rules_text(RuleSet([])))
    assert rules_text(RuleSet([layer_of("params: [{drop: [a, b]}]")])).splitlines()[2:4] == [
        "  - drop: [a, b]  # test.yaml:1",
        "secrets:",
    ]


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8) | st.sampled_from(
    ["null", "~", "on", "No", "a#b", "a: b", " x", "- y"]
)


@given(st.lists(TEXTS, min_size=1, max_size=3), st.lists(TEXTS, max_size=2), TEXTS)
def test_any_text_survives(names: list[str], values: list[str], why: str) -> None:
    rules = (
        load_bundled("default")
        .rules[0]
        ._replace(names=tuple(names), values=frozenset(values) if values else None, why=why)
    )
    layer = Layer("x", (rules,), tuple(names))
    printed = rules_text(RuleSet([layer]))
    loaded = yaml.load(printed, Loader=yaml.BaseLoader)
    given_names = loaded["params"][0]["drop"]
    assert (given_names if isinstance(given_names, list) else [given_names]) == names
    assert loaded["params"][0]["why"] == why


def test_bundled_sets_are_sound() -> None:
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:@%+=/#-_")
    for name in BUNDLED:
        layer = load_bundled(name)
        for rule in layer.rules:
            assert rule.why, rule.origin
            if rule.when:
                rule.when.check()
        for when in [*(k.when for k in layer.kinds), *(s.when for s in layer.sometimes)]:
            when.check()
    # Notes quote these, and stand in comments of shells.
    assert all(set(rule.why) <= allowed for rule in load_bundled("careful").rules)
    assert load_bundled("default").rules[0].names == (
        "sfrom", "clicked_button", "operafake", "progressid",
    )  # fmt: skip
    assert load_bundled("default").rules[1].values == frozenset(["", "*"])
    assert len(load_bundled("default").rules) == 2


def test_the_package_has_them_as_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(rulefile, "__file__", str(tmp_path / "logreq" / "rulefile.py"))
    asked: list[tuple[str, str]] = []

    def get_data(package: str, name: str) -> bytes:
        asked.append((package, name))
        return b"secrets: [packed]\n"

    monkeypatch.setattr("pkgutil.get_data", get_data)
    assert load_bundled("careful").secrets == ("packed",)
    assert asked == [("logreq", "data/rules/careful.yaml")]
