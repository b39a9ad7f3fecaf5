"""What is read without PyYAML is what PyYAML reads; whatever else there is, is left to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreq.rules import bundled as rulefile_quick
from logreq.rules import load as rulefile
from logreq.rules import yaml_reader as rulefile_yaml
from logreq.rules.load import BUNDLED, bundled_text, load_bundled
from logreq.rules.model import Condition, Layer
from logreq.rules.parse import parse

ITEM = "params:\n  - drop: a\n"
READ = [
    "extends: none\n",
    "extends: none",
    f"{ITEM}    why: a b\n        c (d\n        e)\nextends: x\n",
    "kinds:\n  - action: a\n        b, c | d\n  - view: b\n",
    '# a\n\nsecrets: [a, "*b", b c, _d, 1.5]\n   # c\n \nextends: x\n',
    f'{ITEM}    why: a, b [c] {{d}} "e" it\'s:so 1#\n',
    f'{ITEM}\n    value: ""\n# x\n  - keep: ["", "a: b #c", "[x]"]\nkinds:\n  - view: a\n',
    f"secrets: [a]\n{ITEM}    why: null\nsecrets: yes\n",
]
LEFT = [
    "",
    "# only\n",
    "a\n",
    "a\n  - b: c\n",
    "a:bc\n",
    "a:\n",
    "a:\nb: c\n",
    "a:\nb:\n  - c: d\n",
    f"{ITEM}a: b\n  - c: d\n",
    f"{ITEM}a: b\n    c: d\n",
    "a:  b\n",
    "a: \n",
    "a: b \n",
    "a: b # c\n",
    "a: b: c\n",
    "a: b:\n",
    "a: b\n c\n",
    "a: b\n  - c: d\n",
    "a: b\n    c: d\n",
    "a:\n    c: d\n",
    "a:\n  - c\n",
    "a:\n  - c:\n",
    "a:\n  - c:de\n",
    "a:\n  - c: \n",
    "a:\n - c: d\n",
    "a:\n- c: d\n",
    "a:\n   - c: d\n",
    f"{ITEM}     why: x\n",
    f"{ITEM}   why: x\n",
    f"{ITEM}    why:\n",
    f"{ITEM}    why: a\n       b\n",
    f"{ITEM}    why: a\n         b\n",
    f"{ITEM}    why: a\n\n        b\n",
    f"{ITEM}    why: a\n# c\n        b\n",
    f"{ITEM}    why: a\n        b: c\n",
    f"{ITEM}    why: a\n        b:\n",
    f"{ITEM}    why: a\n        b # c\n",
    f'{ITEM}    why: a\n        "b"\n',
    f"{ITEM}    why: a\n        [b]\n",
    f"{ITEM}    why: a\n        - b\n",
    f"{ITEM}    why: a\n        b\x7f\n",
    f'{ITEM}    why: "a"\n        b\n',
    f"{ITEM}    why: [a]\n        b\n",
    "extends: a\n        b\n",
    f"{ITEM}  - \n",
    "a: []\n",
    "a: [bc\n",
    "a: [b,c]\n",
    "a: [b, ]\n",
    "a: [b, [c]]\n",
    "a: [b, {c: d}]\n",
    "a: [b:, c]\n",
    'a: ["b, c"]\n',
    'a: ["b","c"]\n',
    "a: {b: c}\n",
    "a: 'b'\n",
    'a: "b\\n"\n',
    'a: "b" "c"\n',
    'a: "\n',
    'a: "b\n',
    "a: *b\n",
    "a: &b c\n",
    "a: !b c\n",
    "a: |\n  b\n",
    "a: - b\n",
    "a b: c\n",
    '"a": c\n',
    "- a\n",
    "---\na: b\n",
    "a: b\n...\n",
    "a: b\r\n",
    "a: b\tc\n",
    "# \x7f\na: b\n",
    "a: é\n",
    "\ufeffa: b\n",
]
PIECES = [
    *"[]{},'\"#:-*&|>%!~?\\@` _", "\n", "\n", "\n", ": ", ", ", "- ", " #", "a", "b c", "1.5",
    "null", '"x"', '""', "[a, b]", '["a", b]', "params:\n", "secrets: ", "  - ", "    ", "key: ",
    "  - a: b\n", "    c: d\n", "        e f\n", "  - keep: [x]\n", "# c\n", "x:y", "---\n",
]  # fmt: skip


@pytest.mark.parametrize("name", BUNDLED)
def test_the_bundled_files_are_read(name: str) -> None:
    data = bundled_text(f"{name}.yaml")
    found = rulefile_quick.read(data, "x.yaml")
    assert found is not None
    assert found == rulefile_yaml.read(data, "x.yaml")
    assert told(load_bundled(name)) == told(parse(data, f"{name}.yaml"))


def told(layer: Layer) -> Layer:
    """Put the texts of conditions in their places: they are compared by identity."""

    def text(condition: Condition) -> object:
        return condition.text, vars(condition)["_allow_kind"]

    rules = [rule._replace(when=rule.when and text(rule.when)) for rule in layer.rules]  # type: ignore[arg-type]
    kinds = [kind._replace(when=text(kind.when)) for kind in layer.kinds]  # type: ignore[arg-type]
    some = [entry._replace(when=text(entry.when)) for entry in layer.sometimes]  # type: ignore[arg-type]
    return layer._replace(rules=tuple(rules), kinds=tuple(kinds), sometimes=tuple(some))


@pytest.mark.parametrize("text", READ)
def test_what_is_read(text: str) -> None:
    found = rulefile_quick.read(text.encode(), "x")
    assert found is not None
    assert found == rulefile_yaml.read(text.encode(), "x")


@pytest.mark.parametrize("text", LEFT)
def test_what_is_left_to_pyyaml(text: str) -> None:
    assert rulefile_quick.read(text.encode(), "x") is None


@given(
    st.sampled_from(["", "params:\n  - a: ", "secrets: [a, ", *READ]),
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
)
def test_both_give_the_same(begin: str, rest: str) -> None:
    data = (begin + rest).encode()
    found = rulefile_quick.read(data, "x")
    if found is not None:
        assert found == rulefile_yaml.read(data, "x")


def test_a_bundled_file_of_another_shape_is_read_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rulefile, "bundled_text", lambda name: b"params: [{drop: a, why: 'b'}]")
    (rule,) = load_bundled("default").rules
    assert (rule.names, rule.why, rule.origin) == (("a",), "b", "default.yaml:1")
