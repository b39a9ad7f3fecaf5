"""Takes each safeguard out and sees its test fail: `python -m tests.mutation.follow`.

A row: the file, what stands there, what stands there without the safeguard, the tests of which
at least one has to fail. Exits with 1 if one is not missed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.mutation.run import ROOT, status

GEN, REC, TAIL = "generation.py", "recovery.py", "tail.py"
SIB, LINES, ARC = "siblings.py", "lines.py", "archive.py"
FAULTS, UNITS, MODEL = "test_faults.py", "test_units.py", "test_model.py"
BETWEEN, QUEUE = "test_between.py", "queue.py"
SLOW = "test_slow.py"

MATCH = "not data.startswith(self.anchor) or not head.startswith(expected)"
DATA = "        data = self.files.pread(self.fd, back + BLOCK, self.offset - back)\n"
HEAD = "        head = self.files.pread(self.fd, SAMPLE, self.base)\n"
DRAIN = "            yield from self._drain(self.gens.index(gen))\n"

# `look` opens a file under a new name, too: only one that is open already needs this.
OPEN = "here == current.ident and not unlinked"

MUTANTS: list[tuple[str, str, str, str, str]] = [
    (REC, "complete = yield from self._walk(opening)", "complete = True", FAULTS, "test_01"),
    (GEN, MATCH, "len(data) < back", FAULTS, "test_02"),
    (GEN, MATCH, "len(data) < back", FAULTS, "test_03"),
    (REC, "yield from self._unnamed(opening.head)", "pass", FAULTS, "test_04"),
    (REC, "opening.base, opening.head, self", 'opening.base, b"", self', FAULTS, "test_05"),
    (GEN, DATA + HEAD, HEAD + DATA, FAULTS, "test_06"),
    (REC, "PATIENCE = 10.0", "PATIENCE = 0.0", FAULTS, "test_07"),
    (
        REC,
        "            self.gap()\n            self.gen",
        "            self.gen",
        FAULTS,
        "test_08",
    ),
    (TAIL, "            self.recovery.gap()\n", "            pass\n", FAULTS, "test_08_stopped"),
    (
        REC,
        "if not head.startswith(gen.head):",
        "gen.head = head; gen.anchor = b''\n        if 0:",
        FAULTS,
        "test_09",
    ),
    (QUEUE, f"if current and {OPEN}:", "if current:", SLOW, "test_link_that"),
    (QUEUE, OPEN, "not unlinked", SLOW, "test_link_that"),
    (QUEUE, OPEN, "here == current.ident", FAULTS, "test_13"),
    (TAIL, "KEEP = 5.0", "KEEP = 0.0", FAULTS, "test_11_old"),
    (TAIL, DRAIN, "            if not data:\n    " + DRAIN, FAULTS, "test_11_new"),
    (TAIL, "missed = self._missed(gen, text) if looks else []", "missed = []", FAULTS, "test_12"),
    (GEN, "return self.files.fstat(self.fd).st_nlink == 0", "return False", FAULTS, "test_13"),
    (
        QUEUE,
        "        self.gens.append(another)\n        self._adopt(another)\n",
        "        another.place(self.files.fstat(another.fd).st_size, 1)\n"
        "        self.gens.append(another)\n        self._adopt(another)\n",
        FAULTS,
        "test_14",
    ),
    (
        LINES,
        "        self._hold(data[cut:])\n        return Chunk",
        "        return Chunk",
        FAULTS,
        "test_15",
    ),
    (LINES, "if apart and (", "if False and (", FAULTS, "test_15"),
    (QUEUE, "if past.same(gen.fd):", "if False:", FAULTS, "test_16"),
    (GEN, 'return at + len(data) - len(data.lstrip(b"\\0"))', "return 0", FAULTS, "test_17"),
    (ARC, '_COLOUR.sub(b"", line)', "line", UNITS, "test_archive_named"),
    (LINES, "if len(self._held) > MAX_LINE:", "if False:", UNITS, "test_lines_forget"),
    (LINES, "len(self._held) + first > MAX_LINE", "False", UNITS, "test_lines_bound"),
    (REC, "same and self.clock() - began < LASTING", "False", FAULTS, "test_19_stale_size"),
    (
        QUEUE,
        "            self._reopen(gen)\n",
        "            pass\n",
        FAULTS,
        "test_19_stale_handle",
    ),
    ("wake.py", "except (OSError, AttributeError):", "except KeyError:", UNITS, "test_without"),
    (
        "wake.py",
        "        if self._misses >= MISSES:",
        "        if False:",
        UNITS,
        "test_inotify_gives",
    ),
    (TAIL, "if old or len(self.gens) > KEPT:", "if old:", UNITS, "test_descriptors"),
    (
        REC,
        "final or (whole and self.siblings.recent(entry))",
        "final or whole",
        UNITS,
        "test_old_copy",
    ),
    (REC, "now - quiet >= SETTLE", "True", UNITS, "test_plain_archive"),
    (SIB, "        self._state = self._found = None\n", "        pass\n", BETWEEN, "discard"),
    (REC, "line = step.line", "line = None", FAULTS, "test_04_only"),
    (REC, "now - moved >= self._patience(line)", "now - moved >= 10", FAULTS, "test_08_archive"),
    (
        SIB,
        "return any(map(self.recent, entries)) or any(changed)",
        "return False",
        FAULTS,
        "test_08_archive",
    ),
    (SIB, " or any(changed)", "", FAULTS, "test_08_archive"),
    (REC, "self.hurried or now - moved", "now - moved", FAULTS, "test_08_stopped"),
    (REC, "LASTING and not self.hurried", "LASTING", FAULTS, "test_08_stopped"),
    (REC, ">= SETTLE or self.hurried", ">= SETTLE", FAULTS, "test_08_stopped"),
    (TAIL, " >= PATIENCE or self.hurried:", " >= PATIENCE:", FAULTS, "test_08_stopped"),
    (
        TAIL,
        "            self.recovery.hurried = True\n",
        "            pass\n",
        FAULTS,
        "test_08_stopped",
    ),
    (
        REC,
        "if self.hurried or self.clock() - began",
        "if self.clock() - began",
        BETWEEN,
        "that_goes",
    ),
    (
        TAIL,
        "        if data:\n            gen.before = stems\n",
        "",
        BETWEEN,
        "test_truncated_while",
    ),
    (TAIL, "elif not any(gen.fresh for gen in self.gens):", "else:", BETWEEN, "an_empty_log"),
    (SIB, "e.ident != log or not self._is(e)", "e.ident != log", BETWEEN, "inode_the_log_got"),
    (SIB, "e.ident != log or not self._is(e)", "True", BETWEEN, "another_name"),
    (
        SIB,
        "            chain = _ordered(found.values())\n",
        "            chain = sorted(found.values(), key=lambda pair: pair[0].mtime)\n",
        BETWEEN,
        "test_late_archive",
    ),
    (SIB, "to_come |= any(stem", "any(stem", BETWEEN, "being_packed"),
    (SIB, "*rest[:SEARCHED]]", "*rest][:SEARCHED]", BETWEEN, "more_generations"),
    (TAIL, "gen.fresh = not opening.head", "gen.fresh = False", BETWEEN, "first_byte"),
    (TAIL, "if not self.siblings.was_read(glimpse.head):", "if True:", BETWEEN, "read_already"),
    (
        TAIL,
        "        return bool(named(self.siblings.entries(self.queue.idents), line))",
        "        return False",
        BETWEEN,
        "line_begun",
    ),
    (
        LINES,
        "too_long(self.source, self.number)",
        "too_long(self.source, self.number)._replace(lost=False)",
        UNITS,
        "test_lines_bound",
    ),
    (TAIL, "                self.queue.look()\n", "", SLOW, "during_a_recovery"),
    (
        TAIL,
        "            self.queue.look()\n            yield",
        "            yield",
        SLOW,
        "first_chunk_of_many",
    ),
    (TAIL, "max(0, min(count, self._drained))", "-1", SLOW, "test_deleted_and_created_with"),
    (TAIL, "max(0, min(count, self._drained))", "count", SLOW, "closed_unread"),
    (QUEUE, "            self._adopt(gen)\n", "            pass\n", SLOW, "same_content"),
    (QUEUE, "if len(self.gens) < HELD:", "if True:", SLOW, "test_more_files"),
    (QUEUE, "if self._pending[-1:] == self.gens[-1:]:", "if True:", SLOW, "test_file_being_read"),
    (QUEUE, "        self._make_room()\n        if", "        if", SLOW, "waits_are_bounded"),
    (QUEUE, "if gen and gen.ident in self.idents():", "if False:", BETWEEN, "inode_the_log"),
    ("wake.py", "for _ in range(READS)", "for _ in range(1)", UNITS, "overflow"),
]


def failed(name: str, old: str, new: str, tests: str, which: str) -> bool:
    """Tell whether the tests fail without the safeguard."""
    with tempfile.TemporaryDirectory() as place:
        for folder in ("logreq", "tests"):
            shutil.copytree(ROOT / folder, Path(place) / folder)
        shutil.copy(ROOT / "pyproject.toml", place)
        path = Path(place) / "logreq" / "live" / name
        text = path.read_text()
        if text.count(old) != 1:
            raise SystemExit(f"{name}: {text.count(old)} times in the code: {old}")
        path.write_text(text.replace(old, new))
        found = status(Path(place), "-m", "", f"tests/follow/{tests}", "-k", which)
        if found not in (0, 1):
            raise SystemExit(f"pytest ended with {found}")
        return found == 1


def main() -> None:
    survivors = 0
    for mutant in [m for m in MUTANTS if not sys.argv[1:] or m[4] in sys.argv[1:]]:
        missed = failed(*mutant)
        survivors += not missed
        name, old, _, _, which = mutant
        print(
            f"{'fails' if missed else 'SURVIVES':9} {which:22} {name}: {old.strip()[:60]!r}",
            flush=True,
        )
    raise SystemExit(survivors > 0)


if __name__ == "__main__":
    main()
