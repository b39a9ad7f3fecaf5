# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
# call FUNCTION [NAME=VALUE]... [-e 'NAME=$VARIABLE']...: one call.
call() {
  func=$1 code=0
  shift
  answer=$("${MGRCTL:-/usr/local/mgr5/sbin/mgrctl}" -m "$panel" ${out:+-o "$out"} "$func" "$@" \
    </dev/null) || code=$?
  check
  [ "$code" = 0 ] || fail "mgrctl ended with status $code"
  finish
}
