"""What becomes of each parameter: decisions, secrets, notes; the fast path is the plain one."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreq import emitters
from logreq.cli.commands.rules import table
from logreq.model.call import Call, Env
from logreq.model.connection import Connection
from logreq.model.request import Param, Request
from logreq.rules.decide import SECRETS, Decider
from logreq.rules.load import load, load_bundled, rule_set
from logreq.rules.model import Condition, Layer, Rule, RuleSet
from logreq.rules.secret import CREDENTIALS
from logreq.rules.variables import Variables
from tests.support.rulecases import decider, load_cases, request, rules_of, sample_requests

DECISIONS = load_cases("decisions.yaml")
# What stays unescaped in a shell's comment.
NOTE = re.compile(r"[\w .,:@%+=/#-]*").fullmatch


def make(case: dict[str, Any], directory: Path) -> Decider:
    rules = rules_of(case.get("rules"), directory, **case.get("options", {}))
    options = {key: case[key] for key in ("secrets", "overridden", "out") if key in case}
    return decider(rules, **options)


def shown(call: Call) -> list[str]:
    return [
        f"{name}=${value.name}" if isinstance(value, Env) else f"{name}={value}"
        for name, value in call.arguments
    ]


@pytest.mark.parametrize("case", DECISIONS, ids=lambda case: case["name"])
def test_decision(case: dict[str, Any], tmp_path: Path) -> None:
    apply = make(case, tmp_path)
    for _ in range(2):  # decided, then remembered
        call = apply(request(case["query"]))
        assert shown(call) == case["kept"]
        dropped = [o for o in call.decisions if not o.keep]
        found = [[o.param.name, (o.rule or "").rpartition("/")[2], o.why] for o in dropped]
        expected = case["dropped"]
        assert [row[: len(want)] for row, want in zip(found, expected)] == expected
        assert len(found) == len(expected)
        assert list(call.notes) == case.get("notes", [])
        if "kind" in case:
            assert call.kind == case["kind"]
        if "hidden" in case:
            assert [o.param.name for o in call.decisions if o.private] == case["hidden"]


@pytest.mark.parametrize("case", DECISIONS, ids=lambda case: case["name"])
def test_notes_show_unescaped_in_shells(case: dict[str, Any]) -> None:
    names = "".join(case.get("notes", [])).replace("a --x", "")
    assert NOTE(names)


def view(call: Call) -> list[Any]:
    return [
        [(o.param.raw_name, o.param.raw_value, o.keep, o.rule, o.why, o.value, o.private)
         for o in call.decisions],
        list(call.notes),
        call.kind,
    ]  # fmt: skip


NAMES = st.sampled_from(
    ["a", "b", "sok", "func", "%66unc", "xfunc", "passwd", "confirm", "auth", "sesid", "authinfo",
     "key", "password", "clicked_button", "progressid", "ip", "site_aliases", "skipbasket", "out",
     "su", "sfrom", "my_key", "", "my_token", "value", "name", "elid", "crypted", "file_1"]
)  # fmt: skip
VALUES = st.sampled_from(
    ["", "1", "*", "%2A", "on", "ok", "S", "%53", "T", "x+y", "%FF", "false", "install", "f",
     "iplist.edit", "x" * 20_000, "csv", "%63sv", "xml", "%5Fdelete1"]
)  # fmt: skip
PIECES = st.builds("{}={}".format, NAMES, VALUES) | st.sampled_from(["", "a", "=", "func", "*"])
FUNCS = st.sampled_from(
    [
        "f",
        "iplist.edit",
        "auth",
        "session.newkey",
        "webdomain.edit",
        "%66",
        "*",
        "user.su",
        "user.%73u",
        "payment.setpaid",
        "file.upload",
        "check.password",
    ]
)
CONDITIONS = st.sampled_from(
    ["func == f", "param.sok", "kind == action", "user == web", "not param.a == 1", "param.S"]
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    pieces = draw(st.lists(PIECES, max_size=6))
    pieces.insert(draw(st.integers(0, len(pieces))), f"func={draw(FUNCS)}")
    doubt = draw(st.sampled_from(["", "", "", "odd"]))
    return request("&".join(pieces), user=draw(st.sampled_from(["root", "web"])), doubt=doubt)


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    rules = draw(
        st.lists(
            st.builds(
                Rule,
                st.booleans(),
                st.tuples(st.sampled_from(["a", "*", "s*", "[!a]*", "passwd", "out", "func", ""])),
                st.none() | st.frozensets(VALUES, min_size=1, max_size=3),
                st.none() | CONDITIONS.map(Condition),
                st.sampled_from(["", "because"]),
                st.sampled_from(["default.yaml:3", "mine.yaml:4"]),
            ),
            max_size=4,
        )
    )
    below = draw(st.sampled_from([[], ["default"], ["default", "careful"], ["default", "minimal"]]))
    secrets = draw(st.sampled_from([(), ("a",), ("*",), ("confirm", "func")]))
    layers = [*map(load_bundled, below), Layer("mine.yaml", tuple(rules), secrets)]
    return RuleSet(layers, keep_empty=draw(st.booleans()))


OPTIONS = st.fixed_dictionaries(
    {
        "secrets": st.sampled_from(SECRETS),
        "overridden": st.sampled_from([(), ("out",), ("out", "su", "a")]),
        "out": st.sampled_from(["", "json", "csv"]),
        "kinds": st.booleans(),
        "advice": st.sampled_from([None, RuleSet([load_bundled("careful")])]),
    }
)


class Cramped(Decider):
    """Remembers next to nothing."""

    PAIRS = 2


@given(rule_sets(), st.lists(requests(), min_size=1, max_size=6), OPTIONS, st.booleans())
def test_the_fast_path_is_the_plain_definition(
    rules: RuleSet, found: list[Request], options: dict[str, Any], cramped: bool
) -> None:
    fast = (Cramped if cramped else Decider)(rules, **options)
    plain = Decider(rules, **options)
    for asked in [*found, *found]:
        assert view(fast(asked)) == view(plain.whole(asked))


@given(rule_sets(), requests(), OPTIONS)
def test_no_secret_reaches_any_output(
    rules: RuleSet, asked: Request, options: dict[str, Any]
) -> None:
    def secret(name: str) -> bool:
        return options["secrets"] != "keep" and rules.is_secret_in(asked, name)

    words = {"", "*", "on", "off", "yes", "no", "ok", "true", "false", "null", "none"}
    sent = [(p.name, p.value) for p in asked.params if p.value.lower() not in words]
    secrets = {value for name, value in sent if secret(name)}
    sessions = {value for name, value in sent if name in CREDENTIALS}
    # Of a short one that is no session, anything may be the same by chance.
    known = {v for v in secrets if len(v) > 2 and not (v.isdigit() and len(v) < 8)}
    known |= sessions - secrets
    call = Decider(rules, **options)(asked)
    text = emitters.load("json")(Connection()).snippet(call)
    dropped = [(entry["name"], entry.get("value")) for entry in json.loads(text)["dropped"]]
    for name, value in [*call.arguments, *dropped]:
        own = secret(name) or name in CREDENTIALS
        assert isinstance(value, Env) or value not in ((secrets | sessions) if own else known), name
    assert not any("credential" in str(name) for name, _ in call.arguments)


@given(rule_sets(), st.lists(requests(), min_size=1, max_size=3), OPTIONS)
def test_a_rule_that_matches_nothing_changes_no_call(
    rules: RuleSet, found: list[Request], options: dict[str, Any]
) -> None:
    idle = [
        Rule(keep, (name,), None, when, "", "idle.yaml:1")
        for keep, name, when in (
            (True, "nobody", None), (False, "nobody-*", None),
            (True, "*", Condition("func == never")), (False, "*", Condition("param.never")),
        )
    ]  # fmt: skip
    more = RuleSet([*rules.layers, Layer("idle.yaml", tuple(idle))])
    more.rules, more._matchers = (*rules.rules, *idle), (
        *RuleSet([Layer("", tuple(idle))])._matchers, *rules._matchers,
    )  # fmt: skip
    one, other = Decider(rules, **options), Decider(more, **options)
    for asked in found:
        assert view(one(asked)) == view(other(asked))


@given(rule_sets(), requests(), OPTIONS)
def test_explain_and_the_real_result_agree(
    rules: RuleSet, asked: Request, options: dict[str, Any]
) -> None:
    call = Decider(rules, **{**options, "kinds": True})(asked)
    result = json.loads(emitters.load("json")(Connection()).snippet(call))
    lines = table(call).splitlines()
    assert lines[0].endswith(f"  {result['kind']}")
    verdicts = [line.split()[0] for line in lines[1 : 1 + len(lines) - len(call.notes) - 1]]
    assert verdicts.count("keep") == len(result["params"])
    assert verdicts.count("drop") == len(result["dropped"])
    assert len(lines) == 1 + len(verdicts) + len(call.notes)


def test_all_samples_by_all_bundled_sets() -> None:
    found = sample_requests()
    for name in (None, "careful", "minimal"):
        for secrets in SECRETS:
            rules = rule_set([name] if name else [])
            fast, plain = decider(rules, secrets=secrets), decider(rules, secrets=secrets)
            for asked in found:
                call = fast(asked)
                assert view(call) == view(plain.whole(asked))
                if name == "careful":
                    assert not [note for note in call.notes if "may matter" in note]


def test_no_advice_no_note() -> None:
    call = Decider(rule_set())(request("func=f&clicked_button=install"))
    assert list(call.notes) == []
    assert call.kind == ""


def test_a_doubt_is_the_first_note() -> None:
    call = decider(rule_set())(request("func=f&paynow=on", doubt="odd"))
    assert list(call.notes) == ["odd", "paynow=on spends money each time this runs"]


def test_careful_sees_that_the_careful_need_no_note() -> None:
    call = decider(rule_set(["careful"]))(request("func=iplist.edit&ip=&clicked_button=install"))
    assert shown(call) == ["ip=", "clicked_button=install"]
    assert list(call.notes) == []


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Decider, "PAIRS", 100)
    apply = decider(rule_set())
    value = "x" * 5_000
    most = 0
    for number in range(200):
        query = f"func=f{number % 7}&elid={number}&text={number}{value}&passwd={number}"
        call = apply(request(query))
        assert call.arguments[-1][1] == Env("PASSWD" if not number else f"PASSWD_{number + 1}")
        most = max(most, len(apply._pairs))
        assert not any(value in piece for piece in apply._pairs)
    assert 90 <= most <= 100


def test_a_request_that_fills_the_memory_keeps_its_secrets() -> None:
    apply = Cramped(rule_set())
    apply(request("func=f&passwd=S&a=1"))
    pieces = "&".join(f"p{number}=1" for number in range(100))
    call = apply(request(f"func=f&passwd=S&{pieces}&confirm=S"))
    assert call.arguments[0] == ("passwd", Env("PASSWD"))
    assert call.arguments[-1] == ("confirm", Env("PASSWD"))


@pytest.mark.parametrize(
    ("pieces", "names"),
    [
        (["passwd=a", "passwd=b", "passwd=a", "passwd=%2A"],
         ["PASSWD", "PASSWD_2", "PASSWD", "PASSWD_3"]),
        (["passwd=a", "passwd=b", "passwd_2=x", "passwd=c", "passwd_2=y"],
         ["PASSWD", "PASSWD_2", "PASSWD_2_2", "PASSWD_3", "PASSWD_2_3"]),
        (["passwd_2=x", "passwd=a", "passwd=b"], ["PASSWD_2", "PASSWD", "PASSWD_3"]),
        (["db-passwd=a", "db.passwd=a", "1key=a", "%C3%A9=a", "=a", "_=b"],
         ["DB_PASSWD", "DB_PASSWD_2", "SECRET_1KEY", "SECRET", "SECRET_2", "SECRET_3"]),
        (["path=a", "user=a", "ld_preload=a", "pythonpath=a", "perl5lib=a", "bash_env=a",
          "http_proxy=a", "panel_authinfo=a", "ps4=a", "ldap_passwd=a", "node_options=a"],
         ["SECRET_PATH", "SECRET_USER", "SECRET_LD_PRELOAD", "SECRET_PYTHONPATH",
          "SECRET_PERL5LIB", "SECRET_BASH_ENV", "SECRET_HTTP_PROXY", "SECRET_PANEL_AUTHINFO",
          "SECRET_PS4", "LDAP_PASSWD", "SECRET_NODE_OPTIONS"]),
        (["p" * 5_000 + "=a", "\u017fecret=\u00df"], ["P" * 60, "SECRET"]),
    ],
)  # fmt: skip
def test_variables(pieces: Sequence[str], names: Sequence[str]) -> None:
    variables = Variables()
    assert [variables.name(Param(piece)) for piece in pieces] == list(names)
    assert all(re.fullmatch("[A-Z_][A-Z0-9_]*", name) for name in names)


def test_many_secrets_of_one_name_cost_their_number() -> None:
    variables = Variables()
    names = [variables.name(Param(f"passwd={number}")) for number in range(50_000)]
    assert len(set(names)) == 50_000
    assert names[-1] == "PASSWD_50000"


def test_load_by_name_is_what_the_oracle_uses() -> None:
    asked: Optional[Rule] = RuleSet([load("careful")]).decide(
        Param("clicked_button=free"), request("func=f")
    )
    assert asked is not None
    assert asked.keep


@given(rule_sets(), NAMES, st.lists(VALUES, min_size=1), OPTIONS)
def test_what_is_decided_by_a_name_is_decided_so_for_all_but_exceptions(
    rules: RuleSet, name: str, values: list[str], options: dict[str, Any]
) -> None:
    decide = Decider(rules, **options)
    exceptions = decide.exceptions(name)
    if exceptions is None or name == "func":
        return
    decisions = [
        decide.decided(f"{name}={value}") for value in [*values, "zzz"] if value not in exceptions
    ]
    found = [one and (one.keep, one.rule, bool(one.note)) for one in decisions]
    assert len(set(found)) <= 1


@pytest.mark.parametrize("value", ["csv", "json", "%6Ason", "xml"])
def test_a_format_is_decided_by_its_value(value: str) -> None:
    decide = decider(rule_set(), overridden=["out"], out="json")
    assert decide.exceptions("out") is None
    assert decide.decided(f"out={value}") is not None
    assert decider(rule_set()).exceptions("out") is not None
