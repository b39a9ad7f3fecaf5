"""Ansible: a task and an assertion per call, `ansible.builtin.uri` on the host of the play.

The module encodes a mapping or a list of pairs in its order (`body_format: form-urlencoded`).
Text of a log that Ansible could take for a template is `!unsafe`. Variables come from the
controller's environment. The answer stays in `panel_answer`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from textwrap import indent

from logreq.emitters.base import Emitter, WholeCallError
from logreq.emitters.context import (
    VARIABLES,
    Context,
    extra_pairs,
    family,
    key_user,
    output_format,
    told_in_utf8,
)  # fmt: skip
from logreq.emitters.frame import PAIRS, Frame
from logreq.errors import EmitError
from logreq.model.call import Call, Env, Value
from logreq.model.connection import Connection
from logreq.text.codec import is_utf8
from logreq.text.escape import visible
from logreq.text.percent import percent

# Names that YAML takes for texts, without quotes.
_WORD = re.compile(r"(?!(?i:true|false|yes|no|on|off|null|[yn])$)[A-Za-z_][A-Za-z0-9_]*").fullmatch
# A key is a text of 1,024 characters at most, escaped ones have up to ten.
_LONGEST = 100
# The end of a line in double quotes: YAML drops it, and the indentation of the next one.
_FOLD = "\\\n"
_POST = """\
- name: "%(name)s"
  ansible.builtin.uri:
    url: %(url)s
    method: POST
    body_format: form-urlencoded
    body:%(body)s
    follow_redirects: none
    return_content: true
    timeout: 600%(insecure)s
  register: panel_%(register)s
  failed_when: false%(more)s
"""
# The assertion fails, not the task above: that one's words are hidden where secrets are in it.
# No variable begins with the answer's text: older releases make a dictionary of such a one.
_ASSERT = (
    r"""- name: "%(name)s: the answer"
  ansible.builtin.assert:
    that:
      - panel_%(register)s.status | default(0) == 200%(checks)s
    fail_msg: "{{ told[:600] }}"%(success)s
  vars:
    told: "%(name)s: HTTP {{ panel_%(register)s.status | default(0) }} {{
      (panel_%(register)s.content | default('') or panel_%(register)s.msg | default(''))
      | regex_replace('[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f"""
    r"""\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]', '?') }}"
"""
)
_JSON = r"""
      - panel_%(register)s.content is match('\s*[{\[]')
      - ('error' not in doc) and ('authfail' not in doc)"""
_DOC = r"""    doc: "{{ json.doc | default(json) }}"
    json: "{{ panel_%(register)s.content | from_json
      if panel_%(register)s.content | default('') is match('\\s*[{\\[]') else {} }}"
"""
_BJSON = "\n      - doc.ok is not defined or doc.ok is not false"
# Jinja takes a word's boundary for a backspace.
_XML = r"""
      - panel_answer.content is match('\s*(<\?[^>]*>\s*)?<doc[\s/>]')
      - panel_answer.content is not
        match('\s*(<\?[^>]*>\s*)?<doc(\s[^>]*)?>\s*%s<(error|authfail)[\s/>]')"""
_METADATA = r"(<metadata([^>]*/>|(?s:.*?)</metadata>)\s*)?"
_OTHER = r"""
      - panel_answer.content is not
        match('\s*(ERROR \w|%s[<{](?s:.{0,99}?)[<"](error|authfail)[\s/>"])')"""
_PAGE = "<(!DOCTYPE |!doctype )?html[ >]|"
_NO_LOG = "\n  no_log: true"
_KEY = """\
- name: "%s: a key for one login"
  ansible.builtin.set_fact:
    panel_key: "{{ lookup('ansible.builtin.password',
      '/dev/null length=32 chars=ascii_letters,digits') }}"
  no_log: true
"""
# The panel's JSON gives the id as `$id`; other shapes were seen, a bare string among them.
_BLOCK = """\
- name: "%s"
  vars:
    panel_doc: "{{ panel_login.content | from_json }}"
    panel_auth: "{{ (panel_doc.doc | default(panel_doc)).auth | default('') }}"
    panel_session: "{{ panel_auth if panel_auth is string else
      panel_auth['$id'] | default(panel_auth['$']) | default(panel_auth.id) | default('') }}"
  block:
"""
_LOGGED_IN = "\n      - panel_session | length > 0"
_SUCCESS = '\n    success_msg: "{{ told }}"'


class Ansible(Emitter):
    """Two tasks per call, or a block that logs in: concatenated snippets are one file of tasks."""

    summary = "Ansible tasks (ansible.builtin.uri)"
    auths = ("authinfo", "session", "key", "none")
    # Ansible counts what changes something.
    needs_kind = True
    mapping = True

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._login = self.connection.auth in ("session", "key")
        self._margin = "          " if self._login else "      "

    def pair(self, name: str, value: Value) -> str:
        if "{" in name or len(name) > _LONGEST:
            raise WholeCallError("no key of a mapping")
        return f"{self._margin}{_key(name)}: {_value(value)}\n"

    def frame(self, context: Context) -> Frame:
        return self._frame(context, context.repeats)

    def whole(self, call: Call) -> str:
        frame = self._frame(Context.of(call), True)
        return self.filled(frame, call, self.pairs(frame, call))

    def _item(self, name: str, value: Value) -> str:
        return f"{self._margin}- [{scalar(name)}, {_value(value)}]\n"

    def _encoded(self, name: str, value: Value) -> str:
        # A slash, which this urlencode leaves, may stand in a form.
        text = f"{{{{ ({_variable(value.name)}) | urlencode }}}}" if isinstance(value, Env) else ""
        return f"{_FOLD}{self._margin}&{percent(name)}={text or percent(str(value))}"

    def _frame(self, context: Context, listed: bool) -> Frame:
        extra = extra_pairs(self.connection, context)
        margin, func, session = self._margin, context.func, '"{{ panel_session }}"'
        pair, begin, end = None, "\n", ""
        if not told_in_utf8(context, extra):
            pair, begin, end = self._encoded, f' "{_FOLD}{margin}func={percent(func)}', '"\n'
            login = f"{_FOLD}{margin}&auth={{{{ panel_session | urlencode }}}}"
        elif listed:
            pair, login = self._item, f"{margin}- [auth, {session}]\n"
        else:
            login = f"{margin}auth: {session}\n"
        make = pair or self.pair
        begin += "" if end else make("func", func)
        more = "".join(make(name, value) for name, value in extra)
        secrets = [*dict.fromkeys(variable for _, variable in context.secrets)]
        if self.connection.auth == "authinfo":
            secrets.append("PANEL_AUTHINFO")
            more = more if end else more[:-1] + " # user:password\n"
        hidden = _no_log(secrets) or _NO_LOG * self._login
        changed = "\n  changed_when: true" * (context.kind == "action")
        name = percent(func)
        text = self._post(context, name, "\0", "answer", hidden + changed) + self._answer(context)
        if self._login:
            text = _BLOCK % name + indent(self._logging_in(context, name) + text, "    ")
        before, _, after = text.partition("\0\n")
        return Frame(
            *self.heading(context),
            before + begin, PAIRS, more + login * self._login + end + after,
            pair=pair,
        )  # fmt: skip

    def _logging_in(self, context: Context, name: str) -> str:
        """Give the tasks that get a session, by password or by a key for one login."""
        tasks = ""
        user, password = (_value(Env(name)) for name in VARIABLES["session"])
        who = {"username": user, "password": password}
        hidden = _no_log(VARIABLES["session"])
        if self.connection.auth == "key":
            other = key_user(self.connection, context)
            if not is_utf8(other):
                raise EmitError("the user's name is not UTF-8")
            who = {"username": scalar(other), "key": '"{{ panel_key }}"'}
            new = {"func": '"session.newkey"', **who, "out": '"json"'}
            new["authinfo"] = f"{user[:-1]}:{password[1:]}"
            told = f"{name}: new key"
            tasks = _KEY % name + self._post(context, told, _members(new), "newkey", hidden)
            tasks += _check(told, "newkey", _JSON, _DOC)
            who["checkcookie"] = '"no"'
        told = f"{name}: login"
        body = _members({"func": '"auth"', **who, "out": '"json"'})
        tasks += self._post(context, told, body, "login", hidden)
        return tasks + _check(told, "login", _JSON + _LOGGED_IN, _DOC)

    def _answer(self, context: Context) -> str:
        """Give the assertion about the call's answer."""
        out = output_format(self.connection, context)
        kind = family(out)
        checks = {
            "json": _JSON + _BJSON * (out == "bjson"),
            "xml": _XML % (_METADATA * (out == "devel")),
            "": _OTHER % (_PAGE * bool(out)),
        }[kind]
        return _check(percent(context.func), "answer", checks, _DOC * (kind == "json"), _SUCCESS)

    def _post(self, context: Context, name: str, body: str, register: str, more: str) -> str:
        return _POST % {
            "name": name,
            "url": scalar(self.address(context.panel)),
            "body": body,
            "insecure": "\n    validate_certs: false" * self.connection.insecure,
            "register": register,
            "more": more,
        }


def _check(name: str, register: str, checks: str, more: str, success: str = "") -> str:
    text = _ASSERT.replace("%(checks)s", checks) + more
    return text % {"name": name, "register": register, "success": success}


def _members(values: Mapping[str, str]) -> str:
    return "".join(f"\n      {name}: {value}" for name, value in values.items())


def scalar(text: str) -> str:
    """Make a YAML string in double quotes; one that could be a template is not evaluated."""
    shown = visible(text.replace("\\", "\\\\").replace('"', '\\"'))
    return "!unsafe " * ("{" in text) + f'"{shown}"'


def _key(name: str) -> str:
    return name if _WORD(name) else scalar(name)


def _variable(name: str) -> str:
    return f"lookup('ansible.builtin.env', '{name}') or undef('{name} is not set')"


def _value(value: Value) -> str:
    return f'"{{{{ {_variable(value.name)} }}}}"' if isinstance(value, Env) else scalar(str(value))


def _no_log(names: Iterable[str]) -> str:
    """Hide what a task says, unless it says which variable is not set."""
    found = [f"lookup('ansible.builtin.env', '{name}') | length > 0" for name in names]
    return f'\n  no_log: "{{{{ {" and ".join(found)} }}}}"' if found else ""
