"""The list of what is about to go: whoever needs a key takes it off, or learns that it is too late."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from support.yards import Faulty

from registry.errors import PublishConflict, StoreUnavailable
from registry.publish.condemned import ATTEMPTS, LIST, RUNS, Condemned, Removal, Run, read, spare, write
from registry.publish.stores import open_target
from registry.publish.target import Conflict, Target

SINCE = {"objects/sha256/a": "2026-11-21T10:00:00Z", "objects/sha256/b": "2026-11-21T10:00:00Z"}


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return open_target("file:store", tmp_path)


def never(_: int) -> None:
    raise AssertionError("nothing to wait for")


def test_what_is_written_is_read(any_target: Target) -> None:
    assert read(any_target) == Condemned()
    removal = Removal("run", "2026-11-23T10:00:00Z", frozenset({"objects/sha256/c"}))
    write(any_target, Condemned(SINCE, removal))
    found = read(any_target)
    assert (found.since, found.removal) == (SINCE, removal)
    with pytest.raises(Conflict):
        write(any_target, Condemned())


def test_the_last_runs_stand_beside_it_and_a_publisher_keeps_them(target: Target) -> None:
    runs = tuple(Run(f"2026-11-23T10:{n:02}:00Z", "ada", "weekly", n, 2) for n in range(60))
    write(target, Condemned(SINCE, runs=runs))
    spare(target, ["objects/sha256/a"], never)
    assert read(target).runs == runs[:RUNS]


@pytest.mark.parametrize(
    "runs", [None, 7, [{"at": "x"}], [1], [{**asdict(Run("a", "b", "c", 1, 2)), "removed": "many"}]]
)
def test_runs_that_nobody_can_read_condemn_and_spare_nothing(target: Target, runs: object) -> None:
    target.put_once(LIST, json.dumps({"format": 1, "since": SINCE, "removing": None, "runs": runs}).encode())
    assert (read(target).since, read(target).runs) == (SINCE, ())


def test_a_spared_key_is_off_the_list_and_the_others_stay(any_target: Target) -> None:
    write(any_target, Condemned(SINCE))
    spare(any_target, ["objects/sha256/a", "objects/sha256/x"], never)
    assert set(read(any_target).since) == {"objects/sha256/b"}


def test_sparing_what_nobody_condemned_writes_nothing(target: Target) -> None:
    spare(target, ["objects/sha256/a"], never)
    assert target.read(LIST) is None
    write(target, Condemned(SINCE))
    before = read(target)
    spare(target, ["objects/sha256/x"], never)
    assert read(target) == before


def test_a_list_that_changed_meanwhile_is_read_again(target: Target) -> None:
    write(target, Condemned(SINCE))

    def others() -> None:
        write(
            target,
            Condemned(SINCE | {"objects/sha256/c": "2026-11-21T11:00:00Z"}, None, read(target).etag),
        )

    spare(Faulty(target, 0, before=others), ["objects/sha256/a"], never)
    assert set(read(target).since) == {"objects/sha256/b", "objects/sha256/c"}


def test_a_key_whose_removal_has_begun_is_waited_for(target: Target) -> None:
    removal = Removal("run", "2026-11-23T10:00:00Z", frozenset({"objects/sha256/a"}))
    write(target, Condemned({}, removal))
    spare(target, ["objects/sha256/b"], never)
    waits: list[int] = []

    def wait(attempt: int) -> None:
        waits.append(attempt)
        if len(waits) == 3:
            write(target, Condemned({}, None, read(target).etag))

    spare(target, ["objects/sha256/a"], wait)
    assert waits == [0, 1, 2]


def test_a_removal_that_does_not_end_is_a_conflict_and_nothing_is_pointed_at(target: Target) -> None:
    write(target, Condemned({}, Removal("run", "x", frozenset({"objects/sha256/a"}))))
    waits: list[int] = []
    with pytest.raises(PublishConflict, match="PUB017"):
        spare(target, ["objects/sha256/a"], waits.append)
    assert len(waits) == ATTEMPTS


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"format":1}', b'{"format":1,"removing":3,"since":{}}', b"\xff"]
)
def test_a_list_that_nobody_can_read_condemns_nothing(target: Target, data: bytes) -> None:
    target.replace_if(LIST, data, None)
    assert read(target).since == {}
    spare(target, ["objects/sha256/a"], never)


def test_a_list_of_a_newer_promptyard_is_not_guessed_at(target: Target) -> None:
    target.replace_if(LIST, b'{"format":2}', None)
    with pytest.raises(StoreUnavailable, match="STO004"):
        read(target)
