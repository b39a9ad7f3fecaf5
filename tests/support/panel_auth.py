"""Who may call a fake panel: accounts, sessions, one-time keys, `su` (vendor guide)."""

from __future__ import annotations

import secrets
import time
from typing import Callable, NamedTuple, Optional

from tests.support.documents import AuthFail, Document, Done, Failure, LoggedIn

HOUR = 3600.0
Params = dict[str, str]


class Account(NamedTuple):
    """A panel's user; `level` is `admin`, `reseller` or `user`; `owner` is a reseller's name."""

    password: str
    level: str = "user"
    owner: str = ""


class Session(NamedTuple):
    user: str
    panel: str
    address: str
    used: float


class RefusedError(Exception):
    """A call that is answered with a document instead of being done."""

    def __init__(self, document: Document) -> None:
        super().__init__(repr(document))
        self.document = document


class Auth:
    """The accounts and what they are logged in with.

    `clock` gives seconds and may be replaced. `fail_with` is `authfail` or `error`, the
    two answers to a failed login. `authinfo_from` limits authinfo to these addresses.
    """

    def __init__(self) -> None:
        self.accounts = {
            "root": Account("secret", "admin"),
            "reseller": Account("resold", "reseller"),
            "client": Account("client", "user", "reseller"),
            "www-root": Account("www:&+#%", "user"),
        }
        self.sessions: dict[str, Session] = {}
        self.keys: dict[str, str] = {}
        self.clock: Callable[[], float] = time.monotonic
        self.fail_with = "authfail"
        self.json_key = "$id"
        self.authinfo_from: Optional[set[str]] = None

    def login(self, params: Params, panel: str, address: str, cookie: bool) -> LoggedIn:
        """Do `func=auth` with a password or a key; `cookie`: the request brought one."""
        user = params.get("username", "")
        if "key" in params:
            # Without checkcookie=no the panel first wants to see its cookie come back.
            if params.get("checkcookie") != "no" and not cookie:
                raise RefusedError(
                    Failure("Cookies are switched off", type="auth", object="cookie")
                )
            if self.keys.get(params["key"]) != user:
                raise self._failed()
            del self.keys[params["key"]]
        else:
            self._check(user, params.get("password", ""))
        session = secrets.token_hex(6)
        self.sessions[session] = Session(user, panel, address, self.clock())
        return LoggedIn(session, self.json_key)

    def user_of(self, params: Params, panel: str, address: str, cookie: str) -> str:
        """Give the user whom a call's credentials name, or raise RefusedError."""
        if "authinfo" in params:
            if self.authinfo_from is not None and address not in self.authinfo_from:
                raise RefusedError(Failure("Not from this address", type="auth", object="authinfo"))
            user, _, password = params["authinfo"].partition(":")
            self._check(user, password)
            return user
        name = params.get("auth", cookie)
        if not name:
            raise RefusedError(Failure("Log in first", type="access", object="auth"))
        return self._resume(name, panel, address)

    def effective(self, user: str, su: Optional[str]) -> str:
        """Give the user whom `su` makes of this one, or raise RefusedError."""
        if su is None:
            return user
        level = self.accounts[user].level
        other = self.accounts.get(su)
        may = level == "admin" or (
            level == "reseller" and (su == user or (other is not None and other.owner == user))
        )
        if not may:
            raise RefusedError(Failure("Access denied", type="access", object="su"))
        if other is None:
            raise RefusedError(Failure("No such user", type="missed", object="user"))
        return su

    def new_key(self, user: str, params: Params) -> Done:
        """Do `session.newkey`, as the user given."""
        if self.accounts[user].level != "admin":
            raise RefusedError(Failure("Access denied", type="access", object="session.newkey"))
        key, other = params.get("key", ""), params.get("username", "")
        if len(key) < 16:
            raise RefusedError(Failure("The key is too short", type="value", object="key"))
        if other not in self.accounts:
            raise RefusedError(Failure("No such user", type="missed", object="user"))
        self.keys[key] = other
        return Done()

    def _check(self, user: str, password: str) -> None:
        account = self.accounts.get(user)
        if account is None or account.password != password:
            raise self._failed()

    def _failed(self) -> RefusedError:
        if self.fail_with == "authfail":
            return RefusedError(AuthFail())
        return RefusedError(Failure("Wrong name or password", type="auth", object="badpassword"))

    def _resume(self, name: str, panel: str, address: str) -> str:
        session = self.sessions.get(name)
        now = self.clock()
        if session is not None and now - session.used >= HOUR:
            del self.sessions[name]
            session = None
        # A session of another address or panel does not exist here; it lives on there.
        if session is None or (session.panel, session.address) != (panel, address):
            raise RefusedError(Failure("No such session", type="auth", object="session"))
        if session.user not in self.accounts:
            raise self._failed()
        self.sessions[name] = session._replace(used=now)
        return session.user
