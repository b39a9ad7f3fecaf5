"""Counts what is lost, doubled, garbled or out of order in numbered lines on standard input."""

from __future__ import annotations

import json
import re
import sys

NUMBER = re.compile(rb"[&?]n=(\d{9})&name=example\.com&sok=ok'?\n$")


def main() -> None:
    lines = int(sys.argv[1])
    seen = bytearray(lines + 1)
    doubled = garbled = disordered = last = 0
    ended = False
    for line in sys.stdin.buffer:
        match = NUMBER.search(line)
        if not match:
            ended = ended or b"func=the.end" in line
            if ended:
                break
            garbled += not line.startswith(b"Previous log: ")
            continue
        number = int(match[1])
        doubled += seen[number]
        disordered += number < last
        seen[number] = 1
        last = number
    lost = lines - sum(seen)
    result = {"lost": lost, "doubled": doubled, "garbled": garbled, "disordered": disordered}
    print(json.dumps({**result, "ended": ended}), flush=True)


if __name__ == "__main__":
    main()
