"""The constant parts of JavaScript snippets and scripts, and JavaScript literals.

The text holds for ES modules, CommonJS and the interactive prompt of Node 18 and newer:
`var`, so that several snippets in one file may each define what they need.
"""

from __future__ import annotations

import re

from logreq.emitters._old import percent
from logreq.model.call import Arg, Env, Part, Value
from logreq.text.escape import plain

_SPECIAL = re.compile(r"[^ !#-\[\]-~]")
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}

ENV = """\
var env = (name) => {
  if (!process.env[name]) throw new Error(`the environment variable ${name} must be set`);
  return process.env[name];
};
"""
INSECURE = 'process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";\n'

# A redirection is not followed: it would make a GET of the POST, or show the secrets to another.
# A string among the pairs is percent-encoded already: it holds bytes that no string can.
POST = """\
var post = async (url, pairs, cookie = "") => {
  const encoded = (pair) =>
    typeof pair === "string" ? pair : pair.map((text) => encodeURIComponent(text)).join("=");
  const reply = await fetch(url, {
    method: "POST",
    redirect: "manual",
    headers: { "Content-Type": "application/x-www-form-urlencoded", ...(cookie && { cookie }) },
    body: pairs.map(encoded).join("&"),
  });
  if (reply.status >= 300) throw new Error(`HTTP status ${reply.status}`);
  return reply;
};
"""
SHOWN = """\
var shown = (text) =>
  String(text).replace(
    /[\\p{C}\\p{Zl}\\p{Zp}]/gu,
    (char) => `\\\\u{${char.codePointAt(0).toString(16)}}`,
  );
"""
# The panel's JSON: an attribute is `$name`, text is `$`, a lone element may be no list.
DOC = """\
var fields = (node) =>
  Object.fromEntries(
    Object.entries(node).flatMap(([name, v]) => (name[0] === "$" ? [] : [[name, plain(v)]])),
  );
var plain = (node) => {
  if (node === null || typeof node !== "object") return node;
  if (Array.isArray(node)) return node.map(plain);
  if ("$" in node) return node.$;
  const inner = fields(node);
  return Object.keys(inner).length ? inner : "";
};
var document = (text) => {
  let doc;
  try {
    doc = parse(text);
    doc = doc.doc ?? doc;
  } catch {}
  if (doc === null || typeof doc !== "object")
    throw new Error(`neither a result nor an error: ${shown(text.slice(0, 200))}`);
  const failed = doc.ok === false ? "failed" : undefined;
  const refused = "authfail" in doc ? { $type: "authfail", $: "login failed" } : undefined;
  const error = doc.error ?? refused ?? failed;
  if (error === undefined) return doc;
  const type = shown(error.$type ?? error.$code ?? error.code ?? "");
  const object = shown(error.$object ?? error.$obj ?? error.obj ?? "");
  const message = shown(plain(error.msg) ?? error.$ ?? (typeof error === "string" ? error : ""));
  const where = [type, object && `(${object})`].join("");
  throw Object.assign(new Error([where, message].filter(Boolean).join(": ")), { type, object });
};
"""
PARSE_JSON = "var parse = JSON.parse;\n"
# Strict and small: no DTD, so nothing external can be asked for.
PARSE_XML = """\
var parse = (text) => {
  const attribute = /\\s+[^\\s\\/<>="']+\\s*=\\s*(?:"[^<"]*"|'[^<']*')/.source;
  const token = new RegExp(
    [
      /<\\?[^]*?\\?>|<!--[^]*?-->|<!\\[CDATA\\[([^]*?)\\]\\]>|[^<]+/.source,
      `<(/?)([^\\\\s/<>=!?"']+)((?:${attribute})*)\\\\s*(/?)>`,
    ].join("|"),
    "y",
  );
  const known = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  const decode = (raw) =>
    raw.replace(/&(?:#(\\d+)|#x([0-9a-f]+)|(\\w*));?/gi, (all, decimal, hex, name) => {
      const code = decimal ? Number(decimal) : parseInt(hex, 16);
      const char = name === undefined ? String.fromCodePoint(code) : known[name];
      if (char === undefined || !all.endsWith(";")) throw new Error("entity");
      return char;
    });
  const root = Object.create(null);
  const open = [["", root]];
  while (token.lastIndex < text.length) {
    const found = token.exec(text);
    if (!found) throw new Error("syntax");
    const [all, cdata, end, name, pairs, empty] = found;
    const [last, node] = open[open.length - 1];
    if (name === undefined) {
      const part = cdata ?? (all[0] === "<" ? "" : decode(all));
      if (part) node.$ = (node.$ ?? "") + part;
    } else if (end) {
      if (name !== last) throw new Error("nesting");
      if (!(node.$ ?? "").trim() && Object.keys(node).some((k) => k[0] !== "$")) delete node.$;
      open.pop();
    } else {
      const child = Object.create(null);
      for (const [, key, a, b] of pairs.matchAll(/([^\\s=]+)\\s*=\\s*(?:"([^"]*)"|'([^']*)')/g))
        child["$" + key] = decode(a ?? b);
      node[name] = name in node ? [].concat(node[name], child) : child;
      if (!empty) open.push([name, child]);
    }
  }
  if (open.length > 1 || !root.doc) throw new Error("nesting");
  return root;
};
"""
# What `read` does with a result; `restarting` is for scripts.
RESULT = """\
var read = async (reply) => {
  const doc = document(await reply.text());
  if (Array.isArray(doc)) return doc.map(fields);
  restarting = plain(doc.ok) === "restart";
  if (restarting) console.error("the panel's web server has to be restarted: func=restart");
  if (doc.elem) return [].concat(doc.elem).map(fields);
  const { ok, metadata, ...form } = fields(doc);
  return ok !== undefined && !Object.keys(form).length ? "ok" : form;
};
var restarting = false;
"""
PRINT = "console.log(JSON.stringify(result));\n"
# A format that is passed through; the panel's text says ERROR at its beginning.
BYTES = """\
var read = async (reply) => {
  const bytes = Buffer.from(await reply.arrayBuffer());
  if (/^ERROR \\w*\\(/.test(bytes)) throw new Error(shown(bytes));
  return bytes;
};
var restarting = false;
"""
WRITE = "process.stdout.write(result);\n"

# Each `open` gives what a call adds: its last pairs and its cookie.
OPEN = {
    "none": 'var open = async () => [[], ""];\n',
    "authinfo": 'var open = async () => [[["authinfo", env("PANEL_AUTHINFO")]], ""];\n',
    "session": """\
var open = (url) =>
  login(url, [["username", env("PANEL_USER")], ["password", env("PANEL_PASSWORD")]]);
""",
    "key": """\
var open = async (url, user) => {
  const authinfo = `${env("PANEL_USER")}:${env("PANEL_PASSWORD")}`;
  const { randomBytes } = await import("node:crypto");
  const pairs = [["username", user], ["key", randomBytes(16).toString("hex")]];
  const add = [["func", "session.newkey"], ...pairs, ["out", "@out@"], ["authinfo", authinfo]];
  document(await (await post(url, add)).text());
  return login(url, [...pairs, ["checkcookie", "no"]]);
};
""",
}
LOGIN = """\
var login = async (url, pairs) => {
  const reply = await post(url, [["func", "auth"], ...pairs, ["out", "@out@"]]);
  const { auth } = document(await reply.text());
  const id = auth?.$id ?? auth?.$ ?? auth?.id ?? auth;
  const cookies = reply.headers.getSetCookie?.() ?? [reply.headers.get("set-cookie") ?? ""];
  const cookie = cookies.map((text) => text.split(";")[0]).filter(Boolean).join("; ");
  if (typeof id !== "string" && !cookie) throw new Error("login failed: the answer has no session");
  return [typeof id === "string" ? [["auth", id]] : [], cookie];
};
"""

ARGUMENTS = """\
var usageError = (text) => {
  console.error(`${shown(text)}\\n${usage}`);
  process.exit(2);
};
var parseArguments = (given) => {
  for (let rest = [...given]; rest.length; ) {
    const [, name, value] = rest.shift().match(/^(-[^=]*)(?:=([^]*))?$/) ?? [];
    if (value === undefined && (name === "--help" || name === "-h")) {
      console.log(usage);
      process.exit(0);
    }
    if (value === undefined && name === "--restart") {
      restart = true;
    } else if (name?.startsWith("--") && Object.hasOwn(args, name.slice(2))) {
      if (value === undefined && !rest.length) usageError(`${name} wants a value`);
      args[name.slice(2)] = value ?? rest.shift();
    } else usageError(`unknown argument: ${name ?? "not an option"}`);
  }
};
var restart = false;
"""
CALL = """\
var sessions = new Map();
var restarts = new Map();
var authorised = async (url, user, pairs) => {
  const name = `${url} ${user}`;
  if (!sessions.has(name)) sessions.set(name, await open(url, user));
  const [auth, cookie] = sessions.get(name);
  return post(url, [...pairs, ...auth], cookie);
};
var call = async (url, user, pairs) => {
  const again = (error) => {
    if (!renewable || !sessions.has(`${url} ${user}`)) throw error;
    if (!/auth|sess|access/i.test(error.type || error.message)) throw error;
    sessions.delete(`${url} ${user}`);
    return authorised(url, user, pairs).then(read);
  };
  try {
    const result = await authorised(url, user, pairs).then(read).catch(again);
    if (restarting) restarts.set(url, user);
    @print@  } catch (error) {
    const func = [].concat(pairs[0]).at(-1);
    throw new Error(`${shown(func)}: ${error.cause?.message ?? error.message}`);
  }
};
var finish = async () => {
  for (const [url, user] of restart ? restarts : []) {
    const text = await (await authorised(url, user, [["func", "restart"], ["out", "xml"]])).text();
    if (/<(error|authfail)\\b/.test(text)) throw new Error(`restart: ${shown(text)}`);
  }
};
"""
MAIN = """\
main().catch((error) => {
  console.error(shown(error.message));
  process.exitCode = 1;
});
"""


def literal(text: str) -> str:
    """Make a string literal of UTF-8 text; what does not show as itself is escaped."""
    return f'"{_SPECIAL.sub(_escape, text)}"'


def utf8(text: str) -> bool:
    """Tell whether text holds no bytes that are not UTF-8."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def pair(name: str, value: Value) -> str:
    """Make a pair, `["name", "value"]`; already percent-encoded where it is not UTF-8."""
    parts = value if isinstance(value, tuple) and not isinstance(value, (Env, Arg)) else (value,)
    if utf8(name) and all(utf8(part) for part in parts if isinstance(part, str)):
        return f"[{literal(name)}, {' + '.join(map(_part, parts))}]"
    return " + ".join([f'"{percent(name)}="', *map(_encoded, parts)])


def _part(part: Part) -> str:
    if isinstance(part, Env):
        return f"env({literal(part.name)})"
    if isinstance(part, Arg):
        return f"args[{literal(part.name)}]"
    return literal(part)


def _encoded(part: Part) -> str:
    if isinstance(part, str):
        return f'"{percent(part)}"'
    return f"encodeURIComponent({_part(part)})"


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    if char in _SHORT:
        return _SHORT[char]
    if char.isprintable() and plain(char):
        return char
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
