# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
# All is checked before anything is sent.
if [ "$arg_each" ]; then
  rows=$(read_rows) || { put "$arg_each$rows" | clean >&2; exit 2; }
  eval "$rows"
fi
[ "$arg_from" -le "$total" ] || misuse "--from $arg_from: the last one is $total"
[ -z "$dry_run" ] || mask
variables
if [ "$asks" ] && [ -z "$yes$dry_run" ]; then
  if [ "$arg_each" = - ] || [ ! -t 0 ]; then
    put "$asks deletes or spends: --yes runs it unasked" >&2
    exit 2
  fi
  each=${arg_each:+" in each of $((total - arg_from + 1)) rows"}
  printf '%s' "This deletes or spends: $asks$each. Go on? [y/N] " >&2
  read -r answer || answer=''
  case $answer in [Yy]*) ;; *) put 'nothing was sent' >&2; exit 1 ;; esac
fi

if [ "$arg_each" ]; then
  exec 8>&1
  rows
  row=''
else
  run
fi
