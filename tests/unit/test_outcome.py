"""Requests are paired with what their log says afterwards; exactly, over logs of known truth."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Optional

import pytest

from logreq.log import outcome as pairing
from logreq.log import records
from logreq.log.hold import hold
from logreq.log.outcome import BYTES, SECONDS, Pairing
from logreq.log.reasons import TEXT, answer, refusal
from logreq.log.scan import Found, Scanner
from logreq.model.chunk import Chunk, Source
from logreq.model.outcome import Outcome
from logreq.model.request import Request
from tests.support.outcomes import Maker
from tests.support.profile import examples

SOURCE = Source("x.log", "ispmgr")
TIME = "Feb  6 08:08:07"
FAULT = "Error: Type: 'exists' Object: 'user' Value: 'bob'"
EXISTS = Outcome(True, "exists", "user", "bob", FAULT)
CLEAN = "Error: Type: 'exists' Object: 'user' Value: ''"


def line(text: str, key: str = "1:2", time: str = TIME) -> str:
    return f"{time} [{key}] {text}\n"


def click(number: int = 1, key: str = "1:2", time: str = TIME) -> str:
    query = f"elid={number}&func=user.edit&sok=ok"
    return line(f"core_module INFO Request [192.0.2.1][root] '{query}'", key, time)


def error(text: str = FAULT, key: str = "1:2", time: str = TIME) -> str:
    return line(f"err ERROR {text}", key, time)


def document(inside: str, func: str = "user.edit") -> str:
    return line(f'core_module DEBUG Result\n<doc lang="en" func="{func}">{inside}</doc>')


def chunks(texts: Iterable[str], source: Source = SOURCE) -> Iterator[Chunk]:
    number = 1
    for text in texts:
        data = text.encode()
        yield Chunk(data, source, number)
        number += data.count(b"\n")


def scanned(texts: Iterable[str]) -> Iterator[tuple[Chunk, Sequence[Found]]]:
    scanner = Scanner()
    for chunk in chunks(texts):
        yield chunk, scanner.scan(chunk)


def held(
    texts: Iterable[str], following: Callable[[], Iterable[Chunk]] = tuple
) -> list[Optional[Outcome]]:
    found = []
    for page in hold(scanned(texts), following):
        for place, item in enumerate(page.items):
            if isinstance(item, Request):
                found.append(page.outcomes.get(place))
        assert set(page.outcomes) <= set(range(len(page.items)))
    return found


def live(texts: Iterable[str]) -> list[Optional[Outcome]]:
    pages = []
    told = []
    pairs = Pairing(live=True)
    for chunk, items in scanned(texts):
        pages.append(pairs.feed(chunk, items))
        told += pairs.refused
        pairs.refused.clear()
    found = []
    for page in pages:
        for place, item in enumerate(page.items):
            if isinstance(item, Request):
                found.append(page.outcomes.get(place))
    failed = [one for one in found if one and one.failed]
    assert len(told) == len(failed)
    return found


def one(*texts: str) -> Optional[Outcome]:
    """Give the only request's outcome, found in a saved log and in a live one alike."""
    whole, lines = "".join(texts), [text + "\n" for text in "".join(texts).split("\n")[:-1]]
    (found,) = held([whole])
    assert held([whole]) == held(lines) == [found]
    assert live([whole]) == live(lines) == [found]
    return found


def cut(text: str, chance: random.Random, mean: int) -> list[str]:
    """Cut a text into chunks of whole lines."""
    parts, part = [], ""
    for row in text.splitlines(keepends=True):
        part += row
        if chance.random() < 1 / mean:
            parts.append(part)
            part = ""
    return [*parts, part]


@pytest.mark.parametrize("seed", range(examples(50)))
def test_pairing_is_exact(seed: int) -> None:
    maker, chance = Maker(seed), random.Random(seed)
    rows = list(maker.log(200))
    text = "".join(rows)
    assert len(maker.truths) == 200
    assert held([text]) == maker.truths
    for mean in (1, 7, 300):
        parts = cut(text, chance, mean)
        assert held(parts) == maker.truths
        assert live(parts) == maker.truths


@pytest.mark.parametrize("seed", range(examples(20)))
def test_pairing_is_exact_across_rotations(seed: int) -> None:
    """A log in three files: what stands between a request and its outcome is a file's end."""
    maker, chance = Maker(1_000 + seed), random.Random(seed)
    rows = list(maker.log(60))
    ends = sorted(chance.sample(range(len(rows)), 2))
    files = ["".join(rows[: ends[0]]), *("".join(rows[a:b]) for a, b in zip(ends, [ends[1], None]))]
    for number in (1, 2):
        files[number] = f"Log moved to logs/{number}.gz\n" + files[number]
    found: list[Optional[Outcome]] = []
    for number, text in enumerate(files):
        after = cut("".join(files[number + 1 :]), chance, 9)
        found += held(cut(text, chance, 9), partial(chunks, after))
    assert found == maker.truths


def test_the_truth_has_everything_in_it() -> None:
    makers = [Maker(seed) for seed in range(50)]
    for maker in makers:
        list(maker.log(200))
    truths = [truth for maker in makers for truth in maker.truths]
    assert len(truths) == 10_000
    failed = [truth for truth in truths if truth and truth.failed]
    assert min(truths.count(None), len(failed), truths.count(Outcome(False))) > 400
    assert any("\n" in truth.text for truth in failed)


def test_silence_is_not_success() -> None:
    assert one(click()) is None
    assert one(click(), line("libmgr EXTINFO Thread 7f00 finished")) is None


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (error(), EXISTS),
        (line(f"ERROR {FAULT}"), EXISTS),
        (line(f"libmgr: CRIT {FAULT}"), EXISTS),
        (line(f"libmgr \x1b[1;31mERROR {FAULT}\x1b[0m\x1b[K"), EXISTS),
        (line(f"\x1b[31mlibmgr ERROR\x1b[0m {FAULT}"), EXISTS),
        ("\x1b[31m" + error() + "\x1b[0m", EXISTS),
        (error().replace("\n", "\r\n"), EXISTS),
        (error("No such user"), Outcome(True, text="No such user")),
        (error("a\n b\r\n\n c\x1b[0m"), Outcome(True, text="a\n b\n\n c")),
        (error(""), Outcome(True)),
        (error("x" * 9_000), Outcome(True, text="x" * TEXT)),
        (line("libmgr FATAL Cannot"), None),
        (line("libmgr WARNING ERROR"), None),
        (line("libmgr EXTINFO ERROR Error"), None),
        (error(key="1:3"), None),
        (error(key="2:2"), None),
        (error(key="1"), None),
        (error(key=" 1:2"), EXISTS),
        ("[1:2] err ERROR no header\n", None),
        ("Feb 6 08:08 [1:2] err ERROR no header\n", None),
    ],
)
def test_errors(text: str, outcome: Optional[Outcome]) -> None:
    assert one(click(), text) == outcome


def test_the_words_are_those_of_mgrctl() -> None:
    assert EXISTS.words == "exists(user)"
    assert Outcome(True, "request_failed").words == "request_failed"
    assert Outcome(True, text="\nNo such user\nat all").words == "No such user"
    assert Outcome(True).words == "failed"
    assert Outcome(False, text="restart").words == "ok"


def test_a_thread_that_is_not_named() -> None:
    assert one(click(key="77"), error(key="77")) == EXISTS
    assert one(click(key="77"), error(key="77:1")) is None


def test_the_threads_next_request_ends_it() -> None:
    assert held([click(1) + click(2) + error()]) == [None, EXISTS]
    assert held([click(1) + error() + click(2)]) == [EXISTS, None]
    assert held([click(1) + click(2, "1:3") + error() + error("b", "1:3")]) == [
        EXISTS, Outcome(True, text="b"),
    ]  # fmt: skip


def test_a_damaged_request_is_the_next_one_as_well() -> None:
    cut_off = click(2)[:-10] + "\n"
    assert one(click(1), cut_off, error()) is None
    assert one(click(1), click(2).replace("'", "")[:-1] + "'\n", error()) is None
    assert one(click(1), line("core_module INFO Requested by nobody"), error()) == EXISTS


def test_the_threads_end_ends_it() -> None:
    assert one(click(), line("libmgr EXTINFO Thread 7f00 finished"), error()) is None
    assert one(click(), line("libmgr EXTINFO Thread 7f00 finished", "1:3"), error()) == EXISTS
    assert one(click(), line("libmgr EXTINFO Thread 7f00 not finished"), error()) == EXISTS
    assert one(click(), line("x INFO a Thread 7f00 finished"), error()) == EXISTS


def test_the_panels_words_count_most() -> None:
    end = line("proc EXTINFO Process 5 finished with status 1")
    assert one(click(), error("first"), error("second")) == Outcome(True, text="first")
    assert one(click(), error("first"), error(), error(CLEAN)) == EXISTS
    assert one(click(), end, error("text")) == Outcome(True, text="text")
    assert one(click(), error("text"), end) == Outcome(True, text="text")
    assert one(click(), document("<ok/>"), end) == Outcome(
        True, text="process 5 finished with status 1"
    )


def process(text: str, key: str = "1:2") -> str:
    return line(f"proc EXTINFO {text}", key)


def test_processes() -> None:
    run, end = process("Run '/bin/x' pid 5"), process("Process 5 finished with status 2", "1:9")
    failed = Outcome(True, text="process 5 finished with status 2")
    assert one(click(), run, end) == failed
    assert one(click(), process("Run '/bin/x\nb' pid 5"), end) == failed
    assert one(click(), process("Run 'a' pid 4' pid 5"), end) == failed
    assert one(click(), process("Run '/bin/x' pi"), end) is None
    assert one(click(), end) is None
    assert one(click(), process("Process 5 finished with status 2")) == failed
    assert one(click(), process("Process 5 finished with status 0")) is None
    assert one(click(), process("Process 5 finished with status -0")) is None
    assert one(click(), process("Process 5 is finished with status 2")) is None
    # Another's process, and one that ends when its request is done with.
    assert one(process("Run 'x' pid 5", "1:9"), click(), process(end[31:-1])) is None
    assert held([click(1) + run + click(2) + end.replace("1:9", "1:2")]) == [None, None]
    # The number comes again.
    assert held([click(1) + run + end + click(2, "1:4") + end.replace("1:9", "1:4")]) == [
        failed, failed,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("inside", "outcome"),
    [
        ("<ok/>", Outcome(False)),
        ("<ok>restart</ok>", Outcome(False, text="restart")),
        ("<elid>1</elid>\n  <ok/>\n", Outcome(False)),
        ("<error>no &amp;lt; way</error>", Outcome(True, text="no &lt; way")),
        ("<error code='3' obj='site'/>", Outcome(True, "3", "site")),
        ("<elem><ok/></elem>", None),
        ("<elem/><ok/>", Outcome(False)),
        ("</x></doc></doc><ok/>", None),
        ("</doc></x><doc><ok/>", Outcome(False)),
        ("<okay/><errors/>", None),
        ("<![CDATA[ <ok/> ]]>", None),
        ("<note>a\n\n</note><ok />", Outcome(False)),
    ],
)
def test_documents(inside: str, outcome: Optional[Outcome]) -> None:
    assert one(click(), document(inside)) == outcome


def test_a_document_of_another_function_is_not_the_answer() -> None:
    assert one(click(), document("<ok/>", "user")) is None
    assert one(click(), document("<ok/>", "user") + document("<ok/>")) == Outcome(False)
    assert one(click(), line("x DEBUG <doc><ok/></doc>")) == Outcome(False)
    assert one(click(), line("x DEBUG <list><ok/></list>")) is None
    assert one(click(), line("x DEBUG <doc>", "1:9") + "<ok/></doc>\n") is None


def test_a_record_that_another_one_interrupts() -> None:
    begun = line('core_module DEBUG Result\n<doc func="user.edit">')
    other = line("x INFO y", "1:9")
    assert one(click(), begun, "<ok/></doc>\n") == Outcome(False)
    assert one(click(), begun, other, "<ok/></doc>\n") is None
    assert one(click(), begun, "<elem>\n<ok/>\n<ok/></elem>\n", "<error/>\n") == Outcome(True)


def test_a_record_without_a_beginning() -> None:
    assert one("<doc><ok/>\n", click()) is None
    long = ("<x>y</x>" * 50 + "\n") * (records.RECORD // 401)
    assert one(click(), line("x DEBUG <doc>"), long[:-802], "<ok/>\n") == Outcome(False)
    long += long[:1_203]
    assert one(click(), line("x DEBUG <doc>"), long, "<ok/>\n") is None
    assert one(click(), line("x DEBUG <doc>"), "<a/>\n<a><ok/></a>\n", long, "<ok/>\n") is None


def test_answers_name_values_too() -> None:
    inside = '<error type="exists" object="user"><param name="value">b&quot;</param></error>'
    assert answer(f"<doc>{inside}</doc>".encode(), "f") == Outcome(True, "exists", "user", 'b"')
    assert answer(b"\x1b[1m<doc><ok/>", "f") == Outcome(False)
    assert refusal(b"\xff").text == "\udcff"


def test_bounds_in_bytes() -> None:
    def after(space: int) -> Optional[Outcome]:
        noise = line("x DEBUG " + "y" * 991)
        rest = space % len(noise)
        rows = [noise] * (space // len(noise) - 1) + [line("x DEBUG " + "y" * (991 + rest))]
        texts = [click(), *rows, error()]
        found = held(texts)
        assert found == held(["".join(texts)]) == live(texts)
        return found[0]

    near = BYTES - len(click())
    assert after(near) == EXISTS
    assert after(near + 1) is None
    assert after(2 * near) is None


@pytest.mark.parametrize(
    ("begun", "logged", "seconds"),
    [
        ("Feb  6 08:00:00", "Feb  6 08:05:00", 300),
        ("Feb  6 08:00:00", "Feb 06 08:05:01", 301),
        ("Feb  6 08:00:00", "Feb  6 07:00:00", 0),
        ("Feb  6 23:59:59", "Feb  7 00:00:01", 2),
        ("Feb 7 00:00:01", "Feb  6 23:59:59", 0),
        ("Feb 28 23:59:59", "Mar  1 00:00:01", 2),
        ("Mar  1 00:00:01", "Feb 28 23:59:59", 0),
        ("Dec 31 23:59:59", "Jan  1 00:00:00", 1),
        ("Jan  1 00:00:00", "Dec 31 23:59:59", 0),
        ("Feb  6 08:00:00", "Feb  8 08:00:00", 86_400),
        ("Feb  6 08:00:00", "Feb  7 09:00:00", 86_400),
        ("Feb  7 08:00:00", "Feb  6 07:00:00", 86_400),
        ("Feb 27 08:00:00", "Mar  1 08:00:00", 86_400),
        ("Feb  6 08:00:00", "Mar  6 08:00:00", 86_400),
    ],
)
def test_bounds_in_time(begun: str, logged: str, seconds: int) -> None:
    assert records.elapsed(begun.encode(), logged.encode()) == seconds
    found = one(click(time=begun), error(time=logged))
    assert found == (EXISTS if seconds <= SECONDS else None)


def test_pages_come_in_order_and_no_later_than_they_must() -> None:
    noise = line("x DEBUG " + "y" * 9_000)
    texts = [click(1), *[noise] * 100, error(), *[noise] * 100]
    given: list[int] = []

    def fed() -> Iterator[tuple[Chunk, Sequence[Found]]]:
        for number, pair in enumerate(scanned(texts)):
            given.append(number)
            yield pair

    pages = hold(fed())
    first = next(pages)
    assert first.outcomes == {0: EXISTS}
    assert len(given) * len(noise) < BYTES + records.RECORD + 3 * len(noise)
    assert [page.begin for page in pages] == sorted(
        page.begin for page in hold(scanned(texts)) if page.begin
    )


def test_what_follows_is_read_no_further_than_it_can_tell() -> None:
    noise = line("x DEBUG " + "y" * 9_000)
    asked: list[int] = []

    def following() -> Iterator[Chunk]:
        for number, chunk in enumerate(chunks([noise] * 1_000)):
            asked.append(number)
            yield chunk

    assert held([click()], following) == [None]
    assert BYTES < len(asked) * len(noise) < BYTES + records.RECORD + 2 * len(noise)
    asked.clear()
    assert held([noise], following) == []
    assert asked == []


def test_what_follows_does_not_go_on_with_the_last_record() -> None:
    text = error("No such user")
    assert held([click() + text], lambda: chunks(["Moved\n"])) == [
        Outcome(True, text="No such user")
    ]
    assert held([click() + text, " at all\n"]) == [Outcome(True, text="No such user\n at all")]


def test_a_live_log_that_is_rotated_begins_anew() -> None:
    pairs = Pairing(live=True)
    scanner = Scanner()
    first, second = Chunk((click() + error("a")).encode(), SOURCE, 40), Chunk(b"b\n", SOURCE, 1)
    page = pairs.feed(first, scanner.scan(first))
    pairs.feed(second, [])
    assert page.outcomes == {0: Outcome(True, text="a")}
    third = Chunk(error().encode(), SOURCE, 2)
    pairs.feed(third, [])
    assert page.outcomes == {0: EXISTS}


def test_a_record_in_many_pieces() -> None:
    def pieces(number: int) -> list[str]:
        return [click(), line("x DEBUG <doc>"), *["<a/>\n"] * number, "<ok/>\n"]

    assert held(["".join(pieces(500))]) == [Outcome(False)]
    assert live(pieces(pairing.PIECES)) == [Outcome(False)]
    assert live(pieces(pairing.PIECES + 1)) == [None]


def test_lines_of_a_record_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    begins, looks = records.begins, []

    def counted(data: bytes, at: int = 0) -> object:
        looks.append(at)
        return begins(data, at)

    monkeypatch.setattr(records, "begins", counted)
    for pair in scanned([click(), line("x DEBUG <doc>"), *["<a/>\n<ok>\n" * 5] * 90]):
        Pairing(live=True).feed(*pair)
    assert len(looks) < 2_000
    looks.clear()
    pairs = Pairing(live=True)
    for pair in scanned([click(), line("x DEBUG <doc>"), *["<a/>\n" * 5] * 90]):
        pairs.feed(*pair)
    assert len(looks) < 700


def test_news() -> None:
    pairs = Pairing(live=True)

    def feed(text: str) -> tuple[list[int], list[int]]:
        (pair,) = scanned([text])
        pairs.feed(*pair)
        refused = [one.request.line for one in pairs.refused]
        closed = [one.request.line for one in pairs.closed]
        pairs.refused.clear()
        pairs.closed.clear()
        return refused, closed

    assert feed(click(1)) == ([], [])
    assert feed(error("a")) == ([1], [])
    assert feed(" and more\n") == ([], [])
    assert feed(error()) == ([], [])
    assert feed(click(2)) == ([], [1])
    assert feed(document("<ok/>")) == ([], [])
    assert feed(error()) == ([1], [])
    assert feed(line("libmgr EXTINFO Thread 7f finished")) == ([], [1])
    assert feed(line("libmgr EXTINFO Thread 7f finished")) == ([], [])


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairing, "BYTES", 20_000)
    monkeypatch.setattr(pairing, "WINDOW", 30_000)
    monkeypatch.setattr(pairing, "KNOWN", 10)
    monkeypatch.setattr(pairing._Known, "limit", 10)
    pairs = Pairing(live=True)
    rows = (click(n, f"1:{n}") + process(f"Run 'x' pid {n}", f"1:{n}") for n in range(5_000))
    for pair in scanned(rows):
        pairs.feed(*pair)
        assert len(pairs._threads) < 2 * 20_000 / 100
        assert len(pairs._processes) < 2 * 20_000 / 100
        recent = pair
    # What is in the window is still known.
    key = "1:4950"
    end = Chunk(error(key=key).encode(), SOURCE, recent[0].line + 2)
    pairs.feed(end, ())
    assert [one.request.get("elid") for one in pairs.refused] == ["4950"]
    saved = Pairing()
    for pair in scanned(line("x DEBUG " + "y" * 900) + click(n) for n in range(5_000)):
        saved.feed(*pair)
        assert sum(len(page.chunk.data) for page in saved._unread if page.chunk) < 35_000


def test_most_chunks_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []
    places = records.places

    def counted(data: bytes) -> list[tuple[int, bool]]:
        read.append(data)
        return places(data)

    monkeypatch.setattr(records, "places", counted)
    quiet = [click(1), line("x DEBUG <doc><elem/></doc>"), line("x EXTINFO y finished")]
    assert held(quiet) == [None]
    assert read == []
    assert held([error()] * 3) == []
    assert read == []
    assert held([*quiet, error("a"), click(2)]) == [Outcome(True, text="a"), None]
    assert len(read) == 4


@pytest.mark.slow
@pytest.mark.parametrize("text", ["<ok>\n", "<ok>", "<doc><ok>\n", error("<ok>"), error(), "R\n"])
def test_hostile_logs_take_linear_time(text: str) -> None:
    """A megabyte of what costs most is read within seconds: nothing is looked at again."""
    rows = click() + line("x DEBUG <doc>") + text * (1_000_000 // len(text)) + "\n"
    assert len(held([rows])) == len(held(cut(rows, random.Random(1), 500))) == 1
