# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
# Prints $answer.
finish() {
  check_format
  put "$answer" | if [ -t 1 ]; then clean; else cat; fi || fail 'the answer could not be written'
  put "$func: ok" >&2
}
