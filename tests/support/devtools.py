"""A headless Chromium with its developer tools open: what it saves and copies is the real thing.

Driven by its debugging protocol over a pipe. The tools' own page is opened on another page, and
its modules are asked for what its menus give: HAR, and each request as cURL.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Optional

CHROMIUM = ("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run")
_QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync")
_REQUESTS = """
const logs = await import('./models/logs/logs.js');
const requests = logs.NetworkLog.NetworkLog.instance().requests();
"""
_HAR = """(async () => {%s
const har = await import('./models/har/har.js');
const progress = {createSubProgress: () => ({})};
return await har.Writer.Writer.harStringForRequests(requests, {sanitize: false}, progress);
})()"""
_CURL = """(async () => {%s
const network = await import('./panels/network/network.js');
const view = network.NetworkLogView.NetworkLogView;
return await Promise.all(requests.map(request => view.generateCurlCommand(request, '%s')));
})()"""


class Chromium:
    """A browser while the `with` block lasts; one page, whose requests are recorded."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._numbers = itertools.count(1)
        self._data = b""

    def __enter__(self) -> Chromium:
        self._folder = tempfile.mkdtemp(prefix="logreq-chromium-")
        reading, there = os.pipe()
        here, self._to = os.pipe()
        self._from = reading
        # The browser reads from descriptor 3 and writes to 4: bash moves them there.
        options = [*CHROMIUM[1:], *_QUIET, "--remote-debugging-pipe", "--remote-debugging-port=0",
                   "--remote-allow-origins=*", f"--user-data-dir={self._folder}"]  # fmt: skip
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$0" "$@" 3<&{here} 4>&{there}', self._program, *options],
            pass_fds=(here, there),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(here)
        os.close(there)
        try:
            self._begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _begin(self) -> None:
        self._page = self._open("about:blank")
        port = self._port()
        target = self._send("Target.getTargetInfo", self._page)["targetInfo"]["targetId"]
        address = f"ws=127.0.0.1:{port}/devtools/page/{target}"
        self._tools = self._open(f"devtools://devtools/bundled/inspector.html?{address}")
        self.until("import('./models/logs/logs.js').then(() => true)", page=self._tools)
        # The tools have to be listening before the page loads anything.
        self.until(
            "import('./core/sdk/sdk.js').then(sdk => sdk.TargetManager.TargetManager.instance()"
            ".models(sdk.NetworkManager.NetworkManager).length > 0)",
            page=self._tools,
        )

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.wait()
        os.close(self._to)
        os.close(self._from)
        # It writes on for a moment.
        shutil.rmtree(self._folder, ignore_errors=True)

    def go(self, url: str) -> None:
        """Load a page and wait for it."""
        self._send("Page.navigate", self._page, url=url)
        self.until(f"location.href == {json.dumps(url)} && document.readyState == 'complete'")

    def run(self, code: str, page: Optional[str] = None) -> Any:
        """Run an expression in the page, wait for its promise, give its value."""
        done = self._send(
            "Runtime.evaluate", page or self._page,
            expression=code, awaitPromise=True, returnByValue=True,
        )  # fmt: skip
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def until(self, condition: str, page: Optional[str] = None) -> None:
        """Wait until a condition is true in the page."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                if self.run(condition, page):
                    return
            except (AssertionError, RuntimeError):
                pass  # the page is being loaded
            time.sleep(0.05)
        raise TimeoutError(condition)

    def har(self) -> str:
        """Give what the tools save: all requests so far, with their answers."""
        return str(self.run(_HAR % _REQUESTS, self._tools))

    def curl(self, platform: str) -> list[str]:
        """Give what the tools copy, `unix` or `win`, a command for each request so far."""
        return list(self.run(_CURL % (_REQUESTS, platform), self._tools))

    def _open(self, url: str) -> str:
        target = self._send("Target.createTarget", url=url)["targetId"]
        return str(self._send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])

    def _port(self) -> int:
        file = Path(self._folder, "DevToolsActivePort")
        for _ in range(200):
            if file.exists() and file.read_text().strip():
                break
            time.sleep(0.05)
        return int(file.read_text().split()[0])

    def _send(self, method: str, session: Optional[str] = None, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(answer["error"])
                return dict(answer["result"])

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._data:
            data = os.read(self._from, 1024 * 1024)
            if not data:
                raise EOFError("the browser has ended")
            self._data += data
        message, _, self._data = self._data.partition(b"\0")
        return dict(json.loads(message))
