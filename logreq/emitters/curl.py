"""curl in a POSIX shell. Secrets go in by a pipe: arguments are visible to all users (`ps`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from logreq.emitters import shell
from logreq.emitters.base import Emitter, WholeCallError
from logreq.emitters.context import VARIABLES, Context, extra_pairs, key_user
from logreq.emitters.frame import PAIRS, Frame
from logreq.model.call import Argument, Call, Env, Value
from logreq.model.connection import Connection
from logreq.text.escape import plain
from logreq.text.percent import percent

# A redirect is an error: with -L and none allowed it is one that curl tells, -f knows only 4xx
# and 5xx. Nothing is sent where it points to.
_CURL = "curl -fsSL --max-redirs 0 --max-time 600"
_ENCODE = """\
urlencode() { printf %s "$1" | od -An -v -tx1 | tr -d ' \\n' | sed 's/../%&/g'; } &&
"""
# The vendor guide: <doc><auth id="ID"/></doc>. Text cannot hold a raw `<`.
_ID = r"""sed -n 's/.*<auth[^>]* id="\([^"]*\)".*/\1/p'"""
# CURL: the command, which stands there with an address; WHO: the user whom a key logs in.
_SESSION = f"""\
login=$(
  printf %s "$PANEL_PASSWORD" |
  CURL \\
    --data 'func=auth&out=xml' \\
    --data-urlencode "username=$PANEL_USER" \\
    --data-urlencode password@-
)
session=$(printf '%s\\n' "$login" | {_ID})
[ "$session" ] || {{ printf 'the panel refused the login: %s\\n' "$login" >&2; exit 1; }}
"""
_KEY = f"""\
key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')
{_ENCODE}\
printf '%s\\n' func=session.newkey out=xml username=WHO key="$key" \\
  authinfo=$(urlencode "$PANEL_USER:$PANEL_PASSWORD") |
paste -sd '&' - |
CURL --data @- |
grep -e '<error' -e '<authfail' >&2 &&
  {{ echo 'the panel refused the key' >&2; exit 1; }}
login=$(
  printf %s "$key" |
  CURL --include \\
    --data 'func=auth&out=xml&checkcookie=no' \\
    --data username=WHO \\
    --data-urlencode key@-
)
session=$(printf '%s\\n' "$login" | {_ID})
cookie=$(
  printf '%s\\n' "$login" |
  sed -n 's/^[Ss]et-[Cc]ookie: *\\([^;[:space:]]*\\).*/\\1/p' |
  tr '\\n' ';'
)
case $session$cookie:$login in :* | *'<error'* | *'<authfail'*)
  printf 'the panel refused the login: <%s\\n' "${{login#*<}}" >&2; exit 1 ;; esac
"""
_LOGINS = {"session": _SESSION, "key": _KEY}
_COOKIE = " \\\n  -H @/dev/fd/3 3<<END\n${cookie:+Cookie: $cookie}\nEND"


class Curl(Emitter):
    """One `curl` command per call, its values as `--data-urlencode name=value`."""

    summary = "curl in a POSIX shell"
    syntax = "shell"
    auths = ("authinfo", "session", "key", "none")
    limit = shell.MUCH

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.script_out = shell.SCRIPT_OUT if connection.out is None else connection.out

    @property
    def own(self) -> frozenset[str]:
        return frozenset(["su", *(name for name, _ in self.connection.extra)])

    def comment(self, text: str) -> str:
        return shell.comment(text)

    def pair(self, name: str, value: Value) -> str:
        """Give curl's option for a parameter; WholeCallError if it is too long for one."""
        if isinstance(value, Env):
            option, text = "--data-urlencode", shell.word(f"{percent(name)}@-")
            length = text
        elif name and plain(str(value)):
            option, text = "--data-urlencode", shell.pair(percent(name), str(value))
            length = f"{percent(name)}={value}"
        else:
            # Encoded here: a NUL cannot be an argument, and other unprintable characters
            # would drive the terminal they are shown on or pasted into.
            option, text = "--data", shell.pair(percent(name), percent(str(value)))
            length = text
        if shell.over(length, shell.MAX_ARGUMENT):
            raise WholeCallError("a parameter is longer than an argument can be")
        return f" \\\n  {option} {text}"

    def frame(self, context: Context) -> Frame:
        """Give arguments and a pipe for one secret; one pipe for all where there are more."""
        sent = len(context.secrets) + (self.connection.auth != "none")
        if sent > 1 or shell.over(context.func, shell.MAX_ARGUMENT // 3):
            return self._form(context, readable=True)
        source = [f'printf %s "${variable}" |\n' for _, variable in context.secrets]
        pairs = [self.pair(*pair) for pair in extra_pairs(self.connection, context)]
        if self.connection.auth == "authinfo":
            source = ['printf %s "$PANEL_AUTHINFO" |\n']
        elif self.connection.auth == "session":
            source = ['printf %s "$session" |\n']
            pairs.append(self.pair("auth", Env("session")))
        elif self.connection.auth == "key":
            source = ['printf %s "$session" |\n']
            # A panel may give a cookie alone: then there is no id to send.
            pairs.append(" \\\n  ${session:+--data-urlencode} ${session:+auth@-}" + _COOKIE)
        begin, end = self._around(context)
        call = "".join([*source, self._curl(context), self.pair("func", context.func)])
        return Frame(*self.heading(context), begin + call, PAIRS, "".join(pairs) + end)

    def whole(self, call: Call) -> str:
        """Give a call that is too long for arguments."""
        frame = self._form(Context.of(call), readable=False)
        pairs = "".join(_encoded(name, value) for name, value in call.arguments)
        return self.filled(frame, call, pairs)

    def _form(self, context: Context, readable: bool) -> Frame:
        """Give a call whose form comes by standard input.

        `printf` is part of the shell: its arguments have no limit, and `ps` does not show them.
        """
        pair = _readable if readable else _encoded
        begin, end = self._around(context)
        secret = context.secrets or self.connection.auth != "none"
        encode = _ENCODE if secret and self.connection.auth != "key" else ""
        begin += f"{encode}printf '%s\\n'{pair('func', context.func)}"
        extra = extra_pairs(self.connection, context)
        tail = "".join(pair(name, value) for name, value in extra)
        cookie = ""
        if self.connection.auth in _LOGINS:
            tail += ' \\\n  ${session:+auth=$(urlencode "$session")}'
        if self.connection.auth == "key":
            cookie = _COOKIE
        tail += f" |\npaste -sd '&' - |\n{self._curl(context, ' --data @-')}{cookie}{end}"
        return Frame(*self.heading(context), begin, PAIRS, tail, pair=pair)

    def _around(self, context: Context) -> tuple[str, str]:
        """Give what stands before and after a call: checks of variables, the login."""
        auth = self.connection.auth or "none"
        variables = [*VARIABLES[auth], *(variable for _, variable in context.secrets)]
        checks = shell.checks(variables)
        login = _LOGINS.get(auth)
        if login is None:
            return f"{checks} &&\n" if checks else "", "\n"
        user = ""
        if auth == "key":
            user = percent(key_user(self.connection, context))
            shell.check_argument(user)
        texts = {"WHO": shell.word(user), "CURL": self._curl(context)}
        login = re.sub("WHO|CURL", lambda match: texts[match.group()], login)
        return f"{checks} && (\n{login}", "\n)\n"

    def _curl(self, context: Context, data: str = "") -> str:
        """Give the command, which reads `data`."""
        address = self.address(context.panel)
        # In brackets or braces curl would see a list of URLs.
        globoff = " --globoff" if set("[]{}") & set(address) else ""
        insecure = " --insecure" if self.connection.insecure else ""
        return f"{_CURL}{insecure}{globoff}{data} {shell.word(address)}"

    def script(
        self, calls: Sequence[Call], arguments: Sequence[Argument], again: bool = False
    ) -> Iterator[str]:
        """Give one file for a POSIX shell: the answers are checked, the first failure ends it."""
        from logreq.emitters.curl_script import script

        return script(self.connection, self.script_out, calls, arguments, again)


def _readable(name: str, value: Value) -> str:
    """Give a parameter as a word of a form; one that does not show as it is takes a process."""
    text = str(value)
    encoded = percent(text)
    if isinstance(value, Env) or encoded == text or len(encoded) >= 1000 or not plain(text):
        return _encoded(name, value)
    return f" \\\n  {shell.lead(percent(name))}$(urlencode {shell.word(text)})"


def _encoded(name: str, value: Value) -> str:
    """Give a parameter as a word of a form."""
    if isinstance(value, Env):
        return f' \\\n  {shell.lead(percent(name))}$(urlencode "${value.name}")'
    return f" \\\n  {shell.pair(percent(name), percent(str(value)))}"
