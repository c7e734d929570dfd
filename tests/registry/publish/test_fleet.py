"""Who runs what: hearsay, read with care."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest
from support.rollouts import name_for
from support.yards import Yard

from registry.errors import Usage
from registry.publish.collect import survey
from registry.publish.fleet import examine, forget, read_fleet
from registry.publish.moves import Canary
from serve import Report
from serve.core.codec import to_json
from serve.report import Refused, report_path

CANARY = Canary(2, "b" * 64, 1, "c", "d", 10, 1, "salt", 600, (10, 100), "2026-01-01T00:00:00Z")
INSIDE = name_for(CANARY, percent=10)
OUTSIDE = name_for(CANARY, percent=100, more_than=10)


def at(yard: Yard, **ago: float) -> str:
    return (yard.clock.now() - timedelta(**ago)).isoformat()


def well(yard: Yard, instance: str = INSIDE, **more) -> Report:
    given = {
        "instance": instance, "channel": "production", "state": "fresh", "release": 2, "sha256": "b" * 64,
        "canary": True, "at": at(yard), "since": at(yard), "heartbeat_s": 150,
    }  # fmt: skip
    return Report(**{**given, **more})


def old(yard: Yard, **more) -> Report:
    return well(yard, **{"release": 1, "sha256": "a" * 64, "canary": False, **more})


def tell(yard: Yard, *reports: Report) -> None:
    for report in reports:
        key = report_path(report.channel, report.instance)
        stored = yard.target.read(key)
        yard.target.replace_if(key, json.dumps(to_json(report)).encode(), stored.etag if stored else None)


def finding(yard: Yard, *reports: Report, max_refusals: int = 0, **step) -> tuple[str, str]:
    tell(yard, *reports)
    canary = replace(CANARY, since=at(yard, minutes=10), **step)
    found = examine(
        read_fleet(yard.target, "production", yard.clock.now()), canary, max_refusals=max_refusals
    )
    return found.word, found.why


def test_what_was_reported_is_told_by_name_with_states_and_releases(any_yard: Yard) -> None:
    tell(
        any_yard,
        well(any_yard, "b"),
        old(any_yard, instance="a", state="stale"),
        old(any_yard, instance="c", at=at(any_yard, hours=1)),
        Report("d", "production", "empty", at(any_yard)),
    )
    fleet = read_fleet(any_yard.target, "production", any_yard.clock.now())
    assert [each.report.instance for each in fleet.instances] == ["a", "b", "c", "d"]
    assert fleet.states() == {"fresh": 1, "stale": 1, "empty": 1, "silent": 1}
    assert fleet.releases() == {2: 1, 1: 1}
    assert read_fleet(any_yard.target, "staging", any_yard.clock.now()).instances == ()


def test_what_cannot_be_read_is_counted_and_left_out(yard: Yard) -> None:
    good = to_json(well(yard, "good"))
    bad = {
        "text": b"not json",
        "list": b"[]",
        "deep": b"[" * 10_000,
        "huge": json.dumps({**good, "instance": "huge", "x": "y" * 20_000}).encode(),
        "liar": json.dumps(good).encode(),
        "time": json.dumps({**good, "instance": "time", "at": "yesterday"}).encode(),
        "state": json.dumps({**good, "instance": "state", "state": "splendid"}).encode(),
        "next": json.dumps({**good, "instance": "next", "format": 2}).encode(),
        "never": json.dumps({**good, "instance": "never", "heartbeatS": float("nan")}).encode(),
        "patient": json.dumps({**good, "instance": "patient", "heartbeatS": 1e300}).encode(),
        "gross": json.dumps({**good, "instance": "gross", "release": 10**4000}).encode(),
        "steers": json.dumps({**good, "instance": "steers", "at": good["at"].replace("T", "\x1b")}).encode(),
        "binary": bytes(range(256)),
    }
    for name, data in bad.items():
        yard.target.put_once(f"status/production/{name}.json", data)
    yard.target.put_once("status/production/.x.json.123", b"unfinished")
    newer = json.dumps({**good, "somethingNew": 5}).encode()
    yard.target.put_once("status/production/good.json", newer)
    fleet = read_fleet(yard.target, "production", yard.clock.now())
    assert [each.report.instance for each in fleet.instances] == ["good"]
    assert fleet.unreadable == tuple(sorted(bad))


def test_a_name_that_is_none_can_be_told_and_steers_no_terminal(yard: Yard) -> None:
    good = to_json(well(yard))
    for name in ("\x1b[2Jgone", "a b", "-x", ".json"):
        data = json.dumps({**good, "instance": name}).encode()
        yard.target.put_once(f"status/production/{name}.json", data)
    fleet = read_fleet(yard.target, "production", yard.clock.now())
    assert fleet.instances == ()
    assert fleet.unreadable == ("?[2Jgone", "-x", ".json", "a b")
    forget(yard.target, "production", "\x1b[2Jgone")
    assert len(read_fleet(yard.target, "production", yard.clock.now()).unreadable) == 3


def test_words_of_a_refusal_are_cut_and_cannot_steer_a_terminal(yard: Yard) -> None:
    bad = Refused("\x1b[2J" + "C" * 9000, "\x9b31m" + "r" * 5000, at(yard), 2)
    word, why = finding(yard, old(yard, refusals=1, last_refusal=bad))
    assert word == "bad"
    assert why.isprintable()
    assert len(why) < 100
    (one,) = read_fleet(yard.target, "production", yard.clock.now()).instances
    assert one.report.last_refusal.reason == "?31m" + "r" * 296


@pytest.mark.parametrize("strange", ["pipe", "link", "folder", "locked"])
def test_a_strange_file_in_place_of_a_report_holds_nobody_up(yard: Yard, strange: str) -> None:
    tell(yard, well(yard, "good"))
    place = yard.root / "store/status/production/odd.json"
    if strange == "pipe":
        os.mkfifo(place)
    elif strange == "link":
        place.symlink_to("/dev/zero")
    elif strange == "folder":
        place.mkdir()
    else:
        place.write_text("{}")
        place.chmod(0)
    fleet = read_fleet(yard.target, "production", yard.clock.now())
    assert [each.report.instance for each in fleet.instances] == ["good"]
    assert fleet.unreadable == (() if strange == "folder" else ("odd",))


def test_what_cannot_be_read_holds_a_rollout_up(yard: Yard) -> None:
    yard.target.put_once("status/production/odd.json", b"{}")
    assert finding(yard, well(yard)) == ("unknown", "one instance not to be read, such as odd")


def test_a_clock_days_ahead_makes_nobody_heard_for_ever(yard: Yard) -> None:
    assert finding(yard, well(yard, at=at(yard, days=-3)))[0] == "unknown"
    (one,) = read_fleet(yard.target, "production", yard.clock.now()).instances
    assert one.silent
    assert finding(yard, well(yard, at=at(yard, seconds=-60)))[0] == "healthy", "a minute is within reason"


def test_a_refusal_in_an_earlier_rollout_of_the_release_says_nothing_of_this_one(yard: Yard) -> None:
    before = Refused("BND008", "its bytes", at(yard, minutes=40), 2)
    begun = at(yard, minutes=30)
    assert finding(yard, old(yard, refusals=1, last_refusal=before), begun=begun)[0] == "unknown"
    since = replace(before, at=at(yard, minutes=20))
    word, _ = finding(yard, old(yard, refusals=1, last_refusal=since), begun=begun)
    assert word == "bad", "in an earlier step of this one it counts"


def test_one_that_is_silent_for_a_week_is_left_out_and_one_that_is_gone_can_be_forgotten(yard: Yard) -> None:
    tell(yard, well(yard, "here"), well(yard, "gone", at=at(yard, days=8)))
    fleet = read_fleet(yard.target, "production", yard.clock.now())
    assert (len(fleet.instances), fleet.forgotten) == (1, 1)
    forget(yard.target, "production", "gone")
    assert read_fleet(yard.target, "production", yard.clock.now()).forgotten == 0
    for name in ("gone", "../../channels/production/metadata/timestamp"):
        with pytest.raises(Usage, match="PUB028"):
            forget(yard.target, "production", name)


def test_a_step_is_healthy_when_all_who_are_drawn_run_it_well(yard: Yard) -> None:
    assert finding(yard, well(yard), old(yard, instance=OUTSIDE)) == (
        "healthy",
        "1 of 2 instances drawn, and running it",
    )


def test_nobody_heard_is_unknown_and_nobody_drawn_is_nobody(yard: Yard) -> None:
    assert finding(yard)[0] == "unknown"
    assert finding(yard, old(yard, instance=OUTSIDE))[0] == "nobody"


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "a" * 64, "release": 1},
        {"state": "stale"},
        {"state": "empty", "sha256": None, "release": None},
        {"minutes": 20},
    ],
    ids=["another release", "stale", "empty", "not heard since the step began"],
)
def test_one_who_is_drawn_and_not_seen_running_it_makes_it_unknown(yard: Yard, change: dict) -> None:
    ago = {"minutes": change.pop("minutes")} if "minutes" in change else {}
    report = well(yard, **{"at": at(yard, **ago), "heartbeat_s": 3600, **change})
    assert finding(yard, report)[0] == "unknown"


def test_one_that_fell_silent_in_the_step_makes_it_unknown_and_one_before_is_gone(yard: Yard) -> None:
    assert finding(yard, well(yard, at=at(yard, minutes=9)), old(yard, instance=OUTSIDE))[0] == "unknown"
    assert finding(yard, well(yard, at=at(yard, minutes=11)), old(yard, instance=OUTSIDE))[0] == "nobody"


def test_a_refusal_of_the_release_is_bad_and_of_another_is_not(yard: Yard) -> None:
    refused = Refused("BND004", "no", at(yard), 2)
    bad = old(yard, refusals=1, last_refusal=refused)
    assert finding(yard, bad) == ("bad", "one instance refused release 2: BND004")
    assert finding(yard, bad, max_refusals=1)[0] == "unknown"
    assert finding(yard, replace(bad, last_refusal=replace(refused, release=1)))[0] == "unknown"
    assert finding(yard, well(yard, refusals=1, last_refusal=refused))[0] == "healthy", "it runs it by now"


def test_one_that_is_never_drawn_is_not_waited_for_and_one_that_always_is_is(yard: Yard) -> None:
    assert finding(yard, old(yard, takes="never"))[0] == "nobody"
    assert finding(yard, old(yard, instance=OUTSIDE, takes="always"))[0] == "unknown"


def test_garbage_collection_leaves_reports_alone(yard: Yard) -> None:
    yard.publish()
    tell(yard, well(yard))
    yard.clock.pass_days(400)
    plan = survey(yard.target, [yard.staging], root=yard.root, now=yard.clock.now)
    assert not [key for key in (*plan.remove, *plan.condemn) if key.startswith("status/")]
