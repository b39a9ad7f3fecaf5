"""Makes the logs that are measured: the same bytes for the same seed, written once.

Their requests are those of the sample logs, as panels write them, with other values: most
come again and again, some (`operafake`, handles, ids, names) never. Beside them stand wide
forms of the size of a panel's largest, with passwords masked and in clear, handles and
buttons that a note is for, and wizard steps. Lines are coloured, as is the panels' default.
"""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

SEED = 20170206
# Of the lines of a mixed log, so many hundredths are requests.
SHARE = 3
_GROUP = 100
_ROOT = Path(__file__).parents[2]
# Queries in the panels' own encoding: Perl, our peer, passes others on as they are.
_QUERY = re.compile(r"INFO Request \[([^\]]*)\]\[([^\]]*)\] '([\w.%&=-]*)'$", re.MULTILINE)
_WORDS = (
    "access", "alias", "area", "backup", "bonus", "charset", "country", "data", "domain",
    "enable", "filter", "group", "handler", "index", "limit", "mail", "note", "owner", "php",
    "quota", "redirect", "secure", "traffic", "users", "version",
)  # fmt: skip
_FORMS = (
    "user.edit", "webdomain.edit", "emaildomain.edit", "email.edit", "db.edit", "ftp.user.edit",
    "iplist.edit", "vm.edit", "server.edit", "preset.edit", "vds.order.param", "phpconf.edit",
)  # fmt: skip
_FIXED = (
    "", "", "on", "off", "off", "1", "100", "auto", "default", "unlimited", "8.8.8.8",
    "ns1.example.com.%20ns2.example.com.", "%D0%A2%D0%B5%D1%81%D1%82", "www%2Droot",
)  # fmt: skip
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_BEGIN, _END = "\x1b[1;32m", "\x1b[0m"


# Caller, user, and pairs, each with whether its value stays.
_Template = tuple[str, str, list[tuple[str, bool]]]


def _samples() -> list[_Template]:
    """Give the requests of the sample logs, one of each panel."""
    found = []
    for path in sorted(_ROOT.glob("samples/*.log")):
        for caller, user, query in _QUERY.findall(path.read_text()):
            pieces = [(piece, _is_fixed(piece)) for piece in query.split("&")]
            found.append((caller, user, pieces))
    return found


def _is_fixed(piece: str) -> bool:
    """Tell whether a pair's value is the same in many requests."""
    name, _, value = piece.partition("=")
    number = value.isdecimal() and name in ("elid", "plid", "id")
    handle = name == "progressid" and value not in ("false", "")
    # A hoster's name servers are always the same.
    own = "example" in value and "ns1." not in value
    return not (name == "operafake" or own or handle or number)


class Maker:
    """Writes log lines, one second's dozens after another."""

    def __init__(self, seed: int = SEED, *, colour: bool = True) -> None:
        """Prepare; `colour`: lines hold the codes that panels write by default."""
        self.chance = random.Random(seed)
        self.number = 0
        self.colour = (_BEGIN, _END) if colour else ("", "")
        self.templates = [*_samples(), *(self._form(func) for func in _FORMS for _ in range(4))]
        self.noise = [self._noise() for _ in range(200)]

    def requests(self, count: int) -> Iterator[str]:
        """Give request lines."""
        begin, end = self.colour
        for _ in range(count):
            n = self.number = self.number + 1
            caller, user, query = self.templates[int(self.chance.random() * len(self.templates))]
            domain = f"shop{int(self.chance.random() ** 2 * 2_000)}"
            pieces = "&".join(
                [piece if fixed else self._other(piece, domain) for piece, fixed in query]
            )
            yield (
                f"{self.time()} [{10_000 + n % 977}:{n % 251}] core_module {begin}INFO Request"
                f" [{caller}][{user}] '{pieces}'{end}\n"
            )

    def _other(self, piece: str, domain: str) -> str:
        """Give a pair another value of its kind."""
        name, _, value = piece.partition("=")
        chance = self.chance.random
        if name == "operafake":
            return f"{name}={1_486_357_000_000 + self.number}"
        if "example" in value:
            return piece.replace("example", domain)
        if name == "progressid":
            return f"{name}=%5Fhandle{int(chance() * 1e13)}"
        return f"{name}={int(chance() ** 2 * 100_000)}"

    def mixed(self, size: int) -> Iterator[str]:
        """Give about `size` bytes of lines, SHARE per cent of them requests."""
        made = 0
        while made < size:
            found = list(self.requests(SHARE))
            noise = self.noise[int(self.chance.random() * len(self.noise))]
            group = noise.replace("TIME", self.time()) + "".join(found)
            made += len(group)
            yield group

    def time(self) -> str:
        second = self.number // 40
        days = second // 86_400
        return (
            f"{_MONTHS[days // 28 % 12]} {days % 28 + 1:2} "
            f"{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}"
        )

    def _form(self, func: str) -> _Template:
        """Make a form of 20 to 60 fields."""
        chance = self.chance
        fields = {
            "clicked_button": "ok", "func": func, "elid": "17", "name": "example.com",
            "operafake": "1", "progressid": "false", "sfrom": "ajax", "sok": "ok",
        }  # fmt: skip
        if func in ("user.edit", "email.edit", "db.edit") and chance.random() < 0.5:
            fields |= {"passwd": "*", "confirm": "*"}
        if func == "server.edit":
            fields["ipmipass"] = "s3cret4711"
        if chance.random() < 0.1:
            fields["progressid"] = "%5Fhandle"
        if func == "vds.order.param":
            fields |= {"snext": "ok", "clicked_button": "next"}
        width = chance.randrange(20, 60)
        while len(fields) < width:
            word = chance.choice(_WORDS) + chance.choice(["", "%5Fid", "%5Fname", "%2Dtype", "2"])
            fields.setdefault(word, chance.choice(_FIXED))
        caller = chance.choice(["188.120.252.33", "2001:db8::17", "192.0.2.10"])
        user = chance.choice(["root", "root", "www-root", "admin@example.com"])
        query = [f"{name}={fields[name]}" for name in sorted(fields)]
        return caller, user, [(piece, _is_fixed(piece)) for piece in query]

    def _noise(self) -> str:
        """Make the other lines of a group: a record of several lines, queries, echoes."""
        chance = self.chance
        lines: list[str] = []
        while len(lines) < _GROUP - SHARE:
            lines.append(
                f"TIME [{chance.randrange(9999)}:{chance.randrange(999)}] "
                + chance.choice(
                    [
                        "core_module EXTINFO Internal [192.0.2.10][root] 'func=user&out=devel'",
                        f"mysql DEBUG SELECT id, name FROM users WHERE id={chance.getrandbits(40)}",
                        f"rpc EXTINFO Query('func=whoami&auth={chance.getrandbits(64):x}')",
                        f"longtask TRACE state {chance.getrandbits(180):x}",
                        "libmgr INFO INFO Plugin called",
                        f"xml DEBUG <doc><elem><id>{chance.getrandbits(60)}</id>\n  <name>x</name>",
                    ]
                )
                + "\n"
            )
        return "".join(lines)


def mixed_log(directory: Path, size: int) -> Path:
    """Give a log of about `size` bytes, SHARE per cent of its lines requests."""
    return _once(directory / f"ispmgr.log.mixed-{size}", lambda: Maker().mixed(size))


def request_log(directory: Path, count: int, *, colour: bool = True) -> Path:
    """Give a log of `count` request lines."""
    name = f"ispmgr.log.{'requests' if colour else 'plain'}-{count}"
    return _once(directory / name, lambda: Maker(colour=colour).requests(count))


def packed(log: Path) -> Path:
    """Give the log as a gzip beside it."""
    path = log.with_name(log.name + ".gz")
    if not path.exists():
        part = path.with_name(path.name + ".part")
        with log.open("rb") as plain, gzip.open(part, "wb", compresslevel=1) as out:
            while block := plain.read(1 << 20):
                out.write(block)
        part.rename(path)
    return path


def _once(path: Path, lines: Callable[[], Iterator[str]]) -> Path:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        with part.open("w", encoding="utf-8", buffering=1 << 20) as out:
            out.writelines(lines())
        part.rename(path)
    return path
