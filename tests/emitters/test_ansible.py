"""Ansible: one list of tasks, each byte in the body, no template and no secret of a log in it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given

from logreq.emitters import ansible
from logreq.emitters.ansible import Ansible
from logreq.errors import EmitError
from logreq.log.line import parse_line
from logreq.model.call import Call
from logreq.model.connection import Connection
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set
from tests.support.recorder import Pairs, decode_form
from tests.support.strategies import HOSTILE, log_line, pairs, panel_encode

LIST = b"func=domain"
EDIT = b"func=domain.edit&elid=example.com&name=example.com&owner=www-root&ip=192.0.2.1&sok=ok"
RESTART = b"func=webdomain.edit&elid=example.com&sok=ok"
# What templates of a log would do if they were evaluated.
TEMPLATES = (
    b"{{ lookup('pipe', 'touch pwned') }}",
    b"{% raw %}",
    b"{# a #}",
    b"{{ 7 * 7 }}",
    b"{'a': 1}",
    b"[1]",
    b"- a: !unsafe b",
)


def call(query: bytes, *, user: bytes = b"root", keep: bool = False) -> Call:
    request = parse_line(log_line(query, user=user), source="ispmgr.log")
    assert isinstance(request, Request)
    rules = rule_set(user=None, keep=["*"] if keep else [])
    return Decider(rules, secrets="keep" if keep else "env")(request)


def emit(connection: Connection, *calls: Call) -> str:
    emitter = Ansible(connection)
    return emitter.separator.join([emitter.snippet(one) for one in calls])


class Loader(yaml.SafeLoader):
    """Knows Ansible's tag."""


Loader.add_constructor("!unsafe", lambda loader, node: "unsafe " + str(node.value))


def blocks(text: str) -> list[dict[str, Any]]:
    made = yaml.load(text, Loader)
    assert isinstance(made, list)
    return made


def posts(block: dict[str, Any]) -> list[dict[str, Any]]:
    return [task for task in block["block"] if "ansible.builtin.uri" in task]


def bodies(text: str) -> list[str]:
    return [posts(block)[-1]["ansible.builtin.uri"]["body"] for block in blocks(text)]


def test_a_call_is_one_item_of_a_list() -> None:
    connection = Connection("https://panel.example:1500", lang="en", su="a b")
    text = emit(connection, call(LIST), call(EDIT))
    assert text.startswith(
        "# Feb  6 08:08:07  root from 192.0.2.33  domain  ispmgr.log:1\n- name: "
    )
    assert "\n\n# Feb  6" in text
    first, second = blocks(text)
    assert (first["name"], second["name"]) == ("domain", "domain.edit")
    (post,) = posts(second)
    sent = post["ansible.builtin.uri"]
    assert sent["url"] == "https://panel.example:1500/ispmgr"
    assert sent["method"] == "POST"
    assert "validate_certs" not in sent
    assert sent["body"] == (
        EDIT.decode() + "&out=json&lang=en&su=a%20b"
        "&authinfo={{ lookup('ansible.builtin.env', 'PANEL_AUTHINFO') | urlencode }}"
    )
    assert post["no_log"] is True


def test_nothing_is_hidden_where_nothing_is_secret() -> None:
    (block,) = blocks(emit(Connection(auth="none", insecure=True), call(EDIT)))
    (post,) = posts(block)
    assert "no_log" not in post
    assert post["ansible.builtin.uri"]["validate_certs"] is False
    assert len(block["block"]) == 2


def test_what_changes_something_is_counted_as_a_change() -> None:
    same = call(EDIT)
    first, second = blocks(emit(Connection(), same._replace(kind="action"), same))
    assert posts(first)[0]["changed_when"] is True
    assert "changed_when" not in posts(second)[0]


def test_no_secret_gets_in() -> None:
    query = b"func=user.edit&name=x&passwd=Topsecret&confirm=Topsecret&auth=0123abcd"
    text = emit(Connection(auth="none"), call(query))
    assert "Topsecret" not in text
    assert "0123abcd" not in text
    (block,) = blocks(text)
    assert block["block"][0]["ansible.builtin.assert"]["that"] == [
        "lookup('ansible.builtin.env', 'PASSWD') | length > 0"
    ]
    assert posts(block)[0]["no_log"] is True


@pytest.mark.parametrize("auth", ["session", "key"])
def test_a_login_stands_before_the_call(auth: str) -> None:
    connection = Connection(auth=auth, out="xml", su="www root")
    text = emit(connection, call(LIST), call(b"func=x&passwd=y"))
    first, second = blocks(text)
    sent = [task["ansible.builtin.uri"]["body"] for task in posts(first)]
    user, password = (
        f"{{{{ lookup('ansible.builtin.env', 'PANEL_{name}') | urlencode }}}}"
        for name in ("USER", "PASSWORD")
    )
    if auth == "session":
        assert sent == [
            f"func=auth&username={user}&password={password}&out=json",
            "func=domain&out=xml&su=www%20root&auth={{ panel_session | urlencode }}",
        ]
    else:
        assert sent == [
            "func=session.newkey&username=www%20root&key={{ panel_key }}&out=json"
            f"&authinfo={user}%3A{password}",
            "func=auth&username=www%20root&key={{ panel_key }}&checkcookie=no&out=json",
            "func=domain&out=xml"
            "{{ '&auth=' ~ (panel_session | urlencode) if panel_session else '' }}",
        ]
    assert all(task["no_log"] for task in posts(first))
    assert len(second["block"][0]["ansible.builtin.assert"]["that"]) == 3


def test_an_address_is_no_template() -> None:
    (block,) = blocks(emit(Connection("https://panel.example/{{a}}"), call(LIST)))
    assert posts(block)[0]["ansible.builtin.uri"]["url"] == "unsafe https://panel.example/{{a}}"


def test_functions_without_number_are_not_all_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ansible, "MAX_FRAMES", 2)
    emitter = Ansible(Connection())
    numbers = (0, 0, 1, 2, 3, 2)
    texts = [emitter.snippet(call(b"func=f%d" % number)) for number in numbers]
    assert all(f"func=f{n}\\\n" in text for n, text in zip(numbers, texts))
    assert len(emitter._frames) <= 2


def test_a_key_wants_a_user() -> None:
    with pytest.raises(EmitError, match="--su"):
        emit(Connection(auth="key"), call(LIST, user=b""))


@example([(value, value) for value in (*HOSTILE, *TEMPLATES)])
@given(pairs())
def test_any_bytes_stand_in_the_body(given_pairs: Pairs) -> None:
    query = [(b"func", b"{{x}}\xff"), *given_pairs]
    text = emit(Connection(auth="none", out=""), call(panel_encode(query), keep=True))
    assert [c for c in text if not c.isprintable() and c != "\n"] == []
    (body,) = bodies(text)
    assert decode_form(body.encode()) == query
    code = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
    assert "{{x" not in code
    assert "{%" not in code
