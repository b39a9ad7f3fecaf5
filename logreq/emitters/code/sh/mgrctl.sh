# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
# call FUNCTION [NAME=VALUE]... [-e 'NAME=$VARIABLE']...: one call.
call() {
  func=$1 ended=0 code=200
  shift
  [ -z "$out" ] || set -- -o "$out" "$func" "$@"
  [ "$out" ] || set -- "$func" "$@"
  answer=$("${MGRCTL:-/usr/local/mgr5/sbin/mgrctl}" -m "$panel" "$@" </dev/null) || ended=$?
  [ "$ended" = 0 ] || { check; fail "mgrctl ended with status $ended"; }
  finish
}
