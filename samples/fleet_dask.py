"""Count and convert the requests of many panels' logs with Dask, wherever they lie.

    pip install 'logreq[dask]'
    python fleet_dask.py 's3://logs/*/ispmgr.log*' --calls calls

Globs are fsspec's: s3://, hdfs://, ssh://, or local. Prints one line per panel, function and
day with the number of calls; `--calls DIRECTORY` writes each log's calls there as JSON lines.
"""

from __future__ import annotations

import argparse
import collections
import os
import sys
import zlib
from collections.abc import Iterator

import dask.bag
import fsspec

import logreq
from logreq.log import files, find, scan
from logreq.log.chunks import chunks
from logreq.model.chunk import Source
from logreq.model.request import Request

Key = tuple[str, str, str]


def requests(url: str) -> Iterator[Request]:
    """Give the requests of one log, packed or not."""
    source = Source(url, find.panel_of(url))
    with fsspec.open(url, "rb", compression="infer") as raw:
        blocks = iter(lambda: raw.read(files.BLOCK), b"")
        yield from scan.requests(chunks(blocks, source, complain), complain, scan.Stats())


def complain(problem: object) -> None:
    """Tell what was passed over, where the worker's standard error goes."""
    print(problem, file=sys.stderr)


def count(url: str) -> dict[Key, int]:
    """Count one log's calls by panel, function and day."""
    return dict(collections.Counter((r.panel, r.func, r.time[:6]) for r in requests(url)))


def convert(url: str, directory: str) -> str:
    """Write one log's calls as JSON lines; give the file's name."""
    name = f"{os.path.basename(url)}-{zlib.crc32(url.encode()):08x}.jsonl"
    with fsspec.open(f"{directory}/{name}", "wb", auto_mkdir=True) as out:
        for text in logreq.render(requests(url), "json", report=complain):
            out.write(text.encode())
    return name


def add(one: dict[Key, int], two: dict[Key, int]) -> dict[Key, int]:
    """Add two counts."""
    return dict(collections.Counter(one) + collections.Counter(two))


def main() -> None:
    """Map the functions above over the logs that the globs name."""
    parser = argparse.ArgumentParser()
    parser.add_argument("globs", nargs="+")
    parser.add_argument("--calls", help="write each log's calls here")
    given = parser.parse_args()
    files = [f for glob in given.globs for f in fsspec.open_files(glob, "rb")]
    urls = sorted({f.fs.unstrip_protocol(f.path) for f in files})
    logs = dask.bag.from_sequence(urls, partition_size=1)
    for key, number in sorted(logs.map(count).fold(add, initial={}).compute().items()):
        print(*key, number, sep="\t")
    if given.calls:
        logs.map(convert, given.calls).compute()


if __name__ == "__main__":
    main()
