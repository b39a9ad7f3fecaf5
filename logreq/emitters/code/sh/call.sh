# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
# call FUNCTION [NAME=VALUE]...: one call. FUNCTION and NAME are encoded, as is VALUE after NAME:=
call() {
  func=$1
  shift
  send "func:=$func" "$@" ${out:+"out=$out"} ${PANEL_AUTHINFO:+"authinfo=$PANEL_AUTHINFO"}
  finish
}
