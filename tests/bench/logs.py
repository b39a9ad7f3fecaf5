"""Makes the logs that are measured: the same bytes for the same seed, written once.

Names and values are invented; their shape is that of real logs: names sorted, letters,
digits and `.` plain, the rest percent-encoded, about 23 parameters, a few values that
never come again (`operafake`), many that come again and again, some passwords masked.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Iterator
from pathlib import Path

SEED = 20170206
# Of the lines of a mixed log, so many hundredths are requests.
SHARE = 3
_GROUP = 100
_WORDS = (
    "access", "alias", "area", "backup", "bonus", "charset", "country", "data", "domain",
    "enable", "filter", "group",
)  # fmt: skip
_FUNCS = (
    "user.edit", "webdomain.edit", "emaildomain.edit", "email.edit", "domain.edit", "db.edit",
    "ftp.user.edit", "iplist.edit", "dashboard.info", "user.delete", "webdomain", "file.edit",
)  # fmt: skip
_FIXED = (
    "",
    "on",
    "off",
    "ok",
    "1",
    "100",
    "auto",
    "default",
    "8.8.8.8",
    "ns1.example.com.%20ns2.example.com.",
)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class Maker:
    """Writes log lines, one second's dozens after another."""

    def __init__(self, seed: int = SEED) -> None:
        self.chance = random.Random(seed)
        self.number = 0
        owners = [f"www%2Droot{n}" for n in range(2_000)]
        domains = [f"shop%2D{n}.example.com" for n in range(10_000)]
        self.values = (owners, domains)
        self.templates = [self._template(func) for func in _FUNCS for _ in range(5)]
        self.noise = [self._noise() for _ in range(200)]

    def requests(self, count: int) -> Iterator[str]:
        """Give request lines with 23 parameters each."""
        owners, domains = self.values
        chance, templates = self.chance.random, self.templates
        for _ in range(count):
            n = self.number = self.number + 1
            template = templates[int(chance() * len(templates))]
            yield template % (
                self.time(),
                10_000 + n % 977,
                n % 251,
                domains[int(chance() * 10_000)],
                1_486_357_000_000 + n,
                owners[int(chance() * 2_000)],
            )

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

    def _template(self, func: str) -> str:
        chance = self.chance
        fields = {
            "clicked_button": chance.choice(["ok"] * 20 + ["install"]),
            "func": func,
            "name": "%s",
            "operafake": "%d",
            "owner": "%s",
            "progressid": "false",
            "sfrom": "ajax",
            "sok": "ok",
            "plid": "",
            "elname": chance.choice(["", "caf%%C3%%A9%%20%%2B%%20bar"]),
        }
        if func == "user.edit" and chance.random() < 0.5:
            fields |= {"passwd": "*", "confirm": "*"}
        while len(fields) < 23:
            word = chance.choice(_WORDS) + chance.choice(["", "_id", "_name", "-type"])
            fields.setdefault(word, chance.choice(_FIXED).replace("%", "%%"))
        query = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
        caller = chance.choice(["188.120.252.33", "2001:db8::17", "192.0.2.10"])
        user = chance.choice(["root", "root", "www-root", "admin@example.com"])
        return f"%s [%d:%d] core_module INFO Request [{caller}][{user}] '{query}'\n"

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


def request_log(directory: Path, count: int) -> Path:
    """Give a log of `count` request lines."""
    return _once(directory / f"ispmgr.log.requests-{count}", lambda: Maker().requests(count))


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
        with part.open("w", encoding="ascii", buffering=1 << 20) as out:
            out.writelines(lines())
        part.rename(path)
    return path
