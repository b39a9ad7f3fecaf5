"""Make the samples that a text editor would spoil: odd bytes, one huge line, archives.

`python samples/make.py` writes those whose contents differ. Archives are compared
unpacked: packers of different versions pack the same text differently.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
from pathlib import Path
from typing import Callable
from urllib.parse import quote

HERE = Path(__file__).resolve().parent

GREEN, YELLOW, BOLD_GREEN, RESET, SHORT_RESET, ERASE = (
    f"\x1b[{code}" for code in ("32m", "1;33m", "01;32m", "0m", "m", "K")
)
HEAD = "Feb  6 08:08:07 [2346:23826]"
WHO = "[192.0.2.10][root]"


def lines(*rows: str, end: str = "\n") -> bytes:
    """Join rows of text into the bytes of a log."""
    return "".join(row + end for row in rows).encode()


def colour() -> bytes:
    """Colour codes at every place where the panel or its helpers put one."""
    delete = "'elid=web&func=user.delete&sok=ok'"
    return lines(
        f"{HEAD} core_module {GREEN}INFO Request {WHO} 'func=user'{RESET}",
        f"{HEAD} core_module EXTINFO Internal {WHO} 'func=user&out=devel'",
        f"{HEAD} core_module {YELLOW}INFO Request {WHO} {delete}{RESET}",
        f"{HEAD} core_module {BOLD_GREEN}INFO Request {WHO} 'func=db'{SHORT_RESET}",
        f"{HEAD} core_module {RESET}{YELLOW}INFO Request {WHO} 'func=email'{RESET}{ERASE}",
        f"{HEAD} core_module \x1b[1m{GREEN}INFO Request {WHO} 'func=webdomain'\x1b[39m{RESET}",
        f"{HEAD} {GREEN}core_module INFO Request {WHO} 'func=ftp.user'{RESET}",
        f"{GREEN}{HEAD} core_module INFO Request {WHO} 'func=domain'{RESET}",
        f"{HEAD} core_module \x1b[38;5;40mINFO Request {WHO} 'func=cron'{RESET}",
        f"{HEAD} core_module {GREEN}INFO Request {WHO} 'func=file'",
        f"{RESET}{HEAD} core_module INFO Request {WHO} 'func=user'",
        f"{HEAD} core_module \x1b[1;31mERROR No such user 'web'{RESET}",
        f"{HEAD} core_module {GREEN}EXTINFO Internal {WHO} 'func=user&out=devel'{RESET}",
        f"Mar 26 18:18:18 [ 7555:8] {GREEN}INFO Request {WHO} 'func=vds'{RESET}",
        f"Mar 26 18:18:18 [7555] php_plugin {YELLOW}INFO Request {WHO} 'func=plugin'{RESET}",
        f"{HEAD} core_module {GREEN}INFO Request {WHO} 'elid=web&func=user.ed{RESET}",
    )


def crlf() -> bytes:
    """Line ends of a log that went through a Windows machine; the middle stayed as it was."""
    edit = "'func=email.edit&note=a%0D%0Ab&sok=ok'"
    before = [f"{HEAD} core_module INFO Request {WHO} 'func=user'", f"{HEAD} proc EXTINFO Run: df"]
    after = ["'", f"{HEAD} core_module INFO Request {WHO} 'func=db'", ""]
    return (
        lines(*before, end="\r\n")
        + lines(f"{HEAD} core_module INFO Request {WHO} {edit}")
        + lines(*after, end="\r\n")
        + lines(f"{HEAD} core_module {GREEN}INFO Request {WHO} 'func=file'{RESET}", end="\r\n")
    )


def invalid_utf8() -> bytes:
    """Bytes that are not UTF-8, in the noise and in requests."""
    head = HEAD.encode()
    rows = [
        b"%b proc EXTINFO \xff\xfe\x80 raw output" % head,
        b"\xc3\x28 \xa0\xa1 \xe2\x28\xa1",
        b"%b core_module INFO Request [192.0.2.10][root] 'func=user'" % head,
        b"%b core_module INFO Request [192.0.2.10][root] 'fullname=\xcf\xf0\xe8\xe2\xe5\xf2"
        b"&func=user.edit&sok=ok'" % head,
        b"%b core_module INFO Request [192.0.2.10][w\xe9b] 'func=file&path=caf%%E9&raw=caf\xe9'"
        % head,
        b"%b core_module INFO Request [192.0.2.10][root] 'func=file.edit&half=%%D0&sok=ok"
        b"&surrogate=\xed\xb2\x80&wide=\xf4\x90\x80\x80'" % head,
        b"%b core_module INFO Request [192.0.2.10][root] 'func=file&line=\xc2\x85\xe2\x80\xa8x"
        b"&other=\x0b\x0c\x1c\x1d\x1ey'" % head,
        b"%b core_module EXTINFO Internal [192.0.2.10][root] 'func=\xff'" % head,
    ]
    return b"".join(row + b"\n" for row in rows)


def long_line() -> bytes:
    """A file saved in the panel's editor: one Request line of 100 kB."""
    text = "".join(f"{n:04d}: server_name www{n}.example.com; # '100%'\n" for n in range(1500))
    content = quote(text, safe="")
    query = f"clicked_button=ok&content={content}&elid=nginx.conf&func=file.edit&sok=ok"
    return lines(
        f"{HEAD} core_module INFO Request {WHO} 'elid=nginx.conf&func=file.edit'",
        f"{HEAD} core_module INFO Request {WHO} '{query}'",
        f"{HEAD} core_module EXTINFO Internal {WHO} 'elid=nginx.conf&func=file.edit&out=devel'",
        f"{HEAD} core_module INFO Request {WHO} 'func=file'",
    )


def row(time: str, text: str, module: str = "core_module") -> str:
    """Make one record of the rotated logs."""
    return f"{time} [1480:{700 + int(time[-2:])}] {module} {text}"


def click(time: str, query: str) -> list[str]:
    """Make one request and what the panel logs around it."""
    return [
        row(time, f"EXTINFO Env[QUERY_STRING] = '{query}'", "conn"),
        row(time, f"INFO Request [198.51.100.20][root] '{query}'"),
        row(time, f"EXTINFO Internal [198.51.100.20][root] '{query}&out=devel'"),
    ]


def moved(archive: str) -> str:
    """Make the first line that a rotation leaves; the real wording is not known."""
    return f"=== continued from /usr/local/mgr5/var/logs/{archive} ==="


# Oldest first. By name the newest archive stands first.
OLD, FIRST, SECOND, THIRD = (
    "ispmgr.log.0",
    "ispmgr.log.28122018-000310-9.gz",
    "ispmgr.log.31122018-031544-10.bz2",
    "ispmgr.log.02012019-001204-11.xz",
)


def rotated() -> dict[str, bytes]:
    """Make the set: five files whose order in time is not that of their names."""
    return {
        f"logs/{OLD}": lines(
            *click("Dec 20 10:00:01", "elid=a1&func=user.edit&sok=ok"),
            row("Dec 20 10:00:02", "INFO Request [ispmgr][root] 'func=periodic'"),
            *click("Dec 24 23:58:10", "func=user"),
        ),
        f"logs/{FIRST}": lines(
            *click("Dec 25 00:00:05", "elid=b1&func=user.edit&sok=ok"),
            row("Dec 26 04:00:00", "EXTINFO Run: /usr/bin/certbot renew", "proc"),
            "Processing /etc/letsencrypt/renewal/www.example.com.conf",
            "'",
            *click("Dec 27 23:59:59", "elid=b2&func=user.delete&sok=ok"),
        ),
        f"logs/{SECOND}": lines(
            moved(FIRST),
            *click("Dec 28 00:03:11", "elid=c1&func=user.edit&sok=ok"),
            *click("Dec 31 03:15:40", "func=webdomain"),
        ),
        f"logs/{THIRD}": lines(
            moved(SECOND),
            *click("Dec 31 23:59:58", "elid=d1&func=user.edit&sok=ok"),
            *click("Jan  1 00:00:01", "elid=d2&func=user.edit&sok=ok"),
            row("Jan  2 00:12:03", "INFO Request [ispmgr][root] 'func=backup2.periodic'"),
        ),
        "ispmgr.log": lines(
            moved(THIRD),
            *click("Jan  2 00:12:09", "elid=e1&func=user.edit&sok=ok"),
            *click("Jan  3 09:30:00", "elid=e2&func=user.delete&sok=ok"),
        ),
    }


def gz(data: bytes) -> bytes:
    """Pack without the time of packing, which would make every run differ."""
    return gzip.compress(data, mtime=0)


PACK: dict[str, Callable[[bytes], bytes]] = {".gz": gz, ".bz2": bz2.compress, ".xz": lzma.compress}
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
}


def contents() -> dict[str, bytes]:
    """Give the unpacked contents of every made sample, by path below this folder."""
    made = {
        "shapes/colour.log": colour(),
        "shapes/crlf.log": crlf(),
        "shapes/invalid-utf8.log": invalid_utf8(),
        "shapes/long-line.log": long_line(),
    }
    made.update((f"rotated/{name}", data) for name, data in rotated().items())
    return made


def read(path: Path) -> bytes:
    """Read a sample, unpacked."""
    data = path.read_bytes()
    return UNPACK[path.suffix](data) if path.suffix in UNPACK else data


def main() -> None:
    """Write the samples that are missing or differ."""
    for name, data in contents().items():
        path = HERE / name
        if path.is_file() and read(path) == data:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PACK[path.suffix](data) if path.suffix in PACK else data)


if __name__ == "__main__":
    main()
