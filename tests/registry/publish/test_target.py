"""The promises of a store, kept alike by a folder, by moto and by a real S3 server."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from registry.errors import Usage
from registry.publish.channels import open_target
from registry.publish.target import Conflict, Target, metadata_key


def test_a_key_that_nobody_wrote_reads_as_none(any_target: Target) -> None:
    assert any_target.read("objects/sha256/none") is None
    assert not any_target.unchanged("objects/sha256/none", '"0"')


def test_of_what_strangers_write_no_more_is_read_than_asked_for(any_target: Target) -> None:
    assert any_target.peek("status/none", 3) is None
    any_target.put_once("status/a", b"12345")
    assert [any_target.peek("status/a", most) for most in (3, 9)] == [b"123", b"12345"]
    assert any_target.peek("status/a", 5) == b"12345"


def test_a_key_is_created_once_and_equal_bytes_are_no_conflict(any_target: Target) -> None:
    any_target.put_once("objects/a", b"one")
    any_target.put_once("objects/a", b"one")
    with pytest.raises(Conflict, match="objects/a"):
        any_target.put_once("objects/a", b"two")
    stored = any_target.read("objects/a")
    assert stored is not None
    assert stored.data == b"one"


def test_a_key_is_replaced_under_its_own_tag_alone(any_target: Target) -> None:
    any_target.replace_if("t.json", b"1", None)
    first = any_target.read("t.json")
    assert first is not None
    any_target.replace_if("t.json", b"2", first.etag)
    with pytest.raises(Conflict):
        any_target.replace_if("t.json", b"3", first.etag)
    with pytest.raises(Conflict):
        any_target.replace_if("t.json", b"3", None)
    assert not any_target.unchanged("t.json", first.etag)
    second = any_target.read("t.json")
    assert second is not None
    assert second.data == b"2"
    assert any_target.unchanged("t.json", second.etag)


def test_replacing_a_key_that_is_gone_is_a_conflict(any_target: Target) -> None:
    any_target.replace_if("t.json", b"1", None)
    stored = any_target.read("t.json")
    assert stored is not None
    any_target.remove("t.json")
    with pytest.raises(Conflict):
        any_target.replace_if("t.json", b"2", stored.etag)


def test_a_replacement_that_already_happened_counts_as_done(any_target: Target) -> None:
    any_target.replace_if("t.json", b"1", None)
    stored = any_target.read("t.json")
    assert stored is not None
    any_target.replace_if("t.json", b"2", stored.etag)
    any_target.replace_if("t.json", b"2", stored.etag)


def test_listing_shows_one_level_with_folders_marked(any_target: Target) -> None:
    for key in ("channels/b/x.json", "channels/a/y.json", "channels/z.json", "store.json"):
        any_target.put_once(key, b"{}")
    assert any_target.list("channels/") == ("channels/a/", "channels/b/", "channels/z.json")
    assert any_target.list("nothing/") == ()


def test_of_racing_creators_exactly_one_wins(any_target: Target, store_url: str, tmp_path: Path) -> None:
    won: list[int] = []

    def create(number: int) -> None:
        target = any_target if number % 2 else open_target(store_url, tmp_path)
        try:
            target.put_once("objects/raced", str(number).encode())
        except Conflict:
            return
        won.append(number)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = any_target.read("objects/raced")
    assert stored is not None
    assert [str(number).encode() for number in won] == [stored.data]


@pytest.mark.parametrize("name", ["../staging", "a/b", "", ".hidden", "Staging", "x" * 64])
def test_a_channel_name_cannot_leave_its_prefix(name: str) -> None:
    with pytest.raises(Usage, match="PUB010"):
        metadata_key(name, "timestamp")
