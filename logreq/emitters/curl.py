"""curl in a POSIX shell. Secrets go in by pipes: arguments are visible to all users (`ps`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from logreq.emitters import _curl_login, _shell
from logreq.emitters._old import MAX_REMEMBERED, Emitter, Remembered, percent, remember
from logreq.errors import EmitError
from logreq.model.call import Argument, Call, Env, Value
from logreq.model.connection import Connection
from logreq.text.cache import LONGEST, BoundedCache
from logreq.text.escape import plain

# A POSIX shell redirects the descriptors 0 to 9; 0 to 2 have their uses, standard input is one.
_PIPES = 8
# The place of an argument that is too long for one; too long to be remembered, as well.
_LONG = "\0" * (LONGEST + 1)
_ENCODED = r"od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g'"


class Curl(Emitter):
    """One `curl` command per call, its values as `--data-urlencode 'name=value'`."""

    summary = "curl in a POSIX shell"
    syntax = "shell"
    joins = True
    auths = ("authinfo", "session", "key", "none")

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._texts = Remembered(self._data)
        self._funcs: BoundedCache[str, str] = BoundedCache(
            lambda func: self._data("func", func), 1_000
        )
        auth = self.connection.auth
        # The key logs in as that user.
        self.extra = (
            connection._replace(out=self.connection.out, su=None).extra
            if auth == "key"
            else self.connection.extra
        )
        self._login = _curl_login.LOGINS[auth or "none"]
        tail = "".join(_option(*_form(name, value)) for name, value in self.extra)
        self._tail = tail + "".join(f" \\\n  {option}" for option in self._login.options)
        self.command = "curl -fsS" + " --insecure" * self.connection.insecure
        self._frames: dict[tuple[str, str], tuple[str, str]] = {}

    def comment(self, text: str) -> str:
        """Make one comment line that means nothing to any shell, even where it is no comment."""
        return f"# {_shell.comment_text(text)}\n"

    def script(self, calls: Sequence[Call], arguments: Sequence[Argument]) -> Iterator[str]:
        """Give one file for a POSIX shell: the answers are checked, the first failure ends it."""
        from logreq.emitters._curl_script import script

        return script(self, calls, arguments)

    def snippet(self, call: Call) -> str:
        """Give one command, its secrets by pipes; EmitError where nobody could log in."""
        return self.told(call, self.texts(call))

    def told(self, call: Call, data: str) -> str:
        begun = f"{self._funcs[call.request.func]}{data}"
        # The place of a reference, or of what is too long; or all of it is.
        if "\0" in begun or _shell.over(begun, _shell.MUCH):
            return self._as_a_whole(call, begun)
        key = call.request.panel, call.request.user
        frame = self._frames.get(key)
        if frame is None:
            frame = remember(self._frames, key, self._frame(call, []), MAX_REMEMBERED)
        begin, end = frame
        return f"{self.header(call)}{begin}{begun}{self._tail}{end}\n"

    def _data(self, name: str, value: Value) -> str:
        option, text = _form(name, "/dev/fd/9" if isinstance(value, Env) else str(value))
        if _shell.over(text, _shell.MAX_ARGUMENT):
            return _LONG
        return "\0" if isinstance(value, Env) else _option(option, text)

    def _target(self, call: Call) -> str:
        address = self.address(call)
        # In brackets or braces curl would see a list of URLs.
        globoff = "--globoff " if set("[]{}") & set(address) else ""
        return f"{globoff}{_shell.quoted(address)}"

    def user(self, call: Call) -> str:
        """Give the user whom a key logs in: `--su`, or who clicked."""
        user = self.connection.su or call.request.user
        if not user:
            raise EmitError("the log names no user whom a key could log in: --su NAME names one")
        return user

    def _frame(self, call: Call, secrets: list[Env], stream: str = "") -> tuple[str, str]:
        """Make what stands before and after curl's data: checks, the login, pipes, options.

        `secrets` come by pipes of their own; or a `stream` of commands writes a form.
        """
        target = self._target(call)
        login = self._login
        user = percent(self.user(call)) if login.per_user else ""
        user = _shell.word(_shell.check_argument(user))
        sources = [f"printf %s {text}" for text in login.sent]
        if stream:
            # The credential is the stream's last pair; what is sent in headers keeps its pipe.
            sources[:1] = [stream]
        sources += [f'printf %s "${secret.name}"' for secret in secrets]
        begin, end = _pipes(sources)
        checks = _shell.checks([*login.variables, *(secret.name for secret in secrets)])
        first = login.text.format(curl=self.command, target=target, user=user)
        joint = " &&" if checks else ""
        if first:
            begin, end = f"{checks}{joint} (\n{first}{begin}", f"{end}\n)"
        elif checks:
            begin = f"{checks}{joint}\n{begin}"
        return f"{begin}{self.command} {target}", end

    def _as_a_whole(self, call: Call, data: str) -> str:
        """Give a call with secrets, or with more data than arguments can hold."""
        values = (decision.value for decision in call.decisions if decision.keep)
        secrets = [value for value in values if isinstance(value, Env)]
        sent = len(self._login.sent)
        much = _LONG in data or _shell.over(data, _shell.MUCH)
        if much or sent + len(secrets) > _PIPES:
            return self._streamed(call, secrets)
        begin, end = self._frame(call, secrets)
        places = iter(_places(sent + len(secrets))[sent:])
        texts = [
            f" \\\n  --data-urlencode {percent(decision.param.name)}@{next(places)}"
            if text == "\0"
            else text
            for decision, text in ((o, self._texts[o]) for o in call.decisions)
        ]
        data = self._data("func", call.request.func) + "".join(texts)
        return f"{self.header(call)}{begin}{data}{self._tail}{end}\n"

    def _streamed(self, call: Call, secrets: list[Env]) -> str:
        """Give a call with all pairs by standard input: no pipes and no arguments have room.

        `printf` is part of the shell: its arguments have no limit.
        """
        # There may be a million: no list of pairs.
        kept = ((o.param.name, o.value) for o in call.decisions if o.keep)
        lines: list[str] = []
        text = f"func={percent(call.request.func)}"
        for name, value in chain(kept, self.extra):
            text += f"&{percent(name)}="
            if isinstance(value, Env):
                lines += (
                    f"printf %s {_shell.quoted(text)}",
                    f'printf %s "${value.name}" | {_ENCODED}',
                )
                text = ""
            else:
                text += percent(str(value))
        if text:
            lines.append(f"printf %s {_shell.quoted(text)}")
        if self._login.sent:
            lines.append(f"printf %s '&{self._login.parameter}='")
            lines.append(f"printf %s {self._login.sent[0]} | {_ENCODED}")
        begin, end = self._frame(call, [], "{\n  " + "\n  ".join(lines) + "\n}")
        checks = _shell.checks(secret.name for secret in secrets)
        if checks:
            checks += " &&\n"
        options = "".join(f" \\\n  {option}" for option in self._login.headers)
        return f"{self.header(call)}{checks}{begin} \\\n  --data @-{options}{end}\n"


def _form(name: str, value: str) -> tuple[str, str]:
    """Give curl's option and its argument for a pair."""
    if name and plain(value):
        return "--data-urlencode", f"{percent(name)}={value}"
    # Encoded here: a NUL cannot be an argument, and other unprintable characters
    # would drive the terminal they are shown on or pasted into.
    return "--data", f"{percent(name)}={percent(value)}"


def _option(option: str, text: str) -> str:
    return f" \\\n  {option} {_shell.quoted(text)}"


def _places(number: int) -> list[str]:
    """Tell where curl reads each secret: standard input is the first one's."""
    return ["-", *(f"/dev/fd/{3 + n}" for n in range(number - 1))]


def _pipes(sources: list[str]) -> tuple[str, str]:
    """Make pipes from commands to the one between: the first to its standard input."""
    begin = end = ""
    # The first one's pipe is curl's standard input; the others' are moved out of its way.
    for number, source in enumerate(sources[1:], start=3):
        begin += f"{source} | {{\n"
        end = f"\n}} {number}<&0{end}"
    if sources:
        begin += f"{sources[0]} |\n"
    return begin, end
