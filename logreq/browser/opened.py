"""Saved files as they are opened: a panel's log, or a recording, which is told by its content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Optional

from logreq.errors import Problem, Report
from logreq.log.files import LogFile, Progress, read_blocks, unreadable

# Bytes of a pipe that are held to find an address in them.
_HELD = 16 * 1024 * 1024
# How the lines of panels' logs begin: with a month, or with a colour.
_MONTHS = b"JFMASOND\x1b"


def opened(
    file: LogFile, report: Report, progress: Optional[Progress] = None, *, idle: bool = False
) -> tuple[Optional[str], Iterator[bytes]]:
    """Open a file: what it is, as `recognise` says, None for a panel's log; and its blocks.

    OSError or ValueError if it cannot be read; the others as for `read_blocks`. A recording
    has no empty blocks.
    """
    blocks = iter(file.blocks or read_blocks(file, report, progress, idle=idle))
    held: list[bytes] = []
    head = b""
    for block in blocks:
        held.append(block)
        head += block
        if head[:1] and head[0] in _MONTHS:
            return None, chain(held, blocks)
        if head:
            from logreq.browser.recognise import undecided

            if not undecided(head):
                break
    if not head:
        return None, chain(held, blocks)
    from logreq.browser.recognise import recognise

    kind = recognise(head)
    # A web server's log beside a panel's has the same requests again.
    if kind is None or (file.member and kind != "har"):
        return None, chain(held, blocks)
    return kind, filter(None, chain(held, blocks))


def prepared(
    files: Sequence[LogFile], report: Report, *, address: bool
) -> tuple[str, list[LogFile]]:
    """Find the `address` of the first panel that was called; empty where no file has one.

    Out: the address; the files to read in place of those given: what was read of a pipe is
    held, and recordings are marked. `report` gets what is wrong with a pipe; all
    else is told when the file is read.
    """
    files = list(files)
    found = ""
    for at, file in enumerate(files):
        pipe = not file.size  # it gives its bytes once
        wanted = address and not found
        if file.member and not wanted:
            continue
        try:
            kind, blocks = opened(file, report if pipe else _mute, idle=pipe)
        except (OSError, ValueError):
            continue  # reading it will say so
        held: list[bytes] = []
        if pipe:
            files[at] = file = file._replace(blocks=_replayed(held, blocks))
        if kind is None:
            continue
        files[at] = file._replace(assumed=False, recording=True)
        if wanted:
            try:
                found = _first(_kept(blocks, held), kind, file)
            except (OSError, ValueError) as error:
                if pipe:
                    report(unreadable(file.source.name, error))
    return found, files


def _first(blocks: Iterable[bytes], kind: str, file: LogFile) -> str:
    from logreq.browser.recording import Recording

    recording = Recording(blocks, kind, file.source, _mute)
    return next((found.base for found in recording if found.base), "")


def _replayed(held: list[bytes], blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Give what was read, then the rest."""
    yield from held
    held.clear()
    yield from blocks


def _kept(blocks: Iterator[bytes], held: list[bytes]) -> Iterator[bytes]:
    """Give blocks and keep them, up to a limit."""
    size = 0
    for block in blocks:
        held.append(block)
        size += len(block)
        yield block
        if size > _HELD:
            return


def _mute(problem: Problem) -> None:
    """Say nothing: reading the file once more will."""
