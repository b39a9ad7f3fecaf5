"""Published clients of this API work with the fake panel: it is not only our own idea of one.

`LOGREQ_TEST_CLIENTS_PYTHON` names an interpreter that has `certbot-dns-dnsmgr`,
`certbot-dns-ispmgr` and `zope.interface` (the latter imports it without asking for it).
Without the variable these tests are skipped; with it, a package that is absent fails them.
"""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.support.panel import FakePanel

PYTHON = os.environ.get("LOGREQ_TEST_CLIENTS_PYTHON", "")
NAME = "_acme-challenge.www.example.com"

ISPMGR = """
import sys
from certbot_dns_ispmgr import dns_ispmgr
dns_ispmgr.time.sleep = lambda seconds: None
client = dns_ispmgr._ISPmanagerClient(*sys.argv[2:5], "www.example.com")
client.{}(sys.argv[1], sys.argv[5])
"""
DNSMGR = """
import sys
from certbot_dns_dnsmgr import dns_dnsmgr
client = dns_dnsmgr._DNSmanagerClient(*sys.argv[2:5], 60)
client.{}("www.example.com", sys.argv[1], sys.argv[5])
"""


pytestmark = [
    pytest.mark.interpreter,
    pytest.mark.skipif(not PYTHON, reason="LOGREQ_TEST_CLIENTS_PYTHON is not set"),
]


def run(
    code: str, panel: FakePanel, url: str, value: str = "a-B_0=", password: str = "secret"
) -> str:
    """Run a client's code; give the last line of its standard error, empty where it succeeded."""
    done = subprocess.run(
        [PYTHON, "-c", code, NAME, url, "root", password, value],
        env={"REQUESTS_CA_BUNDLE": panel.cafile or ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    last = done.stderr.strip().rpartition("\n")[2]
    assert (done.returncode == 0) == (not last.startswith("certbot.errors.")), done.stderr
    return last


def test_dnsmgr_client_adds_and_deletes_a_record() -> None:
    with FakePanel(tls=True) as panel:
        records = panel.state.tables["domain.record"]
        for value in ("a-B_0=", "other"):
            assert run(DNSMGR.format("add_txt_record"), panel, panel.url("dnsmgr"), value) == ""
        assert [(row["name"], row["rtype"], row["value"], row["plid"]) for row in records] == [
            (NAME + ".", "txt", "a-B_0=", "example.com"),
            (NAME + ".", "txt", "other", "example.com"),
        ]
        assert run(DNSMGR.format("del_txt_record"), panel, panel.base) == ""
        left = panel.state.tables["domain.record"]
        assert [row["value"] for row in left] == ["other"]
        assert [call.func for call in panel.calls[-3:]] == [
            "domain",
            "domain.record",
            "domain.record.delete",
        ]
        assert {request.method for request in panel.requests} == {"POST"}
        assert panel.refused == []


def test_dnsmgr_client_reads_an_error_document() -> None:
    add = DNSMGR.format("add_txt_record")
    with FakePanel(tls=True) as panel:
        panel.auth.fail_with = "error"
        failed = run(add, panel, panel.base, password="x:&+#%")
        assert failed.endswith("DNSmanager API error in domain: Wrong name or password")
        assert run(add, panel, panel.base) == ""
        assert run(add, panel, panel.base).endswith("error in domain.record.edit: Already there")
        panel.auth.accounts["root"] = panel.auth.accounts["root"]._replace(password="x:&+#%")
        assert run(add, panel, panel.base, "new", password="x:&+#%") == ""


def test_ispmgr_client_adds_and_deletes_a_record() -> None:
    # This one speaks the fourth generation's JSON: no `doc`, no `$`.
    with FakePanel(tls=True, generation=4) as panel:
        assert run(ISPMGR.format("add_txt_record"), panel, panel.base) == ""
        (row,) = panel.state.tables["domain.sublist"]
        added = {"name": NAME + ".", "type": "TXT", "addr": "a-B_0=", "plid": "example.com"}
        assert {name: row[name] for name in added} == added
        assert run(ISPMGR.format("del_txt_record"), panel, panel.url()) == ""
        assert panel.state.tables["domain.sublist"] == []
        assert [call.func for call in panel.calls] == [
            "domain.sublist.edit",
            "domain.sublist",
            "domain.sublist.delete",
        ]
        assert panel.requests[0].get(b"func") == b"auth"
        assert panel.refused == []


def test_ispmgr_client_reads_a_failure() -> None:
    add = ISPMGR.format("add_txt_record")
    with FakePanel(tls=True, generation=4) as panel:
        failed = run(add, panel, panel.base, password="wrong")
        assert failed.endswith(
            "Failed to authenticate with ISPmanager API. Result: {'authfail': ''}"
        )
        assert run(add, panel, panel.base) == ""
        assert run(add, panel, panel.base).endswith("Failed to add TXT record: Already there")


def test_ispmgr_client_does_not_know_the_fifth_generations_json() -> None:
    with FakePanel(tls=True) as panel:
        failed = run(ISPMGR.format("add_txt_record"), panel, panel.base)
        assert "Failed to authenticate" in failed
        assert "'doc': {'auth': {'$id':" in failed
