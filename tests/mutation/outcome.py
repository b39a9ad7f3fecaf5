"""Takes what pairs requests and outcomes apart, piece by piece: `python -m tests.mutation.outcome`.

A row: the file, what stands there, what stands there in the mutant. Exits with 1 if the tests
of the pairing pass with a mutant in place.
"""

from __future__ import annotations

from tests.mutation.run import run

PAIRING, RECORDS, REASONS = "log/outcome.py", "log/records.py", "log/reasons.py"
HOLD, LIVE = "log/hold.py", "live/outcomes.py"
TESTS = ("tests/unit/test_outcome.py", "tests/unit/test_hold.py", "tests/follow/test_outcomes.py")

CLOSE, DAMAGED = "                self._close(key)\n", "                # A damaged one is"

MUTANTS: list[tuple[str, str, str]] = [
    (PAIRING, "not self.closed\n            and ", ""),
    (PAIRING, "at - self.at <= BYTES", "True"),
    (PAIRING, "at - self.at <= BYTES", "at - self.at < BYTES"),
    (PAIRING, "records.elapsed(self.time, time) <= SECONDS", "True"),
    (PAIRING, "rank < self._rank or ", ""),
    (PAIRING, "and record != self._record", ""),
    (PAIRING, "first = outcome.failed and not", "first = not"),
    (PAIRING, "chunk.line < self._line)", "False)"),
    (PAIRING, "chunk.line + bool(chunk.data)", "chunk.line"),
    (PAIRING, "self._until = page.end + WINDOW", "self._until = page.end"),
    (PAIRING, "page.begin - unread[0].end > WINDOW", "unread"),
    (PAIRING, "page.begin - unread[0].end > WINDOW", "False"),
    (PAIRING, "(self._goes_on and not records.begins(data)) or ", ""),
    (PAIRING, 'b"" if page.fresh else self._carry', "self._carry"),
    (PAIRING, " - carry.count(b\"\\n\"), 0", ", 0"),
    (PAIRING, CLOSE + DAMAGED, DAMAGED),
    (PAIRING, 'level in (b"ERROR", b"CRIT")', 'level == b"ERROR"'),
    (PAIRING, "if _FINISHED(data, text):", "if False:"),
    (PAIRING, "self._processes.pop(end[1], opened)", "opened"),
    (PAIRING, "self._processes.pop(end[1], opened)", "self._processes.pop(end[1], None)"),
    (PAIRING, 'end[2].strip(b"-0") and ', ""),
    (PAIRING, "opened.closed = True", "pass"),
    (PAIRING, "_DONE if not outcome.failed else ", ""),
    (PAIRING, "_TYPED if outcome.type else _TEXT", "_TEXT"),
    (PAIRING, "at, _PROCESS)", "at)"),
    (PAIRING, "and self._pieces <= PIECES", ""),
    (PAIRING, "self._carry = data[at:]", "pass"),
    (PAIRING, 'self._goes_on = head[3] in (b"ERROR", b"CRIT")', "pass"),
    (PAIRING, "one.forget(end - BYTES)", "pass"),
    (PAIRING, "one is None or one.at < before", "True"),
    (PAIRING, r"Request(?!\w)", "Request"),
    (PAIRING, ", re.DOTALL", ""),
    (RECORDS, "R(?:ROR|IT)\").search", "R(?:ROR)\").search"),
    (RECORDS, "_STATUS in data or ", ""),
    (RECORDS, '(b"<" in data and _ANSWER.search(data) is not None)', "False"),
    (RECORDS, "ERROR|CRIT|WARNING", "ERROR|WARNING"),
    (RECORDS, r"\[ *(", r"\[("),
    (RECORDS, r"(?::\d{1,19})?", r":\d{1,19}"),
    (RECORDS, "b\")??(\"", "b\")(\""),
    (RECORDS, "    while at > last:\n", "    while at > 0:\n"),
    (RECORDS, "following.start() if following else", "0 * len(following or ()) or"),
    (RECORDS, "while at > known and", "while at > 0 and"),
    (RECORDS, "return max(0, passed)", "return passed"),
    (RECORDS, "passed + _DAY)", "passed)"),
    (RECORDS, "month % 12 + 1", "month + 1"),
    (RECORDS, "and passed > 0 else", "else"),
    (REASONS, "_COLOUR.sub(b\"\", record[: 2 * TEXT])", "record[: 2 * TEXT]"),
    (REASONS, 'Value: \'(.*)\'", re.DOTALL', 'Value: \'(.*)\'"'),
    (REASONS, "elif depth == 1 and ours", "elif ours"),
    (REASONS, "and named == func", ""),
    (REASONS, "depth = max(0, depth - 1)", "depth -= 1"),
    (REASONS, "depth += not rest.endswith(\"/\")", "depth += 1"),
    (REASONS, '    if "<![" in text:\n        return None', "    if False:\n        return None"),
    (REASONS, 'has.get("object") or has.get("obj", "")', 'has.get("object", "")'),
    (REASONS, 'has.get("type") or has.get("code", "")', 'has.get("type", "")'),
    (REASONS, ', ("&amp;", "&"))', ")"),
    (HOLD, "while pairing.at - held[0].end > WINDOW:", "while held:"),
    (HOLD, "while pairing.at - held[0].end > WINDOW:", "while False:"),
    (HOLD, "for chunk in following():", "for chunk in ():"),
    (HOLD, "if pairing.at - end > WINDOW:", "if False:"),
    (HOLD, "if any(page.items for page in held):", "if True:"),
    (HOLD, "while not chunk.data and held", "while held"),
    (HOLD, "now - held[0].since >= PATIENCE", "True"),
    (HOLD, 'above if last == "logs" else folder', "folder"),
    (HOLD, 'name.partition(".log")[0]', '""'),
    (LIVE, "self._queue[0].since + PATIENCE - self._clock()", "PATIENCE"),
    (LIVE, "queue[0].done or ", ""),
    (LIVE, " or queue[0].since <= before", ""),
    (LIVE, "pairings.get(chunk.source)", "next(iter(pairings.values()), None)"),
    (LIVE, "        pairing.refused.clear()\n", ""),
    (LIVE, "        yield from self._let_go(float(\"inf\"))\n", ""),
    (LIVE, "            del self._waiting[first.page, first.place]\n", ""),
]  # fmt: skip


if __name__ == "__main__":
    # The fast ones first.
    run(MUTANTS, TESTS, ("not exact and not linear", "exact"))
