# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
sessions='' cookie=''

# call FUNCTION [NAME=VALUE]...: one call in a session of $user. FUNCTION and NAME are encoded, as
# is VALUE after NAME:=
call() {
  func=$1
  shift
  case $sessions in
    *" $panel/$user="*)
      session=${sessions##*" $panel/$user="}
      session=${session%% *}
      cookie=${session#*;}
      session=${session%%;*}
      new='' ;;
    *) log_in ;;
  esac
  send "func:=$func" "$@" ${out:+"out=$out"} ${session:+"auth=$session"}
  if [ -z "$new" ] && is_over; then
    log_in
    send "func:=$func" "$@" ${out:+"out=$out"} ${session:+"auth=$session"}
  fi
  finish
}

# Whether $answer is what a session that is over gets, as HTML or a redirect are, too.
is_over() {
  look
  case $code in 3*) return ;; 2*) ;; *) return 1 ;; esac
  put "$head" | grep -Ei '^(<(!doctype )?html|(<|[{]("ok":false,)?")authfail)' >/dev/null ||
    typed '(auth|sess|access)[a-z_]*'
}

# Sets $session by the answer to a login.
remember() {
  check
  session=$(put "$answer" | sed -n 's/.*<auth[^>]* id="\([^"; ]*\)".*/\1/p')
  [ "$session$cookie" ] || fail "no session in the answer: $(put "$head" | cut -c 1-200)"
  sessions="$sessions $panel/$user=$session;$cookie" func=$called new=1
}
