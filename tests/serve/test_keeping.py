"""What a client leaves on disk, and when it takes up what another process left there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from serve.core.digest import sha256
from serve.keeping import Keeper
from serve.store import CacheUnavailable, Kept, Store
from serve.trust import Chain, Verified

FIRST = Kept(1, "a" * 64, '"one"', (), "{}", "{}", "{}")
SECOND = replace(FIRST, release=2, etag='"two"')


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "cache")
    store.prepare()
    return store


class Late(Store):
    """A folder that another process writes to right after it was read."""

    then = None

    def load(self):
        found = super().load()
        if self.then is not None:
            self.then, late = None, self.then
            self.save(late)
        return found


class Release:
    """As much of a live release as is written down."""

    def __init__(self, data):
        self.release, self.sha256 = 1, sha256(data)


ANSWER = Verified(Chain((), "{}", "{}", "{}"), 1, "a" * 64, 1, 0.0, 1)


def kept_in(keeper, data):
    keeper.keep(ANSWER, Release(data), '"one"', data)
    keeper.write_down()


def test_what_another_process_wrote_is_news_once(store):
    keeper = Keeper(store)
    assert keeper.news() is None
    store.save(FIRST)
    assert keeper.news() == FIRST
    assert keeper.news() == FIRST, "until it is taken up"
    keeper.taken()
    assert keeper.news() is None
    keeper.see(again=True)
    assert keeper.news() == FIRST


def test_what_is_written_while_it_is_read_is_news_the_next_time(store):
    late = Late(store.folder)
    late.save(FIRST)
    late.then = SECOND
    keeper = Keeper(late)
    assert keeper.latest() == FIRST
    keeper.taken()
    assert keeper.news() == SECOND


def test_what_was_written_here_is_no_news_here_and_is_news_elsewhere(store):
    keeper, other = Keeper(store), Keeper(store)
    kept_in(keeper, b"bundle")
    assert keeper.news() is None
    assert other.news().sha256 == sha256(b"bundle")
    assert store.object(sha256(b"bundle")) == b"bundle"
    assert keeper.confirmed_at() is not None


def test_what_cannot_be_written_is_written_later(store, monkeypatch):
    keeper = Keeper(store)

    def full(*_):
        raise CacheUnavailable("CAC001", "full", "Free space.")

    monkeypatch.setattr(store, "put", full)
    with pytest.raises(CacheUnavailable):
        kept_in(keeper, b"bundle")
    assert store.load() is None
    monkeypatch.undo()
    keeper.write_down()
    assert store.load() is not None


def test_who_stands_apart_writes_the_bundle_and_leaves_the_state_to_others(store):
    store.save(SECOND)
    keeper = Keeper(store)
    keeper.latest()
    keeper.see()
    keeper.stand_apart()
    kept_in(keeper, b"bundle")
    assert store.load() == SECOND
    assert store.object(sha256(b"bundle")) == b"bundle"
    assert keeper.news() == SECOND, "and looks at theirs again"


def test_the_other_bundle_of_a_rollout_stays_beside_the_one_in_use(store):
    keeper = Keeper(store)
    keeper.keep_other((sha256(b"other"), b"other"))
    kept_in(keeper, b"bundle")
    kept_in(keeper, b"bundle")
    assert store.object(sha256(b"other")) == b"other"
    keeper.keep_other(None)
    kept_in(keeper, b"next")
    kept_in(keeper, b"next")
    assert store.object(sha256(b"other")) is None
