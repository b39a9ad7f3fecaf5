"""Python 3, standard library only: a list of pairs, the result in `result`, PanelError."""

from __future__ import annotations

from logreq.emitters._python import PythonEmitter

_UNCHECKED = """
unchecked = ssl.create_default_context()
unchecked.check_hostname = False
unchecked.verify_mode = ssl.CERT_NONE
"""
_POST = """
def post(url, pairs):  # gives the answer's bytes
    form = urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote, errors="surrogateescape")
    with urllib.request.urlopen(url, form.encode(), timeout=600) as reply:
        if reply.geturl() != url:
            raise PanelError(pairs[0][1], f"redirected to {reply.geturl()}")
        return reply.read()
"""
_POST_COOKIES = """
def post(url, pairs, cookies=()):  # gives the answer's bytes and cookies
    form = urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote, errors="surrogateescape")
    headers = {"Cookie": "; ".join(cookies)} if cookies else {}
    request = urllib.request.Request(url, form.encode(), headers)
    with urllib.request.urlopen(request, timeout=600) as reply:
        if reply.geturl() != url:
            raise PanelError(pairs[0][1], f"redirected to {reply.geturl()}")
        given = reply.headers.get_all("Set-Cookie") or []
        return reply.read(), [cookie.partition(";")[0] for cookie in given]
"""


class Python(PythonEmitter):
    """One `urllib.request.urlopen` per call."""

    summary = "Python 3, standard library only"
    _post = _POST
    _post_cookies = _POST_COOKIES
    _unchecked = _UNCHECKED
    _unchecked_option = "timeout=600, context=unchecked"
