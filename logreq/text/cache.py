"""What was worked out before, in bounded memory: logs repeat themselves; strangers write them."""

from __future__ import annotations

from typing import Callable, TypeVar, Union

Key = TypeVar("Key", bound=Union[str, bytes])
Made = TypeVar("Made")

# Longer texts (a file's content) seldom come again, and a few thousand of them would be
# gigabytes.
LONGEST = 256


class BoundedCache(dict[Key, Made]):
    """What `make` gives for texts or bytes; each worked out once while there is room.

    `memo[text]` never fails. At `limit` entries it forgets all.
    """

    def __init__(self, make: Callable[[Key], Made], limit: int) -> None:
        super().__init__()
        self._make = make
        self._limit = limit

    def __missing__(self, text: Key) -> Made:
        made = self._make(text)
        if len(text) <= LONGEST:
            if len(self) >= self._limit:
                self.clear()
            self[text] = made
        return made
