"""Processes of one host that do not agree: two shipped roots on one cache, and a cache that lost what it had."""

from __future__ import annotations

import pytest
from securesystemslib.signer import CryptoSigner
from support.bundles import bundle, prompt, text
from tuf.api.metadata import Metadata, Root, Snapshot, Timestamp


def release(number):
    return bundle(prompt(text("user", f"{number} {{{{ name }}}}")), release=number)


@pytest.fixture
def roots(yard):
    """The root that the old deploy ships and the next one, which names another online key."""
    document = Metadata[Root].from_bytes(yard.root)
    document.signed.version = 2
    for role in (Snapshot.type, Timestamp.type):
        document.signed.revoke_key(yard.online.public_key.keyid, role)
    yard.online = CryptoSigner.generate_ed25519()
    for role in (Snapshot.type, Timestamp.type):
        document.signed.add_key(yard.online.public_key, role)
    document.sign(yard.signer)
    (yard.metadata / "2.root.json").write_bytes(document.to_bytes())
    return yard.root, document.to_bytes()


def tick(one):
    """What the thread does at one wake-up, without the wait."""
    if one.client._duty.polls:
        one.client._lead()
    else:
        one.client._follow()


def test_what_a_newer_deploy_keeps_an_older_one_can_read(yard, desk, roots):
    old, new = roots
    yard.publish(release(1))
    desk(trust=old).client.step()
    leader, follower = desk(trust=new), desk(trust=old)
    for number in (2, 3):
        yard.publish(release(number))
        leader.client.step()
        tick(follower)
        assert follower.say() == f"{number} Ann"
    assert follower.spy.asked == []


def test_a_follower_that_cannot_read_the_cache_asks_the_store_and_leaves_the_cache_alone(
    yard, desk, roots, tmp_path
):
    old, new = roots
    yard.publish(release(1))
    leader = desk(trust=new)
    leader.client.step()
    state = (tmp_path / "cache/state.json").read_bytes()
    follower = desk(trust=old)
    assert follower.client.live is None
    tick(follower)  # cannot follow
    tick(follower)  # asks for itself
    assert follower.say() == "1 Ann"
    assert follower.client.status().state == "fresh"
    assert (tmp_path / "cache/state.json").read_bytes() == state
    yard.publish(release(2))
    leader.client.step()
    for _ in range(2):
        tick(follower)
    assert follower.say() == "2 Ann"


def test_a_worker_that_starts_while_the_object_is_lost_fetches_it_for_all(yard, desk, tmp_path):
    yard.publish(release(1))
    leader = desk()
    leader.client.step()
    kept = tmp_path / "cache/objects" / yard.object().name
    kept.write_bytes(b"lost")
    follower = desk()
    for _ in range(3):
        tick(follower)
    assert follower.say() == "1 Ann"
    assert kept.read_bytes() == yard.object().read_bytes()
    assert not follower.client.status().polls
    assert desk().say() == "1 Ann"


def test_a_follower_that_is_apart_while_the_store_is_away_says_so_and_serves_on(yard, desk, tmp_path):
    yard.publish(release(1))
    leader, follower = desk(), desk()
    leader.client.step()
    tick(follower)
    yard.publish(release(2))
    leader.client.step()
    (tmp_path / "cache/objects" / yard.object().name).unlink()
    follower.spy.away = True
    for _ in range(3):
        tick(follower)
    assert follower.say() == "1 Ann"
    assert "SRC001" in follower.client.status().last_failure
    follower.spy.away = False
    tick(follower)
    assert follower.say() == "2 Ann"
