# shellcheck shell=sh disable=SC2016,SC2034,SC2154 # what stands around this sets and uses the rest
nl='
'
row='' count=0 failures=0 paused='' skip='' skipped='' quiet='' ids='' head=''

# As clean, and in one line.
line() { clean | awk 'NR > 1 { printf "\\n" } { printf "%s", $0 } END { print "" }'; }

# Ends the script, or the row that runs in a shell of its own (1: others may go on); not for what
# exists, if that is to be skipped.
fail() {
  case $skip:$func in
    skip:auth | skip:session.newkey) ;;
    skip:*) typed exists && skipped=1 && return ;;
  esac
  report
  put "${row:+row $row: }$func: $1" | line >&2
  exit "${2-1}"
}

# Tells a row's parent what later rows and the end of the script need.
report() { [ -z "$row" ] || put "r${restarts-}${nl}s${sessions-}${nl}u${user-}" >&9; }

# step FUNCTION [PAIR]... [-- PAIR-OF-THE-CONNECTION]...: a call of the script.
step() {
  count=$((count + 1)) func=$1 head=''
  if left_out "$count"; then
    put "$func: left out" >&2
    return
  fi
  if [ "$dry_run" ]; then
    show "$@"
    return
  fi
  [ -z "$paused" ] || sleep "$paused" || exit 2
  paused=$arg_pause
  for word do
    shift
    [ "$word" = -- ] || set -- "$@" "$word"
  done
  skip=$arg_existing
  call "$@"
  skip=''
  report
}
left_out() { [ -z "$row" ] && [ "$1" -lt "$arg_from" ]; }

# Prints a call without sending it. -e has a variable's name, in single quotes.
show() {
  put "$1" | line
  shift
  while [ "${1---}" != -- ]; do
    if [ "$1" = -e ]; then
      shift
      name=${1%%=*}
      eval "value=${1##*=}"
    else
      name=${1%%=*} value=${1#*=}
    fi
    shift
    put "  ${name%:}=$value" | line
  done
}

# Prints $answer, unless it is a look-up's.
finish() {
  skipped=''
  check_format
  if [ "$skipped" ]; then
    ids="$func=$nl$ids"
    put "$func: exists, skipped" >&2
    return
  fi
  [ -z "$quiet" ] || return 0
  case $wanted in *" $func "*) ids="$func=$(read_answer)$nl$ids" ;; esac
  put "$answer" | if [ -t 1 ]; then clean; else cat; fi || fail 'the answer could not be written' 3
  put "$func: ok" >&2
}

# In place of secrets, where nothing is sent.
mask() {
  rest=$needed
  while [ "$rest" ]; do
    eval "${rest%% *}='\$${rest%% *}'"
    rest=${rest#* }
  done
}
