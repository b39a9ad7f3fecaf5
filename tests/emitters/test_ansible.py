"""Ansible: one list of tasks, each byte in the body, no template and no secret of a log in it."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import example, given

from logreq.emitters.ansible import Ansible
from logreq.errors import EmitError
from logreq.log.line import parse_line
from logreq.model.call import Call
from logreq.model.connection import Connection
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set
from logreq.rules.secret import CREDENTIALS
from logreq.text.codec import decode
from tests.support.cases import QuickLoader
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


# Templates that are no text of a log.
OWN = re.compile(
    r"\{\{ \(?lookup\('ansible.builtin.env', '[A-Z_]+'\) or undef\('[A-Z_]+ is not set'\)\)?"
    r"(?: \| urlencode)? \}\}|\{\{ panel_(?:session|key)(?: \| urlencode)? \}\}"
)


class Loader(QuickLoader):  # type: ignore[misc]
    """Knows Ansible's tag: a text of the log, never a template."""


class Unsafe(str):
    """A text that Ansible does not evaluate."""

    __slots__ = ()


Loader.add_constructor("!unsafe", lambda loader, node: Unsafe(node.value))


def tasks(text: str) -> list[dict[str, Any]]:
    """Give the tasks, those within blocks too."""
    made = yaml.load(text, Loader)
    assert isinstance(made, list)
    return [task for one in made for task in one.get("block", [one])]


def posts(text: str) -> list[dict[str, Any]]:
    return [task for task in tasks(text) if "ansible.builtin.uri" in task]


def sent(post: dict[str, Any]) -> Pairs:
    """Give the pairs of a task's body, as the module makes a form of it."""
    uri = post["ansible.builtin.uri"]
    assert uri["body_format"] == "form-urlencoded"
    body = uri["body"]
    if isinstance(body, str):
        assert "{{" not in OWN.sub("", body)
        return decode_form(body.encode())
    pairs = body.items() if isinstance(body, dict) else body
    for text in (text for pair in pairs for text in pair):
        assert isinstance(text, str)
        assert isinstance(text, Unsafe) or not any(
            mark in OWN.sub("", text) for mark in ("{{", "{%", "{#")
        )
    return [(name.encode(), value.encode()) for name, value in pairs]


def secret(name: str) -> str:
    return f"{{{{ lookup('ansible.builtin.env', '{name}') or undef('{name} is not set') }}}}"


def test_a_call_is_a_task_and_an_assertion() -> None:
    connection = Connection("https://panel.example:1500", lang="en", su="a b")
    text = emit(connection, call(LIST), call(EDIT))
    assert text.startswith(
        '# Feb  6 08:08:07  root from 192.0.2.33  domain  ispmgr.log:1\n- name: "domain"\n'
    )
    assert "\n\n# Feb  6" in text
    first, check, second, last = yaml.load(text, Loader)
    assert (first["name"], second["name"]) == ("domain", "domain.edit")
    assert (check["name"], last["name"]) == ("domain: the answer", "domain.edit: the answer")
    assert "ansible.builtin.assert" in last
    uri = second["ansible.builtin.uri"]
    assert uri["url"] == "https://panel.example:1500/ispmgr"
    assert uri["method"] == "POST"
    assert uri["follow_redirects"] == "none"
    assert "validate_certs" not in uri
    assert sent(second) == [
        *decode_form(EDIT),
        (b"out", b"json"),
        (b"lang", b"en"),
        (b"su", b"a b"),
        (b"authinfo", secret("PANEL_AUTHINFO").encode()),
    ]
    assert second["no_log"] == (
        "{{ lookup('ansible.builtin.env', 'PANEL_AUTHINFO') | length > 0 }}"
    )
    assert '      sok: "ok"\n' in text
    assert text.count("# user:password\n") == 2


def test_names_and_values_are_texts() -> None:
    query = b"func=a&on=yes&7=7&zoom-ip=%22%5C&null=null&x=1.0&n=&y=%D0%B6"
    text = emit(Connection(auth="none", out=""), call(query, keep=True))
    (post,) = posts(text)
    assert sent(post) == decode_form(query)
    assert '\n      "on": "yes"\n' in text
    assert '\n      "zoom-ip": "\\"\\\\"\n' in text
    assert '\n      x: "1.0"\n' in text


def test_a_list_where_a_name_repeats_or_could_be_a_template() -> None:
    for query in (b"func=a&x=1&x=2", b"func=a&x%7B%7B=1"):
        text = emit(Connection(), call(query))
        (post,) = posts(text)
        assert isinstance(post["ansible.builtin.uri"]["body"], list)
        assert sent(post)[:3] == [*decode_form(query), (b"out", b"json")][:3]
        assert text.count("# user:password\n") == 1


def test_bytes_that_are_no_text_are_encoded() -> None:
    (post,) = posts(emit(Connection(), call(b"func=a&x=%FF&passwd=y&%FE=a%20b")))
    assert post["ansible.builtin.uri"]["body"] == (
        "func=a&x=%FF&passwd={{ (lookup('ansible.builtin.env', 'PASSWD')"
        " or undef('PASSWD is not set')) | urlencode }}&%FE=a%20b&out=json&authinfo="
        "{{ (lookup('ansible.builtin.env', 'PANEL_AUTHINFO')"
        " or undef('PANEL_AUTHINFO is not set')) | urlencode }}"
    )


def test_nothing_is_hidden_where_nothing_is_secret() -> None:
    made = tasks(emit(Connection(auth="none", insecure=True), call(EDIT)))
    assert "no_log" not in made[0]
    assert made[0]["ansible.builtin.uri"]["validate_certs"] is False
    assert len(made) == 2


def test_what_changes_something_is_counted_as_a_change() -> None:
    same = call(EDIT)
    first, second = posts(emit(Connection(), same._replace(kind="action"), same))
    assert first["changed_when"] is True
    assert "changed_when" not in second


def test_no_secret_gets_in() -> None:
    query = b"func=user.edit&name=x&passwd=Topsecret&confirm=Topsecret&auth=0123abcd"
    text = emit(Connection(auth="none"), call(query))
    assert "Topsecret" not in text
    assert "0123abcd" not in text
    (post,) = posts(text)
    assert dict(sent(post))[b"confirm"] == secret("PASSWD").encode()
    assert post["no_log"] == "{{ lookup('ansible.builtin.env', 'PASSWD') | length > 0 }}"


@pytest.mark.parametrize("auth", ["session", "key"])
def test_a_login_stands_before_the_call(auth: str) -> None:
    connection = Connection(auth=auth, out="xml", su="www root")
    text = emit(connection, call(LIST), call(b"func=x&passwd=y"), call(b"func=x&x=%FF"))
    made = yaml.load(text, Loader)
    assert [one["name"] for one in made] == ["domain", "x", "x"]
    *logins, first = posts(text)[: 2 if auth == "session" else 3]
    user, password = secret("PANEL_USER").encode(), secret("PANEL_PASSWORD").encode()
    who = (b"username", b"www root")
    session = (b"auth", b"{{ panel_session }}")
    if auth == "session":
        assert [dict(sent(post)) for post in logins] == [
            {b"func": b"auth", b"username": user, b"password": password, b"out": b"json"}
        ]
        assert sent(first) == [
            (b"func", b"domain"), (b"out", b"xml"), (b"su", b"www root"), session
        ]  # fmt: skip
    else:
        key = (b"key", b"{{ panel_key }}")
        assert [sent(post) for post in logins] == [
            [(b"func", b"session.newkey"), who, key, (b"out", b"json"),
             (b"authinfo", user + b":" + password)],
            [(b"func", b"auth"), who, key, (b"checkcookie", b"no"), (b"out", b"json")],
        ]  # fmt: skip
        assert sent(first) == [(b"func", b"domain"), (b"out", b"xml"), session]
    assert all(task["no_log"] for task in posts(text))
    assert posts(text)[-1]["ansible.builtin.uri"]["body"].endswith(
        "&auth={{ panel_session | urlencode }}"
    )


def test_an_address_is_no_template() -> None:
    (post,) = posts(emit(Connection("https://panel.example/{{a}}"), call(LIST)))
    url = post["ansible.builtin.uri"]["url"]
    assert (type(url), url) == (Unsafe, "https://panel.example/{{a}}")


def test_a_key_wants_a_user() -> None:
    with pytest.raises(EmitError, match="--su"):
        emit(Connection(auth="key"), call(LIST, user=b""))
    with pytest.raises(EmitError, match="not UTF-8"):
        emit(Connection(auth="key"), call(LIST, user=b"\xff"))


@example([(value, value) for value in (*HOSTILE, *TEMPLATES)])
@example([(value, value) for value in (*TEMPLATES, b"<<", b"y", b"=")])
@given(pairs().filter(lambda found: not CREDENTIALS & {decode(name) for name, _ in found}))
def test_any_bytes_stand_in_the_body(given_pairs: Pairs) -> None:
    for func in (b"{{x}}\xff", b"{{x}}"):
        query = [(b"func", func), *given_pairs]
        text = emit(Connection(auth="none", out=""), call(panel_encode(query), keep=True))
        assert [c for c in text if not c.isprintable() and c != "\n"] == []
        (post,) = posts(text)
        assert sent(post) == query
