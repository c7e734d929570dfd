"""A signed store, and clients of it that step when told and never wait."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.signed_store import CHANNEL, SignedStore

from serve.client import Client
from serve.poll import Rhythm
from serve.sources.directory import DirectorySource
from serve.sources.port import Fetched, NotModified, Source, SourceUnavailable
from serve.store import Store
from serve.trust import Trust


@dataclass
class Spy:
    """A source that counts requests, and can be told to fail."""

    source: Source
    asked: list[str] = field(default_factory=list)
    body_bytes: int = 0
    away: bool = False

    def fetch(self, path: str, *, etag: str | None = None, max_bytes: int) -> Fetched | NotModified:
        self.asked.append(path.rpartition("/")[2])
        if self.away:
            raise SourceUnavailable("SRC001", "away", "Wait.")
        answer = self.source.fetch(path, etag=etag, max_bytes=max_bytes)
        self.body_bytes += len(answer.data) if isinstance(answer, Fetched) else 0
        return answer

    def doubt(self) -> None:
        self.source.doubt()

    def reset(self) -> None:
        self.source.reset()

    def close(self) -> None:
        self.source.close()


@dataclass
class Clock:
    """Wall time that passes when told."""

    offset: timedelta = timedelta()

    def __call__(self) -> float:
        return (datetime.now(UTC) + self.offset).timestamp()

    def advance(self, **by: float) -> None:
        self.offset += timedelta(**by)


@dataclass
class Desk:
    """One client with everything a test wants to see of it."""

    client: Client
    spy: Spy
    clock: Clock

    def say(self) -> str:
        """What the live release answers."""
        return self.client.render("support/hello", {"name": "Ann"}).messages[0].text


@pytest.fixture
def yard(tmp_path: Path) -> SignedStore:
    return SignedStore(tmp_path / "yard")


@pytest.fixture
def desk(yard: SignedStore, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Make clients of the yard that step when told; equal ``cache`` names share a folder."""
    made: list[Client] = []

    def make(
        cache: str | Path = "cache",
        *,
        trust: bytes | None = None,
        source: Source | None = None,
        rhythm: Rhythm = Rhythm(0.05, 0.02),
        **more: float | None,
    ) -> Desk:
        spy, clock = Spy(source or DirectorySource(yard.folder)), Clock()
        client = Client(
            spy,
            Trust(trust or yard.root, CHANNEL),
            Store(tmp_path / cache),
            channel=CHANNEL,
            rhythm=rhythm,
            now=clock,
            **more,
        )
        made.append(client)
        client.restore()
        return Desk(client, spy, clock)

    yield make
    for client in made:
        client.close()


@pytest.fixture(autouse=True)
def _quiet() -> None:
    logging.getLogger("serve").setLevel(logging.CRITICAL)
