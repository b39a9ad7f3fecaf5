# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
# Prints $answer, which was asked for as $out.
finish() {
  check
  case $out:$answer in
    xml:*'<doc'[\ \>]*'</doc>' | xml:*'<doc/>' | xml:*'<doc '*'/>' | json:'{'* | json:'['*) ;;
    xml:* | json:*) fail "no document in the answer: $(put "$head" | cut -c 1-200)" ;;
  esac
  put "$answer" | if [ -t 1 ]; then clean; else cat; fi
  put "$func: ok" >&2
}
