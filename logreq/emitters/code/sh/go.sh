# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
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
