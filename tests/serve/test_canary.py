"""A client in a rollout: which of two releases it runs, and that it runs one whatever happens to the other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.bundles import bundle, prompt, text
from support.rollouts import go, name_for, stage

import serve
from serve.instance import Instance
from serve.poll import Rhythm
from serve.store import CacheUnavailable


def release(number):
    return bundle(prompt(text("user", f"{number} {{{{ name }}}}")), release=number)


@pytest.fixture
def rollout(yard):
    """Release 1 for all, 2 for a tenth."""
    yard.publish(release(1))
    return stage(yard, release(2), percent=10)


@pytest.fixture
def drawn_at(desk, rollout):
    """A client that a percent draws and a lower one does not."""

    def make(percent, more_than=0, cache="cache"):
        return desk(cache, instance=Instance(name_for(rollout, percent=percent, more_than=more_than)))

    return make


def test_an_instance_that_is_drawn_runs_the_canary_and_the_others_do_not(drawn_at):
    inside, outside = drawn_at(10), drawn_at(100, 10, "other")
    inside.client.step()
    outside.client.step()
    assert (inside.say(), outside.say()) == ("2 Ann", "1 Ann")
    assert (inside.client.status().canary, outside.client.status().canary) == (True, False)
    assert 'release="2"' in inside.client.metrics()
    assert 'release="1"' in outside.client.metrics()


def test_a_step_moves_an_instance_with_nothing_but_metadata(yard, rollout, drawn_at):
    one = drawn_at(50, 10)
    one.client.step()
    assert one.say() == "1 Ann"
    assert rollout.sha256 in one.spy.asked, "the other bundle is fetched ahead"
    one.spy.asked.clear()
    go(yard, replace(rollout, percent=50))
    one.client.step()
    assert one.say() == "2 Ann"
    assert not [name for name in one.spy.asked if len(name) == 64]


def test_the_end_of_a_rollout_brings_stable_back_at_once(yard, drawn_at):
    one = drawn_at(10)
    one.client.step()
    assert one.say() == "2 Ann"
    one.spy.asked.clear()
    go(yard, None)
    one.client.step()
    assert one.say() == "1 Ann"
    assert not [name for name in one.spy.asked if len(name) == 64]
    assert not one.client.status().canary


def test_a_finished_rollout_swaps_only_those_who_lack_it(yard, rollout, drawn_at):
    inside, outside = drawn_at(10), drawn_at(100, 10, "other")
    inside.client.step()
    outside.client.step()
    yard.publish(release(2))
    assert not inside.client.step()
    assert outside.client.step()
    assert inside.say() == outside.say() == "2 Ann"


def test_a_restart_without_a_network_goes_on_with_the_canary(drawn_at):
    drawn_at(10).client.step()
    again = drawn_at(10)
    again.spy.away = True
    assert again.say() == "2 Ann"
    assert again.client.status().canary


def test_a_broken_canary_leaves_even_an_empty_service_with_stable(yard, desk):
    yard.publish(release(1))
    lie = stage(yard, release(2), signed_as=3)
    one = desk(instance=Instance(name_for(lie, percent=10)), rhythm=Rhythm(60))
    with pytest.raises(serve.BundleRefused, match="BND004"):
        one.client.step()
    assert one.say() == "1 Ann"
    status = one.client.status()
    assert (status.state, status.canary, status.refusals) == ("fresh", False, 1)
    assert status.last_refusal is not None
    assert status.last_refusal.release == 3
    for _ in range(3):  # in quarantine it is neither fetched nor counted again
        one.spy.asked.clear()
        with pytest.raises(serve.Refused):
            one.client.step()
        assert lie.sha256 not in one.spy.asked
    assert one.client.status().refusals == 1


def test_a_canary_that_is_missing_from_the_store_is_waited_for(yard, rollout, drawn_at):
    place = yard.folder / "objects/sha256" / rollout.sha256
    data = place.read_bytes()
    place.unlink()
    one = drawn_at(10)
    with pytest.raises(serve.Unavailable):
        one.client.step()
    assert one.say() == "1 Ann"
    place.write_bytes(data)
    assert one.client.step()
    assert one.say() == "2 Ann"


def test_bytes_that_are_not_those_signed_for_end_in_stable(yard, rollout, drawn_at):
    (yard.folder / "objects/sha256" / rollout.sha256).write_bytes(b"x" * rollout.size_bytes)
    one = drawn_at(10)
    with pytest.raises(serve.BundleRefused, match="BND008"):
        one.client.step()
    assert one.say() == "1 Ann"


def test_a_store_that_lacks_the_other_bundle_is_no_error(yard, rollout, drawn_at):
    place = yard.folder / "objects/sha256" / rollout.sha256
    place.unlink()
    one = drawn_at(100, 10)
    assert one.client.step()
    assert one.say() == "1 Ann"
    assert one.client.status().last_failure is None


def test_an_instance_can_be_kept_out_of_rollouts_or_in_all_of_them(rollout, desk):
    never, always = (desk(takes, instance=Instance("web", takes)) for takes in ("never", "always"))
    never.client.step()
    always.client.step()
    assert (never.say(), always.say()) == ("1 Ann", "2 Ann")


def test_workers_that_share_a_cache_run_the_same(rollout, drawn_at):
    leader, follower = drawn_at(10), drawn_at(10)
    leader.client.step()
    follower.client._follow()
    assert leader.say() == follower.say() == "2 Ann"
    assert not follower.spy.asked


def test_a_worker_of_another_name_follows_its_own_draw_from_the_same_cache(yard, rollout, drawn_at):
    leader, follower = drawn_at(100, 10), drawn_at(10)
    leader.client.step()
    follower.client._follow()
    assert (leader.say(), follower.say()) == ("1 Ann", "2 Ann")
    assert not follower.spy.asked


@pytest.mark.parametrize("how", ["refused", "missing"])
def test_workers_leave_it_to_their_leader_to_ask_for_a_canary_that_cannot_be_used(
    yard, rollout, drawn_at, how
):
    place = yard.folder / "objects/sha256" / rollout.sha256
    data = place.read_bytes()
    place.unlink() if how == "missing" else place.write_bytes(data[:-1])
    leader, follower = drawn_at(10), drawn_at(10)
    for _ in range(3):
        with pytest.raises((serve.Refused, serve.Unavailable)):
            leader.client.step()
        follower.client._follow()
        assert not follower.client._duty.polls
    assert (leader.say(), follower.say()) == ("1 Ann", "1 Ann")
    assert not follower.spy.asked
    place.write_bytes(data)
    leader.clock.advance(hours=2)
    leader.client.step()
    follower.client._follow()
    assert (leader.say(), follower.say()) == ("2 Ann", "2 Ann")
    assert not follower.spy.asked


def test_a_signed_step_that_no_reader_understands_leaves_all_with_stable(yard, rollout, desk):
    for percent in (-1, 101, 10**400):
        go(yard, replace(rollout, percent=percent))
        one = desk(f"percent {percent == 101}", instance=Instance("web", "always"))
        one.client.step()
        assert one.say() == "1 Ann"
    go(yard, replace(rollout, bake_s=10**400))
    one = desk("bake", instance=Instance("web", "always"))
    one.client.step()
    assert one.say() == "1 Ann"


def test_a_disk_without_room_for_the_other_bundle_keeps_back_nothing_else(rollout, drawn_at, monkeypatch):
    one = drawn_at(100, 10)
    put = one.client._keeper._store.put

    def full(digest, data):
        if digest == rollout.sha256:
            raise CacheUnavailable("CAC001", "full", "Free space.")
        put(digest, data)

    monkeypatch.setattr(one.client._keeper._store, "put", full)
    one.client.step()
    assert one.client.status().cache_problem is None
    again = drawn_at(100, 10)
    again.spy.away = True
    assert again.say() == "1 Ann"
