"""Ids that a script learns when it runs."""

from __future__ import annotations

import pytest

from logreq.convert.arguments import parameterize
from logreq.convert.linking import Link, Question, link, look_up, parse_link, parse_lookup, told
from logreq.errors import UsageError
from logreq.model.call import Arg, Argument, Call, Env, Id, Lookup
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set
from tests.support.twice import calls, sent

ORDER = (
    ("client.edit", [("name", "acme"), ("sok", "ok")]),
    ("server.edit", [("plid", "7"), ("name", "srv-acme"), ("sok", "ok")]),
    ("server.rename", [("plid", "512"), ("elid", "9"), ("name", "web"), ("sok", "ok")]),
    ("server.edit", [("plid", "512"), ("sok", "ok")]),
    ("server.stop", [("plid", "513"), ("plid", "514")]),
)


def test_ids_of_the_nearest_call_before() -> None:
    found = link(calls(*ORDER), [parse_link("plid=server.edit")])
    assert sent(found, {}) == [
        ORDER[0],
        ORDER[1],
        ("server.rename", [("plid", "<server.edit>"), *ORDER[2][1][1:]]),
        ("server.edit", [("plid", "<server.edit>"), ("sok", "ok")]),
        ("server.stop", [("plid", "<server.edit>"), ("plid", "<server.edit>")]),
    ]
    assert found[2].arguments[0] == ("plid", (Id("server.edit"),))
    links = [
        Link("plid", "server.edit"),
        Link("plid", "server.rename"),
        Link("plid", "client.edit"),
    ]
    found = link(calls(*ORDER), links)
    assert [v for call in found for n, v in call.arguments if n == "plid"] == [
        (Id("client.edit"),), (Id("server.edit"),), (Id("server.rename"),),
        (Id("server.edit"),), (Id("server.edit"),),
    ]  # fmt: skip
    assert list(told(found, links, [])) == [
        "--link plid=server.edit changes 3 places in 2 calls",
        "--link plid=server.rename changes 1 place in 1 call",
        "--link plid=client.edit changes 1 place in 1 call",
    ]


def test_what_is_no_literal_stays() -> None:
    decider = Decider(rule_set(keep=["passwd", "plid"]))
    found = calls(
        ("a.edit", []), ("b.edit", [("plid", ""), ("passwd", "*"), ("x", "1")]), decider=decider
    )
    before = found[1].arguments
    with pytest.raises(UsageError) as error:
        link(found, [Link("plid", "a.edit")])
    assert (
        str(error.value)
        == "--link plid=a.edit: no call after a.edit sends a value of plid to replace"
    )
    with pytest.raises(UsageError, match="sends a value of passwd to replace"):
        link(found, [Link("passwd", "a.edit")])
    (_, call) = link(found, [Link("x", "a.edit"), Link("x", "a.edit")])
    assert call.arguments == [*before[:2], ("x", (Id("a.edit"),))]


def refused(text: str, *clicks: tuple[str, list[tuple[str, str]]]) -> str:
    """Give the message of a link or lookup that cannot be."""
    found = calls(*clicks)
    option, _, value = text.partition(" ")
    with pytest.raises(UsageError) as error:
        _change(found, option, value)
    return str(error.value)


def _change(found: list[Call], option: str, value: str) -> None:
    if option == "--link":
        link(found, [parse_link(value)])
    else:
        look_up(found, [parse_lookup(value)])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("--link plid", "--link plid: expected PARAM=FUNCTION, such as plid=server.edit"),
        ("--link =a", "--link =a: expected PARAM=FUNCTION, such as plid=server.edit"),
        ("--link a=", "--link a=: expected PARAM=FUNCTION, such as plid=server.edit"),
        ("--link plid=server.edt",
         "--link plid=server.edt: no call of server.edt; did you mean 'server.edit'?"),
        ("--link plid=x",
         "--link plid=x: no call of x; called: client.edit, server.edit, server.rename,"
         " server.stop"),
        ("--link elid=server.rename",
         "--link elid=server.rename: no call after server.rename sends a value of elid to replace"),
        ("--link e\x1b=server.edit",
         r"--link e\x1b=server.edit: no call after server.edit sends a value of e\x1b to replace"),
        *((f"--lookup {text}",
           f"--lookup {text}: expected PARAM=LIST:FIELD, such as elid=webdomain:name")
          for text in ("elid", "elid=x", "=x:y", "elid=:y", "elid=x:", "elid=x:y z")),
        ("--lookup x=a:name", "--lookup x=a:name: no call sends a value of x to replace"),
        ("--lookup plid=a:real_name",
         "--lookup plid=a:real_name: nothing tells the real_name of what call 2 (server.edit) is"
         " about: no call up to there has it; --param real-name=VALUE gives it"),
    ],
)  # fmt: skip
def test_refusals(text: str, message: str) -> None:
    assert refused(text, *ORDER) == message


def test_what_names_several_things() -> None:
    several = ("site.delete", [("elid", "12, 15"), ("elname", "a.example, b.example")])
    end = "; --nth without this call, or click one at a time"
    assert refused("--link elid=a", ("a", []), several) == (
        f"--link elid=a: call 2 (site.delete) names several: 12, 15{end}"
    )
    assert refused("--lookup elid=site:name", several) == (
        f"--lookup elid=site:name: call 1 (site.delete) names several: a.example, b.example{end}"
    )
    assert refused(
        "--lookup elid=site:name", ("site.delete", [("elid", "1,2"), ("elname", "a")])
    ) == (f"--lookup elid=site:name: call 1 (site.delete) names several: 1,2{end}")


def looked_up(call: Call, param: str = "elid") -> object:
    value = dict(call.arguments)[param]
    assert isinstance(value, tuple)
    assert len(value) == 1
    return value[0]


def test_whose_id_is_looked_up() -> None:
    elid = ("elid", "12")
    question = parse_lookup("elid=site:name")
    assert question == Question("elid", "site", "name")
    name = ("name", "a.example")
    # What the interface logged beside it, whatever the rules make of that.
    decider = Decider(rule_set(drop=["elname"]))
    (call,) = look_up(calls(("f", [elid, ("elname", "b"), name]), decider=decider), [question])
    assert looked_up(call) == Lookup("site", "name", ("b",))
    assert [name for name, _ in call.arguments] == ["elid", "name"]
    # The field in the same call, then the script's argument, then the field in calls before.
    earlier = ("e", [name]), ("e", [("name", "c")])
    for text in ("", "*"):
        (call,) = look_up(calls(("f", [elid, ("elname", text), name])), [question])
        assert looked_up(call) == Lookup("site", "name", ("a.example",))
    found = calls(*earlier, ("f", [elid, ("plid", "4"), ("x", "")]))
    assert looked_up(look_up(found, [question])[2]) == Lookup("site", "name", ("c",))
    argument = Argument("name", "z")
    found = look_up(found, [question], [argument])
    assert looked_up(found[2]) == Lookup("site", "name", (Arg("name"),))
    # It need not stand anywhere else.
    assert parameterize(found, [argument])[2].arguments == found[2].arguments
    # Beside other parameters than elid stands no elname of theirs.
    other = parse_lookup("plid=vm:name")
    (call,) = look_up(calls(("f", [("plid", "4"), ("elname", "b"), name])), [other])
    assert looked_up(call, "plid") == Lookup("vm", "name", ("a.example",))
    # An id is not looked for by itself.
    (_, call) = look_up(calls(("e", [("id", "4")]), ("f", [("id", "5")]))[:0] or calls(
        ("e", [("real_id", "4")]), ("f", [("id", "5"), ("real_id", "6")])
    ), [parse_lookup("id=vm:real_id")])  # fmt: skip
    assert looked_up(call, "id") == Lookup("vm", "real_id", ("6",))
    assert refused("--lookup id=vm:id", ("f", [("id", "5")])) == (
        "--lookup id=vm:id: nothing tells the id of what call 1 (f) is about: no call up to there"
        " has it; --param id=VALUE gives it"
    )


def test_what_is_looked_for_can_be_a_secret_or_an_answer_but_no_row() -> None:
    decider = Decider(rule_set(keep=["passwd"]))
    found = calls(
        ("e", [("code", "7")]),
        ("f", [("elid", "1"), ("passwd", "*"), ("code", "8"), ("x", "2")]),
        ("g", [("x", "3"), ("elname", "*")]),
        decider=decider,
    )
    linked = link(found, [Link("code", "e")])
    (_, call, _) = look_up(linked, [Question("elid", "site", "passwd")])
    assert looked_up(call) == Lookup("site", "passwd", (Env("PASSWD"),))
    (_, call, _) = look_up(linked, [Question("elid", "site", "code")])
    assert looked_up(call) == Lookup("site", "code", (Id("e"),))
    both = [Question("elid", "site", "code"), Question("x", "disk", "elid")]
    with pytest.raises(UsageError, match=r"tells the elid of what call 2 \(f\) is about"):
        look_up(linked, both)


def test_a_secret_name_is_not_looked_for() -> None:
    (call,) = look_up(
        calls(("f", [("elid", "1"), ("elname", "abc"), ("passwd", "abc"), ("name", "x")])),
        [Question("elid", "site", "name")],
    )
    assert looked_up(call) == Lookup("site", "name", ("x",))


def test_what_lookups_change_is_told() -> None:
    clicks = [("f", [("elid", str(n)), ("elname", f"a{n}.example")]) for n in range(7)]
    questions = [parse_lookup("elid=site:name")] * 2
    found = look_up(calls(*clicks), questions)
    assert list(told(found, [], questions)) == [
        "--lookup elid=site:name changes 7 places in 7 calls: the id of the site whose name is"
        " a0.example, a1.example, a2.example, a3.example, a4.example or 2 more"
    ]
    changed = parameterize(found[3:4], [Argument("no", "3")])
    assert list(told(changed, [], questions)) == [
        "--lookup elid=site:name changes 1 place in 1 call: the id of the site whose name is"
        " a--no.example"
    ]
    decider = Decider(rule_set(keep=["passwd"]))
    found = calls(("a", [("elid", "3")]), ("b", [("x", "1"), ("y", "2"), ("passwd", "*")]),
                  decider=decider)  # fmt: skip
    questions = [Question("x", "l", "y"), Question("elid", "l", "x"), Question("y", "l", "passwd")]
    linked = link(found, [Link("y", "a")])
    assert list(told(look_up(linked, questions[:1]), [], questions[:1])) == [
        "--lookup x=l:y changes 1 place in 1 call: the id of the l whose y is <id of a>"
    ]
    assert list(told(look_up(found, questions[2:]), [], questions[2:])) == [
        "--lookup y=l:passwd changes 1 place in 1 call: the id of the l whose passwd is $PASSWD"
    ]
