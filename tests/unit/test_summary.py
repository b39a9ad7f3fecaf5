"""What a run says beside its calls: what is left out, deleted, paid, sent without its file."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from logreq.convert.summary import LeftOut, of_script
from logreq.emitters import load
from logreq.model.call import Argument
from logreq.model.connection import Connection
from logreq.rules.load import rule_set
from tests.emitters.test_rights import said
from tests.support.cli import logreq
from tests.support.rulecases import decider, request
from tests.support.strategies import log_line

URL = load("url")(Connection())


def told(*queries: str, arguments: tuple[Argument, ...] = ()) -> list[str]:
    """Tell about a script of queries."""
    make = decider(rule_set())
    return of_script([make(request(query)) for query in queries], URL, arguments)


@pytest.mark.parametrize(
    ("queries", "lines"),
    [
        (["func=user.edit&name=a&sok=ok"], []),
        (
            ["func=user&a=1", "elid=old.example.com&func=webdomain.delete&sok=ok"],
            ["1 of 2 calls deletes: webdomain.delete old.example.com"],
        ),
        (
            ["elid=a.example&func=site.edit&remove_directory=on", "elid=b&func=email.clear"],
            ["2 of 2 calls delete: site.edit a.example, email.clear b"],
        ),
        (["func=site.edit&remove_directory=off&name=a"], []),
        (["func=undelete.edit&name=a"], []),
        (
            ["elid=a123&func=payment.setpaid", "func=vds.order.param&skipbasket=on&sok=ok"],
            ["2 of 2 calls move money: payment.setpaid a123, vds.order.param"],
        ),
        (["func=invoice.pay&elid=a1"], ["1 of 1 calls moves money: invoice.pay a1"]),
        (["func=sslcert.prolong&elid=a&sok=ok"], []),
        (["func=payment_receipt.success"], ["1 of 1 calls moves money: payment_receipt.success"]),
        (["func=vds.order.param&skipbasket=off&sok=ok"], []),
        (
            ["func=db.upload&elid=shop&sok=ok", "func=ticket.edit&file_1=&elname=x"],
            ["2 of 2 calls send no file: db.upload shop, ticket.edit x"],
        ),
        (
            ["elid=17&func=vm.edit&sok=ok", "elid=17&func=a", "elid=1089,%201090&plid=3&func=a"],
            ["numbers of this installation, which others do not have:"
             " elid=17, elid=1089, 1090, plid=3"],
        ),
        (["elid=a17&func=vm.edit", "id=17&func=a", "elid=17a&func=b", "elid=&plid=*&func=c"],
         ["masked in the log and left out: plid; --keep NAME asks for it"]),
        (
            ["confirm=*&func=user.edit&passwd=*", "func=email.edit&passwd=*"],
            ["masked in the log and left out: confirm, passwd; --keep NAME asks for it"],
        ),
        (["authinfo=*&func=user"], []),
        (
            [f"elid=a{number}&func=user.delete" for number in range(7)],
            ["7 of 7 calls delete: user.delete a0, user.delete a1, user.delete a2,"
             " user.delete a3, user.delete a4 and 2 more"],
        ),
        (
            [f"elid=%1b[2J{'x' * 80}&func=a%0a.delete"],
            [f"1 of 1 calls deletes: a\\x0a.delete \\x1b[2J{'x' * 53}..."],
        ),
        (["auth=ID&elid=ID&func=a.delete"], ["1 of 1 calls deletes: a.delete"]),
    ],
)  # fmt: skip
def test_scripts(queries: list[str], lines: list[str]) -> None:
    assert told(*queries) == lines


def test_a_number_that_is_an_argument_is_not_told() -> None:
    assert told("elid=17&func=vm.edit", arguments=(Argument("vm", "17"),)) == []


@pytest.mark.parametrize("to", ["curl", "mgrctl", "python"])
def test_a_script_says_it(to: str) -> None:
    log = log_line(b"elid=17&func=vm.edit&mem=2048&sok=ok") + log_line(b"func=a.delete&elid=b")
    assert said("--script", "-t", to, log=log) == [
        "1 of 2 calls deletes: a.delete b",
        "numbers of this installation, which others do not have: elid=17",
    ]
    assert said("--script", "-t", to, "--param", "vm=17", log=log) == [
        "1 of 2 calls deletes: a.delete b",
        "--param vm changes 1 place in 1 call",
    ]
    assert said("-t", to, log=log) == []


VIEWS = log_line(b"func=user") + log_line(b"func=db") + log_line(b"func=periodic")
SPLIT = "--actions left out {} and {}"


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (VIEWS, SPLIT.format("2 views", "1 background request")),
        (log_line(b"func=user"), SPLIT.format("1 view", "0 background requests")),
        (log_line(b"func=menu") * 2, SPLIT.format("0 views", "2 background requests")),
    ],
)
def test_what_actions_leave_out(log: bytes, words: str) -> None:
    last = log_line(b"func=a.delete")
    for command in (["convert"], ["list"], ["rules", "explain"], ["convert", "-t", "json"]):
        done = logreq(*command, "-p", "isp", "-a", stdin=log + last)
        assert done.err.splitlines()[0] == f"logreq: {words}"
        assert words not in logreq(*command, "-p", "isp", stdin=log + last).err
        assert logreq(*command, "-q", "-a", stdin=log + last).err == ""
        assert words not in logreq(*command, "-a", "-p", "isp", stdin=last).err


def test_only_what_else_was_wanted_counts() -> None:
    done = logreq("convert", "-p", "isp", "-a", "-w", "func == user", stdin=VIEWS)
    assert done.err.startswith(
        "logreq: --where left out 2 requests\n"
        "logreq: --actions left out 1 view and 0 background requests\n"
    )


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_several_processes_count_as_one(
    jobs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logreq.convert.parallel.RANGE", 1000)
    log = tmp_path / "ispmgr.log"
    last = log_line(b"func=a.delete&sok=ok&passwd=*") + log_line(b"func=b.delete&my_token=*")
    log.write_bytes(VIEWS * 20 + last + VIEWS * 20)
    done = logreq("convert", "-t", "url", "-a", "-j", jobs, log)
    assert done.err.splitlines()[:2] == [
        "logreq: --actions left out 80 views and 40 background requests",
        "logreq: masked in the log and left out: my_token, passwd; --keep NAME asks for it",
    ]


def test_what_is_masked_is_told_where_no_note_is() -> None:
    log = log_line(b"func=user.edit&passwd=*") + log_line(b"func=x.edit&paynow=on&a%1bb=*&value=1")
    done = logreq("convert", "-p", "isp", "-t", "url", stdin=log)
    assert "logreq: masked in the log and left out: a\\x1bb, passwd; --keep NAME asks" in done.err
    done = logreq("convert", "-p", "isp", "-t", "url", "--keep", "*", stdin=log)
    assert "left out" not in done.err
    done = logreq("convert", "-p", "isp", "-t", "curl", stdin=log)
    assert "left out: " not in done.err
    assert "was masked in the log and is left out" in done.text


def test_counting() -> None:
    left, other = LeftOut(), LeftOut()
    other.kinds["view"] += 2
    other.masked["a"] = None
    left.add(other)
    left.add(pickle.loads(pickle.dumps(other)))
    taken = left.take()
    assert taken.lines()[0].startswith("--actions left out 4 views")
    assert left.lines() == []
    assert len(taken.lines()) == 2
