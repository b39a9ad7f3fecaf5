"""Makes logs of which it is known how each request went: sessions of threads, interleaved.

What stands here is written from the facts about the panels' logs, not from the code that
pairs: a session says by itself what is to be found out about it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple, Optional

from logreq.model.outcome import Outcome

OK = Outcome(False)
_TYPES = ("exists", "missed", "value", "access", "limit")
_OBJECTS = ("user", "site_name", "domain", "", "elid")
_FUNCS = ("user.edit", "webdomain.edit", "user.delete", "db")


class Session(NamedTuple):
    """A request's records, in order and each in one piece, and how it went."""

    records: list[str]
    truth: Optional[Outcome]


class Maker:
    """Makes sessions and logs of them; the same for the same seed.

    `log` gives records (one or more lines each, with line ends); `truths` then has the
    outcome of each request in the log's order.
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.truths: list[Optional[Outcome]] = []
        self.number = 0
        self.second = self.chance.randrange(86_400)
        self.process = 0
        self.colours = self.chance.random() < 0.5

    def log(self, sessions: int, slots: int = 6) -> Iterator[str]:
        """Give the records of so many sessions, at most `slots` of them at a time."""
        keys = [f"{2346 + n % 2}:{100 + n}" for n in range(slots)] + ["7001"]
        waiting: dict[str, Iterator[tuple[str, Optional[Session]]]] = {}
        left = sessions
        while left or waiting:
            free = [key for key in keys if key not in waiting]
            if left and free and self.chance.random() < 0.6:
                key = self.chance.choice(free)
                waiting[key] = self._turns(key, self.session(key))
                left -= 1
            if not waiting:
                continue
            key = self.chance.choice(list(waiting))
            record, session = next(waiting[key], ("", None))
            if not record:
                del waiting[key]
                continue
            if session is not None:
                self.truths.append(session.truth)
            yield record
            if self.chance.random() < 0.2:
                yield self.noise()

    def _turns(self, key: str, session: Session) -> Iterator[tuple[str, Optional[Session]]]:
        yield session.records[0], session
        for record in session.records[1:]:
            yield record, None

    def session(self, key: str) -> Session:
        """Make one session on a thread."""
        self.number += 1
        func = self.chance.choice(_FUNCS)
        query = f"elid={self.number}&func={func}&sok=ok"
        request = self.line(key, "core_module", "INFO", f"Request [192.0.2.1][root] '{query}'")
        makers = (
            self.silent, self.typed, self.text, self.process_end, self.good, self.bad_document,
            self.good_then_error, self.two_errors, self.damaged, self.forged, self.elsewhere,
        )  # fmt: skip
        records, truth = self.chance.choice(makers)(key, func)
        records = [*records, *self.end(key)]
        for _ in range(self.chance.choice((0, 0, 1, 2))):
            records.insert(self.chance.randrange(len(records) + 1), self.echo(key, func))
        return Session([request, *records], truth)

    # What follows a request: the records, and what they say.

    def silent(self, key: str, func: str) -> tuple[list[str], Optional[Outcome]]:
        return [], None

    def typed(self, key: str, func: str) -> tuple[list[str], Optional[Outcome]]:
        record, outcome = self.error(key)
        message = f"Get message for error in action '{func}' for level 30"
        return [record, self.line(key, "action", "EXTINFO", message)], outcome

    def text(self, key: str, func: str) -> tuple[list[str], Optional[Outcome]]:
        lines = ["Cannot do it", " at line 3", "", "finished"][: self.chance.randrange(1, 5)]
        text = "\n".join(lines)
        level = self.chance.choice(("ERROR", "CRIT"))
        return [self.line(key, "libmgr", level, text)], Outcome(True, text=text.strip())

    def process_end(self, key: str, func: str) -> tuple[list[str], Optional[Outcome]]:
        self.process += 1
        status = self.chance.choice((0, 0, 1, 127, -1))
        command = self.chance.choice(("/bin/ls", "/bin/sh -c 'a\nb'"))
        run = self.line(key, "proc", "EXTINFO", f"Run '{command}' pid {self.process}")
        text = f"Process {self.process} finished with status {status}"
        # A thread that waits for processes has no request of its own.
        where = self.chance.choice((key, "2346:9"))
        end = self.line(where, "proc", "EXTINFO", text)
        said = f"process {self.process} finished with status {status}"
        return [run, end], Outcome(True, text=said) if status else None

    def good(self, key: str, func: str) -> tuple[list[str], Optional[Outcome]]:
        word = self.chance.choice(("", "restart"))
        inside = f"<ok>{word}</ok>" if word else "<ok/>"
        return [self.document(key, func, inside)], Outcome(False, text=word)

    def bad_document(self, key: str, func: str) -> tuple[list[str], Optional[Outcome]]:
        text, outcome = self.chance.choice(
            (
                ("<error>no &lt;way&gt;</error>", Outcome(True, text="no <way>")),
                ('<error code="3" obj="site"/>', Outcome(True, "3", "site")),
                (
                    '<error type="exists" object="user" lang="en">\n  <msg>It is there</msg>\n'
                    '  <param name="value">bob</param>\n</error>',
                    Outcome(True, "exists", "user", "bob", "It is there"),
                ),
            )
        )
        return [self.document(key, func, text)], outcome

    def good_then_error(self, key: str, func: str) -> tuple[list[str], Optional[Outcome]]:
        record, outcome = self.error(key)
        records = [self.document(key, func, "<ok/>"), record]
        self.chance.shuffle(records)
        return records, outcome

    def two_errors(self, key: str, func: str) -> tuple[list[str], Optional[Outcome]]:
        first, _ = self.text(key, func)
        second, outcome = self.error(key)
        third, _ = self.error(key)
        return [*first, second, third], outcome

    def damaged(self, key: str, func: str) -> tuple[list[str], Optional[Outcome]]:
        """An error that belongs to the thread's next request, which is cut off."""
        cut = self.line(key, "core_module", "INFO", "Request [192.0.2.1][root] 'func=us")
        return [cut, self.error(key)[0]], None

    def forged(self, key: str, func: str) -> tuple[list[str], Optional[Outcome]]:
        """Texts that look like what tells something, where it tells nothing."""
        rows = "<elem><ok/><error>x</error></elem>"
        texts = (
            "ERROR CRIT in a text", "QUERY: Thread 7f finished", "Requested by nobody",
            "They say: Process 1 finished with status 1",
        )  # fmt: skip
        others = [self.line(key, "sbin_utils", "INFO", text) for text in texts]
        other = self.document(key, "another.function", "<error>not this one's</error>")
        return [*others, self.document(key, func, rows), other], None

    def elsewhere(self, key: str, func: str) -> tuple[list[str], Optional[Outcome]]:
        """Errors of a thread that has no request, and of none."""
        return [self.error("2346:8")[0], self.error(key.split(":")[0] + ":1")[0]], None

    def end(self, key: str) -> list[str]:
        """The thread's end; then its number may be another's, without a request."""
        if self.chance.random() < 0.5:
            return []
        after = [self.error(key)[0]] if self.chance.random() < 0.4 else []
        return [self.line(key, "libmgr", "EXTINFO", "Thread 7f00a1 finished"), *after]

    # Records.

    def error(self, key: str) -> tuple[str, Outcome]:
        kind, thing = self.chance.choice(_TYPES), self.chance.choice(_OBJECTS)
        value = self.chance.choice(("", "bob", "it's", "two\nlines"))
        text = f"Error: Type: '{kind}' Object: '{thing}' Value: '{value}'"
        return self.line(key, "err", "ERROR", text), Outcome(True, kind, thing, value, text)

    def document(self, key: str, func: str, inside: str) -> str:
        head = f'<?xml version="1.0"?>\n<doc lang="en" func="{func}" binary="/ispmgr">'
        text = f"Result of {func}\n{head}\n  <name>web</name>{inside}</doc>"
        return self.line(key, "core_module", "DEBUG", text)

    def echo(self, key: str, func: str) -> str:
        text = f"Internal [192.0.2.1][root] 'func={func}&out=devel'"
        return self.line(key, "core_module", "EXTINFO", text)

    def noise(self) -> str:
        text = self.chance.choice(("SELECT 1", "state", "<doc><elem><id>1</id></elem></doc>"))
        return self.line("2346:99", "mysql", "DEBUG", text)

    def line(self, key: str, module: str, level: str, text: str) -> str:
        self.second += self.chance.random() < 0.3
        day, second = divmod(self.second, 86_400)
        clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        date = f"{('Jan 31', 'Feb  1')[day]} {clock}" if day < 2 else f"Feb {day:2} {clock}"
        if self.colours and level in ("ERROR", "CRIT", "INFO"):
            return f"{date} [{key}] {module} \x1b[1;31m{level} {text}\x1b[0m\n"
        return f"{date} [{key}] {module} {level} {text}\n"
