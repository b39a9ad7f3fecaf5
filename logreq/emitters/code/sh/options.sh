# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
misuse() { printf '%s\n' "$1; --help tells more" >&2; exit 2; }
restart='' yes='' dry_run='' keep_going='' given=' '
arg_each='' arg_from=1 arg_pause='' arg_existing=''

# Sets arg_NAME for each --NAME VALUE and --NAME=VALUE of $names, which $given tells.
while [ $# -gt 0 ]; do
  name=${1%%=*} value=${1#*=}
  case $1 in
    -h | --help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; exit ;;
    -k | --insecure) PANEL_INSECURE=1 ;;
    --restart) restart=$1 ;;
    --yes) yes=$1 ;;
    --dry-run) dry_run=$1 ;;
    --keep-going) keep_going=$1 ;;
    *)
      case $names in *" $name "*) ;; *) misuse "unknown argument: $1" ;; esac
      if [ "$name" = "$1" ]; then
        [ $# -gt 1 ] || misuse "$name needs a value"
        value=$2
        shift
      fi
      case $name=$value in
        --each=) misuse '--each needs a file' ;;
        --from= | --from=0* | --from=*[!0-9]* | --from=??????????*)
          misuse '--from needs a number, 1 or more' ;;
        --pause= | --pause=. | --pause=*[!0-9.]* | --pause=*.*.*)
          misuse '--pause needs a number of seconds' ;;
        --existing=skip) ;;
        --existing=*) misuse '--existing needs the word skip' ;;
      esac
      given="$given$name "
      eval "arg_$(printf %s "${name#--}" | tr - _)=\$value" ;;
  esac
  shift
done
[ "$arg_each" ] || [ -z "$keep_going" ] || misuse '--keep-going is for --each'
set -- ${restart:+"$restart"}
