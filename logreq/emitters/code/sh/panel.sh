# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
set -fu
export LC_ALL=C # bytes are bytes
[ -z "${POSH_VERSION-}" ] || { echo 'this script does not work in posh' >&2; exit 2; }
case $* in '' | --restart) restart=$* ;; *) echo "usage: sh $0 [--restart]" >&2; exit 2 ;; esac

# Prints a line. The printf of mksh is a program: ps shows its arguments, and they have a limit.
put() { printf '%s\n' "$1"; }
case ${KSH_VERSION-} in *MIRBSD*) put() { print -r -- "$1"; } ;; esac

# Leaves out what drives or deceives a terminal: control characters, marks of direction.
clean() { tr -d '\001-\010\013-\037\177' | awk '{ gsub(/\302[\200-\237]/, "")
  gsub(/\342\200[\213-\217\250-\256]|\342\201[\240-\251]|\357\273\277/, ""); print }'; }
