"""A curl command's words -> what it sends.

Options as in curl's manual (`curl --help all`). No file is read and nothing is sent: what a
command takes from a file or a variable is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Optional

from logreq.browser import forms
from logreq.browser.forms import VARIABLE, Form
from logreq.text.codec import encode
from logreq.text.percent import quote

# The options that take a value, but those below.
_VALUED = """
abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers connect-timeout
connect-to continue-at cookie cookie-jar create-file-mode crlfile curves delegation dns-
interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url dump-header ech egd-file engine etag-
compare etag-save expect100-timeout ftp-account ftp-alternative-to-user ftp-method ftp-port ftp-
ssl-ccc-mode happy-eyeballs-timeout-ms haproxy-clientip hostpubmd5 hostpubsha256 hsts interface
ip-tos ipfs-gateway keepalive-cnt keepalive-time key key-type krb libcurl limit-rate local-port
login-options mail-auth mail-from mail-rcpt max-filesize max-redirs max-time netrc-file noproxy
oauth2-bearer output output-dir parallel-max pass pinnedpubkey preproxy proto proto-default
proto-redir proxy proxy-cacert proxy-capath proxy-cert proxy-cert-type proxy-ciphers proxy-
crlfile proxy-header proxy-key proxy-key-type proxy-pass proxy-pinnedpubkey proxy-service-name
proxy-tls13-ciphers proxy-tlsauthtype proxy-tlspassword proxy-tlsuser proxy-user proxy1.0 pubkey
quote random-file range rate referer request-target resolve retry retry-delay retry-max-time
sasl-authzid service-name sigalgs socks4 socks4a socks5 socks5-gssapi-service socks5-hostname
speed-limit speed-time stderr telnet-option tftp-blksize time-cond tls-max tls13-ciphers
tlsauthtype tlspassword tlsuser trace trace-ascii trace-config unix-socket user user-agent
variable vlan-priority write-out
"""
_SHORT = {
    "d": "data", "F": "form", "G": "get", "H": "header", "I": "head", "K": "config",
    "g": "globoff", "T": "upload-file", "X": "request", ":": "next",
    **dict.fromkeys("AbcCDeEhmoPQrtuUwxyYz", "user"),
}  # fmt: skip
_BODY = frozenset(("data", "data-ascii", "data-binary", "data-raw", "data-urlencode", "json"))
_USED = _BODY | {"form", "form-string", "header", "request", "url", "url-query"}
# What these send is nowhere in the command.
_FILES = {"config": "a file of options", "upload-file": "a file"}
_WITH_VALUE = frozenset(_VALUED.split()) | _USED | _FILES.keys()
# Brackets that make no pattern; patterns are not spelled out.
_GLOB = re.compile(r"\\([\[\]{}])")
_BLANKS = " \t\n\v\f\r"
_JSON = "application/json"


class CurlError(Exception):
    """A command that cannot be understood, and why; its address, if that is wrong."""

    def __init__(self, message: str, address: str = "") -> None:
        super().__init__(message)
        self.address = address


class Sending(NamedTuple):
    """What one curl command sends to one address."""

    url: str
    form: Form


class _Transfer:
    """The options of a command, up to `--next`."""

    def __init__(self) -> None:
        self.urls: list[str] = []
        self.body: Optional[list[str]] = None
        self.query: list[str] = []
        self.fields: Optional[Form] = None
        self.kind = ""
        self.get = False
        self.glob = True

    def take(self, option: str, value: str) -> None:
        """Take an option with its value."""
        if option == "url":
            self.urls.append(value)
        elif option == "url-query":
            self.query.append(value[1:] if value[:1] == "+" else _encoded(value))
        elif option in ("form", "form-string"):
            self._field(value, literal=option == "form-string")
        elif option == "header":
            name, _, content = value.partition(":")
            if name.strip().lower() == "content-type":
                self.kind = content.strip()
        elif option in _BODY:
            self._data(option, value)

    def _data(self, option: str, value: str) -> None:
        self.body = [] if self.body is None else self.body
        if option == "data-urlencode":
            self.body.append(_encoded(value))
            return
        if value[:1] == "@" and option != "data-raw":
            raise CurlError(f"--{option} sends a file, which is not read")
        if option == "json":
            self.kind = self.kind or _JSON
        self.body.append(value)

    def _field(self, value: str, *, literal: bool) -> None:
        name, mark, content = value.partition("=")
        if not mark:
            raise CurlError("a field of --form has no =")
        pairs, files = self.fields or Form([], [])
        if not literal and content[:1] in ("@", "<"):
            files = [*files, f"{name} ({content[1:].partition(';')[0]})"]
        else:
            pairs = [*pairs, (name, content if literal else _part(content))]
        self.fields = Form(pairs, files)

    def sendings(self) -> Iterator[Sending]:
        """Give what goes to each address."""
        form = self.fields or Form([])
        query = "&".join(filter(None, self.query))
        if self.body is not None and self.get:
            query = "&".join(filter(None, (query, *self.body)))
        elif self.body is not None:
            try:
                form = forms.body("&".join(self.body), self.kind)
            except ValueError as error:
                raise CurlError(str(error)) from None
        # A word that is a variable may be anything, or nothing.
        urls = [url for url in self.urls if url != VARIABLE] or self.urls
        for url in map(str.strip, urls):
            if VARIABLE in url.partition("?")[0]:
                raise CurlError("its address is in a variable")
            if re.search(r"\s", url):
                raise CurlError("its address has blanks: is a quote missing?", url)
            if self.glob:
                url = _GLOB.sub(r"\1", url)
            address = url if "://" in url else f"http://{url}"
            if query:
                base, mark, rest = address.partition("#")
                address = f"{base}{'&' if '?' in base else '?'}{query}{mark}{rest}"
            yield Sending(address, form)


def sendings(words: Sequence[str]) -> Iterator[Sending]:
    """Tell what a command sends; `words`: those after `curl`. CurlError if that is not known."""
    transfer = _Transfer()
    for option, value in _options(words):
        if option == "next":
            yield from transfer.sendings()
            transfer = _Transfer()
        elif option in ("get", "globoff"):
            transfer.get |= option == "get"
            transfer.glob &= option == "get"
        elif option in _FILES:
            raise CurlError(f"--{option} takes {_FILES[option]}, which is not read")
        else:
            transfer.take(option, value)
    if not transfer.urls:
        raise CurlError("it has no address")
    yield from transfer.sendings()


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Take the words as curl does: options with their values, addresses as `url`."""
    rest = iter(words)
    for word in rest:
        if word[:2] == "--" and len(word) > 2:
            name = word[2:]
            valued = name in _WITH_VALUE
            yield name, _value(rest, word) if valued else ""
        elif word[:1] == "-" and word not in ("-", "--"):
            yield from _letters(word, rest)
        elif word != "--":
            yield "url", word


def _letters(word: str, rest: Iterator[str]) -> Iterator[tuple[str, str]]:
    for at, letter in enumerate(word[1:], 2):
        name = _SHORT.get(letter, "")
        if name in ("", "get", "globoff", "head", "next"):
            yield name, ""
            continue
        yield name, word[at:] or _value(rest, word)
        return


def _value(rest: Iterator[str], option: str) -> str:
    value = next(rest, None)
    if value is None:
        raise CurlError(f"{option.partition('=')[0]} has no value")
    return value


def _encoded(text: str) -> str:
    """Encode as `--data-urlencode` does: `name=content`, `=content`, `content`, or a file's."""
    name, mark, content = text.partition("=")
    if not mark:
        name, mark, _ = text.partition("@")
        content = VARIABLE if mark else text
        name = name if mark else ""
    return f"{name}={_quoted(content)}" if name else _quoted(content)


def _quoted(text: str) -> str:
    return VARIABLE if VARIABLE in text else quote(encode(forms.clean(text)))


def _part(content: str) -> str:
    """Read the content of a field of `--form`: quoted, or up to a semicolon; blanks around go."""
    content = content.lstrip(_BLANKS)
    if content[:1] == '"':
        pieces: list[str] = []
        at = 1
        while at < len(content):
            char = content[at]
            if char == '"':
                return "".join(pieces)
            at += char == "\\" and content[at + 1 : at + 2] in ('"', "\\")
            pieces.append(content[at : at + 1])
            at += 1
    return content.partition(";")[0].rstrip(_BLANKS)
