"""The client: what it serves, what it refuses, and that it serves on."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from support.bundles import bundle, prompt, text

import serve
from serve.core.bundle import entry_digest
from serve.core.inputs import marker_of, with_marker
from serve.core.model import Action, Exemption, GuardrailSet, Probe, Reference, Rule, Streaming
from serve.poll import Rhythm


def release(number, **more):
    """A release whose prompt says which one it is."""
    return bundle(prompt(text("user", f"{number} {{{{ name }}}}")), release=number, **more)


def refusal(client):
    with pytest.raises(serve.Refused) as caught:
        client.step()
    noted = client.status().last_refusal
    assert noted is not None
    assert noted.code == caught.value.code
    return caught.value.code


def test_a_first_step_makes_the_release_live(yard, desk):
    yard.publish(release(1))
    first = desk()
    assert first.client.step()
    assert first.say() == "1 Ann"
    status = first.client.status()
    assert (status.state, status.release, status.swaps) == ("fresh", 1, 1)


def test_without_a_release_a_render_says_what_to_do(desk):
    with pytest.raises(serve.Unavailable, match="RUN001"):
        desk().say()


def test_a_poll_without_change_is_one_request_without_a_body(yard, desk):
    yard.publish(release(1))
    first = desk()
    first.client.step()
    first.spy.asked.clear()
    before = first.spy.body_bytes
    assert not first.client.step()
    assert first.spy.asked == ["timestamp.json"]
    assert first.spy.body_bytes == before


def test_an_hour_later_the_poll_looks_for_a_new_root_too(yard, desk):
    yard.publish(release(1))
    first = desk()
    first.client.step()
    first.spy.asked.clear()
    first.clock.advance(hours=1.1)
    first.client.step()
    assert first.spy.asked == ["timestamp.json", "2.root.json"]


def test_a_publish_changes_the_answers(yard, desk):
    seen = []
    yard.publish(release(1))
    first = desk()
    first.client._on_swap = lambda live: seen.append(live.release)
    first.client.step()
    yard.publish(release(2))
    assert first.client.step()
    assert first.say() == "2 Ann"
    assert seen == [1, 2]


def test_a_callback_that_fails_does_not_undo_the_swap(yard, desk):
    yard.publish(release(1))
    first = desk()
    first.client._on_swap = lambda live: 1 / 0
    first.client.step()
    assert first.say() == "1 Ann"


def test_a_return_to_older_content_under_a_higher_version_is_taken(yard, desk):
    first = desk()
    for number in (1, 2, 1):
        yard.publish(release(number))
        first.client.step()
    assert first.say() == "1 Ann"


def test_signing_anew_swaps_nothing_and_costs_no_bundle(yard, desk):
    yard.publish(release(1))
    first = desk()
    first.client.step()
    yard.sign()
    first.spy.asked.clear()
    assert not first.client.step()
    assert not any(len(name) == 64 for name in first.spy.asked)
    assert first.client.status().swaps == 1


def test_a_cold_start_from_disk_asks_nobody(yard, desk):
    yard.publish(release(1))
    desk().client.step()
    yard.leave()
    again = desk()
    assert again.say() == "1 Ann"
    assert again.spy.asked == []
    assert again.client.status().state == "fresh"
    yard.come_back()


def test_after_a_restart_the_first_poll_is_still_conditional(yard, desk):
    yard.publish(release(1))
    desk().client.step()
    again = desk()
    again.client.step()
    assert again.spy.asked == ["timestamp.json", "2.root.json"]
    assert again.spy.body_bytes == 0


def test_a_store_that_is_away_leaves_the_answers_and_in_time_the_state_is_stale(yard, desk):
    yard.publish(release(1))
    first = desk()
    first.client.step()
    first.spy.away = True
    with pytest.raises(serve.Unavailable):
        first.client.step()
    assert (first.say(), first.client.status().state) == ("1 Ann", "fresh")
    first.clock.advance(minutes=10)
    status = first.client.status()
    assert (first.say(), status.state, status.poll_failures) == ("1 Ann", "stale", 1)
    assert "SRC001" in (status.last_failure or "")


def test_metadata_that_expired_is_reported_and_served_on(yard, desk):
    yard.publish(release(1))
    first = desk()
    first.client.step()
    first.clock.advance(days=8)
    status = first.client.status()
    assert (first.say(), status.state) == ("1 Ann", "stale")
    assert status.seconds_to_expiry is not None
    assert status.seconds_to_expiry < 0


def test_a_cold_start_from_disk_serves_even_when_its_metadata_expired(yard, desk):
    yard.publish(release(1))
    desk().client.step()
    again = desk()
    again.clock.advance(days=8)
    assert (again.say(), again.client.status().state) == ("1 Ann", "stale")


def test_a_first_release_under_expired_metadata_is_refused(yard, desk):
    yard.publish(release(1), now=datetime.now(UTC) - timedelta(days=8))
    assert refusal(desk().client) == "SIG003"


def test_a_replayed_older_timestamp_is_refused(yard, desk):
    yard.publish(release(1))
    old = yard.timestamp.read_bytes()
    yard.publish(release(2))
    first = desk()
    first.client.step()
    yard.timestamp.write_bytes(old)
    assert refusal(first.client) == "SIG002"
    assert first.say() == "2 Ann"


def test_a_replay_is_refused_after_a_restart_and_even_when_the_object_was_lost(yard, desk, tmp_path):
    yard.publish(release(1))
    old = yard.timestamp.read_bytes()
    yard.publish(release(2))
    desk().client.step()
    yard.timestamp.write_bytes(old)
    yard.forget(tmp_path / "cache/objects")
    again = desk()
    assert again.client.live is None
    assert refusal(again.client) == "SIG002"


def test_metadata_signed_by_another_key_is_refused(yard, desk):
    yard.publish(release(1))
    first = desk()
    first.client.step()
    yard.online, trusted = yard.signer, yard.online
    yard.publish(release(2))
    assert refusal(first.client) == "SIG001"
    yard.online = trusted
    yard.sign()
    first.client.step()
    assert first.say() == "2 Ann"


@pytest.mark.parametrize("place", [0, 3, 9, 10, 57, -9, -5, -1])
def test_a_bundle_with_a_flipped_byte_is_refused_and_the_old_one_serves_on(yard, desk, place):
    yard.publish(release(1))
    first = desk()
    first.client.step()
    yard.publish(release(2))
    good = yard.object().read_bytes()
    bad = bytearray(good)
    bad[place] ^= 1
    yard.object().write_bytes(bad)
    assert refusal(first.client) == "BND008"
    assert first.say() == "1 Ann"
    assert not list(first.client._keeper.lock.parent.glob(f"objects/{yard.object().name}"))
    yard.object().write_bytes(good)
    first.clock.advance(hours=2)
    assert first.client.step()
    assert first.say() == "2 Ann"


@pytest.mark.parametrize("role", ["timestamp", "2.snapshot", "2.targets"])
def test_metadata_with_a_flipped_byte_is_refused(yard, desk, role):
    yard.publish(release(1))
    first = desk()
    first.client.step()
    yard.publish(release(2))
    path = yard.metadata / f"{role}.json"
    data = bytearray(path.read_bytes())
    data[data.rindex(b"version") + 10] ^= 1
    path.write_bytes(data)
    assert refusal(first.client).startswith("SIG")
    assert first.say() == "1 Ann"


def test_a_bundle_with_a_byte_too_many_is_refused(yard, desk):
    yard.publish(release(1))
    first = desk()
    first.client.step()
    yard.publish(release(2))
    yard.object().write_bytes(yard.object().read_bytes() + b"x")
    assert refusal(first.client) == "BND008"
    assert first.say() == "1 Ann"


def test_a_bundle_refused_once_is_not_fetched_at_every_poll(yard, desk):
    yard.publish(release(1))
    first = desk(rhythm=Rhythm(60))
    first.client.step()
    yard.publish(release(2))
    good = yard.object().read_bytes()
    yard.object().write_bytes(good[:-1])
    refusal(first.client)
    first.spy.asked.clear()
    assert refusal(first.client) == "BND008"
    assert yard.object().name not in first.spy.asked
    assert first.client.status().refusals == 1
    yard.object().write_bytes(good)
    first.clock.advance(seconds=Rhythm(60).quarantine_s(1))
    assert first.client.step()


def test_a_bundle_larger_than_any_may_be_is_not_fetched(yard, desk, monkeypatch):
    yard.publish(release(1))
    monkeypatch.setattr("serve.loading.MOST_BYTES", yard.object().stat().st_size - 1)
    first = desk()
    assert refusal(first.client) == "BND001"
    assert yard.object().name not in first.spy.asked


def test_a_probe_that_renders_differently_here_is_refused(yard, desk):
    yard.publish(release(1))
    first = desk()
    first.client.step()
    yard.publish(release(2, probes=(Probe("support/hello", {"name": "Ann"}, "0" * 64),)))
    assert refusal(first.client) == "BND007"
    assert first.say() == "1 Ann"


def test_a_bundle_that_calls_itself_another_release_is_refused(yard, desk):
    yard.publish(release(1), signed_as=7)
    assert refusal(desk().client) == "BND004"


def test_a_missing_object_is_waited_for_and_the_tag_is_not_kept(yard, desk):
    yard.publish(release(1))
    away = yard.object().rename(yard.folder / "later")
    first = desk()
    with pytest.raises(serve.Unavailable):
        first.client.step()
    away.rename(yard.object())
    assert first.client.step()
    assert first.say() == "1 Ann"


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"format": 1}', b"\xff\xfe"])
def test_a_broken_state_file_is_an_empty_cache(yard, desk, tmp_path, broken):
    yard.publish(release(1))
    desk().client.step()
    (tmp_path / "cache/state.json").write_bytes(broken)
    again = desk()
    assert again.client.live is None
    again.client.step()
    assert again.say() == "1 Ann"


def test_a_broken_object_in_the_cache_is_fetched_again(yard, desk, tmp_path):
    yard.publish(release(1))
    desk().client.step()
    (tmp_path / "cache/objects" / yard.object().name).write_bytes(b"no bundle")
    again = desk()
    assert again.client.live is None
    assert again.client.step()
    assert desk().say() == "1 Ann"


def test_a_cache_that_cannot_be_written_is_told_and_does_not_matter(yard, desk, tmp_path):
    (tmp_path / "file").write_text("in the way")
    yard.publish(release(1))
    first = desk("file/cache")
    first.client.step()
    yard.publish(release(2))
    first.client.step()
    status = first.client.status()
    assert (first.say(), status.state, status.polls) == ("2 Ann", "fresh", True)
    assert "CAC001" in (status.cache_problem or "")
    (tmp_path / "file").unlink()
    first.client.step()
    assert first.client.status().cache_problem is None
    assert desk("file/cache").say() == "2 Ann"


def test_the_cache_keeps_the_live_bundle_and_the_one_before(yard, desk, tmp_path):
    first = desk()
    names = []
    for number in (1, 2, 3):
        names.append(yard.publish(release(number)))
        first.client.step()
    assert {path.name for path in (tmp_path / "cache/objects").iterdir()} == set(names[1:])


def test_a_follower_serves_what_the_leader_wrote_and_asks_nobody(yard, desk):
    leader, follower = desk(), desk()
    for number in (1, 2):
        yard.publish(release(number))
        leader.client.step()
        follower.client._follow()
        assert follower.say() == f"{number} Ann"
    assert follower.client.status().state == "fresh"
    assert follower.spy.asked == []


def test_a_follower_that_cannot_load_keeps_its_release_and_its_age_and_tries_again(yard, desk, tmp_path):
    leader, follower = desk(), desk()
    yard.publish(release(1))
    leader.client.step()
    follower.client._follow()
    yard.publish(release(2))
    leader.client.step()
    kept = tmp_path / "cache/objects" / yard.object().name
    kept.write_bytes(b"lost")
    follower.clock.advance(minutes=10)
    follower.client._follow()
    status = follower.client.status()
    assert (follower.say(), status.state) == ("1 Ann", "stale")
    assert "CAC002" in status.last_failure
    kept.write_bytes(yard.object().read_bytes())
    follower.client._follow()
    assert follower.say() == "2 Ann"


def test_a_follower_refuses_a_cache_that_went_back(yard, desk, tmp_path):
    leader, follower = desk(), desk()
    yard.publish(release(1))
    leader.client.step()
    old = (tmp_path / "cache/state.json").read_bytes()
    yard.publish(release(2))
    leader.client.step()
    follower.client._follow()
    (tmp_path / "cache/state.json").write_bytes(old)
    follower.client._follow()
    assert follower.say() == "2 Ann"
    assert follower.client.status().last_refusal.code == "SIG002"


def test_another_root_of_trust_makes_nothing_of_the_cache(yard, desk, tmp_path):
    yard.publish(release(1))
    desk().client.step()
    stranger = type(yard)(tmp_path / "stranger")
    again = desk(trust=stranger.root)
    assert again.client.live is None
    assert refusal(again.client) == "SIG001"


def test_concurrent_renders_during_swaps_come_from_exactly_one_release_each(yard, desk):
    def both(number):
        words = [text("system", f"{number} {{{{ name }}}}"), text("user", f"{number}")]
        return bundle(prompt(*words), release=number)

    yard.publish(both(1))
    first = desk()
    first.client.step()
    wrong, count, stop = [], [0], threading.Event()

    def render():
        while not stop.is_set():
            result = first.client.render("support/hello", {"name": "x"})
            said = {int(message.text.split()[0]) for message in result.messages} | {result.release}
            count[0] += 1
            if len(said) != 1:
                wrong.append(said)

    threads = [threading.Thread(target=render) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(2, 12):
        yard.publish(both(number))
        first.client.step()
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert count[0] > 100
    assert first.client.live.release == 11


def test_every_render_has_an_id_of_its_own_that_sorts_by_time(yard, desk):
    yard.publish(release(1))
    first = desk()
    first.client.step()
    ids = []
    for _ in range(3):
        ids.append(first.client.render("support/hello", {"name": "x"}).render_id)
        time.sleep(0.002)
    assert ids == sorted(set(ids))
    assert {(len(name), name[12], name[16] in "89ab") for name in ids} == {(32, "7", True)}


def test_renders_are_counted_and_callers_cannot_grow_the_labels(yard, desk):
    yard.publish(release(1))
    first = desk()
    first.client.step()
    first.say()
    for call in (("support/hello", {}), ("no/such-1", {}), ("no/such-2", {})):
        with pytest.raises(serve.Usage):
            first.client.render(*call)
    page = first.client.metrics()
    assert 'prompt="support/hello"' in page
    assert 'outcome="ok"} 1' in page
    assert 'prompt="unknown",version="",variant="",outcome="PRM001"} 2' in page
    assert "no/such" not in page


def test_connect_serves_polls_and_closes(yard, tmp_path):
    yard.publish(release(1))
    swapped = threading.Event()
    with serve.connect(
        yard.url,
        trust=yard.folder / "trusted.json",
        cache=tmp_path / "cache",
        interval_s=0.02,
        min_interval_s=0.01,
        on_swap=lambda live: swapped.set() if live.release == 2 else None,
    ) as client:
        assert client.get("support/hello").id == "support/hello"
        yard.publish(release(2))
        assert swapped.wait(5)
        assert client.render("support/hello", {"name": "Ann"}).messages[0].text == "2 Ann"
    assert client.live is not None


def test_connect_without_a_store_returns_in_time_and_follows_it_later(yard, tmp_path):
    yard.leave()
    options = {"trust": yard.root, "cache": tmp_path / "cache", "interval_s": 0.02, "min_interval_s": 0.01}
    with serve.connect(yard.url, wait_s=0.1, **options) as client:
        assert client.status().state == "empty"  # it came back though there is nothing yet
        yard.come_back()
        yard.publish(release(1))
        assert client.wait_ready(5)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"url": "ftp://x/y"}, "SRC005"),
        ({"trust": b"{}"}, "TRU001"),
        ({"trust": "no/such/file"}, "TRU001"),
        ({"channel": "../x"}, "RUN002"),
    ],
)
def test_connect_refuses_a_bad_configuration_at_once(yard, tmp_path, change, code):
    options = {"url": yard.url, "trust": yard.root, "cache": tmp_path / "cache"} | change
    with pytest.raises(serve.Usage, match=code):
        serve.connect(options.pop("url"), start=False, **options)


def test_an_unforeseen_exception_while_loading_counts_as_a_refusal(yard, desk, monkeypatch):
    yard.publish(release(1))
    first = desk()
    first.client.step()
    yard.publish(release(2))
    monkeypatch.setattr("serve.loading.unpack", lambda data: [][1])
    assert refusal(first.client) == "BND009"
    assert first.say() == "1 Ann"


def test_a_refusal_says_so_without_the_release_having_changed(yard, desk):
    yard.publish(release(1))
    first = desk()
    first.client.step()
    held = first.client.live
    built = release(2)
    yard.publish(replace(built, manifest=replace(built.manifest, release=3)), signed_as=2)
    refusal(first.client)
    assert first.client.live is held


def test_guardrails_know_the_day_the_segment_and_the_service_s_own_canary(yard, desk) -> None:
    spared = Exemption(datetime.now(UTC).date().isoformat(), "risk", "RISK-1", {"tenant": "acme"})
    words = Rule(
        "word", "literals", "low", Action("block"), {"any": ["hello"]}, ("output",), except_=(spared,),
        stream=Streaming("end"),
    )  # fmt: skip
    leak = Rule("leak", "canary", "low", Action("block"), {}, ("output",), stream=Streaming("end"))
    house = GuardrailSet("house", (words, leak))
    inputs = with_marker("support/hello", {"canary": {"type": "string"}})
    marked = prompt(
        text("system", "{{ canary }}"), inputs=inputs, guardrails=(Reference("house", entry_digest(house)),)
    )
    yard.publish(bundle(marked, guardrails={"house": house}))
    one = desk(hash_key=b"k")
    one.client.step()
    acme = one.client.render("support/hello", {}, segment={"tenant": "acme"})
    assert acme.messages[0].text == marker_of("support/hello", b"k") != marker_of("support/hello")
    assert acme.check_output("hello").passed
    assert acme.check_output(acme.messages[0].text[::-1]).refused
    assert one.client.render("support/hello", {}).check_output("hello").refused
    one.clock.advance(days=2)
    assert one.client.render("support/hello", {}, segment={"tenant": "acme"}).check_output("hello").refused
