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
      session=${session%%;*} ;;
    *) log_in ;;
  esac
  send "func:=$func" "$@" ${out:+"out=$out"} ${session:+"auth=$session"}
  if is_over; then
    log_in
    send "func:=$func" "$@" ${out:+"out=$out"} ${session:+"auth=$session"}
  fi
  finish
}

# Whether $answer is an error that a new session can mend.
is_over() {
  (check) 2>/dev/null && return 1
  case $answer in *[Aa]uth* | *[Ss]ession* | *[Aa]ccess*) ;; *) return 1 ;; esac
}

# Sets $session by the answer to a login.
remember() {
  session=$(put "$answer" | sed -n 's/.*<auth[^>]* id="\([^"; ]*\)".*/\1/p')
  [ "$session$cookie" ] || fail 'login failed'
  sessions="$sessions $panel/$user=$session;$cookie" func=$called
}
