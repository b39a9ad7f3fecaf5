"""HTTP Archive 1.2: one JSON file, for Postman, Insomnia, Bruno and generators of snippets.

Secrets are placeholders of the kind that those programs fill in, `{{PANEL_AUTHINFO}}`. The
format: http://www.softwareishard.com/blog/har-12-spec/.
"""

from __future__ import annotations

import calendar
import json
import time as clock

from logreq._version import __version__
from logreq.emitters._old import Emitter, Remembered, percent, title
from logreq.log.years import parse
from logreq.model.call import Call, Env, Value
from logreq.model.connection import Connection
from logreq.text.escape import visible

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
# In place of a parameter that only the encoded text can tell.
_ODD = "\0"


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

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._texts = Remembered(_pair)
        self._params = Remembered(_param)
        pairs: list[tuple[str, Value]] = [*self.connection.extra]
        if self.connection.auth == "authinfo":
            pairs.append(("authinfo", Env("PANEL_AUTHINFO")))
        self._text = "".join(_pair(name, value) for name, value in pairs)
        self._param = "".join(_param(name, value) for name, value in pairs)
        self._names = {name for name, _ in pairs} | {"func"}
        self._heads: dict[str, str] = {}
        self._hours: dict[str, str] = {}

    def snippet(self, call: Call) -> str:
        """Give an entry as JSON on one line."""
        request = call.request
        hour = request.time[:-6]
        started = self._hours.get(hour)
        if started is None:
            self._hours.clear()
            started = self._hours[hour] = moment(f"{hour}:00:00")
        started = started[:14] + request.time[-5:] + started[19:]
        head = self._heads.get(request.panel)
        if head is None:
            head = self._heads[request.panel] = (
                f'"time": 0, "request": {{"method": "POST", "url": {_dumps(self.address(call))},'
                ' "httpVersion": "HTTP/1.1", "cookies": [], "queryString": [], "headersSize": -1,'
                ' "bodySize": -1, "headers": [{"name": "Content-Type",'
            )
        kept = [decision for decision in call.decisions if decision.keep]
        text = f"func={percent(request.func)}{''.join([self._texts[o] for o in kept])}{self._text}"
        params = "".join([self._params[decision] for decision in kept])
        comment = "; ".join([visible(line) for line in (title(call), *call.notes)])
        if _ODD in params or len(self._names.union([o.param.name for o in kept])) != (
            len(self._names) + len(kept)
        ):
            # Importers that look for parameters take the text of any other type as it is.
            kind, listed = f"{_FORM}; charset=utf-8", ""
        else:
            func = _param("func", request.func)
            kind, listed = _FORM, f', "params": [{(func + params + self._param)[2:]}]'
        return (
            f'{{"startedDateTime": "{started}", {head} "value": "{kind}"}}],'
            f' "postData": {{"mimeType": "{kind}", "text": "{text}"{listed}}}}}, {_REST},'
            f' "comment": {_dumps(comment)}}}\n'
        )


def moment(text: str) -> str:
    """Give a logged time as ISO 8601, in this machine's zone.

    The log has neither year nor zone: it is the latest year that does not put the time
    after tomorrow, since clocks and zones differ.
    """
    month, day, second = parse(text)
    tomorrow = clock.localtime(clock.time() + 86_400)
    year = tomorrow.tm_year - ((month, day) > (tomorrow.tm_mon, tomorrow.tm_mday))
    if (month, day) == (2, 29):
        while not calendar.isleap(year):
            year -= 1
    day = min(day, calendar.monthrange(year, month)[1])
    hour, second = divmod(second, 3600)
    local = clock.localtime(clock.mktime((year, month, day, hour, *divmod(second, 60), 0, 0, -1)))
    zone = clock.strftime("%z", local)
    return clock.strftime("%Y-%m-%dT%H:%M:%S", local) + f"{zone[:3]}:{zone[3:]}"


def _pair(name: str, value: Value) -> str:
    text = f"{{{{{value.name}}}}}" if isinstance(value, Env) else percent(str(value))
    return f"&{percent(name)}={text}"


def _param(name: str, value: Value) -> str:
    text = f"{{{{{value.name}}}}}" if isinstance(value, Env) else str(value)
    literal = name if isinstance(value, Env) else f"{name} {value}"
    odd = any(template in literal for template in _TEMPLATES) or not _utf8(literal)
    # JavaScript's objects, in which importers hold parameters, put numbers first.
    if odd or name.isdecimal() or name == "__proto__":
        return _ODD
    return f', {{"name": {_dumps(name)}, "value": {_dumps(text)}}}'


def _utf8(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)
