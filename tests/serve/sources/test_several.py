"""Copies of a store: the first that answers is read, and what is behind harms nobody."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.bundles import bundle, prompt, text
from support.signed_store import SignedStore

import serve
from serve.core.errors import Usage
from serve.sources import open_source
from serve.sources.directory import DirectorySource
from serve.sources.port import Fetched, NotModified, SourceMissing, SourceUnavailable
from serve.sources.several import BACK_S, SeveralSources


@dataclass
class Place:
    """A store in memory that can be away."""

    held: dict[str, bytes] = field(default_factory=lambda: {"one": b"1"})
    away: bool = False
    asked: int = 0

    def fetch(self, path: str, *, etag: str | None = None, max_bytes: int) -> Fetched | NotModified:
        self.asked += 1
        if self.away:
            raise SourceUnavailable("SRC001", "away", "Wait.")
        if path not in self.held:
            raise SourceMissing("SRC002", "missing", "Look.")
        return NotModified() if etag == "t" else Fetched(self.held[path], "t")

    def reset(self) -> None:
        self.asked = 0

    close = doubt = reset


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_first_that_answers_is_kept_to_for_five_minutes() -> None:
    near, far, clock = Place(away=True), Place(), Clock()
    source = SeveralSources([near, far], monotonic=clock)
    for _ in range(3):
        assert source.fetch("one", max_bytes=9) == Fetched(b"1", "t")
    assert (near.asked, far.asked) == (1, 3)
    clock.now = BACK_S + 1
    source.fetch("one", max_bytes=9)
    source.fetch("one", max_bytes=9)
    assert (near.asked, far.asked) == (2, 5), "still away: not asked again at once"
    near.away, clock.now = False, 2 * BACK_S + 2
    source.fetch("one", max_bytes=9)
    source.fetch("one", max_bytes=9)
    assert (near.asked, far.asked) == (4, 5)
    source.reset()
    assert (near.asked, far.asked) == (0, 0)


def test_what_a_place_lacks_is_not_looked_for_elsewhere() -> None:
    near, far = Place({}), Place()
    source = SeveralSources([near, far])
    with pytest.raises(SourceMissing):
        source.fetch("one", max_bytes=9)
    assert far.asked == 0


def test_when_none_answers_it_is_the_first_that_is_told_and_the_kept_one_that_is_asked_first() -> None:
    near, far = Place(away=True), Place()
    source = SeveralSources([near, far])
    assert source.fetch("one", etag="t", max_bytes=9) == NotModified()
    far.away = True
    with pytest.raises(SourceUnavailable, match="SRC001"):
        source.fetch("one", max_bytes=9)
    assert (near.asked, far.asked) == (2, 2)
    near.away = False
    assert source.fetch("one", max_bytes=9) == Fetched(b"1", "t")


def release(number: int) -> object:
    return bundle(prompt(text("user", f"{number} {{{{ name }}}}")), release=number)


def test_a_service_goes_on_with_the_copy_and_a_copy_that_is_behind_takes_it_nowhere(
    yard, desk, tmp_path: Path
) -> None:
    yard.publish(release(1))
    copy = tmp_path / "copy"
    shutil.copytree(yard.folder, copy)
    yard.publish(release(2))
    it = desk(source=SeveralSources([DirectorySource(yard.folder), DirectorySource(copy)]))
    it.client.step()
    assert it.say() == "2 Ann"
    yard.leave()
    with pytest.raises(serve.SignatureRefused, match="SIG002"):
        it.client.step()
    assert it.say() == "2 Ann"
    assert it.client.status().state == "fresh"
    shutil.rmtree(copy)
    shutil.copytree(yard.folder.with_suffix(".away"), copy)
    assert not it.client.step()
    assert it.client.status().state == "fresh"


@pytest.mark.parametrize("lie", ["forged", "text", "nothing", "endless"])
def test_a_place_that_lies_costs_a_poll_and_keeps_nobody_from_what_the_others_hold(
    yard, desk, tmp_path: Path, lie: str
) -> None:
    yard.publish(release(1))
    liar = SignedStore(tmp_path / "liar")
    liar.publish(release(9))
    if lie == "nothing":
        liar.timestamp.unlink()
    elif lie != "forged":
        liar.timestamp.write_bytes(b"<html>" * (1 if lie == "text" else 10_000))
    it = desk(source=SeveralSources([DirectorySource(liar.folder), DirectorySource(yard.folder)]))
    with pytest.raises((serve.SignatureRefused, SourceUnavailable)):
        it.client.step()
    assert it.client.step()
    assert it.say() == "1 Ann"
    yard.publish(release(2))
    assert it.client.step()
    assert it.say() == "2 Ann"


def test_connect_takes_several_urls(yard, tmp_path: Path) -> None:
    yard.publish(release(1))
    urls = [f"file:{tmp_path}/none", yard.url]
    with serve.connect(urls, trust=yard.root, cache=tmp_path / "cache", start=False) as client:
        client.step()
        assert client.live is not None
    with pytest.raises(Usage, match="SRC005"):
        open_source([])
