"""What differs between two values, and the fewest texts that explain it."""

from __future__ import annotations

from typing import Optional, Union

import pytest

from logreq.convert.infer import Core, Cores, Pair, core_of, needed, shared

Shown = Optional[list[Union[str, tuple[str, str]]]]

ALICE, SITE = Core("alice", "bob"), Core("example.com", "example.org")


def explained(cores: Cores, here: str, there: str, param: str = "x") -> Shown:
    parts = cores.explain(Pair(here, there), param)
    if parts is None:
        return None
    return [part if isinstance(part, str) else (part.here, part.there) for part in parts]


def found(*values: tuple[str, str, str]) -> dict[str, Shown]:
    """Explain values of parameters by what they need."""
    pairs = [(Pair(here, there), name) for name, here, there in values]
    cores = needed(pairs)
    return {name: explained(cores, here, there, name) for name, here, there in values}


@pytest.mark.parametrize(
    ("here", "there", "parts"),
    [
        ("alice", "bob", [("alice", "bob")]),
        ("www.example.com", "www.example.org", ["www.", ("example.com", "example.org")]),
        ("alice@example.com", "bob@example.org",
         [("alice", "bob"), "@", ("example.com", "example.org")]),
        ("alice", "carol", None),
        ("/home/alice/alice", "/home/bob/alice", ["/home/", ("alice", "bob"), "/alice"]),
        ("/home/alice/alice", "/home/alice/bob", ["/home/alice/", ("alice", "bob")]),
        ("alicealice", "bobbob", [("alice", "bob"), ("alice", "bob")]),
        ("db_alice1", "db_bob1", ["db_", ("alice", "bob"), "1"]),
        ("Alice", "Bob", None),
        ("", "bob", None),
        ("alice", "", None),
        ("alicex", "bob", None),
        ("alice", "bobx", None),
    ],
)  # fmt: skip
def test_what_explains_a_value(here: str, there: str, parts: Shown) -> None:
    assert explained(Cores([ALICE, SITE]), here, there) == parts


def test_the_longest_that_stands_there_and_whole_values_first() -> None:
    cores = Cores([Core("com", "org"), SITE, Core("www.example.com", "www.example.org")])
    assert explained(cores, "a.example.com", "a.example.org") == ["a.", SITE[:2]]
    assert explained(cores, "www.example.com", "www.example.org") == [
        ("www.example.com", "www.example.org")
    ]
    # As few as there can be, if nothing is left literal.
    cores = Cores([Core("ab", "xy"), Core("cd", "zw"), Core("abcd", "xyzw", part=False)])
    assert explained(cores, "ab-cd", "xy-zw") == [("ab", "xy"), "-", ("cd", "zw")]
    assert explained(cores, "-abcd", "-xyzw") is None
    cores = Cores(
        [Core("abc", "xyz"), Core("-def", "-uvw"), Core("abc-", "xyz-"), Core("ef", "vw")]
    )
    assert explained(cores, "abc-def", "xyz-uvw") == [("abc", "xyz"), ("-def", "-uvw")]
    cores = Cores([Core("abc", "xyz"), Core("def.com", "uvw.org"), Core("abc-def.", "xyz-uvw."),
                   Core("com", "org")])  # fmt: skip
    assert explained(cores, "abc-def.com", "xyz-uvw.org") == [
        ("abc-def.", "xyz-uvw."), ("com", "org"),
    ]  # fmt: skip
    cores = Cores([Core("abc", "xyz"), Core("def", "uvw"), Core("abcdef", "xyzuvw")])
    assert explained(cores, "-abcdef", "-xyzuvw") == ["-", ("abcdef", "xyzuvw")]


def test_short_texts_stand_alone_and_numbers_whole() -> None:
    cores = Cores([Core("al", "bo"), Core("1234567", "7654321"), Core("site1", "site2")])
    assert explained(cores, "al@x", "bo@x") == [("al", "bo"), "@x"]
    assert explained(cores, "valet", "vboet") is None
    assert explained(cores, "pal", "pbo") is None
    assert explained(cores, "t1234567", "t7654321") == ["t", ("1234567", "7654321")]
    assert explained(cores, "91234567", "97654321") is None
    assert explained(cores, "12345679", "76543219") is None
    assert explained(cores, "site10", "site20") is None
    # Also where they are so in one run only.
    assert explained(Cores([Core("site1", "sitex")]), "site10", "sitex0") is None
    assert explained(Cores([Core("sitex", "site1")]), "sitex0", "site10") is None
    assert explained(Cores([Core("a", "bcd")]), "xa", "xbcd") is None


def test_how_cores_are_looked_for() -> None:
    assert core_of(Pair("on", "off"), "web") == Core("on", "off", "web", part=False)
    assert core_of(Pair("", "off"), "web") == Core("", "off", "web", part=False)
    assert core_of(Pair("", "example.com"), "web") == Core("", "example.com", part=False)
    assert core_of(Pair("10", "20"), "quota") == Core("10", "20", part=False)
    assert core_of(Pair("10", "none"), "quota") == Core("10", "none")
    assert core_of(Pair("192.0.2.10", "192.0.2.20"), "ip") == Core("192.0.2.10", "192.0.2.20")
    assert core_of(Pair("9", "example.com"), "x") == Core("9", "example.com")


def test_words_are_alike_by_chance() -> None:
    assert found(("web", "on", "off"), ("mail", "on", "off"), ("x", "mail on", "mail off")) == {
        "web": [("on", "off")], "mail": [("on", "off")], "x": [("mail on", "mail off")],
    }  # fmt: skip
    pairs = [(Pair("on", "off"), name) for name in ("web", "mail", "web")]
    cores = needed(pairs)
    assert [cores.explain(*pair) for pair in pairs] == [
        (Core("on", "off", name, part=False),) for name in ("web", "mail", "web")
    ]
    assert cores.explain(Pair("on", "off"), "dns") is None


def test_short_values_explain_long_ones_in_any_order() -> None:
    assert found(
        ("aliases", "www.example.com mail.example.com", "www.example.org mail.example.org"),
        ("docroot", "/var/www/alice/data/www/example.com", "/var/www/bob/data/www/example.org"),
        ("name", "example.com", "example.org"),
        ("owner", "alice", "bob"),
        ("ip", "192.0.2.10", "192.0.2.20"),
        ("quota", "10", "20"),
    ) == {
        "aliases": ["www.", SITE[:2], " mail.", SITE[:2]],
        "docroot": ["/var/www/", ALICE[:2], "/data/www/", SITE[:2]],
        "name": [SITE[:2]],
        "owner": [ALICE[:2]],
        # Not 192.0.2.QUOTA.
        "ip": [("192.0.2.10", "192.0.2.20")],
        "quota": [("10", "20")],
    }  # fmt: skip


def test_what_several_values_share_stands_nowhere_by_itself() -> None:
    assert found(
        ("a", "www.example.com", "www.example.org"),
        ("b", "mail.example.com", "mail.example.org"),
        ("c", "info@example.com", "info@example.org"),
        ("d", "/srv/www.example.com/x", "/srv/www.example.org/x"),
        ("e", "other.net", "another.net"),
    ) == {
        "a": ["www.", SITE[:2]],
        "b": ["mail.", SITE[:2]],
        "c": ["info@", SITE[:2]],
        "d": ["/srv/www.", SITE[:2], "/x"],
        "e": [("other.net", "another.net")],
    }
    # What is longer is explained by it together with others.
    assert found(
        ("a", "www.example.com", "www.example.org"),
        ("b", "mail.example.com", "mail.example.org"),
        ("c", "alice x-example.com", "bob x-example.org"),
        ("d", "alice", "bob"),
    )["c"] == [ALICE[:2], " x-", SITE[:2]]


def test_what_is_no_text_to_share() -> None:
    def common(*pairs: tuple[str, str]) -> Optional[Core]:
        found = shared(core_of(Pair(*pair), "x") for pair in pairs)
        assert len(found) < 2
        return found[0] if found else None

    assert common() is None
    assert common(("www.example.com", "www.example.org")) is None
    assert common(("www.a.com", "www.b.org"), ("www.a.net", "www.c.org")) is None
    # Cut at the ends of words only.
    assert common(("xalice", "xbob"), ("yalice", "ybob")) is None
    assert common(("alicex", "bobx"), ("alicey", "boby")) is None
    assert common(("x-alice", "x-bob"), ("y-alice", "y-bob")) == Core("alice", "bob")
    assert common(("alice-x", "bob-x"), ("alice-y", "bob-y")) == Core("alice", "bob")
    assert common(("x--alice", "x--bob"), ("y.-alice", "y.-bob")) == Core("alice", "bob")
    assert common(("x-.", "x-"), ("y-.", "y-")) is None
    # Not of numbers, not of very long values, not of what is whole.
    assert common(("a.10", "a.20"), ("b.10", "b.20")) is None
    long = "x" * 200
    assert common((f"{long}-alice", f"{long}-bob"), ("x-alice", "x-bob")) is None
    whole = [Core("x-alice", "x-bob", part=False), Core("y-alice", "y-bob", part=False)]
    assert shared(whole) == []
    # What is before and behind does not overlap.
    assert common(("a-a", "a-a-a"), ("b-a", "b-a-a")) == Core("a", "a-a")


def test_texts_that_are_shared_one_after_another() -> None:
    pairs = [("1.x.alice", "1.x.bob"), ("2.x.alice", "2.x.bob"), ("3.alice", "3.bob"),
             ("4.alice", "4.bob"), ("5.com", "5.org"), ("6.com", "6.org")]  # fmt: skip
    cores = [core_of(Pair(*pair), "x") for pair in pairs]
    assert shared(cores) == [Core("x.alice", "x.bob"), Core("alice", "bob"), Core("com", "org")]
    # What only one holds besides is none.
    assert shared(cores[:3]) == [Core("x.alice", "x.bob")]
    # Each is explained, also where a short one does not stand alone.
    assert found(("a", "1.al", "1.bo"), ("b", "2.al", "2.bo"), ("c", "x1.al", "x1.bo"),
                 ("d", "2.alx", "2.box")) == {
        "a": ["1.", ("al", "bo")], "b": ["2.", ("al", "bo")], "c": ["x1.", ("al", "bo")],
        "d": [("2.alx", "2.box")],
    }  # fmt: skip


def test_many_values_are_compared_in_time() -> None:
    pairs = [
        (Pair(f"value-x-{call}-{at}.example.com", f"value-yy-{call}-{at}.example.com"), f"n{at}")
        for call in range(60)
        for at in range(10)
    ]
    cores = needed(pairs)
    assert cores.explain(*pairs[0]) == (Core("value-x-0", "value-yy-0"), "-0.example.com")


def test_given_cores_count_first() -> None:
    given = [Core("example.com", "example.org")]
    cores = needed([(Pair("www.example.com", "www.example.org"), "x")], given)
    assert explained(cores, "www.example.com", "www.example.org") == ["www.", SITE[:2]]


def test_values_of_any_length_end_in_time() -> None:
    text = "ab" * 50_000
    cores = Cores([SITE, Core("ababab", "abab"), Core("abab", "ababab")])
    assert explained(cores, text + "x", text + "y") is None
    assert explained(Cores([SITE]), text + "example.com", text + "example.org") == [text, SITE[:2]]
