# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
fail() { put "$func: $1" | clean >&2; exit 1; }
