"""Python 3 with the requests package: a mapping, one POST, one check, the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logreq.emitters._python_script import script
from logreq.emitters.python import Python
from logreq.model.call import Argument, Call


class Requests(Python):
    """One `requests.post` per call."""

    summary = "Python 3 with the requests package"
    # A redirected POST would hand the password to another address.
    _refused = "reply.status_code != 200"
    _where = "(HTTP status {reply.status_code})"
    _send = "reply = requests.post(url, FORM, timeout=600, allow_redirects=False)\n"
    _send_unchecked = _send.replace(")", ", verify=False)")
    # Not by the answer's type: requests takes text of no charset for Latin-1.
    _json = 'reply.encoding = "utf-8"\n'
    _text = _json + "answer = reply.text.strip()\n"
    _bytes = "answer = reply.content\n"
    _parsed = "reply.json()"
    _stripped = "reply.text.lstrip()"
    _told = "reply.text"
    _unchecked = "urllib3.disable_warnings()\n"

    def script(
        self, calls: Sequence[Call], arguments: Sequence[Argument], again: bool = False
    ) -> Iterator[str]:
        return script(self, calls, arguments, again, "python/requests_post.py")

    def _addressed(self, url: str, code: str) -> str:
        # Where it is used, if that is once.
        if code.count("(url, ") > 1 or "in newkey" in code:
            return super()._addressed(url, code)
        before, _, after = code.partition("(url, ")
        return f"{before}({url}, {after}"
