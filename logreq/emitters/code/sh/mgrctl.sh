# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
# call FUNCTION [NAME=VALUE]... [-e 'NAME=$VARIABLE']...: one call.
call() {
  func=$1 code=0
  shift
  [ -z "$out" ] || set -- -o "$out" "$func" "$@"
  [ "$out" ] || set -- "$func" "$@"
  answer=$("${MGRCTL:-/usr/local/mgr5/sbin/mgrctl}" -m "$panel" "$@" </dev/null) || code=$?
  [ "$code" = 0 ] || { check; fail "mgrctl ended with status $code"; }
  finish
}
