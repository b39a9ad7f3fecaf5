# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
# Values hold bytes that are no characters: yash would leave them out.
[ "$(printf '\377')" ] || { echo 'this shell loses bytes that are no characters' >&2; exit 2; }
