"""What a fake panel manages: a few tables with list, edit and delete functions."""

from __future__ import annotations

from typing import Callable, NamedTuple

from tests.support.documents import Document, Done, Failure, Form, Listing, Row
from tests.support.panel_auth import Account, Auth, Params, RefusedError


class Kind(NamedTuple):
    """A table: `key` names a row, `fields` are what a form has, `parent` is a table's name.

    `done` is what saving and deleting answer: `restart` asks for the web server's. Where the
    panel numbers the rows, `first` is the number of the first one, and the answer tells it.
    """

    key: str
    fields: tuple[str, ...]
    parent: str = ""
    done: str = ""
    first: int = 0


KINDS = {
    "user": Kind("name", ("name", "owner", "level")),
    "webdomain": Kind("name", ("name", "owner", "ip", "site_aliases"), done="restart"),
    "domain": Kind("name", ("name", "owner", "ip", "ns", "maildomain", "webdomain")),
    # As DNSmanager and, under another name, the fourth generation have it.
    "domain.record": Kind("rkey", ("rkey", "name", "rtype", "value", "ttl"), parent="domain"),
    "domain.sublist": Kind("key", ("key", "name", "type", "addr"), parent="domain"),
    "iplist": Kind("name", ("name",)),
    "sslcert": Kind("name", ("name", "owner")),
    # As VMmanager and DCImanager have it: another panel, other numbers.
    "server": Kind("id", ("id", "name", "ip"), first=4711),
    "disk": Kind("id", ("id", "name", "size"), parent="server", first=501),
    "account": Kind("id", ("id", "email", "realname", "country", "project"), first=2001),
    "longtask": Kind("pid", ("pid", "queue", "status")),
}
# Functions that always fail, one for each shape of an error document.
FAILURES = {
    "fail.text": Failure("it failed <&>", "text"),
    "fail.code": Failure("", "code", object="site", code=3),
    "fail.typed": Failure("it exists <&>", "typed", type="exists", object="user"),
    "fail.string": Failure("it failed <&>", "string"),
}
MESSAGES = {
    "ru": {
        "No such function": "\u041d\u0435\u0442 \u0444\u0443\u043d\u043a\u0446\u0438\u0438",
        "Already there": "\u0423\u0436\u0435 \u0435\u0441\u0442\u044c",
    }
}


class State:
    """Rows by table, and how often the web server was restarted.

    Domains stand in two rows, `iplist` has one and `sslcert` none: a list, an object and
    nothing in JSON.
    """

    def __init__(self, auth: Auth) -> None:
        self.auth = auth
        self.restarts = 0
        # How many rows got a number so far: none is given twice.
        self.numbered = dict.fromkeys(KINDS, 0)
        self.tables: dict[str, list[Row]] = {name: [] for name in KINDS}
        for name, account in auth.accounts.items():
            self.tables["user"].append(
                {"name": name, "owner": account.owner, "level": account.level}
            )
        self.tables["domain"] = [
            {"name": "example.com", "owner": "www-root", "ip": "192.0.2.1"},
            {"name": "example.net", "owner": "client", "ip": "192.0.2.2"},
        ]
        self.tables["webdomain"] = [dict(row) for row in self.tables["domain"]]
        self.tables["iplist"] = [{"name": "192.0.2.1"}]
        self.tables["longtask"] = [
            {"pid": "7", "queue": "install", "status": "running"},
            {"pid": "8", "queue": "backup", "status": "queued"},
        ]

    def call(self, func: str, user: str, params: Params) -> Document:
        """Do a function as a user, or raise RefusedError."""
        return self._function(func)(user, params)

    def _function(self, func: str) -> Callable[[str, Params], Document]:
        if func == "restart":
            return self._restart
        if func in FAILURES:
            return lambda _user, _params: FAILURES[func]
        table, _, verb = func.rpartition(".")
        if func in KINDS:
            return lambda user, params: self._list(func, user, params)
        if table in KINDS and verb == "edit":
            return lambda user, params: self._edit(table, user, params)
        if table in KINDS and verb == "delete":
            return lambda user, params: self._delete(table, user, params)
        raise RefusedError(Failure("No such function", type="missed", object="func"))

    def _restart(self, _user: str, _params: Params) -> Document:
        self.restarts += 1
        return Done()

    def _rows(self, table: str, user: str, parent: str) -> list[Row]:
        """Give the rows that a user may see: administrators all, others their own."""
        rows = self.tables[table]
        if KINDS[table].parent:
            rows = [row for row in rows if row["plid"] == parent]
        if "owner" in KINDS[table].fields and self.auth.accounts[user].level != "admin":
            rows = [row for row in rows if user in (row.get("owner"), row.get("name"))]
        return rows

    def _list(self, table: str, user: str, params: Params) -> Document:
        rows = self._rows(table, user, params.get("elid", ""))
        return Listing([{k: v for k, v in row.items() if k != "plid"} for row in rows])

    def _edit(self, table: str, user: str, params: Params) -> Document:
        kind = KINDS[table]
        elid = params.get("elid", "")
        rows = self._rows(table, user, params.get("plid", ""))
        found = [row for row in rows if elid and row[kind.key] == elid]
        if elid and not found:
            raise RefusedError(Failure("No such element", type="missed", object=table))
        row = found[0] if found else {}
        # Without sok (or with another value than these two) a form is only read.
        if params.get("sok") not in ("ok", "yes"):
            return Form({"elid": elid, **dict.fromkeys(kind.fields, ""), **row})
        row.update({name: params[name] for name in kind.fields if name in params})
        if not found:
            self._add(table, user, row, params)
        if table == "user":
            self._account(row["name"], user, params)
        return Done(kind.done, row[kind.key] if kind.first else "")

    def _add(self, table: str, user: str, row: Row, params: Params) -> None:
        kind = KINDS[table]
        if kind.parent:
            row["plid"] = params.get("plid", "")
            key = KINDS[kind.parent].key
            if row["plid"] not in [parent[key] for parent in self.tables[kind.parent]]:
                raise RefusedError(Failure("No such element", type="missed", object=kind.parent))
            if "type" in kind.fields:
                row["type"] = params.get("sdtype", "")
            parts = [row.get(name, "") for name in kind.fields[1:4]]
            row[kind.key] = " ".join(parts)
        else:
            row.setdefault("owner", user)
        unique = kind.fields[1] if kind.first else kind.key
        if not row.get(unique):
            raise RefusedError(Failure("A name is needed", type="value", object=unique))
        if any(other[unique] == row[unique] for other in self.tables[table]):
            raise RefusedError(Failure("Already there", type="exists", object=table))
        if kind.first:
            row[kind.key] = str(kind.first + self.numbered[table])
            self.numbered[table] += 1
        self.tables[table].append(row)

    def _account(self, name: str, owner: str, params: Params) -> None:
        account = self.auth.accounts.get(name, Account("", owner=owner))
        password = params.get("passwd", account.password)
        self.auth.accounts[name] = account._replace(password=password)

    def _delete(self, table: str, user: str, params: Params) -> Document:
        key = KINDS[table].key
        names = [name.strip() for name in params.get("elid", "").split(",")]
        rows = self._rows(table, user, params.get("plid", ""))
        gone = [row for row in rows if row[key] in names]
        if len(gone) != len(names):
            raise RefusedError(Failure("No such element", type="missed", object=table))
        self.tables[table] = [row for row in self.tables[table] if row not in gone]
        if table == "user":
            for name in names:
                del self.auth.accounts[name]
        return Done(KINDS[table].done)


def translated(failure: Failure, lang: str) -> Failure:
    """Put an error into the language asked for; English where there is none."""
    if lang not in MESSAGES:
        return failure
    message = MESSAGES[lang].get(failure.message, failure.message)
    return failure._replace(message=message, lang=lang)
