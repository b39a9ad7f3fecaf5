"""Commands of Windows' cmd -> their words.

Browsers copy commands for it in double quotes: until about 2020 with quotes doubled and percent
signs outside; then with carets inside, though cmd knows none there; today with carets before
the quotes as well, which turns cmd's own quoting off.
"""

from __future__ import annotations

import re

from logreq.browser.words import Command, endless, skip

_BLANK = re.compile(r"(?:[ \t\r]|\^\r?\n|\^\Z)*")
_END = re.compile(r"\r?\n|&&?|\|\|?|[()]")
# Escaped line ends come in pairs: the first goes on, the second is meant.
_ESCAPE = re.compile(r"\^(?:(\r?\n)(\r?\n)?|(.))", re.DOTALL)
# What browsers wrote between carets in plain quotes from about 2020 on: each odd character
# after a caret, a caret after a percent sign.
_CARET = re.compile(r"%\^(?=\w)|\^\\\^([\\\"])|\^([^\w\s:=+~'/.,?;()*`\"-])", re.ASCII)
_BACKSLASH = re.compile(r'\\\^?([\\"])').match
_CARET_WORD = re.compile(r"\^\w", re.ASCII).match
_BARE = re.compile(r"[^ \t\r\n\"^&|()\\]+")
_QUOTED = re.compile(r"[^\"^\\%]+")


def speaks(line: str) -> bool:
    """Tell whether a command is cmd's, by its first line."""
    quote = re.search(r"\^?[\"']", line)
    if quote is not None and quote.group() != '"':
        return quote.group() == '^"'
    # Doubled quotes, quoted percent signs: what browsers wrote until about 2020.
    return re.search(r'\^\r?$|[^\s"=]""[^\s"]|"%"|\^[%{}&]', line) is not None


def command(text: str, at: int) -> Command:
    r"""Take the words of one command of cmd; WordsError where that cannot be done.

    `\\` stands for `\` everywhere: so browsers write it, though cmd's programs take it so
    before a quote only.
    """
    words: list[str] = []
    while True:
        at = skip(_BLANK, text, at)
        if at >= len(text):
            return Command(words, at, "")
        end = _END.match(text, at)
        if end:
            return Command(words, end.end(), end.group().strip("\r"))
        word, at = _word(text, at)
        words.append(word)


def _word(text: str, at: int) -> tuple[str, int]:
    pieces: list[str] = []
    # Where a quote behind a caret began: blanks belong to the word, carets still escape.
    inside = -1
    while at < len(text):
        char = text[at]
        plain = _BARE.match(text, at)
        if plain:
            pieces.append(plain.group())
            at = plain.end()
        elif char == "\\":
            at = _backslash(text, at, pieces)
        elif text.startswith('^"', at):
            inside, at = (at if inside < 0 else -1), at + 2
        elif char == "^":
            at = _caret(text, at, pieces)
        elif char == '"':
            at = _quoted(text, at, pieces)
        elif inside >= 0:
            pieces.append(char)
            at += 1
        else:
            break
    if inside >= 0:
        raise endless(inside)
    return "".join(pieces), at


def _backslash(text: str, at: int, pieces: list[str]) -> int:
    r"""Take `\"`, `\\` or a backslash by itself; carets may stand between."""
    following = _BACKSLASH(text, at)
    pieces.append(following[1] if following else "\\")
    return following.end() if following else at + 1


def _caret(text: str, at: int, pieces: list[str]) -> int:
    escape = _ESCAPE.match(text, at)
    if escape is None:
        return at + 1  # the last character
    if escape[3] == "\\":
        return _backslash(text, at + 1, pieces)
    pieces.append(escape[3] or ("\n" if escape[2] else ""))
    return escape.end()


def _quoted(text: str, begin: int, pieces: list[str]) -> int:
    at = begin + 1
    while at < len(text):
        plain = _QUOTED.match(text, at)
        caret = _CARET.match(text, at)
        if plain:
            pieces.append(plain.group())
            at = plain.end()
        elif caret:
            pieces.append(caret[1] or caret[2] or "%")
            at = caret.end()
            if caret[2] == "%" and _CARET_WORD(text, at):
                at += 1
        elif text[at] == "\\":
            at = _backslash(text, at, pieces)
        elif text.startswith('""', at):
            pieces.append('"')
            at += 2
        elif text[at] == '"':
            return at + 1
        else:
            pieces.append(text[at])
            at += 1
    raise endless(begin)
