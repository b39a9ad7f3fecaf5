"""JavaScript for Node 18 or newer: fetch, no packages. As a file: `.mjs`, for top-level await."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logreq.emitters import javascript_text as js
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
from logreq.emitters.javascript_script import script
from logreq.errors import EmitError
from logreq.model.call import Argument, Call, Env, Value
from logreq.text.codec import is_utf8
from logreq.text.escape import visible
from logreq.text.percent import percent

# Node reads it when it connects. What follows in the same file is checked, on another connection.
_INSECURE = 'process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"; // until the answer\n'
_SECURE = ".finally(() => delete process.env.NODE_TLS_REJECT_UNAUTHORIZED)"
_CLOSE = 'connection: "close"'
_POST = """\
var post = { method: "POST", redirect: "manual", signal: AbortSignal.timeout(600_000)%s };
"""
_FORM = '"Content-Type": "application/x-www-form-urlencoded"'
_FETCH = "var reply = await fetch(%s, { ...post, body: %s })%s;\n"
# Node reads bytes that are no UTF-8 as U+FFFD.
_UNSET = (
    r'if (/^$|\ufffd/.test(process.env%s ?? "")) throw new Error(%s is not set, or not UTF-8");'
)
_UNLESS = 'if (!reply.ok || %s)\n  throw new Error(%s + reply.status + " " + %s);\n'

# By the family of the answer's format: what reads it and makes text that drives no terminal.
_READ = {
    "json": r"""
var doc = await reply.clone().json().then(DOCUMENT, () => reply.text());
var odd = /[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g; // would drive a terminal
var shown = JSON.stringify(doc).replace(odd, (c) => "\\u" + c.charCodeAt().toString(16).padStart(4, 0));
""",  # noqa: E501 - a line more of the snippet would be one too many
    "xml": r"""
var answer = await reply.text();
var odd = /(?![\n\t])[\p{C}\p{Zl}\p{Zp}]/gu; // would drive a terminal
var shown = answer.replace(odd, (c) => `&#${c.codePointAt()};`);
""",
    "": r"""
var answer = Buffer.from(await reply.arrayBuffer());
var odd = /(?![\n\t])[\p{C}\p{Zl}\p{Zp}]/gu; // would drive a terminal
var shown = answer.toString().replace(odd, (c) => `\\u{${c.codePointAt().toString(16)}}`);
""",
}
_DOCUMENT = "(json) => (json?.doc === undefined ? json : json.doc)"
# A pipe gets other formats than JSON as they came.
_TELL = {
    "json": "console.log(shown)",
    "xml": "console.log(process.stdout.isTTY ? shown : answer)",
    "": "process.stdout.write(process.stdout.isTTY ? shown : answer)",
}
_FAILED = '!(doc instanceof Object) || "error" in doc || "authfail" in doc'
_NO_XML = r"!/^\s*(<\?[^>]*>\s*)?<doc\b[^>]*>(?!\s*%s<(error|authfail)\b)/.test(answer)"
_METADATA = r"(<metadata\b([^>]*\/>|[^]*?<\/metadata>)\s*)?"
_REFUSED = r'/^\s*(ERROR |%s[<{][^]{0,99}?[<"](error|authfail)\b)/.test(answer)'
_PAGE = r"<(!DOCTYPE |!doctype )?html\b|"

# A session's login: by password, or as another user by a key for one login.
_LOGIN = """\
var login = {
  func: "auth",
%s  out: "json",
};
"""
_WHO = {
    "session": "  username: process.env.PANEL_USER,\n  password: process.env.PANEL_PASSWORD,\n",
    "key": '  ...once,\n  checkcookie: "no",\n',
}
_KEY = """\
var { randomBytes } = await import("node:crypto");
var once = { username: %s, key: randomBytes(16).toString("hex") };
var authinfo = `${process.env.PANEL_USER}:${process.env.PANEL_PASSWORD}`;
var newkey = { func: "session.newkey", ...once, out: "json", authinfo };
"""
_DOC = f"var doc = await reply.json().then({_DOCUMENT}, () => null);\n"
_WORDS = r'JSON.stringify(doc).replace(/[^ -~\u0400-\u04ff]/g, "?")'
_SESSION = "var session = doc?.auth?.$id ?? doc?.auth?.$ ?? doc?.auth?.id ?? doc?.auth;\n"


class JavaScript(Emitter):
    """An object of parameters, one POST, the answer on standard output; it throws on an error."""

    summary = "JavaScript for Node 18 and newer, fetch, no packages"
    auths = ("authinfo", "session", "key", "none")
    prefix = "// "
    mapping = True

    def pair(self, name: str, value: Value) -> str:
        if not (js.member(name) and is_utf8(name) and is_utf8(str(value))):
            raise WholeCallError("an object would not hold it, or not keep its place")
        return f"  {js.key(name)}: {js.expression(value)},\n"

    def frame(self, context: Context) -> Frame:
        return self._frame(context, context.repeats)

    def whole(self, call: Call) -> str:
        frame = self._frame(Context.of(call), True)
        return self.filled(frame, call, self.pairs(frame, call))

    def _frame(self, context: Context, listed: bool) -> Frame:
        auth = self.connection.auth
        extra = extra_pairs(self.connection, context)
        url = js.literal(self.address(context.panel))
        login = self._login(context, url) if auth in ("session", "key") else ""
        pair, body, session = None, "new URLSearchParams(call)", "  auth: session,\n"
        headers = [_CLOSE] * self.connection.insecure
        if not told_in_utf8(context, extra):
            pair, body, headers = _encoded, 'call.join("&")', [_FORM, *headers]
            session = '  "auth=" + encodeURIComponent(session),\n'
        elif listed:
            pair, session = _item, '  ["auth", session],\n'
        begin, end = "[]" if pair else "{}"
        make = pair or self.pair
        more = "".join(make(name, value) for name, value in extra)
        if auth == "authinfo":
            more = more[:-1] + " // user:password\n"
        return Frame(
            *self.heading(context),
            f"{self._required(context)}{_INSECURE * self.connection.insecure}{login}"
            f"var call = {begin}\n{make('func', context.func)}",
            PAIRS,
            f"{more}{session * bool(login)}{end};\n{_post(headers)}"
            + _FETCH % (url, body, _SECURE * self.connection.insecure)
            + self._answer(context),
            pair=pair,
        )

    def _required(self, context: Context) -> str:
        """Give what ends the snippet where a variable is not set."""
        secret = (variable for _, variable in context.secrets)
        names = [*dict.fromkeys([*secret, *VARIABLES[self.connection.auth or "none"]])]
        if not names:
            return ""
        if len(names) == 1:
            return _UNSET % (f".{names[0]}", f'"{names[0]}') + "\n"
        unset = _UNSET % ("[name]", 'name + "')
        return f"for (var name of [{', '.join(map(js.literal, names))}]) {unset}\n"

    def _login(self, context: Context, url: str) -> str:
        """Give what sets `session`."""
        auth, begin = self.connection.auth or "", _post([_CLOSE] * self.connection.insecure)
        if auth == "key":
            user = key_user(self.connection, context)
            if not is_utf8(user):
                raise EmitError("the user's name is not UTF-8")
            ask = _FETCH % (url, "new URLSearchParams(newkey)", "")
            failed = _UNLESS % (_FAILED, '"session.newkey: HTTP "', _WORDS)
            begin += f"{_KEY % js.literal(user)}{ask}{_DOC}{failed}"
        ask = _FETCH % (url, "new URLSearchParams(login)", "")
        failed = _UNLESS % ('typeof session !== "string"', '"login failed: HTTP "', _WORDS)
        return f"{begin}{_LOGIN % _WHO[auth]}{ask}{_DOC}{_SESSION}{failed}"

    def _answer(self, context: Context) -> str:
        """Give what reads the answer, throws where it is no success, and prints it."""
        out = output_format(self.connection, context)
        kind = family(out)
        failed = {
            "json": _FAILED + " || doc.ok === false" * (out == "bjson"),
            "xml": _NO_XML % (_METADATA * (out == "devel")),
            "": _REFUSED % (_PAGE * bool(out)),
        }[kind]
        words = js.literal(f"{visible(context.func)}: HTTP ")
        unless = _UNLESS % (failed, words, "shown" if kind else "shown.slice(0, 500)")
        read = _READ[kind][1:].replace("DOCUMENT", _DOCUMENT)
        return f"{read}{unless}{_TELL[kind]};\n"

    def script(
        self, calls: Sequence[Call], arguments: Sequence[Argument], again: bool = False
    ) -> Iterator[str]:
        return script(self, calls, arguments, again)


def _post(headers: Sequence[str]) -> str:
    return _POST % (f", headers: {{ {', '.join(headers)} }}" if headers else "")


def _item(name: str, value: Value) -> str:
    return f"  [{js.literal(name)}, {js.expression(value)}],\n"


def _encoded(name: str, value: Value) -> str:
    if isinstance(value, Env):
        return f"  {js.literal(percent(name) + '=')} + {js.encoded(value)},\n"
    return f"  {js.literal(f'{percent(name)}={percent(str(value))}')},\n"
