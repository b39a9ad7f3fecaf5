# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
# Sets $answer to the panel's answer to pairs. By standard input, as ps shows arguments.
# -q: options in ~/.curlrc could change the answer.
send() {
  address=${arg_url%/}/$panel insecure=''
  case ${arg_url#*://} in */manager | */) ;; */*) address=$arg_url ;; esac
  [ "${PANEL_INSECURE-}" != 1 ] || insecure=--insecure
  answer=$(form "$@" | curl -qsS --max-time 600 --globoff ${insecure:+"$insecure"} --data @- \
    -w '\n%{http_code} (redirected to %{redirect_url})' "$address") || fail "no answer: $address"
  code=$(put "$answer" | tail -n 1)
  answer=$(put "$answer" | sed '$d')
}

# Writes pairs as a form.
form() {
  for pair do
    name=${pair%%=*} value=${pair#*=}
    case $value in *[!A-Za-z0-9._~-]*) [ "$name" = "${name%:}" ] && value=$(encode "$value") ;; esac
    put "${name%:}=$value"
  done | paste -sd '&' -
}
encode() { put "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/0a$//; s/../%&/g'; }
