"""Python 3 with the requests package: a list of pairs, the result in `result`, PanelError."""

from __future__ import annotations

from logreq.emitters._python import PythonEmitter

_UNCHECKED = """
urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
"""
# A form of requests' own would write a blank as `+`, and refuses bytes that are not UTF-8.
# A redirected POST would hand the password to another address.
_POST = """
def post(url, pairs):  # gives the answer's bytes
    form = urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote, errors="surrogateescape")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = requests.post(url, form.encode(), headers=headers, timeout=600, allow_redirects=False)
    if reply.status_code >= 300:
        raise PanelError(pairs[0][1], f"HTTP status {reply.status_code} {reply.reason}")
    return reply.content
"""


class Requests(PythonEmitter):
    """One `requests.post` per call."""

    summary = "Python 3 with the requests package"
    _post = _POST
    _post_cookies = (
        _POST.replace("(url, pairs)", "(url, pairs, cookies=None)")
        .replace("gives the answer's bytes", "gives the answer's bytes and cookies")
        .replace("headers=headers", "headers=headers, cookies=cookies")
        .replace("reply.content", "reply.content, reply.cookies")
    )
    _unchecked = _UNCHECKED
    _unchecked_option = "timeout=600, verify=False"
