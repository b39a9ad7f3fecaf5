# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
# the_id VARIABLE FUNCTION: sets the variable to the id that the last call of FUNCTION answered.
# Here and below $func is the function that needs it, in the next step.
the_id() {
  id="<id of $2>"
  if [ -z "$dry_run" ] && ! left_out $((count + 1)); then
    id=$nl$ids
    case $id in *"$nl$2="*) id=${id#*"$nl$2="} ;; *) id='' ;; esac
    id=${id%%"$nl"*}
    [ "$id" ] || fail "$2 answered no id"
  fi
  eval "$1=\$id"
}

# look_up VARIABLE LIST FIELD VALUE [PAIR]...: sets the variable to the id of the list's row.
look_up() {
  variable=$1 list=$2 field=$3 text=$4 where="$2 where $3=$4"
  id="<id of $where>"
  if [ -z "$dry_run" ] && ! left_out $((count + 1)); then
    shift 4
    next=$func format=$out out=xml quiet=1
    call "$list" "$@"
    func=$next out=$format quiet=''
    id=$(read_answer "$field" "$text")
    case $id in
      '1 ') fail "$where has no id" ;;
      '1 '*) id=${id#1 } ;;
      '0 ') fail "no $where" ;;
      *) fail "${id%% *} $where" ;;
    esac
  fi
  eval "$variable=\$id"
}

# read_answer [FIELD VALUE]: gives the document's id; or how many rows there are, and one's id.
read_answer() {
  put "$answer" | field=${1-} value=${2-} awk '
    function char(code, n, i) {
      code = tolower(code)
      if (code !~ /^x/) n = code + 0
      else for (i = 2; i <= length(code); i++)
        n = n * 16 + index("0123456789abcdef", substr(code, i, 1)) - 1
      if (n < 128) return sprintf("%c", n)
      if (n < 2048) return sprintf("%c%c", 192 + int(n / 64), 128 + n % 64)
      if (n < 65536)
        return sprintf("%c%c%c", 224 + int(n / 4096), 128 + int(n / 64) % 64, 128 + n % 64)
      return sprintf("%c%c%c%c", 240 + int(n / 262144), 128 + int(n / 4096) % 64,
        128 + int(n / 64) % 64, 128 + n % 64)
    }
    function decoded(text, out, name) {
      gsub(/\r\n|\r/, "\n", text)
      while (match(text, /&[^;&]*;/)) {
        name = substr(text, RSTART + 1, RLENGTH - 2)
        out = out substr(text, 1, RSTART - 1) \
          (name ~ /^#/ ? char(substr(name, 2)) : name in entity ? entity[name] : "&" name ";")
        text = substr(text, RSTART + RLENGTH)
      }
      return out text
    }
    function closed() {
      if (depth == 2 && is_it) { rows++; last = id }
      if (depth == 2) { is_it = 0; id = "" }
      depth--
    }
    BEGIN {
      RS = "<"; field = ENVIRON["field"]; value = ENVIRON["value"] ""
      entity["lt"] = "<"; entity["gt"] = ">"; entity["amp"] = "&"
      entity["quot"] = "\""; entity["apos"] = "\047"
    }
    /^!--/ { comment = 1 }
    comment { if (index($0, "-->")) comment = 0; next }
    /^[?!]/ || !index($0, ">") { next }
    /^\// { closed(); next }
    {
      tag = substr($0, 1, index($0, ">") - 1)
      name = tag
      sub(/[ \t\r\n\/].*/, "", name)
      text = decoded(substr($0, length(tag) + 2))
      if (++depth == 2) parent = name
      if (depth == 2 && name == "id") own = text
      if (depth == 3 && parent == "elem" && name == "id") id = text
      if (depth == 3 && parent == "elem" && name == field && text == value) is_it = 1
      if (tag ~ /\/$/) closed()
    }
    END {
      if (field != "") own = rows + 0 " " last
      gsub(/\n/, " ", own)
      print own
    }'
}
