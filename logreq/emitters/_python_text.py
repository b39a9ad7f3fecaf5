"""What emitted Python consists of besides its calls: pieces of code for 3.6 and later.

All text here is constant; what comes from a log stands in the calls only. The shapes of
documents are the vendor guide's ("Results"); those of errors were seen in the field.
"""

from __future__ import annotations

ENV = """
def env(name):
    if not os.environ.get(name):
        raise RuntimeError(f"{name} is not set")
    return os.fsencode(os.environ[name]).decode("utf-8", "surrogateescape")
"""

ERROR = """
class PanelError(RuntimeError):  # type, object and message are the panel's
    def __init__(self, func, message, type="", object=""):
        self.message, self.type, self.object = message, type, object
        text = f"{func}: {type}({object}) {message}" if type or object else f"{func}: {message}"
        super().__init__("".join(c if c.isprintable() else repr(c)[1:-1] for c in text))
"""

PLAIN = """
def plain(value):  # {"$": "text"} -> "text"; attributes ("$name") are left out
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    fields = {name: plain(item) for name, item in value.items() if not name.startswith("$")}
    return fields or value.get("$", "")
"""

_READ_JSON = """
def read(func, body):  # the document of an answer
    text = body.decode("utf-8", "replace")
    try:
        doc = json.loads(text)
        doc = doc.get("doc", doc) if isinstance(doc, dict) else doc
        if not isinstance(doc, (dict, list)):
            raise ValueError
    except ValueError:
        raise PanelError(func, f"no JSON document in the answer: {text[:200]}") from None
    if isinstance(doc, list):
        return doc
"""

_READ_XML = """
def tree(node):  # an element as out=json has it
    doc = {"$" + name: value for name, value in node.items()}
    if node.text:
        doc["$"] = node.text
    for child in node:
        doc.setdefault(child.tag, []).append(tree(child))
    return {n: v[0] if isinstance(v, list) and len(v) == 1 else v for n, v in doc.items()}

def read(func, body):  # the document of an answer
    try:
        root = xml.etree.ElementTree.fromstring(body)
        if root.tag not in ("doc", "error", "authfail"):
            raise ValueError
    except (SyntaxError, ValueError, LookupError):
        text = body.decode("utf-8", "replace")
        raise PanelError(func, f"no XML document in the answer: {text[:200]}") from None
    doc = tree(root) if root.tag == "doc" else {root.tag: tree(root)}
"""

# The end of both `read`s: an error has attributes, a message, or is but a text.
_FAIL = """\
    if "authfail" in doc:
        raise PanelError(func, "login failed", "authfail")
    if "error" in doc or doc.get("ok") is False:
        error = doc.get("error", "failed")
        error = error if isinstance(error, dict) else {"msg": error}
        message, kind, what = (
            next((plain(error[name]) for name in names.split() if error.get(name)), "")
            for names in ("msg $", "$type type $code code", "$object object $obj obj")
        )
        raise PanelError(func, message or "error", kind, what)
    return doc
"""

READ = {"json": _READ_JSON + _FAIL, "xml": _READ_XML + _FAIL}

READ_TEXT = """
def read_text(func, body):  # an answer as it is, unless it is an error
    text = body.decode("utf-8", "replace")
    error = re.match(r"ERROR (\\w+)\\((.*?)\\):? *(.*)", text, re.DOTALL)
    if error:
        raise PanelError(func, error.group(3).strip(), error.group(1), error.group(2))
    return body
"""

RESULT = """
def result_of(doc):  # a list's rows, a form's fields, or "ok"
    if isinstance(doc, list):
        return doc
    if "elem" in doc:
        rows = doc["elem"] if isinstance(doc["elem"], list) else [doc["elem"]]
        return [plain(row) or {} for row in rows]
    about = ("metadata", "messages", "tparams", "slist")  # the form's description
    fields = plain({name: item for name, item in doc.items() if name not in about})
    if not isinstance(fields, dict):
        return fields or []
    ok = fields.pop("ok", None)
    return fields or (ok if ok and ok is not True else "ok")
"""

WANTS_RESTART = 'isinstance(document, dict) and plain(document.get("ok")) == "restart"'

# The end of a snippet, by the ways to log in.
END = dict.fromkeys(("none", "authinfo"), "document = read(call[0][1], post(@URL@, call))\n")
END["session"] = """\
call += login(@URL@)
document = read(call[0][1], post(@URL@, call))
"""
END["key"] = """\
auth, cookies = login(@URL@, @USER@)
document = read(call[0][1], post(@URL@, call + auth, cookies)[0])
"""
RESULT_END = f"""\
result = result_of(document)
if {WANTS_RESTART}:
    print("the panel's web server has to be restarted: func=restart", file=sys.stderr)
"""

_ID = """\
    auth = doc.get("auth") if isinstance(doc, dict) else None
    if isinstance(auth, dict):
        auth = auth.get("$id") or auth.get("$") or auth.get("id")
"""

# What is added to a call, by the ways to log in; `@OUT@` is the format that `read` reads.
LOGIN = {
    "session": """
def login(url):  # opens a session, gives the parameter that names it
    doc = read("auth", post(url, [
        ("func", "auth"),
        ("username", env("PANEL_USER")),
        ("password", env("PANEL_PASSWORD")),
        ("out", "@OUT@"),
    ]))
"""
    + _ID
    + """\
    if not auth:
        raise PanelError("auth", "no session in the answer")
    return [("auth", auth)]
""",
    "key": """
def login(url, user):  # by a one-time key of the administrator's; gives parameter and cookies
    key = secrets.token_hex(16)
    read("session.newkey", post(url, [
        ("func", "session.newkey"),
        ("username", user),
        ("key", key),
        ("out", "@OUT@"),
        ("authinfo", env("PANEL_USER") + ":" + env("PANEL_PASSWORD")),
    ])[0])
    body, cookies = post(url, [
        ("func", "auth"),
        ("username", user),
        ("key", key),
        ("checkcookie", "no"),
        ("out", "@OUT@"),
    ])
    doc = read("auth", body)
"""
    + _ID
    + """\
    if not auth and not cookies:
        raise PanelError("auth", "no session in the answer")
    return [("auth", auth)] if auth else [], cookies
""",
}

# How a script sends a call; `panel` is the address, in key mode the user too.
SEND = {
    "none": """

def send(pairs, reader, url):
    return reader(pairs[0][1], post(url, pairs))
""",
    "authinfo": """

def send(pairs, reader, url):
    login = [("authinfo", env("PANEL_AUTHINFO"))]
    return reader(pairs[0][1], post(url, pairs + login))
""",
}
_AGAIN = """
sessions = {}

def send(pairs, reader, *panel):  # logs in once a panel, again where the session is over
    for last in (False, True):
        if panel not in sessions:
            sessions[panel] = login(*panel)
        try:
            @ANSWER@
        except PanelError as error:
            why = f"{error.type} {error.object} {error.message}"
            if last or not re.search("auth|session|access", why, re.IGNORECASE):
                raise
            del sessions[panel]
"""
SEND["session"] = _AGAIN.replace(
    "@ANSWER@", "return reader(pairs[0][1], post(*panel, pairs + sessions[panel]))"
)
SEND["key"] = _AGAIN.replace(
    "@ANSWER@",
    """auth, cookies = sessions[panel]
            return reader(pairs[0][1], post(panel[0], pairs + auth, cookies)[0])""",
)

MAIN = """
def read_ok(func, body):
    if b"<ok" not in body:
        raise PanelError(func, body.decode("utf-8", "replace")[:500])

def say(text):
    text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    print(text, file=sys.stderr, flush=True)

def arguments(words):  # by name, and whether to restart
    args, restart, words = dict(DEFAULTS), False, iter(words)
    for word in words:
        name, given, value = word.partition("=")
        if word in ("-h", "--help"):
            sys.stdout.buffer.write(USAGE.encode())
            sys.exit(0)
        if word == "--restart":
            restart = True
            continue
        if not name.startswith("--") or name[2:] not in args:
            say(f"unknown argument {word}; --help tells which there are")
            sys.exit(2)
        value = value if given else next(words, None)
        if value is None:
            say(f"{name} needs a value")
            sys.exit(2)
        args[name[2:]] = os.fsencode(value).decode("utf-8", "surrogateescape")
    if not re.match("https?://.", args.get("url", "http://x")):
        say("--url has to begin with https:// or http://")
        sys.exit(2)
    return args, restart

def main():
    args, restart = arguments(sys.argv[1:])
    missing = [name for name in VARIABLES if not os.environ.get(name)]
    if missing:
        say(f"not set: {', '.join(missing)}")
        return 1
    stale = []  # panels whose web server has to be restarted
    try:
        for *panel, pairs in calls(args):
            document = send(pairs + COMMON, @READ@, *panel)
            @SHOW@
            say(f"{pairs[0][1]}: ok")
        while restart and stale:
            send([("func", "restart"), ("out", "xml")], read_ok, *stale[0])
            say("restart: ok")
            stale.pop(0)
    except (PanelError, OSError, ValueError, http.client.HTTPException) as error:
        say(f"failed: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        for url, *_ in stale:
            say(f"{url}: the panel's web server has to be restarted: func=restart")
    return 0

if __name__ == "__main__":
    sys.exit(main())
"""

_NOTE = """
            if @WANTS@ and panel not in stale:
                stale.append(panel)"""
SHOW = "print(json.dumps(result_of(document)), flush=True)" + _NOTE.replace(
    "@WANTS@", WANTS_RESTART
)
SHOW_TEXT = """\
sys.stdout.buffer.write(document + b"\\n" * (not document.endswith(b"\\n")))
            sys.stdout.flush()""" + _NOTE.replace(
    "@WANTS@", 're.match(rb"OK\\s+restart\\b", document)'
)
