"""A bound on how stale a release may be: none by default, and what happens beyond one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.bundles import bundle, prompt, text

import serve
from serve.sidecar import handlers

HOUR = 3600.0


def release(number):
    return bundle(prompt(text("user", f"{number} {{{{ name }}}}")), release=number)


def away(one):
    one.spy.away = True
    with pytest.raises(serve.Unavailable, match="SRC001"):
        one.client.step()


def test_without_a_bound_a_year_old_release_is_served(yard, desk):
    yard.publish(release(1))
    one = desk()
    one.client.step()
    one.clock.advance(days=365)
    away(one)
    assert one.say() == "1 Ann"
    status = one.client.status()
    assert (status.state, status.serves) == ("stale", True)


def test_beyond_the_bound_renders_are_refused_and_every_view_says_so(yard, desk):
    yard.publish(release(1))
    one = desk(max_staleness_s=HOUR)
    one.client.step()
    one.clock.advance(minutes=59)
    away(one)
    assert one.say() == "1 Ann"
    assert handlers.ready(one.client).status == 200
    one.clock.advance(minutes=2)
    for ask in (one.say, lambda: one.client.get("support/hello")):
        with pytest.raises(serve.Unavailable, match=r"RUN005 release 1 .* is staler"):
            ask()
    status = one.client.status()
    assert (status.state, status.serves, status.release) == ("stale", False, 1)
    assert status.why.endswith("staler than 3600 s, so renders are refused")
    answer = handlers.ready(one.client)
    assert (answer.status, json.loads(answer.body)["serves"]) == (503, False)
    assert handlers.render(one.client, "support/hello", b'{"inputs": {"name": "Ann"}}').status == 503


def test_the_store_s_next_word_ends_it_without_a_new_release(yard, desk):
    yard.publish(release(1))
    one = desk(max_staleness_s=HOUR)
    one.client.step()
    one.clock.advance(hours=2)
    assert not one.client.status().serves
    assert not one.client.step()
    assert one.say() == "1 Ann"
    assert one.client.status().serves


def test_a_store_that_is_frozen_is_stale_from_the_end_of_its_signatures(yard, desk):
    yard.publish(release(1))
    one = desk(max_staleness_s=HOUR)
    one.client.step()
    expires = one.client.status().seconds_to_expiry
    assert expires is not None
    one.clock.advance(seconds=expires + HOUR - 5)
    one.client.step()  # answers as ever: not modified
    assert one.say() == "1 Ann"
    one.clock.advance(seconds=10)
    one.client.step()
    with pytest.raises(serve.Unavailable, match="RUN005"):
        one.say()
    yard.sign(datetime.now(UTC) + timedelta(seconds=expires))
    one.client.step()
    assert one.say() == "1 Ann"


def test_after_a_restart_the_age_is_what_the_cache_remembers(yard, desk, tmp_path: Path):
    yard.publish(release(1))
    desk().client.step()
    again = desk(max_staleness_s=HOUR)
    assert again.say() == "1 Ann"
    (tmp_path / "cache/polled").unlink()
    unknown = desk(max_staleness_s=HOUR)
    with pytest.raises(serve.Unavailable, match="RUN005"):
        unknown.say()
    unknown.client.step()
    assert unknown.say() == "1 Ann"


def test_no_release_is_still_told_apart(desk):
    one = desk(max_staleness_s=HOUR)
    with pytest.raises(serve.Unavailable, match="RUN001"):
        one.say()
    assert not one.client.status().serves


@pytest.mark.parametrize("bound", [0, -1.0, float("nan")])
def test_a_bound_that_nothing_could_keep_is_refused(yard, tmp_path: Path, bound):
    with pytest.raises(serve.Usage, match="RUN006"):
        serve.connect(
            f"file:{yard.folder}", trust=yard.root, cache=tmp_path, start=False, max_staleness_s=bound
        )


def test_connect_hands_the_bound_over(yard, tmp_path: Path):
    client = serve.connect(
        f"file:{yard.folder}",
        trust=yard.root,
        cache=tmp_path,
        channel="production",
        start=False,
        max_staleness_s=HOUR,
    )
    assert client._record.max_staleness_s == HOUR
    client.close()
