"""Times without a year: the file's date gives it; from when to when."""

from __future__ import annotations

import datetime
import gzip
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreq.convert.period import EXPECTED, Period
from logreq.errors import UsageError
from logreq.log.years import LiveLogs, Moment, Years, file_date, first_time, last_date
from logreq.text.clock import MONTHS, iso, parse
from tests.support.rulecases import request

NOW = datetime.datetime(2026, 2, 7, 12, 30, 15)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("Feb  6 08:08:07", (2, 6, 29287)),
        ("Feb 06 00:00:00", (2, 6, 0)),
        ("Dec 31 23:59:60", (12, 31, 86400)),
        ("Jan 1 00:01:00", (1, 1, 60)),
    ],
)
def test_parse(text: str, parsed: tuple[int, int, int]) -> None:
    assert parse(text) == parsed


def test_the_first_time_of_a_block() -> None:
    block = (
        b"moved to x\n at Feb  1 00:00:00 \n\x1b[1mFeb  6 08:08:07 [1:2] x\nMar  1 00:00:00 [1:2]\n"
    )
    assert first_time(block) == "Feb  6 08:08:07"
    assert first_time(b"nothing\n") is None


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("ispmgr.log.2019-01-31.gz", (2019, 1, 31)),
        ("ispmgr.log.20190131-120000-3.gz", (2019, 1, 31)),
        ("ispmgr.log.2019_01.31", (2019, 1, 31)),
        ("ispmgr.log.28122018-000310-9.gz", (2018, 12, 28)),
        ("ispmgr.log.28.12.2018.xz", (2018, 12, 28)),
        ("ispmgr.log.20122018", (2018, 12, 20)),
        ("ispmgr.log.20112012", (2012, 11, 20)),
        ("2019-01-31/ispmgr.log.2020-02-03", (2020, 2, 3)),
    ],
)
def test_the_date_in_a_name(name: str, date: tuple[int, int, int]) -> None:
    assert file_date(f"/nowhere/{name}") == date


@pytest.mark.parametrize(
    "name", ["x.120190131", "x.2019013", "x.20191331", "x.00012019", "x\0.log"]
)
def test_no_date_in_a_name_nor_a_file(name: str) -> None:
    noon = datetime.datetime(2026, 2, 7, 12).timestamp()
    assert file_date(f"/nowhere/{name}", noon) == (2026, 2, 8)
    today = datetime.datetime.now()
    tomorrow = datetime.date(*file_date(f"/nowhere/{name}"))
    assert abs(tomorrow - today.date()) <= datetime.timedelta(days=2)


def test_the_date_of_a_file(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    log.write_bytes(b"")
    noon = datetime.datetime(2020, 12, 31, 12).timestamp()
    os.utime(log, (noon, noon))
    # A day more: the clocks of the panel and of the file may differ.
    assert file_date(str(log)) == (2021, 1, 1)


def years(date: tuple[int, int, int], *texts: str) -> list[int]:
    found = Years(date)
    return [found.moment(text)[0] for text in texts]


def test_years() -> None:
    assert years((2026, 2, 7), "Feb  6 08:08:07", "Feb  7 00:00:00") == [2026, 2026]
    assert years((2026, 2, 7), "Feb  8 08:08:07") == [2025]
    assert years((2019, 1, 2), "Dec 31 23:59:59", "Jan  1 00:00:00") == [2018, 2019]
    # Threads interleave at the turn as well.
    turn = ["Dec 31 23:59:59", "Jan  1 00:00:00", "Dec 31 23:59:59", "Jan  1 00:00:01"]
    found = Years((2019, 1, 2))
    assert [found.exact(text)[0] for text in turn] == [2018, 2019, 2018, 2019]
    assert years((2019, 1, 2), *turn) == [2018, 2019, 2019, 2019]
    two_years = ["Nov  1 00:00:00", "Mar  1 00:00:00", "Aug  1 00:00:00", "Jan  1 00:00:00"]
    assert years((2018, 12, 1), *two_years) == [2018, 2019, 2019, 2020]


def test_moments_never_go_back_and_times_do() -> None:
    found = Years((2026, 2, 7))
    assert found.moment("Feb  6 08:00:02") == (2026, 2, 6, 28802)
    assert found.moment("Feb  6 08:00:01") == (2026, 2, 6, 28802)
    assert found.exact("Feb  6 08:00:01") == (2026, 2, 6, 28801)
    assert found.exact("Feb  6 08:00:01") == (2026, 2, 6, 28801)
    assert found.moment("Feb  6 08:00:03") == (2026, 2, 6, 28803)


@pytest.mark.parametrize(
    ("year", "text", "told"),
    [
        (2026, "Feb  6 08:08:07", "2026-02-06T08:08:07"),
        (2026, "Feb 6 08:08:07", "2026-02-06T08:08:07"),
        (2026, "Jun 09 23:59:60", "2026-06-09T23:59:60"),
        (2024, "Feb 29 00:00:00", "2024-02-29T00:00:00"),
        (2026, "Feb 29 00:00:00", None),
        (2026, "Apr 31 00:00:00", None),
        (0, "Apr 30 00:00:00", None),
    ],
)
def test_iso(year: int, text: str, told: Optional[str]) -> None:
    assert iso(year, text) == told


def test_when() -> None:
    found = Years((2019, 1, 2))
    turn = ["Dec 31 23:59:58", "Dec 31 23:59:59", "Jan  1 00:00:00", "Dec 31 23:59:59"]
    assert [found.when(text) for text in [*turn, "Jan 01 00:00:01"]] == [
        "2018-12-31T23:59:58",
        "2018-12-31T23:59:59",
        "2019-01-01T00:00:00",
        "2018-12-31T23:59:59",
        "2019-01-01T00:00:01",
    ]


def test_a_day_that_its_year_has_not() -> None:
    found = Years((2026, 3, 1))
    assert found.when("Feb 28 00:00:00") == "2026-02-28T00:00:00"
    assert found.when("Feb 29 00:00:01") is None
    assert found.when("Feb 29 00:00:02") is None
    assert found.when("Mar  1 00:00:00") == "2026-03-01T00:00:00"


@pytest.mark.parametrize(
    ("date", "year"), [((2026, 3, 1), 2024), ((2024, 2, 28), 2020), ((1902, 1, 1), 1896)]
)
def test_a_leap_day_is_of_a_leap_year(date: tuple[int, int, int], year: int) -> None:
    assert Years(date).when("Feb 29 08:00:00") == f"{year}-02-29T08:00:00"


def test_live_logs(tmp_path: Path) -> None:
    def logged(source: str, text: str) -> tuple[Moment, Optional[str]]:
        moment, one = logs.dated(request("func=a", source=source)._replace(time=text))
        return moment, one.when

    logs = LiveLogs()
    old, new = (str(tmp_path / f"x.log.{year}-01-02") for year in (2019, 2026))
    assert logged(old, "Dec 31 10:00:00") == ((2018, 12, 31, 36000), "2018-12-31T10:00:00")
    assert logged(new, "Jan  1 10:00:00") == ((2026, 1, 1, 36000), "2026-01-01T10:00:00")
    assert logged(old, "Jan  1 10:00:00") == ((2019, 1, 1, 36000), "2019-01-01T10:00:00")
    # A live log is not read from its beginning, nor a whole year of it.
    today = datetime.datetime.now()
    _, when = logged("nowhere", today.strftime("%b %d %H:%M:%S"))
    assert when == today.isoformat(timespec="seconds")


@given(
    st.datetimes(datetime.datetime(2001, 1, 1), datetime.datetime(2030, 1, 1)),
    st.lists(st.integers(0, 150 * 86_400), max_size=12),
)
def test_a_log_without_long_gaps_gets_its_years_back(
    begin: datetime.datetime, gaps: list[int]
) -> None:
    times = [begin]
    for gap in gaps:
        times.append(times[-1] + datetime.timedelta(seconds=gap))
    first = times[0] + datetime.timedelta(days=1)
    found = Years((first.year, first.month, first.day))
    for time in times:
        assert found.exact(time.strftime("%b %d %H:%M:%S"))[:3] == (time.year, time.month, time.day)


def log(times: list[datetime.datetime], form: str = "%b %d %H:%M:%S") -> bytes:
    """Write a log of requests, and of something else."""
    rest = " [1:2] core INFO Request [192.0.2.1][root] 'func=f'\nSep  9 09:09:09 INFO Reque\n"
    return "".join(time.strftime(form) + rest for time in times).encode()


def told(path: Path, times: list[datetime.datetime]) -> list[datetime.date]:
    found = Years(file_date(str(path)))
    moments = [found.exact(time.strftime("%b %d %H:%M:%S")) for time in times]
    return [datetime.date(*moment[:3]) for moment in moments]


@given(
    st.datetimes(datetime.datetime(2001, 1, 1), datetime.datetime(2030, 1, 1)),
    st.lists(st.integers(0, 300 * 86_400), max_size=12),
    st.integers(0, 30),
    st.booleans(),
)
def test_a_log_of_years_gets_them_back(
    begin: datetime.datetime, gaps: list[int], late: int, colour: bool
) -> None:
    times = [begin]
    for gap in gaps:
        times.append(times[-1] + datetime.timedelta(seconds=gap))
    end = (times[-1] + datetime.timedelta(days=late)).timestamp()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.log")
        path.write_bytes(log(times, "\x1b[1m%b %d %H:%M:%S" if colour else "%b %d %H:%M:%S"))
        os.utime(path, (end, end))
        assert told(path, times) == [time.date() for time in times]


def days(*texts: str) -> list[datetime.datetime]:
    return [datetime.datetime.fromisoformat(text) for text in texts]


# A file's date and its records'.
@pytest.mark.parametrize(
    ("dated", "records"),
    [
        ("2026-02-07", days("2023-11-01", "2024-02-29", "2024-12-01", "2025-09-30", "2026-02-06")),
        # A year but for a day, within one year and over New Year, and exactly one.
        ("2026-01-01", days("2025-01-01", "2025-06-30", "2025-12-31")),
        ("2026-02-07", days("2025-02-08", "2025-06-30", "2026-02-06")),
        ("2026-02-07", days("2025-02-06", "2025-06-30", "2026-02-06")),
        # Named in another zone, or by the day before.
        ("2025-12-31", days("2024-12-01", "2025-06-30", "2026-01-01")),
        # Less than a year, named by its first day.
        ("2025-12-01", days("2025-12-01", "2026-03-30")),
        # Threads interleave.
        ("2026-02-07", days("2024-12-31", "2025-01-01", "2024-12-31", "2025-10-10", "2026-01-01")),
        ("2026-02-07", days("2025-01-01", "2024-12-31", "2025-01-01", "2025-10-10", "2026-01-01")),
        ("2026-02-07", days("2025-02-01", "2025-01-31", "2025-10-10", "2026-02-06", "2026-02-05")),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_years_of_a_log(
    dated: str,
    records: list[datetime.datetime],
    pack: Callable[[bytes], bytes],
    tmp_path: Path,
) -> None:
    path = tmp_path / f"x.log.{dated}"
    path.write_bytes(pack(log(records)))
    assert told(path, records) == [time.date() for time in records]


def test_only_requests_tell_a_logs_years(tmp_path: Path) -> None:
    # Text that a record shows, a cut-off line and a line that is only begun.
    other = (
        b"Nov  5 08:00:00 web named[12]: INFO Requests\nNov  6 08:00:00 [1:2] core INFO Request\n"
    )
    times = days("2026-02-05", "2026-02-06")
    path = tmp_path / "x.log.2026-02-07"
    path.write_bytes(log(times[:1]) + 2 * other + log(times[1:])[:-28])
    assert told(path, times) == [time.date() for time in times]
    path.write_bytes(b"Feb  6 08:00:00 [1:2] core EXTINFO nothing\n")
    assert file_date(str(path)) == (2026, 2, 7)


def test_what_can_be_read_only_once_is_not_read_for_its_years(tmp_path: Path) -> None:
    pipe = tmp_path / "x.log.2026-02-07"
    os.mkfifo(pipe)
    assert file_date(str(pipe)) == (2026, 2, 7)
    # Standard input, even where a file has its name.
    here = os.open(".", os.O_RDONLY)
    os.chdir(tmp_path)
    try:
        times = days("2024-02-05", "2024-10-05", "2025-02-05")
        Path("-").write_bytes(log(times))
        assert file_date("-") == last_date("-")
        assert file_date("./-") != last_date("./-")
    finally:
        os.fchdir(here)
        os.close(here)


def clock(text: str) -> int:
    hour, minute, second = map(int, text.split(":"))
    return hour * 3600 + minute * 60 + second


def at(text: str) -> Moment:
    """2026-02-07T08:00:00"""
    date, _, time = text.partition("T")
    year, month, day = map(int, date.split("-"))
    return year, month, day, clock(time)


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("08:00", "2026-02-07T08:00:00"),
        ("8:00", "2026-02-07T08:00:00"),
        ("23:59:59", "2026-02-07T23:59:59"),
        ("Feb 6", "2026-02-06T00:00:00"),
        ("feb  6", "2026-02-06T00:00:00"),
        ("Feb 06 08:00", "2026-02-06T08:00:00"),
        ("Feb 7 08:00:30", "2026-02-07T08:00:30"),
        ("Feb 8", "2025-02-08T00:00:00"),
        ("Dec 31", "2025-12-31T00:00:00"),
        ("Feb 29", "2024-02-29T00:00:00"),
        ("2026-02-06", "2026-02-06T00:00:00"),
        ("2026-02-06 08:00", "2026-02-06T08:00:00"),
        ("2019-12-31T08:00:59", "2019-12-31T08:00:59"),
        ("15s", "2026-02-07T12:30:00"),
        ("30m", "2026-02-07T12:00:15"),
        ("2h", "2026-02-07T10:30:15"),
        ("3d", "2026-02-04T12:30:15"),
        ("1w", "2026-01-31T12:30:15"),
        ("1d12h", "2026-02-06T00:30:15"),
        ("1d 12 hours ago", "2026-02-06T00:30:15"),
        ("1 Day Ago", "2026-02-06T12:30:15"),
        ("2h ago", "2026-02-07T10:30:15"),
        ("30 min", "2026-02-07T12:00:15"),
        ("2 weeks ago", "2026-01-24T12:30:15"),
        (" now ", "2026-02-07T12:30:15"),
        ("today", "2026-02-07T00:00:00"),
        ("TODAY 08:00", "2026-02-07T08:00:00"),
        ("yesterday", "2026-02-06T00:00:00"),
        ("Yesterday 14:00", "2026-02-06T14:00:00"),
        ("24 Nov", "2025-11-24T00:00:00"),
        ("6 feb 08:00:01", "2026-02-06T08:00:01"),
        ("24 Nov 2019 08:00", "2019-11-24T08:00:00"),
        ("24.11.2026", "2026-11-24T00:00:00"),
        ("1.2.2026 08:00", "2026-02-01T08:00:00"),
    ],
)
def test_since(text: str, begin: str) -> None:
    period = Period(text, now=NOW)
    assert period.begin == at(begin)
    assert period.end is None


@pytest.mark.parametrize(
    ("since", "until", "end"),
    [
        (None, "Feb 6", (2026, 2, 6, 86400)),
        (None, "Feb 8", (2026, 2, 8, 86400)),
        (None, "Feb 9", (2025, 2, 9, 86400)),
        (None, "08:00", (2026, 2, 7, 28860)),
        (None, "08:00:01", (2026, 2, 7, 28801)),
        (None, "2026-02-06T08:00", (2026, 2, 6, 28860)),
        (None, "2h", (2026, 2, 7, clock("10:30:15"))),
        ("Dec 30", "Jan 2", (2026, 1, 2, 86400)),
        ("2019-12-30", "Jan 2", (2020, 1, 2, 86400)),
        ("2019-12-30", "Dec 30", (2019, 12, 30, 86400)),
        ("2019-12-30", "Feb 29", (2020, 2, 29, 86400)),
        ("2097-12-30", "Feb 29", (2104, 2, 29, 86400)),
        ("2h", "1h", (2026, 2, 7, clock("11:30:15"))),
        ("yesterday", "now", (2026, 2, 7, clock("12:30:15"))),
        (None, "yesterday", (2026, 2, 6, 86400)),
        (None, "yesterday 14:00", (2026, 2, 6, clock("14:01:00"))),
        ("30 Dec 2019", "2 Jan", (2020, 1, 2, 86400)),
    ],
)
def test_until(since: Optional[str], until: str, end: Moment) -> None:
    assert Period(since, until, NOW).end == end


@pytest.mark.parametrize(
    ("since", "until", "message"),
    [
        ("tomorrow", None, f"--since 'tomorrow' is no time; expected one such as {EXPECTED}"),
        ("", None, f"--since '' is no time; expected one such as {EXPECTED}"),
        (None, "8", f"--until '8' is no time; expected one such as {EXPECTED}"),
        (None, "2x\x1b", f"--until '2x\\\\x1b' is no time; expected one such as {EXPECTED}"),
        ("24:00", None, "--since '24:00': there is no such day or time"),
        ("08:60", None, "--since '08:60': there is no such day or time"),
        ("Feb 30", None, "--since 'Feb 30': there is no such day or time"),
        ("Fev 3", None, "--since 'Fev 3': there is no such day or time"),
        ("2026-13-01", None, "--since '2026-13-01': there is no such day or time"),
        ("9999-12-31", "Jan 1", "--until 'Jan 1': there is no such day or time"),
        ("24 Nvo", None, "--since '24 Nvo': there is no such day or time"),
        ("24.13.2026", None, "--since '24.13.2026': there is no such day or time"),
        ("2 days 1", None, f"--since '2 days 1' is no time; expected one such as {EXPECTED}"),
        ("2hago", None, f"--since '2hago' is no time; expected one such as {EXPECTED}"),
        ("999999w", None, "--since 999999w: no log is that old"),
        ("08:00", "Feb 6 2h", f"--until 'Feb 6 2h' is no time; expected one such as {EXPECTED}"),
        ("09:00", "08:00", "--until 08:00 is before --since 09:00"),
        ("2026-02-06", "2026-02-05", "--until 2026-02-05 is before --since 2026-02-06"),
    ],
)
def test_bad_times(since: Optional[str], until: Optional[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        Period(since, until, NOW)
    assert str(caught.value) == message


def test_a_period_knows_each_logs_years() -> None:
    period = Period("2018-12-31 12:00", "2019-01-01 00:00", NOW)
    old, new = "x.log.02012019-001204-11.xz", "x.log.2026-01-01"

    def within(time: str, source: str) -> bool:
        return period(request("func=f", time=time, source=source))

    assert not within("Dec 31 11:59:59", old)
    assert not within("Dec 31 13:00:00", new)
    assert within("Dec 31 12:00:00", old)
    assert within("Jan  1 00:00:59", old)
    # Of another thread, and a little older than the one before.
    assert not within("Jan  1 00:01:02", old)
    assert within("Jan  1 00:00:58", old)
    assert not within("Jan  1 00:00:00", new)


def test_a_request_that_has_its_date_is_of_that_date() -> None:
    period = Period("2018-02-06 08:00", "2018-02-06", NOW)
    asked = request("func=f", time="Feb  6 08:08:07", source="x.log.2026-02-07")
    assert not period(asked)
    assert period(asked._replace(when="2018-02-06T08:08:07"))
    assert not period(asked._replace(when="2018-02-06T07:59:59"))
    assert not period(asked._replace(when="2018-02-07T08:08:07"))


def test_a_saved_log_is_read_for_its_years_a_live_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "x.log.2026-02-07"
    times = days("2024-02-05", "2024-10-05", "2025-02-05", "2025-10-05", "2026-02-05")
    path.write_bytes(log(times))
    saved = Period("2025-02-05", "2025-02-06", NOW)
    asked = [request("func=f", time=f"{t:%b %d %H:%M:%S}", source=str(path)) for t in times]
    assert [saved(one) for one in asked] == [False, False, True, False, False]
    assert Period("2026-02-05", now=NOW, live=True)(asked[2])


def test_a_period_may_be_open() -> None:
    asked = request("func=f", source="x.2026-02-06")
    assert Period("Feb 6", now=NOW)(asked)
    assert not Period("Feb 7", now=NOW)(asked)
    assert Period(until="Feb 6", now=NOW)(asked)
    assert not Period(until="Feb 5", now=NOW)(asked)
    assert Period(now=NOW)(asked)


def test_now_is_the_clocks() -> None:
    before = datetime.datetime.now()
    begin = Period("0s").begin
    after = datetime.datetime.now()
    assert begin is not None
    year, month, day, second = begin
    found = datetime.datetime(year, month, day) + datetime.timedelta(seconds=second)
    assert before - datetime.timedelta(seconds=1) <= found <= after


def test_months_are_in_order() -> None:
    assert list(MONTHS.values()) == list(range(1, 13))
