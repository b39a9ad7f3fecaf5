"""How a curl snippet is authorised: what runs before the call, and what the call sends."""

from __future__ import annotations

from typing import NamedTuple

# The vendor guide: <doc><auth id="ID"/></doc>. Text cannot hold a raw `<`.
ID = r"""sed -n 's/.*<auth[^>]* id="\([^"]*\)".*/\1/p'"""
COOKIES = r"""sed -n 's/^[Ss]et-[Cc]ookie: *\([^;[:space:]]*\).*/\1/p' | tr '\n' ';'"""
KEY = r"od -An -N16 -tx1 /dev/urandom | tr -d ' \n'"


class Login(NamedTuple):
    """An authorisation.

    `variables` must be set. `text` runs before the call, in a subshell with it, with the
    fields `curl` (the command), `target` (the URL as a word), `user` (percent-encoded, as
    a word), which `per_user` says it has. `sent`: words that go to the call by pipes, the
    first by standard input as `parameter`; `options` read them, `headers` are those options
    that are not part of the form.
    """

    variables: tuple[str, ...] = ()
    text: str = ""
    sent: tuple[str, ...] = ()
    parameter: str = ""
    options: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    per_user: bool = False


_SESSION = f"""\
session=$(
  printf %s "$PANEL_PASSWORD" |
  {{curl}} {{target}} \\
    --data 'func=auth&out=xml' \\
    --data-urlencode "username=$PANEL_USER" \\
    --data-urlencode password@- |
  {ID}
)
[ "$session" ] || {{{{ echo 'the panel refused the login' >&2; exit 1; }}}}
"""

_KEY = f"""\
key=$({KEY})
printf %s "$key" | {{{{
printf %s "$PANEL_USER:$PANEL_PASSWORD" |
{{curl}} {{target}} \\
  --data 'func=session.newkey&out=xml' \\
  --data username={{user}} \\
  --data-urlencode key@/dev/fd/3 \\
  --data-urlencode authinfo@-
}}}} 3<&0 | grep -e '<error' -e '<authfail' >/dev/null &&
  {{{{ echo 'the panel refused the key' >&2; exit 1; }}}}
login=$(
  printf %s "$key" |
  {{curl}} {{target}} --include \\
    --data 'func=auth&out=xml&checkcookie=no' \\
    --data username={{user}} \\
    --data-urlencode key@-
)
case $login in *'<error'* | *'<authfail'*) login= ;; esac
session=$(printf '%s\\n' "$login" | {ID})
cookie=$(printf '%s\\n' "$login" | {COOKIES})
[ "$session$cookie" ] || {{{{ echo 'the panel refused the login' >&2; exit 1; }}}}
"""

_COOKIE = "-H @/dev/fd/3"

LOGINS = {
    "none": Login(),
    "authinfo": Login(
        variables=("PANEL_AUTHINFO",),
        sent=('"$PANEL_AUTHINFO"',),
        parameter="authinfo",
        options=("--data-urlencode authinfo@-",),
    ),
    "session": Login(
        variables=("PANEL_USER", "PANEL_PASSWORD"),
        text=_SESSION,
        sent=('"$session"',),
        parameter="auth",
        options=("--data-urlencode auth@-",),
    ),
    "key": Login(
        variables=("PANEL_USER", "PANEL_PASSWORD"),
        text=_KEY,
        sent=('"$session"', '"${cookie:+Cookie: $cookie}"'),
        parameter="auth",
        # A panel may give a cookie alone: then there is no id to send.
        options=("${session:+--data-urlencode} ${session:+auth@-}", _COOKIE),
        headers=(_COOKIE,),
        per_user=True,
    ),
}
