"""What was worked out before, in bounded memory: logs repeat themselves; strangers write them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Callable, TypeVar

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")

# Longer texts (a file's content) seldom come again, and a few thousand of them would be
# gigabytes.
LONGEST = 256


class BoundedCache(dict[Key, Made]):
    """What `make` gives for a key; each worked out once while there is room.

    `cache[key]` never fails. At `limit` entries it forgets all. `weigh` gives a key's length
    (characters): those over `LONGEST` are not remembered.
    """

    def __init__(
        self,
        make: Callable[[Key], Made],
        limit: int,
        weigh: Callable[[Key], int] = len,  # type: ignore[assignment] # of texts
    ) -> None:
        super().__init__()
        self._make = make
        self._limit = limit
        self._weigh = weigh

    def __missing__(self, key: Key) -> Made:
        made = self._make(key)
        if self._weigh(key) <= LONGEST:
            if len(self) >= self._limit:
                self.clear()
            self[key] = made
        return made


def length_of(key: tuple[object, ...]) -> int:
    """Give the length of all parts of a key as text, to `weigh` keys that are tuples by."""
    return sum(len(str(part)) for part in key)
