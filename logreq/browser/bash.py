"""Commands of bash and its kin -> their words, nothing run and nothing expanded."""

from __future__ import annotations

import re

from logreq.browser.forms import VARIABLE
from logreq.browser.words import Command, WordsError, endless, skip

_BLANK = re.compile(r"(?:[ \t\r]|\\\r?\n)*")
_COMMENT = re.compile(r"[^\n]*")
_NUMBER = re.compile(r"[\d-]*")
_JOIN = re.compile(r"\\\r?\n")
_END = re.compile(r"\r?\n|;;?|&&|&(?!>)|\|[|&]?|[()]")
_REDIRECTION = re.compile(r"(?:\d*[<>]|&>)[<>&|]*")
_PLAIN = re.compile(r"[^ \t\r\n'\"\\$`;&|()<>]+")
_VARIABLE = re.compile(r"\$(?:\w+|[@*#?$!-]|\{[^{}\n]*\})")
_IN_QUOTES = re.compile(r"[^\"\\$`]+")
_IN_ANSI = re.compile(r"[^'\\]+")
_ANSI = re.compile(
    r"\\(?:u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})"
    r"|([abeEfnrtv\\'\"?])|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|c(.))",
    re.DOTALL,
)
_NAMED = dict(zip("abeEfnrtv\\'\"?", "\a\b\x1b\x1b\f\n\r\t\v\\'\"?"))
_SUBSTITUTION = "the result of a command is not known here"


def command(text: str, at: int) -> Command:
    """Take the words of one command; WordsError where that cannot be done.

    A variable becomes VARIABLE in its word. Redirections and documents are left out.
    """
    words: list[str] = []
    redirected = here = False
    document = ""
    while True:
        at = skip(_BLANK, text, at)
        if at >= len(text):
            return Command(words, at, "")
        if text[at] == "#":
            at = skip(_COMMENT, text, at)
            continue
        redirection = _REDIRECTION.match(text, at)
        if redirection:
            here = here or redirection.group().endswith("<<")
            redirected, at = not redirection.group().endswith("&"), redirection.end()
            if not redirected:
                at = skip(_NUMBER, text, at)
            continue
        end = _END.match(text, at)
        if end:
            behind = _behind(document, text, end.end()) if end.group()[-1] == "\n" else end.end()
            return Command(words, behind, end.group().strip("\r"))
        word, at = _bash_word(text, at)
        if not redirected:
            words.append(word)
        elif here:
            document = word.lstrip("-")
        redirected = here = False


def _behind(document: str, text: str, at: int) -> int:
    """Give the offset behind a document that ends with this line, if one begins here."""
    if not document:
        return at
    end = re.compile(rf"^\t*{re.escape(document)}\r?$\n?", re.MULTILINE).search(text, at)
    return end.end() if end else at


def _bash_word(text: str, at: int) -> tuple[str, int]:
    pieces: list[str] = []
    while at < len(text):
        char = text[at]
        plain = _PLAIN.match(text, at)
        if plain:
            pieces.append(plain.group())
            at = plain.end()
        elif char == "'":
            end = text.find("'", at + 1)
            if end < 0:
                raise endless(at)
            pieces.append(text[at + 1 : end])
            at = end + 1
        elif char == '"' or text.startswith('$"', at):
            at = _double(text, at + (2 if char == "$" else 1), at, pieces)
        elif text.startswith("$'", at):
            at = _ansi(text, at + 2, at, pieces)
        elif char == "\\":
            joined = _JOIN.match(text, at)
            pieces.append("" if joined else text[at + 1 : at + 2])
            at = joined.end() if joined else at + 2
        elif char in "$`":
            at = _variable(text, at, pieces)
        else:
            break
    return "".join(pieces), at


def _variable(text: str, at: int, pieces: list[str]) -> int:
    variable = _VARIABLE.match(text, at)
    if variable:
        pieces.append(VARIABLE)
        return variable.end()
    if text[at] == "`" or text.startswith("$(", at):
        raise WordsError(at, _SUBSTITUTION)
    pieces.append("$")
    return at + 1


def _double(text: str, at: int, begin: int, pieces: list[str]) -> int:
    while at < len(text):
        char = text[at]
        plain = _IN_QUOTES.match(text, at)
        if plain:
            pieces.append(plain.group())
            at = plain.end()
        elif char == '"':
            return at + 1
        elif char == "\\":
            following = text[at + 1 : at + 2]
            if following != "\n":
                pieces.append(following if following in '$`"\\' else "\\" + following)
            at += 2
        else:
            at = _variable(text, at, pieces)
    raise endless(begin)


def _ansi(text: str, at: int, begin: int, pieces: list[str]) -> int:
    while at < len(text):
        plain = _IN_ANSI.match(text, at)
        if plain:
            pieces.append(plain.group())
            at = plain.end()
        elif text[at] == "'":
            return at + 1
        else:
            escape = _ANSI.match(text, at)
            pieces.append(_character(escape) if escape else text[at : at + 2])
            at = escape.end() if escape else at + 2
    raise endless(begin)


def _character(escape: re.Match[str]) -> str:
    high, low, named, byte, short, long, octal, control = escape.groups()
    if high:  # browsers count in halves
        return chr(0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF))
    if named:
        return _NAMED[named]
    if control:
        return chr(ord(control) & 0x1F)
    if byte or octal:
        code = (int(byte, 16) if byte else int(octal, 8)) & 0xFF
        return chr(code) if code < 0x80 else chr(0xDC00 + code)  # a byte by itself
    code = int(short or long, 16)
    return "\ufffd" if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF else chr(code)
