"""A whole POSIX shell script of curl calls: every form goes in by standard input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from logreq.emitters import _curl_login, _shell, _shell_script
from logreq.emitters._old import percent
from logreq.model.call import Argument, Call, Value
from logreq.text.escape import plain

if TYPE_CHECKING:
    from logreq.emitters.curl import Curl

_POST = r"""# Bytes are bytes, whatever the locale.
LC_ALL=C
export LC_ALL

# The address of a panel: its name is appended unless $url has a path of its own.
address() {
  case ${url#*://} in
    */) printf %s "$url$1" ;;
    */manager) printf %s "$url/$1" ;;
    */*) printf %s "$url" ;;
    *) printf %s "$url/$1" ;;
  esac
}

# Percent-encodes standard input.
encode() {
  od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g'
}

# Writes NAME=VALUE pairs as a form; NAME:=VALUE is encoded already, as every NAME is.
form() {
  joint=
  for pair do
    [ "$pair" ] || continue
    name=${pair%%=*}
    value=${pair#*=}
    printf '%s%s=' "$joint" "${name%:}"
    joint='&'
    case $name in *:) printf %s "$value"; continue ;; esac
    case $value in
      *[!A-Za-z0-9._~-]*) printf %s "$value" | encode ;;
      *) printf %s "$value" ;;
    esac
  done
}

# Posts pairs to $panel. By standard input: arguments are visible to all users (ps).
# -q: the options in ~/.curlrc could change the answer. CURL_CA_BUNDLE names another CA.
post() {
BODY}
"""
_BODY = """\
  form "$@" | CURL --data @- "$(address "$panel")"
"""
_BODY_COOKIE = """\
  printf %s "${cookie:+Cookie: $cookie}" | {
    form "$@" | CURL --data @- -H @/dev/fd/3 "$(address "$panel")"
  } 3<&0
"""
_SEND = """\
send() {
  answer=$(post "$@"SENT) || fail "$func: no answer from $(address "$panel")"
}
"""
_LOGIN = f"""\
# Sets $session, a new one.
login() {{
  answer=$(
    post func=auth "username=$PANEL_USER" "password=$PANEL_PASSWORD" out=xml
  ) || fail "login: no answer from $(address "$panel")"
  session=$(printf '%s\\n' "$answer" | {_curl_login.ID})
  [ "$session" ] || fail "login: $(address "$panel") refused PANEL_USER and PANEL_PASSWORD"
  sessions="$sessions $panel=$session"
}}

# Sets $session, the panel's own if there is one.
resume() {{
  case $sessions in
    *" $panel="*)
      session=${{sessions##*" $panel="}}
      session=${{session%% *}} ;;
    *) login ;;
  esac
}}
sessions=
"""
_LOGIN_KEY = f"""\
# Sets $session and $cookie, new ones of $user, by a key that the administrator makes.
login() {{
  cookie=
  key=$({_curl_login.KEY})
  answer=$(
    post func=session.newkey "username:=$user" "key=$key" out=xml \\
      "authinfo=$PANEL_USER:$PANEL_PASSWORD"
  ) || fail "login: no answer from $(address "$panel")"
  refused
  answer=$(
    curl_options=--include
    post func=auth "username:=$user" "key=$key" checkcookie=no out=xml
  ) || fail "login: no answer from $(address "$panel")"
  refused
  session=$(printf '%s\\n' "$answer" | {_curl_login.ID})
  cookie=$(printf '%s\\n' "$answer" | {_curl_login.COOKIES})
  [ "$session$cookie" ] || fail "login: $(address "$panel") gave no session"
  sessions="$sessions $panel/$user=$session;$cookie"
}}
curl_options=

refused() {{
  case $answer in *'<error'* | *'<authfail'*)
    fail "login: $(address "$panel") refused PANEL_USER and PANEL_PASSWORD, or a key for $user" ;;
  esac
}}

# Sets $session and $cookie, those of $user if there are any.
resume() {{
  case $sessions in
    *" $panel/$user="*)
      session=${{sessions##*" $panel/$user="}}
      session=${{session%% *}}
      cookie=${{session#*;}}
      session=${{session%%;*}} ;;
    *) login ;;
  esac
}}
sessions=
"""
_CALL = """\
# call PANEL FUNCTION [NAME=VALUE]...: one call; the function's name is encoded.
call() {
  panel=$1 func=$2
  shift 2
  send "func:=$func" "$@"EXTRA
  finish
}
"""
_CALL_SESSION = """\
# call PANEL FUNCTION [NAME=VALUE]...: one call; the function's name is encoded.
call() {
  panel=$1 func=$2
  shift 2
  resume
  send "func:=$func" "$@"EXTRA
  case $(verdict) in
    'error '*[Aa]uth* | 'error '*[Ss]ession* | 'error '*[Aa]ccess*)
      # The session may be over: once more with a new one.
      login
      send "func:=$func" "$@"EXTRA ;;
  esac
  finish
}
"""
_RESTART = """\
if [ "$restart" ]; then
  func=restart
  for panel in $restarts; do
RESUME\
    send func=restart out=xml
    case $answer in *'<ok'*) ;; *) fail "restart: $(address "$panel") refused" ;; esac
    echo 'restart: ok' >&2
  done
fi
"""
_SENT = {
    "none": "",
    "authinfo": ' "authinfo=$PANEL_AUTHINFO"',
    "session": ' "auth=$session"',
    "key": ' ${session:+"auth=$session"}',
}


def script(emitter: Curl, calls: Sequence[Call], arguments: Sequence[Argument]) -> Iterator[str]:
    """Give the script of an emitter's calls; EmitError before anything is given."""
    auth = emitter.connection.auth or "none"
    secrets = _shell_script.secrets(value for call in calls for _, value in call.arguments)
    variables = [*_curl_login.LOGINS[auth].variables, *secrets]
    texts = [_shell_script.begin(calls, arguments, variables, emitter.connection.url)]
    texts.append(f"{_functions(emitter, auth)}\n")
    user = ""
    for call in calls:
        text = emitter.header(call)
        if auth == "key" and emitter.user(call) != user:
            user = emitter.user(call)
            text += f"user={_shell.word(percent(user))}\n"
        words = [_shell.word(quote(call.request.panel)), _shell.word(percent(call.request.func))]
        pairs = [_pair(name, value) for name, value in call.arguments]
        texts.append(text + " \\\n  ".join([f"call {' '.join(words)}", *pairs]) + "\n\n")
    texts.append(_RESTART.replace("RESUME", "    resume\n" * (auth in ("session", "key"))))
    return iter(texts)


def _functions(emitter: Curl, auth: str) -> str:
    """Give the script's functions for an authorisation and a format."""
    curl = emitter.command.replace("curl -", "curl -q", 1) + " --globoff"
    body = _BODY
    if auth == "key":
        body = _BODY_COOKIE
        curl += ' ${curl_options:+"$curl_options"}'
    extra = "".join(f" {_pair(name, value)}" for name, value in emitter.extra)
    call = _CALL if auth in ("none", "authinfo") else _CALL_SESSION
    functions = [
        _shell_script.judge(emitter.connection.out or ""),
        _POST.replace("BODY", body.replace("CURL", curl)),
        _SEND.replace("SENT", _SENT[auth]),
        {"session": _LOGIN, "key": _LOGIN_KEY}.get(auth, ""),
        call.replace("EXTRA", extra),
    ]
    return "\n".join(text for text in functions if text)


def _pair(name: str, value: Value) -> str:
    """Make the word of a pair: readable, or encoded where it would not show as it is."""
    parts = _shell.parts(value)
    if all(plain(part) for part in parts if isinstance(part, str)):
        first = [parts[0]] if parts and isinstance(parts[0], str) else []
        return _shell.printable(f"{percent(name)}={''.join(first)}", *parts[len(first) :])
    encoded = "".join(
        percent(part)
        if isinstance(part, str)
        else f'$(printf %s "${_shell.variable(part)}" | encode)'
        for part in parts
    )
    return f'"{percent(name)}:={encoded}"'
