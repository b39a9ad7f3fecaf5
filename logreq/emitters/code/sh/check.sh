# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
# Sets $head: how the document in $answer begins, in one line. Ends the script if it is an error.
check() {
  head=$(put "$answer" | tr -s ' \t\r\n' ' ' | cut -c 1-9000 | sed 's/^ *<?[^<]*//; s/" *: */":/g
    s/^<doc[ >][^<]*//; s/^<metadata[^<]*//; s/^ *{ *"doc":{/{/; s/^{ */{/; s/ $//')
  case $head in
    '<authfail'* | '{"authfail"'*) fail 'login failed' ;;
    '<error'* | '{"error"'* | '{"ok":false'* | ERROR*) fail "$(put "$head" | sed '
      s/.*<msg[^>]*>\([^<][^<]*\)<.*/\1/; t
      s/^<error.* type="\([^"]*\)".* object="\([^"]*\)".*/\1(\2)/; t
      s/^<error[^>]*>\([^<][^<]*\)<.*/\1/; t
      /^<e/ { s/^<error *\(.*\)\/>.*/{"$\1}/; s/="/":"/g; s/" /","$/g; }
      s/^ERROR [a-z_]*([^)]*):* *\(..*\)/\1/; s/^ERROR *//' |
      sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&amp;/\&/g')" ;;
    '<ok>restart<'* | '{"ok":{"$":"restart"'* | 'OK restart'*) restarts="${restarts-}$panel "
      put "$func: the panel's web server has to be restarted: func=restart" >&2 ;;
  esac
}
