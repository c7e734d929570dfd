"""Every byte of the cache, changed in turn: a client starts from the right release or from none, and mends itself."""

from __future__ import annotations

import logging
import os

import pytest
from support.bundles import bundle, prompt, text
from support.signed_store import CHANNEL

from serve.client import Client
from serve.poll import Rhythm
from serve.sources.directory import DirectorySource
from serve.store import Store
from serve.trust import Trust

MASKS = (0x01, 0x4C, 0x80)  # a near neighbour; what makes \\n of \\"; what is no UTF-8
MENDED_EVERY = 67  # a prime, so that all fields get their turn


@pytest.fixture
def start(yard, tmp_path):
    logging.getLogger("serve").setLevel(logging.CRITICAL)
    trust = Trust(yard.root, CHANNEL)

    def start():
        source, store = DirectorySource(yard.folder), Store(tmp_path / "cache")
        client = Client(source, trust, store, channel=CHANNEL, rhythm=Rhythm(0.05, 0.02))
        client.restore()
        return client

    yard.publish(bundle(prompt(text("user", "1 {{ name }}")), release=1))
    start().step()
    return start


def said(client):
    return client.render("support/hello", {"name": "Ann"}).messages[0].text


def broken(data):
    """Each byte changed in turn, by turns with each mask; then the data cut off in many places."""
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= MASKS[place % len(MASKS)]
        yield bytes(changed)
    yield from (data[:end] for end in range(0, len(data), 29))


@pytest.mark.parametrize(
    ("name", "stepped_every"),
    [
        ("state.json", MENDED_EVERY),
        ("object", MENDED_EVERY),
        ("seen.json", 7),  # read by a step alone, which costs milliseconds
        ("polled", 1),
        ("leader.lock", 1),
    ],
)
def test_no_changed_byte_is_served_or_stops_the_client(yard, tmp_path, start, name, stepped_every):
    path = tmp_path / "cache" / (name if name != "object" else f"objects/{yard.object().name}")
    whole = path.read_bytes() if path.exists() else b""
    started = mended = 0
    for number, data in enumerate(broken(whole or b"x" * 20)):
        path.write_bytes(data)
        client = start()
        if client.live is not None:
            assert (client.live.sha256, said(client)) == (yard.move.sha256, "1 Ann")
            started += 1
        if number % stepped_every == 0:
            client.step()
            assert said(client) == "1 Ann"
            again = start()
            assert again.live is not None
            mended += 1
        client.close()
    assert mended >= 1
    assert started > 0 if name != "object" else started == 0


def link(path, where):
    path.unlink(missing_ok=True)
    path.symlink_to(where)


def pipe(path, _):
    path.unlink()
    os.mkfifo(path)


def folder(path, _):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("trick", [link, pipe])
@pytest.mark.parametrize("name", ["state.json", "object"])
def test_a_link_or_a_pipe_in_place_of_a_file_is_an_empty_cache_and_is_replaced(
    yard, tmp_path, start, name, trick
):
    path = tmp_path / "cache" / (name if name != "object" else f"objects/{yard.object().name}")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(path.read_bytes())
    trick(path, elsewhere)
    client = start()
    assert client.live is None
    client.step()
    assert (said(client), client.status().cache_problem) == ("1 Ann", None)
    assert path.is_file()
    assert not path.is_symlink()


def test_a_link_without_end_is_not_read(tmp_path, start):
    link(tmp_path / "cache/state.json", "/dev/zero")
    assert start().live is None


def test_a_lock_that_is_a_link_is_not_followed_and_the_client_polls_for_itself(tmp_path, start):
    link(tmp_path / "cache/leader.lock", tmp_path / "victim")
    client = start()
    client.start()
    try:
        assert client.wait_ready(5)
        assert client.status().polls or client._duty.running
        assert not (tmp_path / "victim").exists()
    finally:
        client.close()


@pytest.mark.parametrize("name", ["state.json", "object"])
def test_a_folder_in_place_of_a_file_is_told_and_served_past(yard, tmp_path, start, name):
    path = tmp_path / "cache" / (name if name != "object" else f"objects/{yard.object().name}")
    folder(path, None)
    client = start()
    client.step()
    assert said(client) == "1 Ann"
    assert "CAC001" in client.status().cache_problem
