"""Edit, save, and a running service answers with the new prompt.

Each save goes the way of a release: load, lint, resolve, sign, publish, only with local keys, to a folder of
its own, so that release numbers of the real store stay untouched. A service polls it like any other store.
It must never publish what lint refuses, nor write into the store that ``promptyard.yaml`` names.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from registry.authoring.catalog import Catalog, load
from registry.authoring.settings_file import load_settings
from registry.authoring.tree import FolderTree
from registry.diagnostics import Diagnostic, has_errors
from registry.errors import PromptyardError, Usage
from registry.publish.channels import initialise, publish, read_bundle
from registry.publish.directory import DirectoryTarget
from registry.publish.state import read_state
from registry.release.cut import packed, renumbered, suites_of, with_probes
from registry.release.findings import findings_of
from registry.rendering.changes import Change, compare
from registry.rendering.resolve import resolve
from registry.settings import FILE, Channel, Settings
from serve.core.model import Bundle

FOLDER = ".promptyard/dev"
QUIET_S = 0.1
_LONGEST_WAIT_S = 1.0
_WRITES = frozenset(("created", "modified", "moved", "deleted"))


@dataclass(frozen=True, slots=True)
class Turn:
    """What one save led to.

    Attributes:
        release: number that is live now; None while none is.
        findings: what lint says of the files as they are.
        changes: what this save changed for a service; empty when nothing was published.
        refusal: why nothing was published, where it was not lint.
        seconds: from reading the files to the signed release.
    """

    release: int | None
    findings: tuple[Diagnostic, ...] = ()
    changes: tuple[Change, ...] = ()
    refusal: PromptyardError | None = None
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        """True when what is live is what the files say."""
        return self.refusal is None and not has_errors(self.findings)


class DevLoop:
    """The development channel of a working copy; ``step`` brings it up to what the files say."""

    def __init__(self, root: Path, name: str = "dev", *, clock: Callable[[], float] = time.monotonic) -> None:
        self.store = root / FOLDER / "store"
        self.channel = Channel(
            name=name,
            root=f"{FOLDER}/{name}.root.json",
            root_key=f"file:{FOLDER}/{name}-root.pem",
            targets_key=f"file:{FOLDER}/{name}-targets.pem",
            online_key=f"file:{FOLDER}/{name}-online.pem",
        )
        self._root = root
        self._target = DirectoryTarget(self.store)
        self._clock = clock
        self._live: Bundle | None = None

    def begin(self) -> None:
        """Make the channel's keys and root where they do not exist, and look at what is live."""
        (self._root / FOLDER).mkdir(parents=True, exist_ok=True)
        initialise(self._target, self.channel, self._root)
        move = read_state(self._target, self.channel, self._root).move
        self._live = None if move is None else read_bundle(self._target, move)

    def step(self) -> Turn:
        """Publish the files as they are, unless they have errors or nothing changed."""
        start = self._clock()
        try:
            tree = FolderTree(self._root)
            catalog = load(tree, load_settings(tree))
            findings = findings_of(catalog)
            if has_errors(findings):
                return Turn(self._release, findings, seconds=self._clock() - start)
            changes = self._publish(catalog)
        except PromptyardError as refusal:
            return Turn(self._release, refusal=refusal, seconds=self._clock() - start)
        return Turn(self._release, findings, changes, seconds=self._clock() - start)

    @property
    def _release(self) -> int | None:
        return None if self._live is None else self._live.manifest.release

    def _publish(self, catalog: Catalog) -> tuple[Change, ...]:
        created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        before = self._live
        bundle = resolve(catalog, created=created)
        if before is not None and bundle.manifest.content_sha256 == before.manifest.content_sha256:
            return ()
        release = packed(with_probes(bundle, suites_of(catalog)))
        done = publish(
            self._target,
            self.channel,
            lambda number: renumbered(release, number).data,
            actor="promptyard watch",
            reason="saved",
            descends=lambda _old, _new: True,
            root=self._root,
        )
        self._live = renumbered(release, done.release).bundle
        return compare(before or Bundle(self._live.manifest, {}, {}), self._live)


def turns(loop: DevLoop, root: Path, stop: threading.Event) -> Iterator[Turn]:
    """What the files lead to now, then what every save leads to, until ``stop`` is set.

    Raises:
        Usage: WAT001 when there is no content folder.
    """
    loop.begin()
    changed = threading.Event()
    with _watched(root, load_settings(FolderTree(root)), changed):
        yield loop.step()
        while not stop.is_set():
            if not changed.wait(timeout=0.2):
                continue
            _settle(changed)
            yield loop.step()


def _settle(changed: threading.Event) -> None:
    """Waits until an editor has finished writing: a short quiet, or a second at most."""
    end = time.monotonic() + _LONGEST_WAIT_S
    while changed.is_set() and time.monotonic() < end:
        changed.clear()
        changed.wait(timeout=QUIET_S)
    changed.clear()


@contextmanager
def _watched(root: Path, settings: Settings, changed: threading.Event) -> Iterator[None]:
    content = root / settings.content
    if not content.is_dir():
        raise Usage("WAT001", f"there is no folder {settings.content} to watch", "Run promptyard init first.")
    observer = _started(root, content, _Saves(content.resolve(), root.resolve() / FILE, changed))
    try:
        yield
    finally:
        observer.stop()
        observer.join(timeout=2)


def _started(root: Path, content: Path, saves: FileSystemEventHandler) -> BaseObserver:
    """The system's own watcher; polling where it has run out of watches or has none."""
    for kind in (Observer, PollingObserver):
        observer: BaseObserver = kind()
        try:
            observer.schedule(saves, str(content.resolve()), recursive=True)
            observer.schedule(saves, str(root.resolve()))
            observer.start()
        except OSError:
            continue
        return observer
    raise Usage("WAT002", "this system can watch no folder", "Run promptyard watch --once after each save.")


class _Saves(FileSystemEventHandler):
    """Sets an event when a file of the registry was written; reading does not count."""

    def __init__(self, content: Path, settings: Path, changed: threading.Event) -> None:
        self._content = content
        self._settings = settings
        self._changed = changed

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in _WRITES or (event.is_directory and event.event_type == "modified"):
            return
        paths = [Path(str(path)) for path in (event.src_path, event.dest_path) if path]
        if any(path == self._settings or path.is_relative_to(self._content) for path in paths):
            self._changed.set()
