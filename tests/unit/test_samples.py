"""The samples are what their README and `cases/samples.yaml` say, and show nobody's data."""

from __future__ import annotations

import ipaddress
import re
import runpy
from pathlib import Path
from typing import Any, Callable
from urllib.parse import unquote_to_bytes

import pytest
import yaml

import logreq
from tests.support.cases import load_yaml

HERE = Path(__file__).resolve().parents[1]
SAMPLES = HERE.parent / "samples"
CASES: dict[str, Any] = load_yaml("samples.yaml")
FILES: dict[str, dict[str, Any]] = CASES["files"]
MAKE = runpy.run_path(str(SAMPLES / "make.py"))
MADE: dict[str, bytes] = MAKE["contents"]()
read: Callable[[Path], bytes] = MAKE["read"]

GUIDE = (
    b"Feb  6 08:08:07 [2346:23826] core_module INFO Request [188.120.252.33][root] "
    b"'clicked_button=ok&email_inaccess=&func=domain.edit&ip=8.8.8.8&ip_existing=&maildomain=off"
    b"&name=domain.name&ns=ns1.example.com.%20ns2.example.com.&operafake=1486357687433"
    b"&owner=www%2Droot&owner_admins=off&progressid=false&reversezone=&sfrom=ajax&sok=ok"
    b"&web_inaccess=&webdomain=off&zoom-ip=&zoom-ns='"
)
GUIDES_ADDRESSES = {"188.120.252.33", "8.8.8.8"}
# RFC 5737, RFC 3849; a mapped address is judged by the one inside.
DOCUMENTATION = [
    ipaddress.ip_network(net)
    for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
DOTTED = re.compile(rb"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)")
COLONS = re.compile(
    rb"(?<![\w:])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8}(?:(?:\.\d{1,3}){3})?(?![\w:]|\.\d)"
)
HOST = re.compile(rb"([\w-]+)\.(?:com|net|org|ru|io|biz|eu|me|dev|su|ua|by|name)\b")


def on_disk() -> set[str]:
    found = (path for path in SAMPLES.rglob("*") if path.is_file())
    return {
        path.relative_to(SAMPLES).as_posix()
        for path in found
        if path.suffix not in (".py", ".pyc", ".svg") and path.name != "README.md"
    }


def readme() -> dict[str, list[str]]:
    """Give the cells of every table row, by the file that the row describes."""
    rows = (SAMPLES / "README.md").read_text("utf-8").splitlines()
    tables = [[cell.strip() for cell in row[1:-1].split(" | ")] for row in rows if row[:3] == "| `"]
    names = [cells[0].strip("` ") for cells in tables]
    assert len(names) == len(set(names))
    return dict(zip(names, [cells[1:] for cells in tables]))


def test_every_file_is_described_and_every_description_has_its_file() -> None:
    assert set(readme()) == on_disk()


def test_every_log_has_its_expectations() -> None:
    logs = {name for name in on_disk() if not name.startswith("rules/")}
    assert set(FILES) == {name for name in logs if not name.endswith((".har", ".csv"))}


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_readme_has_the_expected_numbers(name: str) -> None:
    case = FILES[name]
    numbers = [str(case["lines"]), str(case["requests"]), str(len(case["malformed"]))]
    assert readme()[name][:3] == numbers


@pytest.mark.parametrize("name", sorted(FILES))
def test_counts_agree_with_the_file(name: str) -> None:
    case, data = FILES[name], read(SAMPLES / name)
    rows = data.split(b"\n")
    if not rows[-1]:
        rows.pop()
    hits = [number for number, row in enumerate(rows, 1) if b"INFO Request" in row]
    assert (len(rows), len(hits)) == (case["lines"], case["grep"])
    assert case["requests"] == case["converted"] == len(case["calls"])
    assert case["requests"] + len(case["malformed"]) <= len(hits)
    assert {bad["line"] for bad in case["malformed"]} <= set(hits)


@pytest.mark.parametrize("name", sorted(FILES))
def test_functions_stand_in_the_file_in_that_order(name: str) -> None:
    case, data = FILES[name], read(SAMPLES / name)
    broken = {bad["line"] for bad in case["malformed"]}
    rows = iter([row for n, row in enumerate(data.split(b"\n"), 1) if n not in broken])
    for function, kind in case["calls"]:
        wanted = re.compile(
            rb"(?<!EXT)INFO Request \[.*\]\[.*\] '.*?func=" + re.escape(function.encode())
        )
        # One pass over `rows`: a function is looked for behind the one before it.
        assert any(wanted.search(row.replace(b"%2E", b".")) for row in rows), function
        assert kind in ("action", "view", "background", None)


@pytest.mark.parametrize("name", [name for name in sorted(FILES) if "outcomes" in FILES[name]])
def test_outcomes(name: str) -> None:
    found = logreq.read(SAMPLES / name, report=lambda problem: None, outcomes=True)
    outcomes = [request.outcome for request in found]
    assert [outcome and outcome.words for outcome in outcomes] == FILES[name]["outcomes"]


@pytest.mark.parametrize("name", sorted(FILES))
def test_what_is_malformed_has_a_known_reason(name: str) -> None:
    reasons = {"cut", "brackets", "quote", "header", "empty query", "no func"}
    assert {bad["what"] for bad in FILES[name]["malformed"]} <= reasons


@pytest.mark.parametrize("name", sorted(FILES))
def test_no_real_address_or_host(name: str) -> None:
    data = read(SAMPLES / name)
    plain = unquote_to_bytes(data)
    for text in (data, plain):
        for match in [*DOTTED.findall(text), *COLONS.findall(text)]:
            assert harmless(match.decode()), match
    assert set(HOST.findall(plain)) <= {b"example", b"domain"}


def harmless(text: str) -> bool:
    if text in GUIDES_ADDRESSES:
        return True
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return True  # a time, a hardware address
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in net for net in DOCUMENTATION)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (b"from 192.0.2.10.", True),
        (b"[8.8.8.8]", True),
        (b"[8.8.4.4]", False),
        (b"Feb  6 08:08:07", True),
        (b"[2001:db8::7]", True),
        (b"[2a00:1450::5]", False),
        (b"[::1]", False),
        (b"[::ffff:192.0.2.9]", True),
        (b"[::ffff:8.8.4.4]", False),
        (b"00:00:5E:00:53:01", True),
    ],
)
def test_the_check_of_addresses_finds_real_ones(text: bytes, good: bool) -> None:
    found = [*DOTTED.findall(text), *COLONS.findall(text)]
    assert found
    assert all(harmless(match.decode()) for match in found) is good


def test_the_guides_line_is_the_first_request() -> None:
    rows = (SAMPLES / "ispmgr.log").read_bytes().splitlines()
    assert next(row for row in rows if b"INFO Request" in row) == GUIDE


@pytest.mark.parametrize("name", sorted(MADE))
def test_made_samples_are_what_the_generator_makes(name: str) -> None:
    assert read(SAMPLES / name) == MADE[name]


def test_the_generator_makes_the_same_archives_again() -> None:
    for name, data in MADE.items():
        suffix = Path(name).suffix
        if suffix in MAKE["PACK"]:
            packed = MAKE["PACK"][suffix](data)
            assert packed == MAKE["PACK"][suffix](data)
            assert MAKE["UNPACK"][suffix](packed) == data
    stamp = slice(4, 8)  # RFC 1952: the time of packing, none here
    packed_again = [MAKE["PACK"][".gz"](b"x")]
    for gz in [*packed_again, *(path.read_bytes() for path in SAMPLES.rglob("*.gz"))]:
        assert gz[stamp] == bytes(4)


def test_the_generator_writes_only_what_is_missing_or_differs(tmp_path: Path) -> None:
    make = MAKE["main"]
    make.__globals__["HERE"] = tmp_path
    try:
        make()
        assert {name: read(tmp_path / name) for name in MADE} == MADE
        spoilt, kept = tmp_path / "shapes/crlf.log", tmp_path / "shapes/colour.log"
        spoilt.write_bytes(spoilt.read_bytes().replace(b"\r", b""))
        kept.chmod(0o444)
        before = kept.stat().st_mtime_ns
        make()
        assert spoilt.read_bytes() == MADE["shapes/crlf.log"]
        assert kept.stat().st_mtime_ns == before
    finally:
        make.__globals__["HERE"] = SAMPLES


def test_names_of_the_rotation_set_are_not_in_the_order_of_time() -> None:
    order = CASES["rotation"]["order"]
    assert sorted(order) == sorted(name for name in FILES if name.startswith("rotated/"))
    assert order != sorted(order)
    text = b"".join(read(SAMPLES / name) for name in order)
    elids = re.findall(rb"INFO Request \S+ 'elid=(\w+)", text)
    assert [elid.decode() for elid in elids] == CASES["rotation"]["elids"]


def test_each_rotated_file_begins_by_naming_the_archive_before_it() -> None:
    order = CASES["rotation"]["order"]
    for before, name in list(zip(order, order[1:]))[1:]:
        first = read(SAMPLES / name).split(b"\n")[0]
        assert Path(before).name.encode() in first
        assert b"INFO" not in first


@pytest.mark.parametrize("path", sorted((SAMPLES / "rules").iterdir()), ids=lambda path: path.name)
def test_rules_have_the_shape_of_rules(path: Path) -> None:
    rules = yaml.safe_load(path.read_text("utf-8"))
    assert set(rules) <= {"extends", "params", "secrets", "kinds"}
    for entry in rules.get("params", []):
        assert len({"keep", "drop"} & set(entry)) == 1
        assert set(entry) <= {"keep", "drop", "value", "when", "why"}
        values = entry.get("value", "")
        for value in values if isinstance(values, list) else [values]:
            assert isinstance(value, str)
    for entry in rules.get("kinds", []):
        assert len(entry) == 1
        assert set(entry) <= {"action", "background", "view"}


def test_samples_stay_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < 600_000


def test_a_checkout_keeps_every_byte() -> None:
    rules = (HERE.parent / ".gitattributes").read_text("utf-8").splitlines()
    assert "samples/** -text" in rules
