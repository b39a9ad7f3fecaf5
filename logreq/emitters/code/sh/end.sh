# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
if [ "$restart" ]; then
  out=xml rest=${restarts-}
  restarts=''
  while [ "$rest" ]; do
    panel=${rest%% *}
    rest=${rest#* }
    case " $restarts" in *" $panel "*) continue ;; esac
    restarts="$restarts$panel "
    call restart
  done
fi
