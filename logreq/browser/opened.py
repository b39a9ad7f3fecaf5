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
    file: LogFile, report: Report, progress: Optional[Progress] = None
) -> tuple[Optional[str], Iterator[bytes]]:
    """Open a file: what it is, as `recognise` says, None for a panel's log; and its blocks.

    OSError or ValueError if it cannot be read; `report` and `progress` as for `read_blocks`.
    """
    blocks = iter(file.blocks or read_blocks(file, report, progress))
    head = first = next(blocks, b"")
    if not first or first[0] in _MONTHS:
        return None, chain([first] if first else [], blocks)
    from logreq.browser.recognise import recognise, undecided

    held = [first]
    while undecided(head):
        block = next(blocks, b"")
        if not block:
            break
        held.append(block)
        head += block
    kind = recognise(head)
    # A web server's log beside a panel's has the same requests again.
    return None if file.member and kind != "har" else kind, chain(held, blocks)


def is_recording(file: LogFile) -> bool:
    """Tell whether a file is a recording; it can be read from its beginning again."""
    try:
        return opened(file, _mute)[0] is not None
    except (OSError, ValueError):
        return False


def address(files: Sequence[LogFile], report: Report) -> tuple[str, list[LogFile]]:
    """Find the address of the first panel that was called, empty where no file has one.

    The files are to be read instead of those given: what was read of a pipe is held. `report`
    gets what is wrong with a pipe; all else is told when the file is read.
    """
    files = list(files)
    found = ""
    for at, file in enumerate(files):
        held: list[bytes] = []
        pipe = not file.size  # it gives its bytes once
        try:
            kind, blocks = opened(file, report if pipe else _mute)
        except (OSError, ValueError):
            continue  # reading it will say so
        if pipe:
            files[at] = file._replace(blocks=_replayed(held, blocks))
        if kind is not None:
            try:
                found = _first(_kept(blocks, held), kind, file)
            except (OSError, ValueError) as error:
                if pipe:
                    report(unreadable(file.source.name, error))
        if found:
            break
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
