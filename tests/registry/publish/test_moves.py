from __future__ import annotations

from dataclasses import replace

import pytest

from registry.publish.moves import Canary, Move, canary_from_custom, canary_to_custom, from_custom, to_custom

MOVE = Move(
    release=57, sha256="ab" * 32, size_bytes=9, commit="c" * 40, content_sha256="cd" * 32, action="promote",
    actor="ada", reason="why", at="2026-11-21T00:00:00Z", was=56, source="staging", previous=3, highest=58,
    version=4,
)  # fmt: skip


@pytest.mark.parametrize("move", [MOVE, replace(MOVE, was=None, source=None, previous=0)])
def test_a_move_survives_the_journey_through_metadata(move: Move) -> None:
    told = to_custom(move)
    assert from_custom(told, sha256=move.sha256, size_bytes=move.size_bytes, version=move.version) == move


def test_the_keys_are_those_of_the_format() -> None:
    assert sorted(to_custom(MOVE)) == [
        "action", "actor", "at", "commit", "contentSha256", "from", "highest", "previous", "reason",
        "release", "source",
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", [{}, {"release": "57"}, {"action": "delete"}, {"action": ["publish"]}])
def test_a_target_that_tells_no_move_is_refused(wrong: dict[str, object]) -> None:
    told = {**to_custom(MOVE), **wrong} if wrong else {}
    with pytest.raises(ValueError, match="no move"):
        from_custom(told, sha256="", size_bytes=0, version=1)


CANARY = Canary(
    release=58, sha256="ab" * 32, size_bytes=9, commit="c" * 40, content_sha256="cd" * 32, percent=10, was=1,
    salt="s", bake_s=600, steps=(1, 10, 100), since="2026-11-21T00:10:00Z", source="staging",
    begun="2026-11-21T00:00:00Z",
)  # fmt: skip


def test_a_canary_survives_the_journey_through_metadata() -> None:
    told = canary_to_custom(CANARY)
    assert canary_from_custom(told, sha256=CANARY.sha256, size_bytes=CANARY.size_bytes) == CANARY


@pytest.mark.parametrize(
    "wrong",
    [
        *({"percent": percent} for percent in (-1, 0, 100, 101, True, 10.0, "10", float("nan"), None)),
        *({"release": release} for release in (None, True, "58")),
        *({"since": since} for since in ("", "yesterday", None)),
        *({"bakeSeconds": bake} for bake in ("long", None, float("inf"), -1, 10**400)),
        *({"steps": steps} for steps in ([1, "all"], [0, 1000], "1,2", 5)),
        *({"salt": salt} for salt in (None, 7)),
    ],
    ids=str,
)
def test_a_target_that_tells_no_canary_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError)):
        canary_from_custom({**canary_to_custom(CANARY), **wrong}, sha256="", size_bytes=0)
