"""Two runs of the same clicks: what of them becomes arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreq.convert.again import Asked, Made, made
from logreq.convert.align import Run
from logreq.convert.arguments import parse_params
from logreq.convert.linking import parse_link, parse_lookup
from logreq.emitters.again import asks
from logreq.errors import UsageError
from logreq.model.call import Argument, Call
from logreq.model.outcome import Outcome
from logreq.model.request import Param
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set
from tests.support.twice import Pairs, calls, run, sent

RULES = rule_set()
NOTHING = "--again: nothing differs between the two runs that could be an argument"
Click = tuple[str, Pairs]


def site(name: str, domain: str, ip: str) -> list[Click]:
    """Make clicks that set up a user and his site, as ISPmanager logs them."""
    return [
        ("user.edit", [("name", name), ("fullname", name.title()), ("passwd", "*"),
                       ("email", f"webmaster@{domain}"), ("limit_db", "10"), ("sok", "ok")]),
        ("webdomain.edit", [("name", domain), ("owner", name), ("ipaddrs", ip),
                            ("aliases", f"www.{domain} mail.{domain}"),
                            ("docroot", f"/var/www/{name}/data/www/{domain}"), ("sok", "ok")]),
        ("emaildomain.edit", [("name", domain), ("owner", name), ("sok", "ok")]),
        ("db.edit", [("name", f"{name}_db"), ("owner", name), ("note", "alice"), ("sok", "ok")]),
    ]  # fmt: skip


def order(client: str, server: str, plid: str, elid: str = "7") -> list[Click]:
    """Make clicks that order a server for a client, as BILLmanager logs them."""
    return [
        ("client", [("elid", elid)]),
        ("client.edit", [("elid", elid), ("realname", client), ("sok", "ok")]),
        ("server.edit", [("account", elid), ("name", server), ("sok", "ok")]),
        ("server.rename", [("plid", plid), ("name", f"{server}.example.com"), ("sok", "ok")]),
        ("server.stop", [("elid", plid), ("plid", plid)]),
        ("server.resume", [("elid", plid)]),
    ]


def compared(
    first: Sequence[Click], second: Sequence[Click], *params: str, keep: Sequence[str] = (),
    secrets: str = "env", links: Sequence[str] = (), lookups: Sequence[str] = (),
) -> Made:  # fmt: skip
    decider = Decider(rule_set(keep=keep), secrets=secrets)
    runs = run(*first, decider=decider), run(*second, decider=decider, number=11)
    asked = Asked(parse_params(params), [*map(parse_link, links)], [*map(parse_lookup, lookups)])
    found = made(runs[0], asked, runs[1], RULES.kind)
    # The first run is what comes of the arguments' defaults.
    defaults = dict(found.arguments)
    if not (links or lookups):
        assert sent(found.calls, defaults) == sent(runs[0].calls, {})
    return found


ALICE = site("alice", "example.com", "192.0.2.10")
BOB = site("bob", "example.org", "192.0.2.20")


def test_a_site_that_was_set_up_twice() -> None:
    found = compared(ALICE, BOB)
    assert found.again
    assert found.arguments == [
        ("name", "alice"), ("fullname", "Alice"), ("name-2", "example.com"),
        ("ipaddrs", "192.0.2.10"),
    ]  # fmt: skip
    assert found.lines == [
        "--name: alice here, bob there: 6 places in 4 calls",
        "--fullname: Alice here, Bob there: 1 place in 1 call",
        "--name-2: example.com here, example.org there: 6 places in 3 calls",
        "--ipaddrs: 192.0.2.10 here, 192.0.2.20 there: 1 place in 1 call",
    ]
    # What is the same in both stays: the note, and the sites' addresses.
    other = {"name": "eve", "fullname": "Eve", "name-2": "x.net", "ipaddrs": "192.0.2.30"}
    eve = site("eve", "x.net", "192.0.2.30")
    assert sent(found.calls, other) == sent(calls(*eve), {})
    assert sent(found.plain, {}) == sent(calls(*ALICE), {})


def test_given_arguments_keep_their_names() -> None:
    found = compared(ALICE, BOB, "site=example.com", "limit=10", "user=alice")
    assert found.arguments == [
        ("site", "example.com"), ("limit", "10"), ("user", "alice"), ("fullname", "Alice"),
        ("ipaddrs", "192.0.2.10"),
    ]  # fmt: skip
    assert found.lines == [
        "--user: alice here, bob there: 6 places in 4 calls",
        "--fullname: Alice here, Bob there: 1 place in 1 call",
        "--site: example.com here, example.org there: 6 places in 3 calls",
        "--ipaddrs: 192.0.2.10 here, 192.0.2.20 there: 1 place in 1 call",
        # It is the same in both runs: then it is text, as without a second run.
        "--param limit changes 1 place in 1 call",
    ]
    with pytest.raises(UsageError, match="--param x: no parameter of the calls holds 'carol'"):
        compared(ALICE, BOB, "x=carol")


def arguments(first: Pairs, second: Pairs, *params: str, **more: Any) -> dict[str, str]:
    """Compare two calls of a function; give the arguments."""
    return dict(compared([("f", first)], [("f", second)], *params, **more).arguments)


def test_names_of_arguments() -> None:
    def named(*names: str) -> list[str]:
        here, there = ([(n, f"{run}{at}") for at, n in enumerate(names)] for run in ("a", "b"))
        return list(arguments(here, there))

    assert named("Zoom_IP", "help", "from", "\u0438\u043c\u044f", "x", "x") == [
        "zoom-ip", "the-help", "the-from", "value", "x", "x-2",
    ]  # fmt: skip
    # A parameter whose name is free; `elname` is the interface's; whole values name first.
    assert arguments(
        [
            ("w", "www.a.com"),
            ("name", "bob"),
            ("name", "a.com"),
            ("elname", "a.com"),
            ("domain", "a.com"),
        ],
        [
            ("w", "www.b.net"),
            ("name", "tim"),
            ("name", "b.net"),
            ("elname", "b.net"),
            ("domain", "b.net"),
        ],
    ) == {"domain": "a.com", "name": "bob"}
    assert arguments([("name", "bob"), ("elname", "a")], [("name", "tim"), ("elname", "b")]) == {
        "name": "bob", "elname": "a",
    }  # fmt: skip
    # What stands nowhere by itself is named by what holds it.
    assert arguments(
        [("a", "www.x.com"), ("b", "mail.x.com")], [("a", "www.y.com"), ("b", "mail.y.com")]
    ) == {"a": "x.com"}


def test_given_arguments_that_stand_in_longer_values_only() -> None:
    assert arguments(
        [("a", "www.x.com"), ("b", "mail.x.com")], [("a", "www.y.net"), ("b", "mail.y.net")],
        "d=x.com",
    ) == {"d": "x.com"}  # fmt: skip
    mail = [("m", "alice@x.com")], [("m", "bob@y.net")]
    assert arguments(*mail) == {"m": "alice@x.com"}
    assert arguments(*mail, "d=x.com") == {"d": "x.com", "m": "alice"}
    assert arguments(*mail, "d=alice") == {"d": "alice", "m": "x.com"}
    assert arguments(*mail, "d=alice", "e=x.com") == {"d": "alice", "e": "x.com"}
    ns = [("ns", "ns1.x.com ns2.x.com")], [("ns", "ns1.y.net ns2.y.net")]
    assert arguments(*ns, "d=x.com") == {"d": "x.com"}
    # The shortest value that tells it.
    assert arguments(
        [("a", "on x.com, off"), ("b", "x.com.")], [("a", "on y.net, off"), ("b", "y.net.")],
        "d=x.com",
    ) == {"d": "x.com"}  # fmt: skip
    long = ("a", "-x.com more"), ("a", "-y.net z more")
    first, second = ([one, (name, text), one] for one, name, text in
                     zip(long, "bb", ("x.com.", "y.net.")))  # fmt: skip
    found = compared([("f", first)], [("f", second)], "d=x.com")
    assert found.lines[1] == "--d: x.com here, y.net there: 1 place in 1 call"


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("alicex", "bobx1"),  # nothing ends it
        ("www.alice", "bob"),  # nothing begins it
        ("a.b.alice", "a.bob"),
        ("alice.", "."),
        ("alice-a", "alice-b"),  # it is not what differs
        ("xalice", "yalice"),
        ("webalice", "tomwebzoe"),
        ("x" * 2_000 + "alice", "y"),
    ],
)
def test_given_arguments_that_explain_nothing(here: str, there: str) -> None:
    with pytest.raises(UsageError, match="--param d: no parameter of the calls holds 'alice'"):
        arguments([("x", here)], [("x", there)], "d=alice")
    # It is text in the others.
    assert arguments([("x", here), ("y", "alice")], [("x", there), ("y", "alice")], "d=alice") == {
        "d": "alice", "x": here,
    }  # fmt: skip


def test_given_arguments_of_whole_values() -> None:
    pairs = [("a", "x.com"), ("b", "www.x.com")], [("a", "y.net"), ("b", "www.y.net")]
    assert arguments(*pairs, "d==x.com") == {"d": "x.com", "b": "www.x.com"}
    with pytest.raises(UsageError, match=r"no parameter of the calls holds 'x\.com'"):
        arguments(pairs[0][1:], pairs[1][1:], "d==x.com")
    # Several in the second run: the one that is there most often.
    assert arguments(
        [("a", "x"), ("b", "x"), ("c", "x")], [("a", "z"), ("b", "y"), ("c", "y")], "d=x"
    ) == {"d": "x", "a": "x"}


def test_one_that_is_explained_by_others_is_none() -> None:
    with pytest.raises(UsageError, match=r"--param d: no parameter of the calls holds 'x\.com'"):
        arguments([("a", "www.x.com")], [("a", "www.y.net")], "d=x.com", "e=www.x.com")


def test_the_same_value_twice_is_another_in_the_second_run() -> None:
    found = compared([("f", [("name", "test"), ("db", "test")])],
                     [("f", [("name", "alice"), ("db", "alicedb")])])  # fmt: skip
    assert found.arguments == [("name", "test"), ("db", "test")]
    assert sent(found.calls, {"name": "1", "db": "2"}) == [("f", [("name", "1"), ("db", "2")])]


def test_ids_are_never_guessed() -> None:
    found = compared(order("Acme", "web", "512"), order("Emca", "mail", "515", "9"))
    # The first call can have been answered by nothing: it is typed, and so is the same later.
    assert found.arguments == [("elid", "7"), ("realname", "Acme"), ("name", "web")]
    end = (
        " nothing that was typed explains it; if server.edit (call 3) answered it: --link"
        " {0}=server.edit; else a list can be asked: --lookup {0}=LIST:name"
    )
    assert found.lines == [
        "--elid: 7 here, 9 there: 3 places in 3 calls; a list can be asked: --lookup"
        " elid=LIST:name",
        "--realname: Acme here, Emca there: 1 place in 1 call",
        "--name: web here, mail there: 2 places in 2 calls",
        "plid of call 4 (server.rename) and 1 more call: 512 here, 515 there:" + end.format("plid"),
        "elid of call 5 (server.stop) and 1 more call: 512 here, 515 there:" + end.format("elid"),
    ]
    assert sent(found.calls, {"elid": "1", "realname": "2", "name": "3"}) == sent(
        calls(*order("2", "3", "512", "1")), {}
    )


def twice(name: str, value: str) -> list[Click]:
    """Make an action, and a call behind it that has a parameter."""
    return [("a.edit", [("sok", "ok")]), ("f", [(name, value)])]


def test_which_call_can_have_answered_an_id() -> None:
    def told(*before: Click) -> str:
        first, second = ([*before, ("vm.stop", [("plid", n)])] for n in "34")
        (line,) = compared(first, second).lines
        return line.partition("; ")[2].partition(":")[0]

    old = ("disk.edit", [("elid", "1"), ("sok", "ok")])
    new = ("disk.edit", [("sok", "ok")])
    own = ("vm.edit", [("sok", "ok")])
    form: Click = ("vm.edit", [])
    assert told(old) == "if disk.edit (call 1) answered it"
    assert told(new, old) == "if disk.edit (call 1) answered it"
    assert told(own, new, form) == "if vm.edit (call 1) answered it"
    # Before any action it is typed.
    assert told(form) == "a list can be asked"
    first, second = (twice("x\x1bid", text) for text in "34")
    (line,) = compared(first, second).lines
    assert line == (
        r"x\x1bid of call 2 (f): 3 here, 4 there: nothing that was typed explains it; if a.edit"
        " (call 1) answered it: --link PARAM=...; else a list can be asked: --lookup PARAM=..."
    )


def test_what_is_no_id() -> None:
    def found(name: str, here: str, there: str) -> list[Argument]:
        return list(compared(twice(name, here), twice(name, there)).arguments)

    assert found("orderid", "1, 2", "3") == []
    assert found("orderId", "1", "3") == []
    assert found("order", "1", "3") == [("order", "1")]
    assert found("orderid", "1", "alice") == [("orderid", "1")]
    assert found("orderid", "alice", "1") == [("orderid", "alice")]
    assert found("idle", "1", "2") == [("idle", "1")]


def test_links_and_lookups_explain_ids() -> None:
    found = compared(
        order("Acme", "web", "512"), order("Emca", "mail", "515", "9"),
        links=["plid=server.edit", "elid=server.edit"], lookups=["account=client:realname"],
    )  # fmt: skip
    assert found.lines == [
        "--link plid=server.edit changes 2 places in 2 calls",
        "--link elid=server.edit changes 2 places in 2 calls",
        "--lookup account=client:realname changes 1 place in 1 call: the id of the client whose"
        " realname is --realname",
        "--elid: 7 here, 9 there: 2 places in 2 calls; a list can be asked: --lookup"
        " elid=LIST:name",
        "--realname: Acme here, Emca there: 2 places in 2 calls",
        "--name: web here, mail there: 2 places in 2 calls",
    ]
    assert sent(found.calls, {"elid": "1", "realname": "2", "name": "3"}) == [
        ("client", [("elid", "1")]),
        ("client.edit", [("elid", "1"), ("realname", "2"), ("sok", "ok")]),
        ("server.edit", [("account", "<client realname 2>"), ("name", "3"), ("sok", "ok")]),
        ("server.rename",
         [("plid", "<server.edit>"), ("name", "3.example.com"), ("sok", "ok")]),
        ("server.stop", [("elid", "<server.edit>"), ("plid", "<server.edit>")]),
        ("server.resume", [("elid", "<server.edit>")]),
    ]  # fmt: skip
    # What is looked for differs as well, be it told by the interface only.
    found = compared([("f", [("elid", "3"), ("elname", "x.com")])],
                     [("f", [("elid", "4"), ("elname", "y.net")])],
                     lookups=["elid=site:name"])  # fmt: skip
    assert found.arguments == [("name", "x.com")]
    assert found.lines == [
        "--lookup elid=site:name changes 1 place in 1 call: the id of the site whose name is"
        " --name",
        "--name: x.com here, y.net there: 2 places in 1 call",
    ]


def test_ids_that_cannot_be_found_out_in_the_second_run() -> None:
    first, second = ([("f", [("elid", "3"), ("elname", text)])] for text in ("a", "a, b"))
    with pytest.raises(UsageError) as error:
        compared(first, second, lookups=["elid=site:name"])
    assert str(error.value) == (
        "in the second run: --lookup elid=site:name: call 1 (f) names several: a, b; --nth without"
        " this call, or click one at a time"
    )


def test_secrets_are_variables_and_never_shown() -> None:
    def click(name: str, passwd: str, more: str = "x") -> list[Click]:
        pairs = [("name", name), ("passwd", passwd), ("confirm", passwd)]
        return [("f", pairs), ("g", [("passwd", more), ("note", passwd)])]

    found = compared(click("alice", "one"), click("bob", "two"))
    # It is no secret of the second call: there it is a value as any, but it is not shown.
    assert found.lines == [
        "--name: alice here, bob there: 1 place in 1 call",
        "--note: (secret, not shown): 1 place in 1 call",
    ]
    assert sent(found.calls, {"name": "eve", "note": "x"})[0] == (
        "f", [("name", "eve"), ("passwd", "$PASSWD"), ("confirm", "$PASSWD")],
    )  # fmt: skip
    # One that is a secret in the second run only is not shown either.
    second = [*click("bob", "two")[:1], ("g", [("passwd", "x"), ("note", "two")])]
    found = compared([*click("alice", "one")[:1], ("g", [("passwd", "x"), ("note", "y")])], second)
    assert found.lines[1] == "--note: (secret, not shown): 1 place in 1 call"
    # With --secrets keep they are literals; no part of one is shown.
    found = compared(
        [("f", [("passwd", "a-one"), ("secret", "b-one")])],
        [("f", [("passwd", "a-two"), ("secret", "b-two")])], secrets="keep",
    )  # fmt: skip
    assert found.arguments == [("passwd", "a-one"), ("secret", "b-one")]
    assert found.lines == [
        "--passwd: (secret, not shown): 1 place in 1 call",
        "--secret: (secret, not shown): 1 place in 1 call",
    ]


def test_secrets_that_are_not_alike_are_told() -> None:
    found = compared(
        [("f", [("name", "abc"), ("passwd", "abc"), ("x", "1")])],
        [("f", [("name", "bob"), ("passwd", "xyz"), ("x", "xyz")])],
    )
    assert found.arguments == []
    assert found.lines == [
        "name of call 1 (f): a secret in one run only: it stays as in the first run",
        "x of call 1 (f): a secret in one run only: it stays as in the first run",
    ]
    one = [("f", [("passwd", "a")]), ("g", [("passwd", "a")]), ("h", [("passwd", "a")])]
    two = [("f", [("passwd", "b")]), ("g", [("passwd", "b")]), ("h", [("passwd", "c")])]
    assert compared(one, two).lines == [
        "passwd of call 3 (h): one secret in the first run, several in the second",
    ]
    assert compared(two, one).lines == [NOTHING]
    # What was masked is another one in each call.
    masked = [("f", [("passwd", "*")]), ("g", [("passwd", "*")])]
    assert compared(masked, masked, keep=["passwd"]).lines == [NOTHING]


def test_an_argument_may_decide_that_something_is_deleted() -> None:
    pairs = [[("remove_directory", text), ("paynow", text)] for text in ("off", "on", "ok")]
    delete, pay = [("a.stop", [pairs[0][0]])], [("a.order", [pairs[0][1]])]
    assert asks(compared(delete, [("a.stop", [pairs[1][0]])]).calls) == ["a.stop"]
    assert asks(compared(pay, [("a.order", [pairs[1][1]])]).calls) == ["a.order"]
    assert asks(calls(*delete, *pay)) == []
    assert asks(calls(("a.stop", pairs[1][:1]), ("a.order", pairs[1]))) == ["a.stop", "a.order"]


def test_runs_that_are_the_same() -> None:
    found = compared(ALICE, ALICE)
    assert (found.again, found.arguments) == (True, [])
    assert found.lines == [NOTHING]
    assert compared(ALICE, ALICE, "name=alice").lines == [
        "--param name changes 7 places in 4 calls",
        NOTHING,
    ]
    assert compared([], []) == ((), (), (), (), True)


def test_empty_values() -> None:
    found = compared([("f", [("a", ""), ("b", "x")])], [("f", [("a", "y"), ("b", "")])],
                     keep=["a", "b"])  # fmt: skip
    assert found.lines == [
        "--a: '' here, y there: 1 place in 1 call",
        "--b: x here, '' there: 1 place in 1 call",
    ]


NTH = "; --nth, --again and -w choose others"


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ([("a", []), ("b", [])], [("a", []), ("c\x1b", [])],
         "the runs part at call 2: b (number 2 in isp.log:2) in the first, c\\x1b (number 12 in"
         " isp.log:2) in the second" + NTH),
        ([("a", []), ("b", [])], [("a", [])],
         "the first run has 2 calls, the second 1: call 2 (b) of the first, number 2 in isp.log:2,"
         " has no like in the second" + NTH),
        ([("a", [])], [("a", []), ("b", [])],
         "the first run has 1 call, the second 2: call 2 (b) of the second, number 12 in"
         " isp.log:2, has no like in the first" + NTH),
        ([("a", [("x", "1"), ("y", "2")])], [("a", [("x", "1")])],
         "call 1 (a), number 1 in isp.log:1 and number 11 in isp.log:1: only the first run sends"
         " y; --drop y in none"),
        ([("a", [("x", "1")])], [("a", [("w", "3"), ("x", "1")])],
         "call 1 (a), number 1 in isp.log:1 and number 11 in isp.log:1: only the second run sends"
         " w; --drop w in none"),
        ([("a", [("x", "1"), ("y", "")])], [("a", [("x", "1"), ("y", "2")])],
         "call 1 (a), number 1 in isp.log:1 and number 11 in isp.log:1: only the second run sends"
         " y, it is empty in the other; --keep y sends it in both, --drop y in none"),
        ([("a", [("out", "1")])], [("a", [("out", "*")])],
         "call 1 (a), number 1 in isp.log:1 and number 11 in isp.log:1: only the first run sends"
         " out, it is dropped in the other; --keep out sends it in both, --drop out in none"),
        ([("a", [("x*", "1")])], [("a", [])],
         "call 1 (a), number 1 in isp.log:1 and number 11 in isp.log:1: only the first run sends"
         " x*"),
        ([("a", [("x", "1"), ("y", "2")])], [("a", [("y", "2"), ("x", "1")])],
         "call 1 (a), number 1 in isp.log:1 and number 11 in isp.log:1: the parameters stand in"
         " another order: x in the first run where the second has y"),
        ([("a", [("x", "1"), ("y", "2")])], [("a", [("x", "1"), ("z", "1"), ("y", "2")])],
         "call 1 (a), number 1 in isp.log:1 and number 11 in isp.log:1: only the second run sends"
         " z; --drop z in none"),
        ([("a", [("x", "1"), ("x", "2")])], [("a", [("x", "1")])],
         "call 1 (a), number 1 in isp.log:1 and number 11 in isp.log:1: only the first run sends"
         " x; --drop x in none"),
    ],
)  # fmt: skip
def test_runs_of_other_clicks(
    first: Sequence[Click], second: Sequence[Click], message: str
) -> None:
    with pytest.raises(UsageError) as error:
        compared(first, second)
    assert str(error.value) == f"--again: {message}"


def test_runs_of_two_panels() -> None:
    runs = [run(("a", [])), run(("a", []))]
    (call,) = runs[1].calls
    other = call._replace(request=call.request._replace(panel="billmgr"))
    with pytest.raises(UsageError) as error:
        made(runs[0], Asked(), Run([7], [other]), RULES.kind)
    assert str(error.value) == (
        "--again: the runs part at call 1: ispmgr (number 1 in isp.log:1) in the first, billmgr"
        " (number 7 in isp.log:1) in the second" + NTH
    )


def test_clicks_that_were_refused_are_left_out_by_an_option() -> None:
    first, second = run(("a", []), ("b", [])), run(("b", []))
    (call,) = second.calls
    for outcome, more in (
        (Outcome(True, "exists"), ", --worked leaves out what the panel refused"),
        (Outcome(False), ""),
    ):
        with pytest.raises(UsageError) as error:
            made(first, Asked(), Run([7], [call._replace(outcome=outcome)]), RULES.kind)
        assert str(error.value) == (
            "--again: the runs part at call 1: a (number 1 in isp.log:1) in the first, b (number 7"
            " in isp.log:1) in the second" + NTH + more
        )


def test_scripts_of_one_run() -> None:
    found = made(run(*ALICE), Asked(), None, RULES.kind)
    assert not found.again
    assert sent(found.calls, {}) == sent(calls(*ALICE), {})
    assert [line.partition(":")[0] for line in found.lines] == [
        "alice stands in 7 places in 4 calls",
        "example.com stands in 6 places in 3 calls",
    ]
    assert made(run(*ALICE), Asked(safe=True), None, RULES.kind).again
    found = made(run(*ALICE), Asked(parse_params(["d=example.com"])), None, RULES.kind)
    assert found.again
    assert found.arguments == [("d", "example.com")]
    assert found.lines[0] == "--param d changes 6 places in 3 calls"
    found = made(run(*order("Acme", "web", "5")), Asked(links=[parse_link("plid=server.edit")]),
                 None, RULES.kind)  # fmt: skip
    assert found.again
    assert found.lines[0] == "--link plid=server.edit changes 2 places in 2 calls"
    lookups = [parse_lookup("plid=server:name")]
    found = made(run(*order("Acme", "web", "5")), Asked(lookups=lookups), None, RULES.kind)
    assert found.again
    assert made(run(), Asked(safe=True), None, RULES.kind) == ((), (), (), (), True)


# Templates: text, or the number of a variable.
PIECE = st.one_of(st.integers(0, 3), st.text("abx19.@/_- ", min_size=1, max_size=6))
TEMPLATE = st.lists(
    st.lists(st.lists(PIECE, min_size=1, max_size=4), min_size=1, max_size=4),
    min_size=1, max_size=4,
)  # fmt: skip
Template = list[list[list[Any]]]


def filled_in(template: Template, values: Sequence[str]) -> list[Click]:
    """Make clicks of a template, a call for each list."""
    return [
        (f"f{at}.edit", [
            (f"n{place}", "".join(values[p] if isinstance(p, int) else p for p in pieces))
            for place, pieces in enumerate(call)
        ])
        for at, call in enumerate(template)
    ]  # fmt: skip


def plain_run(clicks: Sequence[Click]) -> Run:
    """Make a run whose values are what they are, empty ones and asterisks, too."""
    found: list[Call] = []
    for click in calls(*clicks, decider=Decider(rule_set(keep_empty=True))):
        kept = [one if one.keep else _kept(one.param) for one in click.decisions[1:]]
        found.append(click._replace(decisions=[click.decisions[0], *kept]))
    return Run(range(len(found)), found)


def _kept(param: Param) -> Any:
    from logreq.model.call import Decision

    return Decision(param, keep=True)


@given(TEMPLATE, st.lists(st.text("abx1.@- \u0436", max_size=5), min_size=8, max_size=8))
def test_whatever_differs_both_runs_come_out(template: Template, values: list[str]) -> None:
    runs = [plain_run(filled_in(template, some)) for some in (values[:4], values[4:])]
    found = made(runs[0], Asked(), runs[1], RULES.kind)
    assert sent(found.calls, dict(found.arguments)) == sent(runs[0].calls, {})
    # Which value each argument has in the second run is told, no other value differs.
    second = {}
    for name, here in found.arguments:
        (line,) = [line for line in found.lines if line.startswith(f"--{name}: ")]
        told = line.removeprefix(f"--{name}: {here or chr(39) * 2} here, ").rpartition(" there: ")[
            0
        ]
        second[name] = "" if told == "''" else told
    assert sent(found.calls, second) == sent(runs[1].calls, {})


def words(run: int) -> st.SearchStrategy[list[str]]:
    """Make values of four variables that are not parts of one another, or of a template's text."""
    return st.tuples(
        *(st.text("cdefgh", min_size=2, max_size=8).map(f"{letter}{{}}{'ijk'[run]}".format)
          for letter in "QRST")
    ).map(list)  # fmt: skip


@given(TEMPLATE, words(0), words(1), words(2))
def test_other_arguments_give_the_templates_calls(
    template: Template, first: list[str], second: list[str], third: list[str]
) -> None:
    template = [[[0], [1], [2], [3]], *template]
    runs = [plain_run(filled_in(template, some)) for some in (first, second, third)]
    found = made(runs[0], Asked(), runs[1], RULES.kind)
    assert dict(found.arguments) == dict(zip(("n0", "n1", "n2", "n3"), first))
    assert sent(found.calls, dict(zip(("n0", "n1", "n2", "n3"), third))) == sent(runs[2].calls, {})
