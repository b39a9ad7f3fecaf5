"""HTTP Archive 1.2: one JSON file, for Postman, Insomnia, Bruno and generators of snippets.

Secrets are placeholders of the kind that those programs fill in, `{{PANEL_AUTHINFO}}`. The
format: http://www.softwareishard.com/blog/har-12-spec/.
"""

from __future__ import annotations

import calendar
import json
import time as clock
from collections.abc import Iterable
from typing import Optional

from logreq._version import __version__
from logreq.emitters.base import Emitter
from logreq.emitters.context import Context, extra_pairs
from logreq.emitters.frame import LINE, NOTES, PAIRS, TIME, WHEN, Frame, Piece
from logreq.model.call import Env, Value
from logreq.model.request import Request
from logreq.text.clock import parse
from logreq.text.codec import is_utf8
from logreq.text.escape import visible
from logreq.text.percent import percent

_dumps = json.JSONEncoder(ensure_ascii=True).encode
_FORM = "application/x-www-form-urlencoded"
# Nothing was answered yet: the schema wants a response, and 0 is what browsers write then.
_REST = (
    '"response": {"status": 0, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [],'
    ' "headers": [], "content": {"size": 0, "mimeType": "x-unknown"}, "redirectURL": "",'
    ' "headersSize": -1, "bodySize": -1}, "cache": {},'
    ' "timings": {"send": 0, "wait": 0, "receive": 0}'
)
# Importers evaluate these in parameters, and a log may hold them to make them do it.
_TEMPLATES = ("{{", "{%", "{#", "${")
# Stands after each of a pair's two texts: JSON has it escaped, percent-encoding too.
_END = "\0"


class Har(Emitter):
    """An entry per call: the encoded text, and parameters where they say the same."""

    summary = "HTTP Archive 1.2, one file to import elsewhere"
    syntax = "json"
    separator = ",\n"
    opening = (
        '{"log": {"version": "1.2", "creator": {"name": "logreq",'
        f' "version": "{__version__}"}}, "entries": [\n'
    )
    closing = "]}}\n"
    mapping = True
    tells_when = True

    def pair(self, name: str, value: Value) -> str:
        """Give the encoded text, and the parameter where importers take it as it is."""
        if isinstance(value, Env):
            literal, shown = name, f"{{{{{value.name}}}}}"
            text = shown
        else:
            shown = str(value)
            literal, text = f"{name} {shown}", percent(shown)
        odd = any(template in literal for template in _TEMPLATES) or not is_utf8(literal)
        # JavaScript's objects, in which importers hold parameters, put numbers first.
        odd = odd or name.isdecimal() or name == "__proto__"
        param = "" if odd else f'{{"name": {_dumps(name)}, "value": {_dumps(shown)}}}'
        return f"&{percent(name)}={text}{_END}{param}{_END}"

    def frame(self, context: Context) -> Frame:
        extra = "".join(self.pair(*pair) for pair in extra_pairs(self.connection, context))
        url = _dumps(self.address(context.panel))
        # When and where stand around the title, as logged.
        title = self.heading(context)[2]
        return _Entry(
            '{"startedDateTime": "', WHEN,
            f'", "time": 0, "request": {{"method": "POST", "url": {url},'
            ' "httpVersion": "HTTP/1.1", "cookies": [], "queryString": [], "headersSize": -1,'
            ' "bodySize": -1, "headers": [{"name": "Content-Type", ', PAIRS,
            f'}}, {_REST}, "comment": "', TIME, _inner(str(title)), LINE, NOTES, '"}\n',
            before=self.pair("func", context.func), after=extra, repeats=context.repeats,
        )  # fmt: skip

    def notes(self, notes: Iterable[str]) -> str:
        return _inner("".join([f"; {visible(note)}" for note in notes]))


class _Entry(Frame):
    """Tells the pairs twice, and the time once with its year."""

    __slots__ = ("_after", "_before", "_repeats")

    def __init__(self, *pieces: Piece, before: str, after: str, repeats: bool) -> None:
        super().__init__(*pieces)
        self._before = before
        self._after = after
        self._repeats = repeats

    def fill(self, request: Request, pairs: str, dropped: str = "", notes: str = "") -> str:
        *both, _ = f"{self._before}{pairs}{self._after}".split(_END)
        text, params = "".join(both[::2]), both[1::2]
        if self._repeats or "" in params:
            # Importers that look for parameters take the text of any other type as it is.
            kind, listed = f"{_FORM}; charset=utf-8", ""
        else:
            kind, listed = _FORM, f', "params": [{", ".join(params)}]'
        data = (
            f'"value": "{kind}"}}], "postData": {{"mimeType": "{kind}", "text": "{text[1:]}"'
            f"{listed}}}"
        )
        time = request.time
        when = moment(time, request.when)
        return self.joined(time, str(request.line), data, dropped, notes, when)


def moment(text: str, when: Optional[str] = None) -> str:
    """Give a logged time as ISO 8601, in this machine's zone; `when` has its year.

    The format wants a date. Where no year was decided, it is the latest that does not put the
    time after tomorrow, since clocks and zones differ.
    """
    month, day, _ = parse(text)
    if when:
        year = int(when[:4])
    else:
        tomorrow = clock.localtime(clock.time() + 86_400)
        year = tomorrow.tm_year - ((month, day) > (tomorrow.tm_mon, tomorrow.tm_mday))
    if (month, day) == (2, 29):
        while not calendar.isleap(year):
            year -= 1
    day = min(day, calendar.monthrange(year, month)[1])
    hour = clock.localtime(clock.mktime((year, month, day, int(text[-8:-6]), 0, 0, 0, 0, -1)))
    zone = clock.strftime("%z", hour)
    # Minute and second as logged: a leap second stays one.
    return clock.strftime("%Y-%m-%dT%H", hour) + f"{text[-6:]}{zone[:3]}:{zone[3:]}"


def _inner(text: str) -> str:
    return _dumps(text)[1:-1]
