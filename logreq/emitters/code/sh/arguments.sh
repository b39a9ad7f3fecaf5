# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
misuse() { printf '%s\n' "$1; --help tells more" >&2; exit 2; }
restart=''

# Sets arg_NAME for each --NAME VALUE and --NAME=VALUE of $names.
while [ $# -gt 0 ]; do
  name=${1%%=*} value=${1#*=}
  case $1 in
    -h | --help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; exit ;;
    -k | --insecure) PANEL_INSECURE=1 ;;
    --restart) restart=$1 ;;
    *)
      case $names in *" $name "*) ;; *) misuse "unknown argument: $1" ;; esac
      if [ "$name" = "$1" ]; then
        [ $# -gt 1 ] || misuse "$name needs a value"
        value=$2
        shift
      fi
      eval "arg_$(printf %s "${name#--}" | tr - _)=\$value" ;;
  esac
  shift
done
set -- ${restart:+"$restart"}
