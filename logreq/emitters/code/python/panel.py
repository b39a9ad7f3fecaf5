"""What a script begins with: `Panel.call` sends a call and prints its answer, or ends the script.

What stands between `# only NAME` and `# end` is for scripts that need it.
"""

import argparse
import contextlib
import copy
import http.client
import json
import os
import re
import secrets
import ssl
import sys
import urllib.parse
import urllib.request
import xml.etree.ElementTree


# only urllib
def post(url, form, insecure):  # gives the status, where a redirect leads, the answer
    context = ssl._create_unverified_context() if insecure else None
    opener = urllib.request.OpenerDirector()  # none of these follows a redirect
    opener.add_handler(urllib.request.ProxyHandler())
    opener.add_handler(urllib.request.HTTPHandler())
    opener.add_handler(urllib.request.HTTPSHandler(context=context))
    opener.add_handler(urllib.request.UnknownHandler())
    with opener.open(url, form, timeout=600) as reply:
        return reply.status, reply.headers.get("Location"), reply.read()


# end
def shown(text):  # with all that could drive a terminal escaped
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


# only login
class Lost(SystemExit):  # a session is over, or was none (then a redirect or a page, too)
    pass


# end
def stop(func, problem, error=None):  # error: as the panel gave it
    # only login
    if re.search(r"(^|'\$type': ')(auth|sess|access)", str(error)):
        raise Lost(shown(f"{func}: {problem}"))
    # end
    sys.exit(shown(f"{func}: {problem}"))


# only again
class Exists(SystemExit):  # what a call is about is there already
    pass


# end
def words(error):  # the panel's message, else type and object, else its text, else all of it
    error = error if isinstance(error, dict) else {"$": error}
    message, kind = error.get("msg"), error.get("$type")
    message = message.get("$") if isinstance(message, dict) else message
    kind = kind and f"{kind}({error.get('$object', '')})"
    compact = json.dumps(error, ensure_ascii=False, separators=(",", ":"))
    return message or kind or error.get("$") or compact


# only xml
def tree(node):  # an element of XML as JSON has it
    found = {f"${name}": value for name, value in node.items()}
    if node.text and (node.text.strip() or not len(node)):
        found["$"] = node.text
    for child in node:
        found.setdefault(child.tag, []).append(tree(child))
    return {n: v[0] if isinstance(v, list) and len(v) == 1 else v for n, v in found.items()}


# end
def read(func, out, answer):  # gives the document
    text, doc = answer.decode("utf-8", "replace"), None
    page = re.match(r"\s*(<\?xml[^>]*>\s*)?<(!doctype )?html\b", text, re.I) and "session"
    # only again
    if error := re.match(r"ERROR (exists\(.*?\)):? *(.*)", text):
        raise Exists(shown(f"{func}: {error[2] or error[1]}"))
    # end
    # only raw
    if out not in ("json", "bjson", "JSONdata", "xml", "devel"):
        if error := re.match(r"ERROR (?:(\w+\(.*?\)|\w+(?=:)):?)? *(.*)", text):
            stop(func, error[2] or error[1] or text[:200], error[1])
        if error := re.match(r'[<{].{,2000}?[<"](error|authfail)\b', text, re.I | re.S):
            stop(func, text[:200], page or error[1])
        if page:
            stop(func, text[:200], page)
        return answer
    # end
    with contextlib.suppress(SyntaxError, ValueError, RecursionError):
        # only xml
        if out in ("xml", "devel"):
            root = xml.etree.ElementTree.fromstring(text.strip())
            text = json.dumps({"doc": tree(root)}) if root.tag == "doc" else text
        # end
        doc = json.loads(text)
    doc = doc.get("doc", doc) if isinstance(doc, dict) else doc
    if not isinstance(doc, (dict, list)):
        stop(func, f"no document in the answer: {text[:200]}", page)
    if "authfail" in doc:
        stop(func, "login failed", "auth")
    # only again
    error = doc.get("error") if isinstance(doc, dict) else None
    if isinstance(error, dict) and error.get("$type") == "exists":
        raise Exists(shown(f"{func}: {words(error)}"))
    # end
    if isinstance(doc, dict) and ("error" in doc or doc.get("ok") is False):
        stop(func, words(doc.get("error", doc)), doc.get("error"))
    return doc


# only raw
def write(answer):  # as it is, but to a terminal
    if sys.stdout.isatty():
        lines = answer.decode("utf-8", "replace").split("\n")
        answer = "\n".join(map(shown, lines)).encode("utf-8", "replace")
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()


# end
class Panel:
    def __init__(self, variables, defaults, panel="", insecure=False, **common):
        parser = argparse.ArgumentParser(epilog=f"environment: {', '.join(variables)}")
        for name, value in defaults.items():
            told = shown(f"default: {value}").replace("%", "%%")
            parser.add_argument(f"--{name}", default=value, help=told)
        parser.add_argument("-k", "--insecure", action="store_true", default=insecure)
        parser.add_argument("--restart", action="store_true", help="where a call asks for it")
        # only again
        self.extend(parser, variables)
        # end
        self.options = vars(parser.parse_args())
        self.url, self.common, self.restarts = self.options.get("url"), common, {}
        if panel and re.fullmatch(r"\w+://[^/]+(.*/(manager)?)?", self.url):
            self.url = self.url.removesuffix("/") + "/" + panel
        # only login
        self.sessions = {}
        # end
        if unset := [name for name in variables if not os.environ.get(name)]:
            sys.exit(f"not set: {', '.join(unset)}")

    # only again
    def extend(self, parser, variables):
        pass

    # end
    def send(self, pairs):
        # only login
        if "auth" in dict(pairs):  # in a session; where that is over, once more in another
            known, self.fresh = not self.fresh, True
            if known:
                with contextlib.suppress(Lost):
                    return self.send(pairs)
                self.sessions.pop((self.url, self.user), None)
                self.log_in(self.user)
                auth = self.common["auth"]
                pairs = [(name, auth if name == "auth" else value) for name, value in pairs]
            self.fresh = False
        # end
        func, form = pairs[0][1], urllib.parse.urlencode(pairs, errors="surrogateescape").encode()
        try:
            status, where, answer = post(self.url, form, self.options["insecure"])
        except (OSError, ValueError, http.client.HTTPException) as error:
            stop(func, error)
        if status != 200:
            told = f"HTTP status {status}" + (f" (redirected to {where})" if where else "")
            stop(func, told, 300 <= status < 400 and "session")
        return read(func, dict(pairs).get("out", ""), answer)

    def call(self, func, /, *pairs, **named):
        pairs = [("func", func), *pairs, *named.items()]
        pairs += [pair for pair in self.common.items() if pair[0] not in dict(pairs)]
        doc = self.send(pairs)
        print(shown(f"{func}: ok"), file=sys.stderr)
        # only raw
        if isinstance(doc, bytes):
            write(doc)
            return doc
        # end
        print(shown(json.dumps(doc, ensure_ascii=False)), flush=True)
        if isinstance(doc, dict) and doc.get("ok") in ("restart", {"$": "restart"}):
            self.restarts[self.url] = copy.copy(self)
        return doc

    def restart(self):
        for panel in self.restarts.values():
            print(f"{panel.url} asks for a restart (--restart)", file=sys.stderr)
            if self.options["restart"]:
                panel.call("restart")

    # only login
    def log_in(self, user=""):  # a user is logged in by a one-time key
        self.user, self.fresh = user, (self.url, user) not in self.sessions
        if self.fresh:
            name, password = os.environ["PANEL_USER"], os.environ["PANEL_PASSWORD"]
            login = [("username", name), ("password", password), ("out", "json")]
            if user:
                login = [("username", user), ("key", secrets.token_hex(16)), ("out", "json")]
                admin = ("authinfo", f"{name}:{password}")
                self.send([("func", "session.newkey"), *login, admin])
                login.append(("checkcookie", "no"))
            auth = self.send([("func", "auth"), *login]).get("auth")
            auth = auth.get("$id") or auth.get("$") if isinstance(auth, dict) else auth
            self.sessions[self.url, user] = auth or stop("auth", "no session in the answer")
        self.common = {**self.common, "auth": self.sessions[self.url, user]}

    # end
