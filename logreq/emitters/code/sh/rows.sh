# shellcheck shell=sh disable=SC2034,SC2154 # what stands around this sets and uses the rest
# Reads and checks all of $arg_each (RFC 4180), byte by byte: what a NUL or a letter is, awks do
# not agree on. Gives shell text, $total, $header and a function `rows` that runs them; or, with
# another status, what is wrong.
read_rows() {
  od -An -v -tx1 -- "$arg_each" 2>&1 | takes=$takes secrets=$secrets given=$given awk '
    function refuse(text) { print text; wrong = 1; exit 1 }
    function quoted(text, parts, number, i, out) {
      number = split(text, parts, /\047/)
      for (i = 2; i <= number; i++) out = out "\047\\\047\047" parts[i]
      return "\047" parts[1] out "\047"
    }
    # Finds out the variables of columns.
    function head(i, name, all, number, known, list) {
      number = split(ENVIRON["takes"] " " ENVIRON["secrets"], all, / +/)
      for (i = 1; i <= number; i++) if (all[i] != "") {
        known[all[i]] = 1
        list = list (list == "" ? "" : ", ") all[i]
      }
      for (i = 1; i <= fields; i++) {
        name = field[i]
        gsub(/^[ \t\r\n]+|[ \t\r\n]+$/, "", name)
        if (!(name in known)) refuse(": unknown column: " name "; this script takes " list)
        if (name in column) refuse(": two columns: " name)
        if (index(ENVIRON["given"], " --" name " "))
          refuse(": " name " is a column and --" name " is given")
        column[name] = variable[i] = name
        secret[i] = index(" " ENVIRON["secrets"], " " name " ")
        if (secret[i]) first = first name "=column\n"
        else variable[i] = "arg_" name
        gsub(/-/, "_", variable[i])
      }
      number = split(ENVIRON["takes"], all, / +/)
      for (i = 1; i <= number; i++)
        if (!(all[i] in column) && !index(ENVIRON["given"], " --" all[i] " "))
          refuse(": no column: " all[i] "; --" all[i] " VALUE gives it to all rows")
      columns = fields
      first = first "header=" quoted(raw) "\n"
    }
    function end_field() { field[++fields] = value; value = ""; state = 0 }
    # Spreadsheets leave rows without a value below a table.
    function end_row(i, any) {
      if (fields || state) {
        end_field()
        for (i = 1; i <= fields; i++) if (field[i] != "") any = 1
        if (!columns) head()
        else if (any || columns == 1) {
          if (fields != columns)
            refuse(":" start ": " fields " values for " columns " columns")
          total++
          for (i = 1; i <= fields; i++) {
            if (secret[i] && field[i] == "") refuse(":" start ": " variable[i] " is empty")
            text[total] = text[total] variable[i] "=" quoted(field[i]) "\n"
          }
          text[total] = text[total] "row " total " " quoted(raw)
        }
      }
      fields = 0; raw = ""
    }
    # The state of a field: 0 at its begin, 1 bare, 2 in quotes, 3 behind a quote in quotes.
    function take(code) {
      if (code == "00") refuse(":" line ": a NUL byte")
      if (code == "0a") line++
      if (state == 2) {
        if (code == "22") state = 3
        else value = value byte[code]
        raw = raw byte[code]
        return
      }
      if (code == "0a") { cr = 0; end_row(); start = line; return }
      if (cr) { cr = 0; add("\r") }
      if (code == "0d") { cr = 1; return }
      # Names hold no semicolon, with which some spreadsheets write such files.
      if (code == "3b" && !columns) mark = code
      if (code == mark) { end_field(); raw = raw byte[code]; return }
      if (code != "22") { add(byte[code]); return }
      if (state == 1) refuse(":" start ": misplaced quote")
      if (state == 3) value = value "\""
      state = 2
      raw = raw "\""
    }
    function add(char) {
      if (state == 3) refuse(":" start ": misplaced quote")
      state = 1
      value = value char
      raw = raw char
    }
    BEGIN {
      line = start = 1
      mark = "2c"
      for (i = 1; i < 256; i++) byte[sprintf("%02x", i)] = sprintf("%c", i)
      if (byte["c8"] != "\310") refuse(": this awk cannot write bytes")
    }
    /[^0-9a-f ]/ { sub(/.*: /, ""); refuse(": " $0) }
    NR == 1 && /^ *ef +bb +bf/ { $1 = $2 = $3 = "" }
    { for (i = 1; i <= NF; i++) if ($i != "") take($i) }
    END {
      if (wrong) exit 1
      if (state == 2) refuse(":" start ": misplaced quote: it has no end")
      end_row()
      if (!total) refuse(": no rows")
      print "total=" total "\n" first "rows() {"
      for (i = 1; i <= total; i++) print text[i]
      print "}"
    }'
}

# row NUMBER TEXT: runs the calls with values that are set already. They run in a shell of their
# own, which an error ends, and whose last report tells of restarts and sessions.
row() {
  [ "$1" -ge "$arg_from" ] || return 0
  row=$1 ended=0
  if [ "$dry_run" ]; then
    mask
    (run)
    put "row $row: not sent" >&2
    return
  fi
  state=$nl$({ run; } 9>&1 >&8) || ended=$?
  case $state in
    *"${nl}u"*)
      user=${state##*"${nl}u"} state=${state%"${nl}u"*}
      sessions=${state##*"${nl}s"} state=${state%"${nl}s"*}
      restarts=${state##*"${nl}r"} ;;
  esac
  paused=$arg_pause
  if [ "$ended" = 0 ]; then
    put "row $row: ok" >&2
    return
  fi
  if [ -z "$keep_going" ] || [ "$ended" != 1 ]; then
    put "--from $row goes on there" >&2
    exit 1
  fi
  failures=$((failures + 1))
  # Values may be secrets; and the name may be somebody else's link.
  [ "$failures" -gt 1 ] || { rm -f -- "$failed" && (umask 077 && set -C && put "$header" >"$failed"); } ||
    exit 1
  put "$2" >>"$failed" || exit 1
}

case $arg_each in
  -) failed=failed.csv ;;
  *) failed=${arg_each%.csv}.failed.csv ;;
esac
