"""Logs that are broken in every way that a server's disk offers.

`make(directory)` writes them; `BROKEN` says of each what it is, how many requests it
still gives and whether reading it must be reported as a failure:

    name                 what it is
    noise.log            64 kB of random bytes, then a request on a line of its own
    empty.log            nothing at all
    one-line.log         a request, 10 MB on one line, a request
    huge-cut.log         one request of 10 MB whose closing quote is missing
    utf16.log            a log that an editor saved as UTF-16
    forbidden.log        no permission to read (root reads it all the same)
    pipe.log             a FIFO that nobody writes to: opening it must not hang
    folder.log           an empty directory with a log's name
    dangling.log         a symbolic link to nowhere
    loop.log             a symbolic link to itself
    plain.log.gz         plain text with an archive's name
    nothing.log.gz       no byte at all, with an archive's name
    empty.log.gz         a sound gzip of nothing
    members.log.gz       two gzip members; a line begins in one and ends in the other
    padded.log.gz        a sound gzip with zeros behind it, as tapes leave them
    trailing.log.gz      a sound gzip with garbage behind it
    truncated.log.gz     a gzip cut off in the middle; its first line is whole
    header.log.gz        the first five bytes of a gzip
    checksum.log.gz      a gzip whose checksum is wrong
    bomb.log.gz          1 GB of zero bytes on one line, in 1 MB
    truncated.log.bz2    a bzip2 cut off in the middle
    truncated.log.xz     an xz cut off in the middle
    ODD_NAME             a sound log whose name has a line end, ESC and a byte that is not UTF-8
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import random
import zlib
from pathlib import Path
from typing import NamedTuple, Optional

ODD_NAME = os.fsdecode(b"line\nend \x1b[31mred \xff.log")
MB = 1 << 20
BOMB = 1 << 30


class Broken(NamedTuple):
    """What to expect of a broken log.

    `requests` is how many can be had from it, None where that depends on the reader.
    `fails` says whether the file must be reported as not (or not wholly) readable,
    None where that depends on the user or is a matter of taste.
    """

    about: str
    requests: Optional[int]
    fails: Optional[bool]


BROKEN = {
    "noise.log": Broken("random bytes, then a request", 1, False),
    "empty.log": Broken("nothing at all", 0, False),
    "one-line.log": Broken("10 MB on one line between two requests", 2, False),
    "huge-cut.log": Broken("a request of 10 MB without its closing quote", 0, False),
    "utf16.log": Broken("UTF-16 text", 0, None),
    "forbidden.log": Broken("no permission to read", None, None),
    "pipe.log": Broken("a FIFO without a writer", 0, True),
    "folder.log": Broken("an empty directory", 0, None),
    "dangling.log": Broken("a link to nowhere", 0, True),
    "loop.log": Broken("a link to itself", 0, True),
    "plain.log.gz": Broken("plain text named as an archive", 1, False),
    "nothing.log.gz": Broken("an empty file named as an archive", 0, False),
    "empty.log.gz": Broken("a gzip of nothing", 0, False),
    "members.log.gz": Broken("two gzip members, a line across them", 2, False),
    "padded.log.gz": Broken("zeros behind a gzip", 1, False),
    "trailing.log.gz": Broken("garbage behind a gzip", 1, None),
    "truncated.log.gz": Broken("a gzip cut off in the middle", 1, True),
    "header.log.gz": Broken("five bytes of a gzip", 0, True),
    "checksum.log.gz": Broken("a gzip with a wrong checksum", 1, True),
    "bomb.log.gz": Broken("a gzip of 1 GB of zeros", 0, None),
    "truncated.log.bz2": Broken("a bzip2 cut off in the middle", None, True),
    "truncated.log.xz": Broken("an xz cut off in the middle", None, True),
    ODD_NAME: Broken("a name with a line end, ESC and invalid UTF-8", 1, False),
}


def request(number: int, fill: str = "") -> bytes:
    """Make one sound line; `fill` makes it longer."""
    query = f"elid={number}&func=user.edit{fill}&sok=ok"
    head = "Feb  6 08:08:07 [2346:23826] core_module"
    return f"{head} INFO Request [192.0.2.10][root] '{query}'\n".encode()


def make(directory: Path, bomb: int = BOMB) -> dict[str, Path]:
    """Write all of them into an existing directory; give their paths by name.

    `bomb` is the unpacked size of `bomb.log.gz` in bytes, rounded down to whole megabytes.
    """
    chance = random.Random(20170206)
    one, two = request(1), request(2)
    sound = gz(one)
    filler = b"".join(
        b"Feb  6 08:08:08 [2346:23826] core_module DEBUG %x\n" % chance.getrandbits(512)
        for _ in range(4000)
    )
    utf16 = (one.decode() * 3).encode("utf-16")
    cut = bytearray(sound)
    cut[-8] ^= 0xFF  # RFC 1952: CRC32 and length are the last eight bytes
    files = {
        "noise.log": bytes(chance.getrandbits(8) for _ in range(1 << 16)) + b"\n" + one,
        "empty.log": b"",
        "one-line.log": one + b"x" * (10 * MB) + b"\n" + two,
        "huge-cut.log": request(1, "&content=" + "x" * (10 * MB))[:-2] + b"\n",
        "utf16.log": utf16,
        "forbidden.log": one,
        "plain.log.gz": one,
        "nothing.log.gz": b"",
        "empty.log.gz": gz(b""),
        "members.log.gz": gz(one + two[:40]) + gz(two[40:]),
        "padded.log.gz": sound + bytes(1024),
        "trailing.log.gz": sound + b"garbage, not a gzip member\n",
        "truncated.log.gz": truncated_gz(one, filler),
        "header.log.gz": sound[:5],
        "checksum.log.gz": bytes(cut),
        "bomb.log.gz": zeros_gz(bomb),
        "truncated.log.bz2": half(bz2.compress(one + filler)),
        "truncated.log.xz": half(lzma.compress(one + filler)),
        ODD_NAME: one,
    }
    for name, data in files.items():
        (directory / name).write_bytes(data)
    (directory / "forbidden.log").chmod(0)
    os.mkfifo(directory / "pipe.log")
    (directory / "folder.log").mkdir()
    (directory / "dangling.log").symlink_to("nowhere.log")
    (directory / "loop.log").symlink_to("loop.log")
    return {name: directory / name for name in BROKEN}


def gz(data: bytes) -> bytes:
    """Pack without the time of packing."""
    return gzip.compress(data, mtime=0)


def half(data: bytes) -> bytes:
    """Cut off the second half."""
    return data[: len(data) // 2]


def truncated_gz(first: bytes, rest: bytes) -> bytes:
    """Pack so that `first` can be unpacked though the stream ends in the middle of `rest`."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    kept = packer.compress(first) + packer.flush(zlib.Z_SYNC_FLUSH)
    return kept + half(packer.compress(rest) + packer.flush())


def zeros_gz(size: int) -> bytes:
    """Pack zeros without making them all: one packed megabyte is repeated."""
    megabyte, count = bytes(MB), size // MB
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    # A full flush forgets the history, so the same bytes can stand again and again.
    block = packer.compress(megabyte) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(count):
        checksum = zlib.crc32(megabyte, checksum)
    header = gz(b"")[:10]
    last = zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    trailer = checksum.to_bytes(4, "little") + (count * MB % (1 << 32)).to_bytes(4, "little")
    return header + block * count + last + trailer
