# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
if [ "$failures" -gt 0 ]; then
  put "$failures of $((total - arg_from + 1)) rows failed; they are in $failed" | line >&2
  exit 1
fi
