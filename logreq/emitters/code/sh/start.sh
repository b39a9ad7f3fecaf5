# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
# All is checked before anything is sent.
if [ "$arg_each" ]; then
  rows=$(read_rows) || { put "$arg_each$rows" | line >&2; exit 2; }
  eval "$rows"
fi
[ "$arg_from" -le "$total" ] || misuse "--from $arg_from: the last one is $total"
[ -z "$dry_run" ] || mask
