# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
# Sets $head: $answer in one line, from the error or ok on that stands at its document's top.
look() {
  head=$(put "$answer" | tr -s ' \t\r\n' ' ' | cut -c 1-9000 | awk '{
    gsub(/" *: */, "\":"); sub(/^ *(<[?][^<]*)?/, ""); sub(/^<doc[ >][^<]*/, ""); sub(/ $/, "")
    json = sub(/^[{] *("doc":[{] *)?/, "{")
    rest = /^[<{]/ ? $0 : ""
    while (json ? match(rest, /"([^"\\]|\\.)*":?|[][{}]/) : match(rest, /<[^>]*>/)) {
      word = substr(rest, RSTART, RLENGTH)
      if (depth == json && word ~ /^(<(ok|error|authfail)[ \/>]|"(ok|error|authfail)":)/) {
        $0 = substr("{", 1, json) substr(rest, RSTART)
        break
      }
      depth += word ~ /^(<\/|[]}])/ ? -1 : word !~ /^(<[!?]|")|\/>$/
      rest = substr(rest, RSTART + RLENGTH)
    }
    print
  }')
}

# Ends the script if $answer is an error, or a page.
check() {
  case $code in 2*) ;; *) fail "HTTP status ${code%' (redirected to )'}" ;; esac
  look
  case $head in
    '<authfail'* | '{"authfail"'* | '{"ok":false,"authfail"'*) fail 'login failed' ;;
    '<error'* | '{"error"'* | '{"ok":false'* | ERROR*) fail "$(put "$head" | sed '
      s/.*<msg[^>]*>\([^<][^<]*\)<.*/\1/; t
      s/^<error.* type="\([^"]*\)".* object="\([^"]*\)".*/\1(\2)/; t
      s/^<error[^>]*>\([^<][^<]*\)<.*/\1/; t
      /^<e/ { s/^<error *\(.*\)\/>.*/{"$\1}/; s/="/":"/g; s/" /","$/g; }
      s/^ERROR [a-z_]*([^)]*):* *\(..*\)/\1/; s/^ERROR *//' |
      sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&amp;/\&/g')" ;;
    '<'[Hh][Tt][Mm][Ll]* | '<!'[Dd][Oo][Cc][Tt][Yy][Pp][Ee]' '[Hh][Tt][Mm][Ll]*) no_document ;;
    '<ok>restart<'* | '{"ok":{"$":"restart"'* | '{"ok":"restart"'* | 'OK restart'*)
      restarts="${restarts-}$panel "
      put "$func: the panel's web server has to be restarted: func=restart" >&2 ;;
  esac
}
no_document() { fail "no document in the answer: $(put "$head" | cut -c 1-200)"; }

# Ends the script also if $answer is no document of the format $out.
check_format() {
  check
  case $out:$answer in
    xml:*'<doc'[\ \>]*'</doc>' | xml:*'<doc/>' | xml:*'<doc '*'/>') ;;
    devel:*'<doc'[\ \>]*'</doc>' | devel:*'<doc/>' | devel:*'<doc '*'/>') ;;
    json:'{'*'}'* | bjson:'{'*'}'* | JSONdata:'{'*'}'* | JSONdata:'['*']'*) ;;
    xml:* | devel:* | json:* | bjson:* | JSONdata:*) no_document ;;
  esac
}
