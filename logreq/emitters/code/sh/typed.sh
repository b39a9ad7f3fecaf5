# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
# typed ERE: whether $head is an error of such a type.
typed() {
  put "$head" |
    grep -E '^(<error[^>]* type="|[{]"(error"|ok":false).*"[$]type":"|ERROR )('"$1"')["(]' >/dev/null
}
