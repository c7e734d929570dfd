"""A root on its way through Git: proposed, signed by one after the other, trusted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from securesystemslib.signer import Key

from registry.errors import Usage
from registry.publish import ceremony, keys, metadata, roots
from registry.publish.state import committed_roots, root_path
from registry.settings import Channel, Settings

NOW = datetime(2026, 11, 21, tzinfo=UTC)
NEXT = "trust/production.next.root.json"


@pytest.fixture
def channel() -> Channel:
    return Settings().channel("production")


def key(name: str, root: Path) -> Key:
    return roots.owned(keys.create(f"file:keys/{name}.pem", root), name)


def begun(channel: Channel, root: Path, *names: str, threshold: int = 2) -> ceremony.Ceremony:
    public = [key(name, root) for name in names]
    return ceremony.begin(channel, public, threshold, key("targets", root), key("online", root), NOW, root)


def test_a_root_is_trusted_with_the_last_signature_that_is_needed(channel: Channel, tmp_path: Path) -> None:
    assert begun(channel, tmp_path, "ada", "bob", "eve").path.as_posix() == NEXT
    assert not ceremony.sign(channel, "file:keys/ada.pem", tmp_path).complete
    assert not (tmp_path / channel.root).exists()
    waiting = ceremony.proposed(channel, tmp_path)
    assert waiting is not None
    assert [each.owner for each in waiting.quorums[0].missing] == ["bob", "eve"]
    done = ceremony.sign(channel, "file:keys/eve.pem", tmp_path)
    assert (done.complete, done.path.as_posix()) == (True, channel.root)
    assert ceremony.proposed(channel, tmp_path) is None
    assert metadata.read_root((tmp_path / channel.root).read_bytes()).version == 1


def test_the_root_before_stays_beside_it(channel: Channel, tmp_path: Path) -> None:
    begun(channel, tmp_path, "ada", threshold=1)
    ceremony.sign(channel, "file:keys/ada.pem", tmp_path)
    for version in (2, 3):
        ceremony.change(channel, lambda _: None, NOW, tmp_path)
        ceremony.sign(channel, "file:keys/ada.pem", tmp_path)
        assert (tmp_path / root_path(channel, version - 1)).exists()
    files = sorted(path.name for path in (tmp_path / "trust").iterdir())
    assert files == ["production.1.root.json", "production.2.root.json", "production.root.json"]
    assert [metadata.read_root(data).version for data in committed_roots(channel, tmp_path)] == [1, 2, 3]


def test_a_new_holder_and_the_old_ones_sign(channel: Channel, tmp_path: Path) -> None:
    begun(channel, tmp_path, "ada", threshold=1)
    ceremony.sign(channel, "file:keys/ada.pem", tmp_path)

    def to_bob(document):
        roots.replace_key(document, "root", key("bob", tmp_path))

    ceremony.change(channel, to_bob, NOW, tmp_path)
    half = ceremony.sign(channel, "file:keys/bob.pem", tmp_path)
    assert [each.complete for each in half.quorums] == [False, True]
    assert ceremony.sign(channel, "file:keys/ada.pem", tmp_path).complete


def test_another_change_takes_the_signatures_off(channel: Channel, tmp_path: Path) -> None:
    begun(channel, tmp_path, "ada", "bob")
    ceremony.sign(channel, "file:keys/ada.pem", tmp_path)
    ceremony.sign(channel, "file:keys/bob.pem", tmp_path)
    ceremony.change(channel, lambda _: None, NOW, tmp_path)
    ceremony.sign(channel, "file:keys/ada.pem", tmp_path)
    changed = ceremony.change(channel, lambda it: roots.set_threshold(it, 1), NOW, tmp_path)
    assert changed.root.version == 2
    assert all(not quorum.signed for quorum in changed.quorums)


def test_a_stranger_cannot_sign(channel: Channel, tmp_path: Path) -> None:
    begun(channel, tmp_path, "ada", "bob")
    key("mallory", tmp_path)
    with pytest.raises(Usage, match="KEY003"):
        ceremony.sign(channel, "file:keys/mallory.pem", tmp_path)


def test_a_proposal_that_somebody_changed_by_hand_loses_its_signatures(
    channel: Channel, tmp_path: Path
) -> None:
    begun(channel, tmp_path, "ada", "bob")
    ceremony.sign(channel, "file:keys/ada.pem", tmp_path)
    path = tmp_path / NEXT
    path.write_text(path.read_text().replace('"threshold": 2', '"threshold": 1'))
    found = ceremony.proposed(channel, tmp_path)
    assert found is not None
    assert found.quorums[0].signed == ()
    assert not found.complete


def test_without_a_proposal_there_is_nothing_to_sign(channel: Channel, tmp_path: Path) -> None:
    with pytest.raises(Usage, match="KEY010 nothing is proposed"):
        ceremony.sign(channel, "file:keys/ada.pem", tmp_path)
    with pytest.raises(Usage, match="PUB002"):
        ceremony.change(channel, lambda _: None, NOW, tmp_path)


def test_a_proposal_that_was_overtaken_is_not_gone_on_with(channel: Channel, tmp_path: Path) -> None:
    begun(channel, tmp_path, "ada", threshold=1)
    ceremony.sign(channel, "file:keys/ada.pem", tmp_path)
    ceremony.change(channel, lambda _: None, NOW, tmp_path)
    stale = (tmp_path / NEXT).read_bytes()
    ceremony.sign(channel, "file:keys/ada.pem", tmp_path)
    (tmp_path / NEXT).write_bytes(stale)
    with pytest.raises(Usage, match=r"KEY010 .* does not follow"):
        ceremony.sign(channel, "file:keys/ada.pem", tmp_path)


def test_a_channel_begins_once(channel: Channel, tmp_path: Path) -> None:
    begun(channel, tmp_path, "ada", threshold=1)
    ceremony.sign(channel, "file:keys/ada.pem", tmp_path)
    with pytest.raises(Usage, match="KEY012"):
        begun(channel, tmp_path, "bob", threshold=1)


def test_a_root_file_of_another_name_has_its_numbers_too(tmp_path: Path) -> None:
    other = Channel("live", "keys/live.json", "", "", "")
    assert root_path(other, 3).as_posix() == "keys/live.3.json"
    assert tmp_path / root_path(other, "next") == tmp_path / "keys/live.next.json"
