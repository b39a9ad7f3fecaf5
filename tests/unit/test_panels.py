"""Whose log a log is: by what stands in it, by the address; and archives that are no logs."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Optional
from unittest import mock

import pytest

from logreq.log import files as sources
from logreq.log.bundles import bundle
from logreq.log.find import find, panel_of
from logreq.log.panel import panel_in_lines
from logreq.model.panels import is_panel, panel_in_url, panel_of_function
from tests.support.cli import logreq
from tests.support.strategies import log_line

DOMAIN = log_line(b"func=domain")
ISP = log_line(b"func=webdomain.edit&sok=ok")
BILL = log_line(b"func=payment.setpaid&elid=1")
MODULE = b"Feb  6 08:08:07 [1:2] dcimgr INFO something\n"
COLOUR = b"\x1b[32mFeb  6 08:08:07 \x1b[0m[ 1:2] \x1b[1;33mvmmgr\x1b[0m EXTINFO x\n"
NOISE = b"Feb  6 08:08:07 [1:2] proc EXTINFO Run: ispmgr\nnothing\n[x] billmgr\n"


@pytest.mark.parametrize(
    ("lines", "panel"),
    [
        (b"", ""),
        (NOISE, ""),
        (DOMAIN, None),
        (ISP, "ispmgr"),
        (BILL + DOMAIN + NOISE, "billmgr"),
        (BILL + ISP, None),
        (MODULE, "dcimgr"),
        (COLOUR, "vmmgr"),
        (MODULE + BILL, None),
        (MODULE + DOMAIN, "dcimgr"),
        (NOISE + b"Feb  6 08:08:07 [7] ourmgr INFO x\n", "ourmgr"),
        (ISP[:-10] + b"\n", ""),  # cut off: it is no request
    ],
)
def test_lines(lines: bytes, panel: Optional[str]) -> None:
    assert panel_in_lines(lines) == panel


@pytest.mark.parametrize(
    ("url", "panel"),
    [
        ("https://localhost:1500", None),
        ("https://localhost:1500/", None),
        ("https://host/manager", None),
        ("https://host/billmgr", "billmgr"),
        ("https://host/manager/billmgr", "billmgr"),
        ("https://host/billmgr/", None),
        ("https://billmgr", None),
        ("https://host/panel", None),
        ("https://host/core", "core"),
    ],
)
def test_addresses(url: str, panel: Optional[str]) -> None:
    assert panel_in_url(url) == panel


def test_functions_and_names() -> None:
    assert panel_of_function("webdomain.edit") == "ispmgr"
    assert panel_of_function("payment") == "billmgr"
    assert panel_of_function("user.payment") is None
    assert [is_panel(name) for name in ("isp", "ispmgr", "core", "ourmgr", "mgr", "mgrctl")] == [
        False, True, True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", ["mylog", "x.log"])
def test_a_log_of_any_name(name: str, packed: bool, tmp_path: Path) -> None:
    log = tmp_path / name
    log.write_bytes(gzip.compress(BILL) if packed else BILL)
    done = logreq("convert", "-t", "url", log)
    assert done.text == "https://localhost:1500/billmgr?func=payment.setpaid&elid=1\n"
    assert "assumed" not in done.err
    with log.open("rb") as stream:
        assert logreq("convert", "-t", "url", stdin=stream.read()).text == done.text


def test_what_nothing_tells_is_assumed_with_a_warning(tmp_path: Path) -> None:
    logs = [tmp_path / "a\x1b.log", tmp_path / "b.log", tmp_path / "billmgr.log"]
    for log in logs:
        log.write_bytes(DOMAIN)
    done = logreq("convert", "-t", "url", logs[0])
    words = "nothing tells the panel, ispmgr was assumed; -p NAME names it\n"
    assert done.err.startswith(f"logreq: {tmp_path}/a\\x1b.log: {words}")
    assert logreq("convert", "-t", "url", *logs).err.startswith(
        f"logreq: {tmp_path}/a\\x1b.log and 1 more: {words}"
    )
    for options in (["-q", logs[0]], ["-p", "isp", logs[0]], [logs[2]]):
        assert "assumed" not in logreq("convert", "-t", "url", *options).err
    done = logreq("convert", "-t", "url", stdin=DOMAIN)
    assert done.err.startswith(f"logreq: -: {words}")
    assert done.text == "https://localhost:1500/ispmgr?func=domain\n"
    for stdin in (b"", NOISE):
        assert "assumed" not in logreq("convert", stdin=stdin).err


def test_a_log_that_is_too_long_to_look_through(tmp_path: Path) -> None:
    log = tmp_path / "long.log"
    log.write_bytes(NOISE * 20_000 + BILL)
    assert panel_of(str(log)) is None
    log.write_bytes(NOISE * 10 + BILL)
    assert panel_of(str(log)) == "billmgr"
    log.write_bytes(b"")
    assert panel_of(str(log)) == ""
    assert panel_of(str(tmp_path / "none")) is None
    log.write_bytes(b"\x1f\x8b")
    assert panel_of(str(log)) == ""


def test_an_address_of_another_panel(tmp_path: Path) -> None:
    log = tmp_path / "billmgr.log"
    log.write_bytes(BILL)
    words = f"logreq: {log} is a log of billmgr, but --url names ispmgr\n"
    for command in (["convert"], ["list"], ["rules", "explain"]):
        done = logreq(*command, "-u", "https://host/ispmgr", log)
        assert (words in done.err) == (command != ["list"])
    for url in ("https://host/billmgr", "https://host", "https://host/x"):
        assert "--url names" not in logreq("convert", "-u", url, log).err
    for more in (["-q"], ["-t", "mgrctl"], ["-p", "isp"]):
        assert "--url names" not in logreq("convert", "-u", "https://host/ispmgr", *more, log).err


def tar(format: int) -> bytes:  # noqa: A002 - tarfile's word
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=format) as archive:
        for name, content in (("billmgr.log", BILL), ("ispmgr.log", ISP)):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return data.getvalue()


def zipped(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, BILL)
    return data.getvalue()


def old_tar() -> bytes:
    """Make one without `ustar` in its header, as before POSIX."""
    data = bytearray(tar(tarfile.USTAR_FORMAT))
    data[257:512] = bytes(255)
    data[148:156] = b"%06o\0 " % (sum(data[:148]) + 8 * 32 + sum(data[156:512]))
    return bytes(data)


BUNDLES = [
    ("tar", tar(tarfile.GNU_FORMAT)),
    ("tar", tar(tarfile.USTAR_FORMAT)),
    ("tar", tar(tarfile.PAX_FORMAT)),
    ("tar", old_tar()),
    ("zip", zipped("billmgr.log", "ispmgr.log")),
    ("zip", zipped()),
    ("7z", b"7z\xbc\xaf\x27\x1c\0\4" + bytes(100)),
    ("rar", b"Rar!\x1a\x07\1\0" + bytes(100)),
]


@pytest.mark.parametrize(("kind", "data"), BUNDLES, ids=range(len(BUNDLES)))  # data has the time
def test_archives_of_several_files_are_refused_by_name(
    kind: str, data: bytes, tmp_path: Path
) -> None:
    message = f"cannot read: this is a {kind} archive: unpack it and name the logs in it"
    for name, content in (("logs", data), ("logs.gz", gzip.compress(data))):
        path = tmp_path / name
        path.write_bytes(content)
        done = logreq("convert", path)
        assert (done.status, done.text) == (2, "")
        assert f"logreq: {path}: {message}\n" in done.err
        assert "assumed" not in done.err
        done = logreq("convert", "-t", "url", path, stdin=content)
        assert logreq("convert", stdin=content).status == 2
    assert message in logreq("convert", stdin=data).err
    found = find([str(tmp_path / "logs")], None, print)
    assert not sources.is_plain(found[0])
    assert bundle(data) == kind


@pytest.mark.parametrize(
    "data",
    [
        b"",
        DOMAIN * 20,
        tar(tarfile.GNU_FORMAT)[:511],
        bytes(512),
        b"0" * 512,
        b"x" * 148 + b"0000009\0" + b"x" * 400,
        b"x" * 148 + b"0000012\0" + b"x" * 400,
    ],
)
def test_what_is_none(data: bytes) -> None:
    assert bundle(data) is None


def test_tail_says_it_before_anything_comes(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(DOMAIN)
    stop = mock.patch("logreq.live.follow.follow", return_value=())
    words = f"logreq: {log}: nothing tells the panel, ispmgr was assumed; -p NAME names it\n"
    with stop:
        done = logreq("tail", "-u", "https://host/billmgr", log)
        assert done.err.startswith(
            f"{words}logreq: {log} is a log of ispmgr, but --url names billmgr\n"
        )
        assert "assumed" not in logreq("tail", "-p", "isp", log).err
        log.write_bytes(BILL)
        assert "assumed" not in logreq("tail", log).err
    assert logreq("tail", "-", "-t", "url", stdin=DOMAIN).err.startswith("logreq: -: nothing tells")
