"""Ids that scripts of all languages find out: from an answer, from a list."""

from __future__ import annotations

import pytest

from logreq.model.call import Arg, Env, Id, Lookup
from tests.support.again import LIST, OK, OUTS, Bench, argument, call, targets
from tests.support.documents import Failure
from tests.support.recorder import Recorded, Reply

SERVER = call("server.edit", argument("name"), OK)
DISK = call("disk.edit", ("plid", (Id("server.edit"),)), ("name", ("d-", Id("server.edit"))), OK)


@pytest.mark.parametrize("bench", targets(), indirect=True)
@pytest.mark.parametrize("out", OUTS)
def test_ids_are_those_of_this_run(bench: Bench, out: str) -> None:
    again = call("server.edit", ("elid", (Id("server.edit"),)), ("ip", (Id("disk.edit"),)), OK)
    bench.script(SERVER, DISK, again, out=out)
    ran = bench.run("--name", "web")
    assert (ran.status, ran.err) == (0, ["server.edit: ok", "disk.edit: ok", "server.edit: ok"])
    assert [one.pairs for one in bench.sent] == [
        [("name", "web"), OK],
        [("plid", "4711"), ("name", "d-4711"), OK],
        [("elid", "4711"), ("ip", "501"), OK],
    ]
    # Each row has its own.
    bench.rows("name\ndb\nweb\nmx\n")
    ran = bench.run("--each", "rows.csv", "--existing", "skip", "--keep-going")
    assert ran.status == 1
    assert [line for line in ran.err if line.startswith("row")] == [
        "row 1: ok", "row 2: disk.edit: server.edit answered no id", "row 3: ok",
    ]  # fmt: skip
    assert [one["plid"] for one in bench.sent if one.func == "disk.edit"] == ["4712", "4713"]
    # What was left out has none either.
    ran = bench.run("--from", "2", "--name", "last")
    assert ran.status == 1
    assert ran.err == ["server.edit: left out", "disk.edit: server.edit answered no id"]
    assert bench.silent
    # As logged, without a link, the number is another panel's.
    bench.script(SERVER, call("disk.edit", ("plid", "7"), ("name", "x"), OK), out=out)
    ran = bench.run("--name", "more")
    assert (ran.status, ran.err[-1]) == (1, "disk.edit: No such element")


ANSWERS = {
    "json": [
        '{"doc":{"id":{"$":"12"}}}', '{"doc":{"ok":{},"id":"12"}}', '{"doc":{"id":12}}',
        '{ "doc" :\n {"a":{"id":{"$":"1"}}, "id" : { "$" : 12 } , "b":{"id":3}}}',
    ],
    "xml": [
        "<doc><id>12</id><ok/></doc>", "<doc><ok/><id>12</id></doc>",
        '<?xml version="1.0"?>\n<doc lang="en">\n <a><id>1</id></a>\n <id>12</id>\n'
        " <b><id>3</id></b>\n</doc>\n",
    ],
}  # fmt: skip
NO_IDS = {
    "json": [
        '{"doc":{"ok":{}}}', '{"doc":{"id":{}}}', '{"doc":{"id":null}}', '{"doc":{"id":""}}',
        '{"doc":{"a":{"id":{"$":"1"}}}}', '{"doc":{"elem":[{"id":{"$":"1"}}]}}',
    ],
    "xml": ["<doc><ok/></doc>", "<doc><id/></doc>", "<doc><id></id></doc>",
            "<doc><elem><id>1</id></elem></doc>"],
}  # fmt: skip


@pytest.mark.parametrize("out", OUTS)
def test_places_of_an_id(bench: Bench, out: str) -> None:
    if bench.target.program == "sh" and out == "json":
        pytest.skip("a shell asks for XML where it needs an id")
    bodies = {str(n): body for n, body in enumerate([*ANSWERS[out], *NO_IDS[out]])}
    real = bench.panel.answer

    def answer(request: Recorded) -> Reply:
        body = bodies.get((request.get(b"name") or b"").decode())
        return Reply(body.encode()) if body else real(request)

    bench.panel.answer = answer
    bench.script(SERVER, call("user.edit", ("mail", (Id("server.edit"),))), out=out)
    bench.rows("".join(f"{name}\n" for name in ["name", *bodies]))
    ran = bench.run("--each", "rows.csv", "--keep-going")
    assert [line for line in ran.err if line.startswith("row")] == [
        *(f"row {n + 1}: ok" for n in range(len(ANSWERS[out]))),
        *(
            f"row {n + 1}: user.edit: server.edit answered no id"
            for n in range(len(ANSWERS[out]), len(bodies))
        ),
    ]
    assert [one["mail"] for one in bench.sent] == ["12"] * len(ANSWERS[out])


@pytest.mark.parametrize("out", [*OUTS, "JSONdata"])
def test_lookups(bench: Bench, out: str) -> None:
    if bench.name == "mgrctl" and out == "JSONdata":
        pytest.skip("mgrctl has no such format")
    found = Lookup("server", "name", (Arg("name"),))
    bench.script(call("user.edit", ("mail", ("a", found, "b")), ("name", (found,))), out=out)
    servers = bench.panel.state.tables["server"]
    odd = "a&b <c> \"d\" 'e' \u0438"
    bench.rows("name\n" + "".join(f'"{n}"\n' for n in ["db", odd.replace('"', '""'), "web", "d"]))
    rows = ["db", odd, "web", "web", "db&amp;", "D", " d", "d "]
    ran = bench.run("--name", "db")
    # An empty list, and one of a single row, are no lists in JSON.
    assert (ran.status, ran.err) == (1, ["user.edit: no server where name=db"])
    servers.append({"id": "70", "name": "db", "ip": "web"})
    assert bench.run("--name", "db").status == 0
    assert [one.pairs for one in bench.sent if one.func == "user.edit"] == [
        [("mail", "a70b"), ("name", "70")]
    ]
    servers[:] = [{"id": str(n), "name": name, "ip": "d"} for n, name in enumerate(rows, 71)]
    ran = bench.run("--each", "rows.csv", "--keep-going")
    # What is only looked into is not printed: it has `ip`.
    assert (ran.status, ran.out.count(b"level") > 0, b"ip" in ran.out) == (1, True, False), ran
    assert ran.err == [
        "user.edit: ok",
        "row 1: ok",
        "user.edit: ok",
        "row 2: ok",
        "row 3: user.edit: 2 server where name=web",
        "row 4: user.edit: no server where name=d",
        "2 of 4 rows failed; they are in rows.failed.csv",
    ]
    sent = bench.sent
    assert [one["name"] for one in sent if one.func == "user.edit"] == ["71", "72"]
    assert {tuple(one.pairs) for one in sent if one.func == "server"} == {()}
    ran = bench.run("--name", "\x1b[2J\n$(touch pwned)")
    assert ran.status == 1
    assert ran.err[0].startswith("user.edit: no server where name=")


@pytest.mark.parametrize("out", OUTS)
def test_lookups_that_cannot_be_told(bench: Bench, out: str) -> None:
    site = Lookup("webdomain", "name", (Arg("name"),))
    bench.script(LIST, call("user.edit", ("site", (site,)), ("name", "x")), out=out)
    ran = bench.run("--name", "example.com")
    assert ran.status == 1
    assert ran.err[0] == "iplist: ok"
    assert len(ran.err) == 2
    assert "webdomain where name=example.com has no id" in ran.err[1]
    assert [one.func for one in bench.sent] == ["iplist", "webdomain"]
    # Who is asked says no.
    bench.panel.fail["webdomain"] = Failure("Not today")
    ran = bench.run("--name", "example.com")
    assert (ran.status, len(ran.err)) == (1, 2)
    assert ran.err[1].endswith("Not today")


def test_a_lookup_of_an_id_and_of_a_secret(bench: Bench) -> None:
    mine = Lookup("server", "id", (Id("server.edit"),))
    other = Lookup("server", "name", ("s-", Env("PASSWD"), "'"))
    bench.script(SERVER, call("user.edit", ("name", (mine,)), ("mail", (other,))))
    bench.panel.state.tables["server"].append({"id": "8", "name": "s-$x \"'", "ip": ""})
    env = {"PANEL_AUTHINFO": "root:secret", "PASSWD": '$x "'}
    ran = bench.run("--name", "web", env=env)
    assert ran.status == 0, ran
    assert bench.sent[-1].pairs == [("name", "4711"), ("mail", "8")]
    ran = bench.run("--dry-run", env=env)
    assert ran.lines[-2:] == [
        "  name=<id of server where id=<id of server.edit>>",
        "  mail=<id of server where name=s-$PASSWD'>",
    ]
