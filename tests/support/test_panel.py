"""The fake panel keeps the vendor guide's rules on who may call, and what calls change."""

from __future__ import annotations

import http.client
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from tests.support import mgrctl_panel
from tests.support.documents import Failure
from tests.support.panel import FakePanel
from tests.support.panel_auth import HOUR
from tests.support.recorder import FORM

KEY = "k" * 16
ROOT = "root:secret"


@pytest.fixture
def panel() -> Iterator[FakePanel]:
    with FakePanel() as panel:
        yield panel


def ask(
    panel: FakePanel,
    path: str = "/ispmgr",
    *,
    method: str = "POST",
    source: str = "127.0.0.1",
    cookie: str = "",
    **params: str,
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(
        "127.0.0.1", panel.port, timeout=10, source_address=(source, 0)
    )
    form = urlencode(params)
    headers = {"Cookie": cookie} if cookie else {}
    if method == "POST":
        connection.request("POST", path, form, {"Content-Type": FORM, **headers})
    else:
        connection.request(method, f"{path}?{form}", headers=headers)
    response = connection.getresponse()
    connection.close()
    return response


def xml(panel: FakePanel, path: str = "/ispmgr", **params: str) -> str:
    """Give the document in a few characters: the tag, its attributes, its text."""
    with ask(panel, path, out="xml", **params) as response:
        assert response.status == 200
        doc = ElementTree.fromstring(response.read())
    return " ".join(
        "/".join((child.tag, *child.attrib.values(), *(text for text in child.itertext() if text)))
        for child in doc
    )


def login(panel: FakePanel, path: str = "/ispmgr", **params: str) -> str:
    tag, _, session = xml(panel, path, func="auth", **params).partition("/")
    assert tag == "auth"
    return session


NO_SESSION = "error/auth/session/en/No such session"
DENIED = "error/access/su/en/Access denied"


def test_authinfo(panel: FakePanel) -> None:
    assert xml(panel, func="iplist", authinfo=ROOT) == "elem/192.0.2.1"
    assert xml(panel, func="iplist", authinfo="root:wrong") == "authfail"
    assert xml(panel, func="iplist", authinfo="nobody:secret") == "authfail"
    assert xml(panel, func="iplist", authinfo="root") == "authfail"
    assert xml(panel, func="iplist") == "error/access/auth/en/Log in first"
    panel.auth.fail_with = "error"
    assert xml(panel, func="iplist", authinfo="root:wrong").startswith("error/auth/badpassword/")
    assert [(call.user, call.func) for call in panel.calls] == [("root", "iplist")]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_authinfo_must_be_encoded(panel: FakePanel, method: str) -> None:
    answer = ask(panel, method=method, func="iplist", authinfo="www-root:www:&+#%", out="text")
    assert answer.read() == b"name=192.0.2.1\n"
    raw = "/ispmgr?func=iplist&out=text&authinfo=www-root:www:&+%23%"
    assert ask(panel, raw).read() == b"ERROR auth(badpassword)\n"


def test_authinfo_by_address(panel: FakePanel) -> None:
    panel.auth.authinfo_from = {"127.0.0.2"}
    assert xml(panel, func="iplist", authinfo=ROOT).startswith("error/auth/authinfo")
    assert xml(panel, func="iplist", authinfo=ROOT, source="127.0.0.2") == "elem/192.0.2.1"


def test_session(panel: FakePanel) -> None:
    assert xml(panel, func="auth", username="root", password="wrong") == "authfail"
    session = login(panel, username="root", password="secret")
    assert xml(panel, func="iplist", auth=session) == "elem/192.0.2.1"
    assert xml(panel, func="iplist", auth="0" * 12) == NO_SESSION
    # Bound to the address and to the panel, but not ended by a stranger's try.
    assert xml(panel, func="iplist", auth=session, source="127.0.0.2") == NO_SESSION
    assert xml(panel, "/billmgr", func="iplist", auth=session) == NO_SESSION
    assert xml(panel, "/manager/ispmgr", func="iplist", auth=session) == "elem/192.0.2.1"


def test_session_ends_an_hour_after_its_last_call(panel: FakePanel) -> None:
    now = 1000.0
    panel.auth.clock = lambda: now
    session = login(panel, username="root", password="secret")
    for _ in range(3):
        now += HOUR - 1
        assert xml(panel, func="iplist", auth=session) == "elem/192.0.2.1"
    now += HOUR
    assert xml(panel, func="iplist", auth=session) == NO_SESSION
    now -= HOUR
    assert xml(panel, func="iplist", auth=session) == NO_SESSION


def test_session_of_a_deleted_user(panel: FakePanel) -> None:
    session = login(panel, username="client", password="client")
    assert xml(panel, func="user.delete", elid="client", authinfo=ROOT) == "ok"
    assert xml(panel, func="iplist", auth=session) == "authfail"


def test_session_cookie(panel: FakePanel) -> None:
    answer = ask(panel, func="auth", username="root", password="secret", out="json")
    cookie = (answer.headers["Set-Cookie"] or "").partition(";")[0]
    session = next(iter(panel.auth.sessions))
    assert cookie == f"ispmgrses5={session}"
    assert answer.read() == b'{"doc": {"auth": {"$id": "%s"}}}' % session.encode()
    assert xml(panel, func="iplist", cookie=cookie) == "elem/192.0.2.1"
    assert xml(panel, func="iplist", cookie="ispmgrses5=no") == NO_SESSION
    assert xml(panel, func="iplist", cookie=cookie, auth="no") == NO_SESSION
    assert xml(panel, func="iplist", cookie="x=\x01;").startswith("error/access/auth")
    panel.auth.json_key = "$"
    answer = ask(panel, func="auth", username="root", password="secret", out="json")
    assert answer.read().startswith(b'{"doc": {"auth": {"$": "')


def new_key(panel: FakePanel, authinfo: str = ROOT, key: str = KEY, user: str = "client") -> str:
    return xml(panel, func="session.newkey", username=user, key=key, authinfo=authinfo)


def test_key(panel: FakePanel) -> None:
    assert new_key(panel, key=KEY[1:]).startswith("error/value/key")
    assert new_key(panel, authinfo="reseller:resold").startswith("error/access/session.newkey")
    assert new_key(panel, user="nobody").startswith("error/missed/user")
    assert panel.auth.keys == {}
    assert new_key(panel) == "ok"
    use = {"func": "auth", "username": "client", "key": KEY}
    # The cookie round trip is asked for first, and costs nothing.
    assert xml(panel, **use).startswith("error/auth/cookie")
    assert xml(panel, **{**use, "checkcookie": "no", "username": "root"}) == "authfail"
    session = login(panel, username="client", key=KEY, checkcookie="no", source="127.0.0.2")
    assert xml(panel, **use, checkcookie="no") == "authfail"
    # The session is the user's, at the address that used the key.
    assert xml(panel, func="iplist", auth=session) == NO_SESSION
    assert xml(panel, func="iplist", auth=session, source="127.0.0.2") == "elem/192.0.2.1"
    assert panel.calls[-1].user == "client"
    assert new_key(panel) == "ok"
    assert login(panel, username="client", key=KEY, cookie="ispmgrses5=old")


def test_key_from_a_session(panel: FakePanel) -> None:
    session = login(panel, username="root", password="secret")
    assert xml(panel, func="session.newkey", username="client", key=KEY, auth=session) == "ok"
    # su=USER gives up the administrator's rights.
    denied = xml(panel, func="session.newkey", su="client", username="x", key=KEY, authinfo=ROOT)
    assert denied.startswith("error/access/session.newkey")


@pytest.mark.parametrize(
    ("authinfo", "su", "answer"),
    [
        (ROOT, "client", "elem/192.0.2.1"),
        (ROOT, "www-root", "elem/192.0.2.1"),
        (ROOT, "nobody", "error/missed/user/en/No such user"),
        ("reseller:resold", "client", "elem/192.0.2.1"),
        ("reseller:resold", "reseller", "elem/192.0.2.1"),
        ("reseller:resold", "www-root", DENIED),
        ("reseller:resold", "root", DENIED),
        ("reseller:resold", "nobody", DENIED),
        ("client:client", "reseller", DENIED),
        ("client:client", "client", DENIED),
    ],
)
def test_su(panel: FakePanel, authinfo: str, su: str, answer: str) -> None:
    assert xml(panel, func="iplist", authinfo=authinfo, su=su) == answer
    if answer.startswith("elem"):
        assert panel.calls[-1][:3] == ("ispmgr", su, authinfo.split(":")[0])
    else:
        assert panel.calls == []


def test_su_sees_what_the_user_sees(panel: FakePanel) -> None:
    mine = xml(panel, func="domain", authinfo=ROOT, su="client")
    assert mine == "elem/example.net/client/192.0.2.2"
    assert xml(panel, func="domain", authinfo=ROOT).count("elem") == 2
    other = xml(panel, func="domain.delete", elid="example.com", authinfo=ROOT, su="client")
    assert other == "error/missed/domain/en/No such element"


def test_lang(panel: FakePanel) -> None:
    russian = xml(panel, func="no.such", authinfo=ROOT, lang="ru")
    assert (
        russian
        == "error/missed/func/ru/\u041d\u0435\u0442 \u0444\u0443\u043d\u043a\u0446\u0438\u0438"
    )
    assert xml(panel, func="no.such", authinfo=ROOT, lang="xx").endswith("/en/No such function")


def test_a_domain_is_made_read_changed_and_deleted(panel: FakePanel) -> None:
    def root(func: str, **params: str) -> str:
        return xml(panel, func=func, authinfo=ROOT, **params)

    new = {"name": "example.org", "ip": "192.0.2.9"}
    assert root("domain.edit") == "elid name owner ip ns maildomain webdomain"
    # Without sok a form is only read.
    assert root("domain.edit", **new).startswith("elid name")
    assert len(panel.state.tables["domain"]) == 2
    assert root("domain.edit", **new, sok="ok") == "ok"
    assert panel.state.tables["domain"][2] == {**new, "owner": "root"}
    assert root("domain.edit", **new, sok="ok") == "error/exists/domain/en/Already there"
    assert root("domain.edit", sok="ok").startswith("error/value/name")
    assert root("domain.edit", elid="example.org", ns="ns1.", sok="yes") == "ok"
    form = root("domain.edit", elid="example.org")
    assert form.startswith("elid/example.org name/example.org owner/root ip/192.0.2.9 ns/ns1.")
    assert root("domain.edit", elid="no.example", sok="ok").startswith("error/missed/domain")
    assert root("domain.delete", elid="example.org, no.example").startswith("error/missed/domain")
    assert root("domain.delete", elid="example.org, example.net") == "ok"
    assert root("domain") == "elem/example.com/www-root/192.0.2.1"


def test_a_web_server_restart_is_asked_for(panel: FakePanel) -> None:
    saved = xml(panel, func="webdomain.edit", name="w.example", sok="ok", authinfo=ROOT)
    assert saved == "ok/restart"
    assert panel.state.restarts == 0
    assert xml(panel, func="restart", authinfo=ROOT) == "ok"
    assert panel.state.restarts == 1


def test_a_new_user_can_log_in(panel: FakePanel) -> None:
    new = {"func": "user.edit", "name": "new", "passwd": "p:&+#%", "sok": "ok"}
    assert xml(panel, **new, authinfo="reseller:resold") == "ok"
    assert xml(panel, func="iplist", authinfo="new:p:&+#%") == "elem/192.0.2.1"
    assert xml(panel, func="iplist", authinfo="reseller:resold", su="new") == "elem/192.0.2.1"
    change = {"func": "user.edit", "elid": "new", "sok": "ok", "authinfo": ROOT}
    assert xml(panel, **change, passwd="other") == "ok"
    assert xml(panel, func="iplist", authinfo="new:other") == "elem/192.0.2.1"


@pytest.mark.parametrize(
    ("func", "answer"),
    [
        ("fail.text", b'{"error": {"$": "it failed <&>"}}'),
        ("fail.string", b'{"error": "it failed <&>"}'),
        ("fail.code", b'{"error": {"$code": "3", "$obj": "site"}}'),
        (
            "fail.typed",
            b'{"error": {"$type": "exists", "$object": "user", "$lang": "en",'
            b' "msg": {"$": "it exists <&>"}}}',
        ),
        ("iplist", b'{"elem": {"name": {"$": "192.0.2.1"}}}'),
        ("sslcert", b"{}"),
        (
            "longtask",
            b'{"elem": [{"pid": {"$": "7"}, "queue": {"$": "install"}, "status": {"$": "running"}},'
            b' {"pid": {"$": "8"}, "queue": {"$": "backup"}, "status": {"$": "queued"}}]}',
        ),
    ],
)
def test_functions_of_every_shape(panel: FakePanel, func: str, answer: bytes) -> None:
    reply = ask(panel, func=func, authinfo=ROOT, out="json")
    assert (reply.status, reply.read()) == (200, b'{"doc": %s}' % answer)


def test_generation_and_ajax_reach_the_answer(panel: FakePanel) -> None:
    assert ask(panel, func="restart", authinfo=ROOT, out="json", sfrom="ajax").read() == (
        b'/*ajax*/ panel.show({"ok": {}});'
    )
    panel.generation = 4
    assert ask(panel, func="restart", authinfo=ROOT, out="json").read() == b'{"result": "OK"}'


def test_any_function_can_be_made_to_fail(panel: FakePanel) -> None:
    panel.fail["restart"] = Failure("", "code", object="site")
    assert xml(panel, func="restart", authinfo=ROOT) == "error/3/site"
    assert panel.state.restarts == 0


def test_panels_by_path(panel: FakePanel) -> None:
    for path in ("/ispmgr", "/manager/ispmgr", "/billmgr", "/manager/billmgr"):
        assert xml(panel, path, func="iplist", authinfo=ROOT) == "elem/192.0.2.1"
    assert [call.panel for call in panel.calls] == ["ispmgr", "ispmgr", "billmgr", "billmgr"]
    for path in ("/", "/nomgr", "/other/ispmgr", "/manager"):
        assert ask(panel, path, func="iplist", authinfo=ROOT).status == 404


def test_other_methods_and_bodies(panel: FakePanel) -> None:
    assert ask(panel, method="PUT", func="iplist", authinfo=ROOT).status == 405
    request = urllib.request.Request(panel.url(), b"{}", {"Content-Type": "application/json"})
    with pytest.raises(urllib.error.HTTPError, match="415") as caught:
        urllib.request.urlopen(request, timeout=10)
    caught.value.close()
    assert panel.refused == ["the body is application/json, not a form"]


def test_calls_keep_order_repeats_and_bytes(panel: FakePanel) -> None:
    raw = "/ispmgr?func=iplist&b=%FF&a=1&a=2&authinfo=root:secret"
    assert ask(panel, raw, method="POST").status == 200
    pairs = [(b"func", b"iplist"), (b"b", b"\xff"), (b"a", b"1"), (b"a", b"2")]
    assert panel.calls[0].params[:4] == pairs
    assert panel.requests[0].pairs == panel.calls[0].params


def test_tls() -> None:
    with FakePanel(tls=True) as panel:
        trusting = ssl.create_default_context(cafile=panel.cafile)
        url = panel.url("billmgr") + "?func=iplist&out=text&authinfo=" + ROOT
        with urllib.request.urlopen(url, timeout=10, context=trusting) as answer:
            assert answer.read() == b"name=192.0.2.1\n"


def test_rows_that_the_panel_numbers(panel: FakePanel) -> None:
    root = {"authinfo": ROOT, "sok": "ok"}
    assert xml(panel, func="server.edit", name="a", **root) == "id/4711 ok"
    assert xml(panel, func="server.edit", name="a", **root).startswith("error/exists/server/")
    assert xml(panel, func="server.edit", elid="4711", ip="::1", **root) == "id/4711 ok"
    assert xml(panel, func="server.delete", elid="4711", **root) == "ok"
    # No number is given twice.
    assert xml(panel, func="server.edit", name="a", **root) == "id/4712 ok"
    assert xml(panel, func="server", **root) == "elem/a/root/4712"
    assert xml(panel, func="disk.edit", name="d", plid="4711", **root).startswith("error/missed")
    assert xml(panel, func="disk.edit", name="d", plid="4712", **root) == "id/501 ok"
    assert xml(panel, func="disk", elid="4712", **root) == "elem/d/501"


def test_a_stand_in_for_mgrctl_asks_the_panel(panel: FakePanel, tmp_path: Path) -> None:
    program = mgrctl_panel.make(tmp_path, panel.port)

    def ran(*args: bytes) -> tuple[int, bytes]:
        done = subprocess.run([program, *args], env={"S": "\udcff"}, stdout=subprocess.PIPE)
        return done.returncode, done.stdout

    assert ran(b"-m", b"billmgr", b"domain.edit", b"a=\xff=", b"-e", b"b=$S")[0] == 0
    assert panel.calls[-1].panel == "billmgr"
    assert panel.calls[-1].params[:3] == [
        (b"func", b"domain.edit"), (b"a", b"\xff="), (b"b", b"\xff"),
    ]  # fmt: skip
    assert ran(b"-m", b"ispmgr", b"iplist") == (0, b"name=192.0.2.1\n")
    for out in (b"text", b"xml", b"devel", b"json"):
        assert ran(b"-m", b"ispmgr", b"-o", out, b"fail.typed")[0] == 1
    assert ran(b"-x") == (1, b"ERROR usage(no such option: b'-x')\n")
