"""Ansible: a block of tasks per call, `ansible.builtin.uri` on the host that the play is for.

The body is percent-encoded here, one parameter a line: repeats and order survive, and no
`{{` or `{%` of a log is left for Ansible to evaluate. Variables come from the controller's
environment. The answer stays in `panel_answer`.
"""

from __future__ import annotations

import json

from logreq.emitters._old import Emitter, Remembered, percent
from logreq.errors import EmitError
from logreq.model.call import Call, Env, Value
from logreq.model.connection import Connection

MAX_FRAMES = 2_000
# The start of a parameter's line: in double quotes YAML drops `\`, line end and indentation.
_LINE = "\\\n          "
_OK = "(panel_{0}.status | default(0)) == 200"
_HIDDEN = (
    r"[\\x00-\\x1f\\x7f-\\x9f\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]"
)
_CHECK = """\
    - name: "{func}: variables"
      ansible.builtin.assert:
        that:{that}
        fail_msg: "must be set in the environment: {names}"
"""
_POST = """\
    - name: "{name}"
      ansible.builtin.uri:
        url: {url}
        method: POST
        headers:
          Content-Type: application/x-www-form-urlencoded{cookie}
        body: "{body}"
        return_content: true
        timeout: 300{insecure}
      register: panel_{register}
      failed_when: false{more}
"""
_CHANGED = "\n      changed_when: true"
_NO_LOG = "\n      no_log: true"
# The next task fails, not the one above: what that says may not be shown where secrets are in it.
# No variable holds the text of the answer: older releases make a dictionary of such a one.
_JSON = """\
    - name: "{name}: the answer"
      ansible.builtin.assert:
        that:
          - {ok}
          - panel_{register}.content is match('\\s*[{{\\[]')
          - doc.error is not defined
          - "'authfail' not in doc"
          - doc.ok is not defined or doc.ok is not false{more}
        fail_msg: "{name}: {{{{ (panel_{register}.msg | default('') if not ({ok})
          else doc.error | default(panel_{register}.content) | to_json(ensure_ascii=false))[:500]
          | regex_replace('{hidden}', '?') }}}}"{success}
      vars:
        json: "{{{{ panel_{register}.content | from_json
          if panel_{register}.content | default('') is match('\\\\s*[{{\\\\[]') else {{}} }}}}"
        doc: "{{{{ json.doc | default(json) }}}}"
"""
_RESTART = """
        success_msg: "{{ \\"the panel's web server has to be restarted: func=restart\\"
          if (doc.ok | default({}))['$'] | default('') == 'restart' else 'ok' }}\""""
_TEXT = """\
    - name: "{name}: the answer"
      ansible.builtin.assert:
        that:
          - {ok}
          - panel_{register}.content is not search('<(error|authfail)[\\s/>]')
          - panel_{register}.content is not match('ERROR \\w*\\('){more}
        fail_msg: "{name}: {{{{
          (panel_{register}.content | default(panel_{register}.msg) | default(''))[:500]
          | regex_replace('{hidden}', '?') }}}}"{success}
"""
_XML = "\n          - panel_{register}.content is search('<doc[\\s/>]')"
_RESTART_XML = """
        success_msg: "{{ \\"the panel's web server has to be restarted: func=restart\\"
          if panel_answer.content is search('<ok>restart</ok>') else 'ok' }}\""""
# The panel's JSON gives the id as `$id`; other shapes were seen, a bare string among them.
_SESSION = """\
  vars:
    panel_doc: "{{ panel_login.content | from_json }}"
    panel_auth: "{{ (panel_doc.doc | default(panel_doc)).auth | default('') }}"
    panel_session: "{{ panel_auth if panel_auth is string else
      panel_auth['$id'] | default(panel_auth['$']) | default(panel_auth.id) | default('') }}"
"""
_LOGGED_IN = """
          - panel_session | length > 0 or panel_login.cookies_string | default('') | length > 0"""
_KEY = """\
    - name: "{func}: a key for one login"
      ansible.builtin.set_fact:
        panel_key: "{{{{ lookup('ansible.builtin.password',
          '/dev/null length=32 chars=ascii_letters,digits') }}}}"
      no_log: true
"""


class Ansible(Emitter):
    """A list item per call: concatenated snippets are one file of tasks."""

    summary = "Ansible tasks (ansible.builtin.uri)"
    auths = ("authinfo", "session", "key", "none")
    # Ansible counts what changes something.
    needs_kind = True

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._auth = self.connection.auth or "none"
        self._frames: dict[tuple[str, ...], tuple[str, str]] = {}
        self._texts = Remembered(lambda name, value: f"{_LINE}&{percent(name)}={_value(value)}")
        # The key of a one-time login is the other user's: nothing is left for `su` to say.
        drop = "su" if self._auth == "key" else ""
        pairs = [pair for pair in self.connection.extra if pair[0] != drop]
        extra = "".join([f"{_LINE}&{name}={percent(value)}" for name, value in pairs])
        self._tail = extra + {
            "authinfo": f"{_LINE}&authinfo={_value(Env('PANEL_AUTHINFO'))}",
            "session": f"{_LINE}&auth={{{{ panel_session | urlencode }}}}",
            "key": _LINE + "{{ '&auth=' ~ (panel_session | urlencode) if panel_session else '' }}",
        }.get(self._auth, "")
        login = ["PANEL_USER", "PANEL_PASSWORD"] if self._auth in ("session", "key") else []
        self._variables = ["PANEL_AUTHINFO"] if self._auth == "authinfo" else login
        out = self.connection.out
        kind = "json" if out in ("json", "bjson", "JSONdata") else out
        self._success = {"json": _RESTART, "xml": _RESTART_XML, "devel": _RESTART_XML}.get(
            kind or "", ""
        )
        self._answer = _JSON if kind == "json" else _TEXT
        self._more = _XML.format(register="answer") if kind in ("xml", "devel") else ""

    def snippet(self, call: Call) -> str:
        """Give a block of tasks; EmitError if a key is wanted and nobody is there to log in."""
        texts = self._texts
        pairs = "".join([texts[decision] for decision in call.decisions])
        if "{{" in pairs:
            secrets = [value.name for _, value in call.arguments if isinstance(value, Env)]
            begin, end = self._frame(call, list(dict.fromkeys([*self._variables, *secrets])))
        else:
            request = call.request
            user = request.user if self._auth == "key" else ""
            key = (request.func, request.panel, user, call.kind)
            found = self._frames.get(key)
            if found is None:
                if len(self._frames) >= MAX_FRAMES:
                    self._frames.clear()
                found = self._frames[key] = self._frame(call, self._variables)
            begin, end = found
        return f"{self.header(call)}{begin}{pairs}{end}"

    def _frame(self, call: Call, variables: list[str]) -> tuple[str, str]:
        """Make what stands before and after the logged parameters."""
        func = percent(call.request.func)
        check = _check(func, variables) if variables else ""
        cookie = ""
        if self._auth == "key":
            cookie = "\n          Cookie: \"{{ panel_login.cookies_string | default('') }}\""
        body = f"{_LINE}func={func}\0{self._tail}"
        more = _CHANGED * (call.kind == "action") + _NO_LOG * bool(variables)
        begin, end = self._post(call, func, body, "answer", more, cookie).split("\0")
        answer = _render(self._answer, func, "answer", self._more, self._success)
        return (
            f'- name: "{func}"\n{_SESSION if self._auth in ("session", "key") else ""}  block:\n'
            f"{check}{self._login(call, func)}{begin}",
            end + answer,
        )

    def _login(self, call: Call, func: str) -> str:
        """Make the tasks that get a session, by password or by a key for one login."""
        if self._auth not in ("session", "key"):
            return ""
        user, password = _value(Env("PANEL_USER")), _value(Env("PANEL_PASSWORD"))
        name = f"{func}: login"
        if self._auth == "session":
            tasks = ""
            pairs = [f"username={user}", f"password={password}"]
        else:
            other = self.connection.su or call.request.user
            if not other:
                raise EmitError("the log names no user for a key to log in, --su does")
            key = "key={{ panel_key }}"
            pairs = [f"username={percent(other)}", key, "checkcookie=no"]
            body = _body(
                "session.newkey",
                [f"username={percent(other)}", key, "out=json", f"authinfo={user}%3A{password}"],
            )
            title = f"{func}: new key"
            tasks = _KEY.format(func=func) + self._post(call, title, body, "newkey", _NO_LOG)
            tasks += _render(_JSON, title, "newkey")
        body = _body("auth", [*pairs, "out=json"])
        tasks += self._post(call, name, body, "login", _NO_LOG)
        return tasks + _render(_JSON, name, "login", _LOGGED_IN)

    def _post(
        self, call: Call, name: str, body: str, register: str, more: str, cookie: str = ""
    ) -> str:
        return _POST.format(
            name=name,
            url=_scalar(self.address(call)),
            cookie=cookie,
            body=body,
            register=register,
            insecure="\n        validate_certs: false" * self.connection.insecure,
            more=more,
        )


def _value(value: Value) -> str:
    if isinstance(value, Env):
        # Ansible's urlencode leaves a slash, which a form may hold.
        return f"{{{{ lookup('ansible.builtin.env', '{value.name}') | urlencode }}}}"
    return percent(str(value))


def _body(func: str, pairs: list[str]) -> str:
    return f"{_LINE}func={func}" + "".join(f"{_LINE}&{pair}" for pair in pairs)


def _check(func: str, variables: list[str]) -> str:
    that = "".join(
        f"\n          - lookup('ansible.builtin.env', '{name}') | length > 0" for name in variables
    )
    return _CHECK.format(func=func, that=that, names=", ".join(variables))


def _render(template: str, name: str, register: str, more: str = "", success: str = "") -> str:
    return template.format(
        name=name,
        register=register,
        ok=_OK.format(register),
        hidden=_HIDDEN,
        more=more,
        success=success,
    )


def _scalar(text: str) -> str:
    """Make a YAML string in double quotes; one that looks like a template is not evaluated."""
    return "!unsafe " * ("{" in text) + json.dumps(text)
