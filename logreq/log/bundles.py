"""Archives of several files, told by their first bytes: as one log they would mix panels."""

from __future__ import annotations

from typing import Optional

_MAGIC = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
)
# A tar's first header, and where its checksum stands, in octal digits (POSIX ustar, and those
# before it).
_TAR_HEADER = 512
_SUM = slice(148, 156)


def bundle(block: bytes) -> Optional[str]:
    """Name the kind of archive that a file's first block begins; None if it is none."""
    kind = next((kind for magic, kind in _MAGIC if block.startswith(magic)), None)
    return kind or ("tar" if _is_tar(block[:_TAR_HEADER]) else None)


def _is_tar(header: bytes) -> bool:
    digits = header[_SUM].strip(b" \0")
    if len(header) < _TAR_HEADER or not digits or digits.strip(b"01234567"):
        return False
    # The checksum's own bytes count as blanks.
    return int(digits, 8) == sum(header) - sum(header[_SUM]) + 8 * ord(" ")
