"""A store, two channels with keys, ways to publish to them, and bad luck for the publisher."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support.bundles import bundle, prompt, text
from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface, Updater

from registry.publish import channels
from registry.publish.channels import Published
from registry.publish.target import Target, metadata_key
from registry.settings import Channel, Settings
from serve.core.bundle import pack


def follows(old: str, new: str) -> bool:
    """Commits of these tests are letters: the later letter descends from the earlier."""
    return old <= new


def packer(content: str, commit: str = "a") -> channels.Pack:
    def packed(number: int) -> bytes:
        built = bundle(prompt(text("user", content), inputs={}), release=number)
        return pack(replace(built, manifest=replace(built.manifest, commit=commit)))

    return packed


class Fetcher(FetcherInterface):
    """Stock ngclient's way into a store."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def _fetch(self, url: str) -> Iterator[bytes]:
        stored = self._target.read(url)
        if stored is None:
            raise DownloadHTTPError(url, 404)
        return iter((stored.data,))


@dataclass
class Clock:
    """A time that passes only when told, and waits that are only counted."""

    moment: datetime = field(default_factory=lambda: datetime.now(UTC))
    waits: list[int] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def wait(self, attempt: int) -> None:
        self.waits.append(attempt)

    def pass_days(self, days: float) -> None:
        self.moment += timedelta(days=days)


@dataclass
class Yard:
    """A store with channels ``staging`` and ``production``."""

    url: str
    root: Path
    target: Target
    clock: Clock = field(default_factory=Clock)
    staging: Channel = field(default_factory=lambda: Settings().channel("staging"))
    production: Channel = field(default_factory=lambda: Settings().channel("production"))
    _names: Iterator[int] = field(default_factory=itertools.count)

    def open(self) -> Target:
        """Another publisher's view of the same store."""
        return channels.open_target(self.url, self.root)

    def publish(self, content: str | None = None, *, commit: str = "a", **changes: Any) -> Published:
        given: dict[str, Any] = {
            "target": self.target, "channel": self.staging, "actor": "ada", "descends": follows,
            "root": self.root, "now": self.clock.now, "wait": self.clock.wait,
        }  # fmt: skip
        pack_it = packer(content if content is not None else f"text {next(self._names)}", commit)
        return channels.publish(pack=pack_it, **{**given, **changes})

    def promote(self, **changes: Any) -> Published:
        return channels.promote(
            self.target,
            self.staging,
            self.production,
            actor="bob",
            descends=follows,
            root=self.root,
            now=self.clock.now,
            wait=self.clock.wait,
            **changes,
        )

    def rollback(self, to: int, channel: Channel | None = None) -> Published:
        where = channel or self.staging
        return channels.rollback(
            self.target,
            where,
            to,
            "wrong tone",
            actor="eve",
            root=self.root,
            now=self.clock.now,
            wait=self.clock.wait,
        )

    def releases(self, channel: Channel | None = None) -> list[int]:
        """The releases of a channel's history, oldest first."""
        told = channels.history(self.target, channel or self.staging, root=self.root)
        return [move.release for move in reversed(told)]

    def seen(self, channel: Channel | None = None) -> tuple[int, str]:
        """Release and digest that stock ngclient finds, starting from the root file alone."""
        wanted = channel or self.staging
        with tempfile.TemporaryDirectory() as folder:
            base = metadata_key(wanted.name, "x").removesuffix("x.json")
            shipped = (self.root / wanted.root).read_bytes()
            updater = Updater(folder, base, fetcher=Fetcher(self.target), bootstrap=shipped)
            updater.refresh()
            info = updater.get_targetinfo("stable")
        assert info is not None
        return info.custom["release"], info.hashes["sha256"]


def make(url: str, root: Path) -> Yard:
    yard = Yard(url, root, channels.open_target(url, root))
    for channel in (yard.staging, yard.production):
        channels.initialise(yard.target, channel, root, now=yard.clock.now)
    return yard


class Crash(BaseException):
    """The end of a publisher's process."""


@dataclass
class Faulty:
    """A store seen through a publisher that has bad luck around one of its writes, counted from 0.

    ``before`` runs instead of the write; ``after`` runs when the write is done.
    """

    target: Target
    at: int
    before: Callable[[], None] | None = None
    after: Callable[[], None] | None = None
    writes: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.target, name)

    def put_once(self, key: str, data: bytes, *, immutable: bool = True) -> None:
        self._around(key, lambda: self.target.put_once(key, data, immutable=immutable))

    def replace_if(self, key: str, data: bytes, etag: str | None) -> None:
        self._around(key, lambda: self.target.replace_if(key, data, etag))

    def _around(self, key: str, write: Callable[[], None]) -> None:
        self.writes.append(key)
        now = len(self.writes) - 1 == self.at
        if now and self.before is not None:
            self.before()
        write()
        if now and self.after is not None:
            self.after()


def crash() -> None:
    raise Crash
