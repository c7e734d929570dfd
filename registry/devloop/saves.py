"""When to look: the system's word that something was written, or a look every half second.

The word is only a hint. What changed is read from the files themselves, so that editors that rename, swap
links or write in pieces, and thousands of events at once, all come to the same.
It must never miss a save for good: whatever the system forgets to tell is found by looking now and then.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from registry.devloop.loop import DevLoop, Turn
from registry.errors import PromptyardError
from registry.settings import FILE, Settings

LOOK_S = 2.0  # between two looks that nobody asked for
BLIND_LOOK_S = 0.5  # the same where the system tells nothing
_WHOLE_S = 0.01  # after a file was closed or moved into place
_PIECE_S = 0.1  # after a write that may not be the last
_LONGEST_S = 1.0
_CHECKOUT_S = 10.0
_WHOLE = frozenset(("closed", "moved", "deleted"))
_PIECES = frozenset(("created", "modified"))


def turns(
    loop: DevLoop, root: Path, stop: threading.Event, blind: Callable[[str], None] = lambda _: None
) -> Iterator[Turn]:
    """What the files lead to now, then what every save leads to, until ``stop`` is set.

    Args:
        loop: not begun yet.
        root: of the registry.
        stop: ends it within a fifth of a second.
        blind: told why, when the system cannot watch and the files are looked at instead.

    Raises:
        Usage: WAT001 when there is no content folder.
    """
    loop.begin()
    with _Watch(root, blind) as watch:
        first = loop.step()
        if first.refusal is not None and first.refusal.code == "WAT001":
            raise first.refusal
        yield first
        while not stop.is_set():
            if watch.wait(stop):
                turn = loop.step()
                if not turn.idle:
                    yield turn


class _Watch:
    """The system's watches on the content folder and on the settings beside it."""

    def __init__(self, root: Path, blind: Callable[[str], None]) -> None:
        self._root = root.resolve()
        self._blind = blind
        self._events: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._observer: BaseObserver | None = None
        self._watched: tuple[Path, int] | None = None
        self._told = False

    def __enter__(self) -> _Watch:
        self._renew()
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def wait(self, stop: threading.Event) -> bool:
        """True when it is time to look; False when ``stop`` was set."""
        self._renew()
        end = time.monotonic() + (LOOK_S if self._observer is not None else BLIND_LOOK_S)
        while not stop.is_set():
            left = end - time.monotonic()
            if left <= 0:
                return True
            with suppress(queue.Empty):
                self._settle(self._events.get(timeout=min(left, 0.2)))
                return True
        return False

    def _settle(self, kind: str) -> None:
        """Waits until a writer has finished: until a file is whole, a short quiet, or a second at most."""
        start = time.monotonic()
        while time.monotonic() < start + _LONGEST_S:
            try:
                kind = self._events.get(timeout=_WHOLE_S if kind in _WHOLE else _PIECE_S)
            except queue.Empty:
                break
        lock = self._root / ".git" / "index.lock"
        while lock.exists() and time.monotonic() < start + _CHECKOUT_S:
            time.sleep(_PIECE_S)
        with suppress(queue.Empty):
            while True:
                self._events.get_nowait()

    def _renew(self) -> None:
        """Watch the content folder that there is now; a folder made anew is another folder."""
        content = self._content()
        wanted = (content, content.stat().st_ino) if content.is_dir() else None
        if wanted == self._watched and (self._observer is None or self._observer.is_alive()):
            return
        self._end()
        self._watched = wanted
        observer: BaseObserver = Observer()
        handler = _Saves(content, self._root / FILE, self._events)
        try:
            if wanted is not None:
                observer.schedule(handler, str(content), recursive=True)
            observer.schedule(handler, str(self._root))
            observer.start()
        except OSError as error:
            self._tell(error)
            return
        self._observer = observer

    def _content(self) -> Path:
        try:
            settings = load_settings(FolderTree(self._root))
        except PromptyardError:
            return self._watched[0] if self._watched else self._root / Settings().content
        return self._root / settings.content

    def _tell(self, error: OSError) -> None:
        if not self._told:
            self._told = True
            self._blind(
                os.strerror(error.errno) if error.errno and not error.args[1:] else str(error.args[-1])
            )

    def _end(self) -> None:
        if self._observer is not None:
            self._observer.stop()
            self._observer.join(timeout=2)
            self._observer = None


class _Saves(FileSystemEventHandler):
    """Passes on the kind of each event that is a write to a file of the registry; reading does not count."""

    def __init__(self, content: Path, settings: Path, events: queue.SimpleQueue[str]) -> None:
        self._content = str(content) + os.sep
        self._settings = str(settings)
        self._events = events

    def on_any_event(self, event: FileSystemEvent) -> None:
        kind = event.event_type
        if kind not in _WHOLE | _PIECES or (event.is_directory and kind == "modified"):
            return
        paths = [os.fsdecode(path) for path in (event.src_path, event.dest_path) if path]
        if any(path == self._settings or f"{path}{os.sep}".startswith(self._content) for path in paths):
            self._events.put(kind)
