"""A real browser for tests of pages: Chromium, spoken to over its own pipe, so that no driver is needed.

Source: Chrome DevTools Protocol; ``--remote-debugging-pipe`` reads commands from file 3 and writes to file 4, each
message a JSON object that ends in a zero byte.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE_S = 30.0


def find() -> str | None:
    """The path of a browser on this machine."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One browser with one page, in a profile of its own."""

    def __init__(self, program: str, profile: Path) -> None:
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()

        def wire() -> None:
            read, write = os.dup(theirs_in), os.dup(theirs_out)
            high_read, high_write = os.dup2(read, 200), os.dup2(write, 201)
            os.dup2(high_read, 3)
            os.dup2(high_write, 4)

        words = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        words += [f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"]
        self._process = subprocess.Popen(
            [program, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=wire,
            pass_fds=(3, 4),
            start_new_session=True,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._number = 0
        self._rest = b""
        self.events: list[dict[str, Any]] = []
        pages = self._ask("Target.getTargets")["targetInfos"]
        target = next(page["targetId"] for page in pages if page["type"] == "page")
        self._session = None
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for part in ("Page", "Runtime", "Log", "Network"):
            self._ask(f"{part}.enable")

    def open(self, place: Path) -> None:
        """Show a file and wait until it is loaded; events of earlier pages are forgotten."""
        self.events.clear()
        self._ask("Page.navigate", url=place.as_uri())
        self._until(lambda: self._saw("Page.loadEventFired"))

    def size(self, width: int, height: int = 800) -> None:
        """Make the window as wide as a telephone, or a desk."""
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def prefer(self, scheme: str, media: str = "") -> None:
        """Have pages shown light or dark, on screen or on paper."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._ask("Emulation.setEmulatedMedia", media=media, features=features)

    def ask(self, script: str) -> Any:
        """The value of an expression in the page; the page's own policy does not bind it."""
        told = self._ask("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def requested(self) -> list[str]:
        """What the page asked for, itself included."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def complaints(self) -> list[str]:
        """What the browser wrote to its log: breaches of the page's policy, dialogs, exceptions."""
        told = [
            event["params"]["entry"]["text"] for event in self.events if event["method"] == "Log.entryAdded"
        ]
        bad = ("Runtime.exceptionThrown", "Page.javascriptDialogOpening", "Runtime.consoleAPICalled")
        return told + [event["method"] for event in self.events if event["method"] in bad]

    def close(self) -> None:
        """End the browser, and nothing else."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        os.close(self._out)
        os.close(self._in)

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        number = self._number
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if getattr(self, "_session", None):
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        found: dict[str, Any] = {}

        def answered() -> bool:
            for event in self.events:
                if event.get("id") == number:
                    found.update(event)
            return bool(found)

        self._until(answered)
        self.events = [event for event in self.events if event.get("id") != number]
        assert "error" not in found, found
        return found["result"]  # type: ignore[no-any-return]

    def _saw(self, method: str) -> bool:
        return any(event.get("method") == method for event in self.events)

    def _until(self, holds: Any) -> None:
        end = time.monotonic() + PATIENCE_S
        while not holds():
            left = end - time.monotonic()
            assert left > 0, "the browser does not answer"
            if select.select([self._in], [], [], left)[0]:
                read = os.read(self._in, 1 << 20)
                assert read, "the browser has ended"
                *whole, self._rest = (self._rest + read).split(b"\0")
                self.events += [json.loads(message) for message in whole]
