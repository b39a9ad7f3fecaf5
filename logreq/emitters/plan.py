"""What a script is made of, whatever its language: where calls go, what it takes and needs."""

from __future__ import annotations

from collections.abc import Sequence

from logreq.emitters.again import needs_id
from logreq.emitters.context import Context, family, key_user, output_format, variables
from logreq.model.call import Argument, Call
from logreq.model.connection import Connection
from logreq.text.percent import quote


class Plan:
    """What the text around a script's calls depends on; EmitError where a key has no user.

    `places`: each call's address, and the user whom a key logs in (else empty). `arguments`:
    the given ones and `url`, if there is one address (`self.url`). `common`: pairs that all calls
    send, unless they have their own. `variables`: name to meaning. `families` of the answers'
    formats, see `family`. `login`, `text`, `ids`: whether there are sessions, answers that are
    not JSON, values that an answer gives. `again`: the script is made to be run again; `rows`:
    it can be run once for each row of a file. `panel`: what addresses without a path end in;
    empty where calls go to several panels.
    """

    def __init__(
        self,
        connection: Connection,
        calls: Sequence[Call],
        arguments: Sequence[Argument],
        again: bool = False,
    ) -> None:
        contexts = [Context.of(call) for call in calls]
        key = connection.auth == "key"
        self.connection, self.calls, self.again = connection, calls, again
        self.places = [
            (connection.address(one.panel), key_user(connection, one) if key else "")
            for one in contexts
        ]
        panels = {quote(one.panel.encode(), "/") for one in contexts}
        self.panel = panels.pop() if len(panels) == 1 else ""
        addresses = sorted({address for address, _ in self.places})
        self.arguments = list(arguments)
        self.rows = again and bool(arguments)
        self.url = len(addresses) == 1
        if self.url:
            self.arguments.append(Argument("url", *addresses))
        # A key logs in as the user himself: nothing is left for `su` to say.
        self.common = [pair for pair in connection.extra if not (key and pair[0] == "su")]
        self.variables = variables(connection, calls)
        self.login = connection.auth in ("session", "key")
        self.families = {family(output_format(connection, one)) for one in contexts}
        given = any(n == "out" and type(v) is tuple for call in calls for n, v in call.arguments)
        self.text = given or bool(self.families - {"json"})
        self.ids = any(map(needs_id, calls))
