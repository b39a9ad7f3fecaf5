"""Text of lines -> what was sent: copied curl commands, bare URLs, a web server's access log.

Lines of all three may be mixed. A command may go on over many lines.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Callable, Optional, Union

from logreq.browser import bash, cmd
from logreq.browser.answers import outcome
from logreq.browser.calls import Sent, logged_time
from logreq.browser.curl import CurlError, sendings
from logreq.browser.recognise import ACCESS, COMMENT, CURL, OTHER_KIND, URL
from logreq.browser.words import Command, WordsError
from logreq.errors import Problem, Report
from logreq.model.chunk import MAX_LINE
from logreq.text.clock import MONTHS

# Assignments, a shell's own words, programs that run another.
_BEFORE_CURL = re.compile(r"\w+=|(?:[{}!]|then|do|else|sudo|time|env|exec)\Z").match
# How a line of an access log begins.
_LOGGED = re.compile(r"\S+ (?:\S+ ){2,3}\[\d\d/").match
_ESCAPED = re.compile(r'\\(?:x([0-9A-Fa-f]{2})|(["\\]))')
_PARAMETER = re.compile(r"[\w.%-]+=").match
_NO_BODY = "the access log does not hold what was posted: parameters are missing"
# What a shell writes between commands that belong together.
_JOINS = ("|", "|&", "&&", "||")
# Characters that are read at a time.
_STEP = 64 * 1024


class Lines:
    """Takes a text apart in bounded memory: a line, or one command of many lines, is held."""

    def __init__(self, blocks: Iterable[bytes], source: str, report: Report) -> None:
        self._blocks = _decoded(blocks)
        self._source = source
        self._report = report
        self._text = ""
        self._at = 0
        # Of the place that was reached, from 1 on.
        self.line = 1
        # Commands that are not curl's.
        self.others = 0
        self._joined = False

    def sent(self) -> Iterator[Sent]:
        """Give what was sent; what cannot be understood is reported with its place."""
        while (line := self._whole_line()) is not None:
            text = line.strip()
            if _LOGGED(text) and "func=" not in text:
                self.others += 1  # most lines of an access log
                self._pass(len(line) + 1)
            elif not text or COMMENT(text):
                self._pass(len(line) + 1)
            elif URL(text):
                yield Sent(self.line, text, [])
                self._pass(len(line) + 1)
            elif ACCESS(text):
                yield from self._access(text)
                self._pass(len(line) + 1)
            elif OTHER_KIND(text):
                self._tell(0, "this is for PowerShell or a browser; use its copy as cURL")
                self._resume()
            else:
                yield from self._command()

    def _access(self, text: str) -> Iterator[Sent]:
        found = ACCESS(text)
        if found is None or found["method"] not in ("GET", "POST"):
            self.others += 1
            return
        target = _ESCAPED.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[2], found["target"])
        yield Sent(
            self.line,
            # Which server it is, its own log does not tell.
            target if URL(target) else f"http:///{target.lstrip('/')}",
            [],
            time=logged_time(MONTHS.get(found["month"], 0), int(found["day"]), found["time"]),
            caller=found["caller"].strip("-"),
            user="" if found["user"] == "-" else found["user"],
            outcome=outcome(int(found["status"]), None),
            notes=(_NO_BODY,) if found["method"] == "POST" else (),
            year=int(found["year"]),
        )

    def _command(self) -> Iterator[Sent]:
        command = self._words()
        if command is None:
            return
        words = command.words
        while words and _BEFORE_CURL(words[0]):
            words = words[1:]
        joined, self._joined = self._joined, command.ended_by in _JOINS
        if words and CURL(words[0]):
            yield from self._curl(words[1:], command)
            return
        if words and not joined and not self._joined:
            self.others += 1
        self._pass(command.end - self._at)

    def _curl(self, words: Sequence[str], command: Command) -> Iterator[Sent]:
        """Give what a curl command sends, and go on behind it."""
        try:
            for found in sendings(words):
                yield Sent(self.line, found.url, found.form.pairs, found.form.files)
        except CurlError as error:
            self._tell(0, f"this curl command is left out: {error}")
            if "\n" in error.address:
                self._resume()  # a quote without an end took in the lines below
                return
        if command.ended_by == "&" and _PARAMETER(self._text, command.end):
            at = command.end - 1 - self._at
            self._tell(at, "an & without quotes ends the command")
            self._resume()
            return
        self._pass(command.end - self._at)

    def _words(self) -> Optional[Command]:
        """Take the words of a command, however many lines it has."""
        speaks_cmd = cmd.speaks(self._text[self._at : self._line_end()])
        command = cmd.command if speaks_cmd else bash.command
        while True:
            found = _tried(command, self._text, self._at)
            if isinstance(found, Command):
                finished = bool(found.ended_by)
            else:
                finished = not found.unfinished or len(self._text) - self._at > MAX_LINE
            if finished or not self._grow():
                break
        if isinstance(found, Command):
            return found
        self._tell(found.at - self._at, str(found))
        self._resume()
        return None

    def _resume(self) -> None:
        """Go on at the next line that begins like something of ours."""
        self._joined = False
        while True:
            self._pass(self._line_end() + 1 - self._at)
            line = self._whole_line()
            text = "" if line is None else line.strip()
            if line is None or URL(text) or ACCESS(text) or CURL(text):
                return

    def _whole_line(self) -> Optional[str]:
        """Give the rest of the line at hand, without its end; None after the last one."""
        while self._text.find("\n", self._at) < 0 and self._grow():
            if len(self._text) - self._at > MAX_LINE and self._text.find("\n", self._at) < 0:
                limit = MAX_LINE // 1024 // 1024
                self._tell(0, f"a line longer than {limit} MiB is passed over", lost=True)
                self._text, self._at = self._skipped(), 0
                self.line += 1
        return self._text[self._at : self._line_end()] if self._at < len(self._text) else None

    def _skipped(self) -> str:
        """Give what follows the next line end."""
        for block in self._blocks:
            _, end, rest = block.partition("\n")
            if end:
                return rest
        return ""

    def _line_end(self) -> int:
        end = self._text.find("\n", self._at)
        return len(self._text) if end < 0 else end

    def _grow(self) -> bool:
        """Read on; forget the lines before the place."""
        pieces = []
        size = 0
        for block in self._blocks:
            pieces.append(block)
            size += len(block)
            if size >= _STEP:
                break
        if not size:
            return False
        begin = self._text.rfind("\n", 0, self._at) + 1
        self._text = "".join((self._text[begin:], *pieces))
        self._at -= begin
        return True

    def _pass(self, length: int) -> None:
        end = min(self._at + length, len(self._text))
        self.line += self._text.count("\n", self._at, end)
        self._at = end

    def _tell(self, offset: int, message: str, *, lost: bool = False) -> None:
        at = self._at + offset
        line = self.line + self._text.count("\n", self._at, at)
        column = at - self._text.rfind("\n", 0, at)
        self._report(Problem(self._source, line, column, message, lost))


def _decoded(blocks: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for block in blocks:
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _tried(
    command: Callable[[str, int], Command], text: str, at: int
) -> Union[Command, WordsError]:
    try:
        return command(text, at)
    except WordsError as error:
        return error
