"""The reader of archives against `json` itself, in blocks of any size; limits; places."""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreq.browser import json_stream
from logreq.browser.json_stream import JsonError, Reader

Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def read(data: bytes, size: int = 7) -> tuple[list[Any], list[str]]:
    """Give the entries, and what is wrong with its place."""
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    problems: list[str] = []

    def report(error: JsonError) -> None:
        problems.append(f"{error.line}:{error.column}: {error}")

    reader = Reader(iter(blocks), report)
    entries: list[Any] = []
    try:
        entries += reader.entries()
    except JsonError as error:
        report(error)
    return entries, problems


def archive(entries: str, rest: str = "") -> bytes:
    return f'{{"log": {{"version": "1.2", "entries": [{entries}]{rest}}}}}'.encode()


@given(st.lists(Json, max_size=4), Json, st.integers(1, 60), st.sampled_from([None, 2]))
def test_entries_are_those_that_json_reads(
    entries: list[Any], other: Any, size: int, indent: Any
) -> None:
    whole = {"a": other, "log": {"b": other, "entries": entries, "c": other}, "d": other}
    for ascii_only in (True, False):
        text = json.dumps(whole, indent=indent, ensure_ascii=ascii_only)
        data = text.encode("utf-8", "surrogatepass")
        expected = json.loads(data.decode("utf-8", "surrogateescape"))["log"]["entries"]
        assert read(data, size) == ([e for e in expected if e is not None], [])


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_broken_entry_costs_no_other(size: int) -> None:
    entries, problems = read(archive('{"a": 1},\n {"\u0438": \'x\'}, {"a": 2}'), size)
    assert entries == [{"a": 1}, {"a": 2}]
    assert problems == ["2:8: broken JSON: Expecting value"]


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize(
    ("data", "entries", "problem"),
    [
        (b"", [], "1:1: expected { but the file ends"),
        (b"[]", [], "1:1: expected {"),
        (b"{}", [], "1:3: there is no log with entries"),
        (b'{"log": {}}', [], "1:12: there is no log with entries"),
        (b'{"log": []}', [], "1:12: there is no log with entries"),
        (b'{"log": {"entries": {}}}', [], "1:25: there is no log with entries"),
        (archive("") + b" x", [], "1:44: expected nothing after the end"),
        (archive("1 2"), [1], "1:42: expected ,"),
        (archive("1,"), [1], "1:42: expected a value"),
        (archive(",1"), [], "1:40: expected a value"),
        (b'{"log" 1}', [], "1:8: expected :"),
        (b"{log: 1}", [], "1:2: expected a name in double quotes"),
        (b'{"log": {"entries": [1\n, ', [1], "2:3: expected a value"),
        (b'{"log": {"entries": [1', [1], "1:23: expected , but the file ends"),
        (b'{"log": {"entries": [{"a": [1', [], "1:30: the file ends within what begins in line 1"),
        (b'{"log": {"entries": [\n{"a": "b\\', [],
         "2:7: broken JSON: Unterminated string starting at"),
        (b'{"log": {"entries": [{"a": tru, "b": "', [], "1:28: broken JSON: Expecting value"),
        (b'{"log": {"entries": [{"a": "b\nc"}, 1', [], None),
        (archive("", ', "\\x": 1'), [], "1:44: broken JSON: Invalid \\escape"),
        (archive("}"), [], "1:40: expected a value"),
    ],
)  # fmt: skip
def test_broken_files(size: int, data: bytes, entries: list[Any], problem: Any) -> None:
    found, problems = read(data, size)
    if problem is not None:
        assert problems[0].partition(":1)")[0] == problem
        assert found == entries
    assert problems


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_columns_count_characters(size: int) -> None:
    _, problems = read('{"log": {"\u0438\U0001f600": 1, "entries": [] x}}'.encode(), size)
    assert problems == ["1:33: expected ,"]


def test_a_closing_bracket_of_another_kind() -> None:
    entries, problems = read(archive('{"a": 1], 2'))
    assert entries == [2]
    assert problems[0].startswith("1:47: broken JSON: ")


def test_numbers_and_depth() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    entries, problems = read(archive(f"{'9' * 5000}, {deep}, 3"), 1000)
    assert entries[-1] == 3
    assert problems[-1] == "1:5042: broken JSON: nested too deeply"
    entries, problems = read(archive("9" * 100_000), 1000)
    assert (entries, problems) == ([], ["1:40: expected a value"])


def test_a_long_text_is_not_held() -> None:
    with mock.patch.object(json_stream, "LONGEST_TEXT", 10):
        data = archive(
            '{"a": "0123456789", "b": "0123456789a\\\\", "c": 1}, {"d": "%s' % ("x" * 99)
        )
        entries, problems = read(data)
    assert entries == [{"a": "0123456789", "b": None, "c": 1}]
    assert len(problems) == 1
    with mock.patch.object(json_stream, "LONGEST_TEXT", 10):
        entries, problems = read(archive('{"a": "%s", b}' % ("x" * 99)))
    assert entries == []
    assert problems[0].startswith("1:None: broken JSON: ")


def test_a_long_entry_is_passed_over() -> None:
    with mock.patch.object(json_stream, "LONGEST_ENTRY", 50):
        entries, problems = read(archive(f"1, {'[' + '1,' * 50 + '2]'}, 3"))
    assert entries == [1, 3]
    assert problems == ["1:43: an entry longer than 0 MiB"]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file() -> None:
    import tracemalloc

    def blocks() -> Any:
        yield b'{"log": {"entries": ['
        for number in range(400):
            yield b'{"number": %d, "content": {"text": "' % number
            for _ in range(4):
                yield b"A" * 128 * 1024
            yield b'"}},'
        yield b'{"long": "'
        for _ in range(1000):
            yield b"\\n" * 64 * 1024
        yield b'"}]}}'

    tracemalloc.start()
    reader = Reader(blocks(), lambda error: None)
    assert sum(1 for _ in reader.entries()) == 401
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 24 * 1024 * 1024
