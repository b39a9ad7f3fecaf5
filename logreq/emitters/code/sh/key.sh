# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
# Logs $user in by a key that the administrator makes.
log_in() {
  called=$func func=session.newkey cookie=''
  key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  send func=session.newkey "username:=$user" "key=$key" out=xml \
    "authinfo=$PANEL_USER:$PANEL_PASSWORD"
  check
  func=auth include=--include
  send func=auth "username:=$user" "key=$key" checkcookie=no out=xml
  include=''
  cookie=$(put "$answer" |
    sed -n 's/^[Ss]et-[Cc]ookie: *\([^;[:space:]]*\).*/\1/p' | tr '\n' ';')
  answer=$(put "$answer" | sed '/^HTTP\//,/^[[:space:]]*$/d')
  remember
}
include=''

curl() {
  command curl "$@" ${include:+"$include"} -H @/dev/fd/3 3<<END
${cookie:+Cookie: $cookie}
END
}
