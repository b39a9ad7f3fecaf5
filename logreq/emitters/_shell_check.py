"""What an emitted script makes of a panel's answer: awk programs, one per family of formats.

Each reads an answer and prints nothing for a result, `restart` where the panel asks for a
restart of its web server, or `error ...` in one line without control characters. Only POSIX
awk's features: one character as RS, no GNU functions; run with LC_ALL=C. They hold no single
quote, so that they can stand in single quotes.
"""

from __future__ import annotations

# Type, object and message of an error document, each optional -> one line.
_END = r"""
function say(kind) {
  if (kind == "authfail") what = "authfail"
  if (code != "") what = what (what == "" ? "" : " ") "code " code
  if (object != "") what = what (what == "" ? "" : " ") "(" object ")"
  if (message != "") what = what (what == "" ? "" : ": ") message
  if (what == "") what = "the panel gave no reason"
  gsub(/[\t\r\n]+/, " ", what)
  for (i = 1; i < 32; i++) gsub(sprintf("%c", i), sprintf("\\x%02x", i), what)
  gsub(/\177/, "\\x7f", what)
  gsub(/\302[\200-\237]/, "?", what)                    # C1 controls
  gsub(/\342\200[\216\217\250-\256]|\342\201[\246-\251]/, "?", what)  # marks of direction
  print "error " what
  exit
}
"""

# <doc><error ...>: only as doc's child or as the root; a row may have a field of that name.
XML = (
    r"""
function attribute(name) {
  if (!match(tag, "[ \t\r\n]" name "=\"[^\"]*\"")) return ""
  return plain(substr(tag, RSTART + length(name) + 3, RLENGTH - length(name) - 4))
}
function plain(text) {
  gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text)
  gsub(/&apos;/, "\047", text); gsub(/&amp;/, "\\&", text)
  return text
}
function take(text) {
  if (kind == "ok" || depth == at) direct = direct text
  else if (name == "msg" && depth == at + 1) inner = inner text
}
BEGIN { RS = "<" }
NR == 1 { sub(/^\357\273\277/, ""); if (/[^ \t\r\n]/) bad = 1; next }
skip != "" || /^!--/ || /^!\[CDATA\[/ {
  line = $0
  if (skip == "") { skip = /^!--/ ? "-->" : "]]>"; sub(/^!(--|\[CDATA\[)/, "", line) }
  else line = "<" line
  end = index(line, skip)
  shown = end ? substr(line, end + 3) : ""
  if (skip == "]]>") shown = (end ? substr(line, 1, end - 1) : line) shown
  if (kind != "" && depth >= at) take(shown)
  if (end) skip = ""
  next
}
{
  end = index($0, ">")
  if (!end) bad = 1
  tag = substr($0, 1, end - 1)
  rest = substr($0, end + 1)
}
tag ~ /^[?!]/ { next }
tag ~ /^\// { depth--; if (depth < at) at = 99 }
tag !~ /^\// {
  name = tag
  sub(/[ \t\r\n\/].*/, "", name)
  depth++
  if (depth == 1) root = name
  if ((depth == 1 || depth == 2 && root == "doc") && name ~ /^(error|authfail|ok)$/ && kind == "") {
    kind = name; at = depth
    what = attribute("type"); code = attribute("code")
    object = attribute("object"); if (object == "") object = attribute("obj")
  }
  if (tag ~ /\/$/) { depth--; if (depth < at) at = 99 }
}
kind != "" && depth >= at { take(rest) }
END {
  message = plain(inner != "" ? inner : direct)
  if (kind == "error" || kind == "authfail") say(kind)
  else if (bad || root != "doc" || depth != 0) print "error the answer is no XML document"
  else if (kind == "ok" && direct ~ /restart/) print "restart"
}
"""
    + _END
)

# {"doc":{"error":..}}, {"error":..}, {"ok":false}: split at quotes, in turns outside and inside
# of a string.
JSON = (
    r"""
function value(text) {
  top = key[1] == "doc" && depth > 1 ? 2 : 1
  if (key[top] == "ok" && text == "restart") kind = kind == "" ? "restart" : kind
  if (key[top] != "error") return
  field = depth == top ? "$" : key[top + 1]
  sub(/^\$/, "", field)
  if (field == "type") what = text
  if (field == "code") code = text
  if (field == "object" || field == "obj") object = text
  if (field == "" || field == "msg" || field == "message") message = text
}
BEGIN { RS = "\"" }
inside {
  line = $0
  n = length(line)
  while (n > 0 && substr(line, n, 1) == "\\") n--
  if ((length(line) - n) % 2) { text = text substr(line, 1, length(line) - 1) "\""; next }
  text = text line
  inside = 0
  next
}
NR == 1 && !/^[ \t\r\n]*[{[]/ { bad = 1; exit }
NR > 1 && !/^[ \t\r\n]*:/ { value(text) }
{
  size = length($0)
  for (i = 1; i <= size; i++) {
    c = substr($0, i, 1)
    if (c == "{" || c == "[") { depth++; key[depth] = ""; array[depth] = c == "[" }
    else if (c == "}" || c == "]") depth--
    else if (c == ":") {
      key[depth] = text
      rest = substr($0, i + 1)
      sub(/^[ \t\r\n]+/, "", rest)
      objects = !array[1] && !array[depth] && (depth == 1 || depth == 2 && key[1] == "doc")
      if (objects && (text == "error" || text == "authfail") && rest !~ /^(null|false)/) kind = text
      if (objects && text == "ok" && rest ~ /^false/) kind = kind == "" ? "error" : kind
      if (rest ~ /^[0-9]/ && !array[1]) { sub(/[^0-9].*/, "", rest); value(rest) }
    }
  }
  inside = 1
  text = ""
}
END {
  if (bad || depth != 0 || NR == 0) print "error the answer is no JSON document"
  else if (kind == "restart") print kind
  else if (kind != "") say(kind)
}
"""
    + _END
)

# mgrctl and out=text; the other formats answer an error in one shape or another.
TEXT = (
    r"""
NR == 1 && /^OK restart/ { print "restart"; exit }
NR == 1 && /^ERROR([ \t(:]|$)/ { message = substr($0, 7); say("error") }
length(head) < 4000 { head = head $0 " " }
END {
  if (what != "") exit
  gsub(/[ \t\r]+/, " ", head)
  if (head ~ /^ ?(<[?][^>]*> ?)?(<doc[^>]*> ?)?(<metadata[^>]*> ?)?<(error|authfail)[ >\/]/ ||
    head ~ /^ ?[{] ?("doc" ?: ?[{] ?)?"(error|authfail)" ?:/) {
    message = substr(head, 1, 500)
    say("error")
  }
}
"""
    + _END
)


def program(out: str) -> str:
    """Give the awk program for the answers of a format."""
    if out in ("xml", "devel"):
        return XML
    return JSON if out in ("json", "bjson", "JSONdata") else TEXT
